"""Changing models behind everybody's back: register, change, delete, register again."""

import base64
import uuid
from dataclasses import dataclass, field, replace
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from local.azure_ml.artifacts import (
    ArtifactPlace,
    datastore_container,
    registry_place,
    version_place,
    write_artifacts,
)
from local.azure_ml.asset_ids import BLOB_DATASTORE, long_uri
from local.azure_ml.config import Registry, Workspace, list_faults
from local.azure_ml.config_values import STRICT
from local.azure_ml.containers import add_version, delete_version, get_version
from local.azure_ml.faults import bad_control
from local.azure_ml.imports import taken
from local.azure_ml.registration import announce, mlflow_flavors, resolve_uri
from local.azure_ml.state import ModelVersion, SystemData
from local.azure_ml.timestamps import wire_time
from local.azure_ml.world import STORED_ORIGIN, World


@dataclass(frozen=True, slots=True)
class ModelChange:
    """One change to versions of one model in one workspace or registry.

    Attributes:
        action: ``register`` adds versions, ``change`` alters them, ``delete`` removes them, ``reregister`` deletes and
            registers under the same number, which is a new incarnation.
        versions: the version numbers, each treated alike.
        tags: set these; ``remove_tags`` removes.
        files: path to content; the files of a version as a whole. ``register`` without files writes one.
        files_base64: the same for contents that are no text.
        event: raise ModelRegistered for versions registered in a workspace.
    """

    action: Literal["register", "change", "delete", "reregister"]
    name: str
    versions: tuple[str, ...]
    workspace: str | None = None
    registry: str | None = None
    created_by: str | None = None
    created_by_type: Literal["User", "Application", "ManagedIdentity"] | None = None
    created_at: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    remove_tags: tuple[str, ...] = ()
    properties: dict[str, str] | None = None
    description: str | None = None
    model_type: str | None = None
    model_uri: str | None = None
    job_name: str | None = None
    is_archived: bool | None = None
    files: dict[str, str] | None = None
    files_base64: dict[str, str] | None = None
    event: bool = True
    __pydantic_config__ = STRICT


_CHANGE: TypeAdapter[ModelChange] = TypeAdapter(ModelChange)


def parse_change(body: bytes) -> ModelChange:
    """Read a change.

    Raises:
        WireError: 400 with every fault.
    """
    try:
        change = _CHANGE.validate_json(body)
    except ValidationError as error:
        raise bad_control(list_faults(error)) from error
    if (change.workspace is None) == (change.registry is None):
        raise bad_control("exactly one of workspace and registry must be given")
    return change


def apply_change(world: World, change: ModelChange) -> list[ModelVersion]:
    """Do it; returns the versions that exist afterwards."""
    owner = world.workspace_named(change.workspace) if change.workspace else world.registry(change.registry or "")
    done = []
    for version in change.versions:
        if change.action in {"delete", "reregister"}:
            delete_version(world, owner, change.name, version)
        if change.action in {"register", "reregister"}:
            done.append(_register(world, owner, change, version))
        if change.action == "change":
            done.append(_alter(world, owner, change, get_version(world, owner, change.name, version)))
    return done


def _register(world: World, owner: Workspace | Registry, change: ModelChange, version: str) -> ModelVersion:
    if isinstance(owner, Registry):
        if taken(world, owner, change.name, version):
            raise bad_control(f"registry {owner.name} has given out {change.name}:{version} before")
    elif version in _versions(world, owner, change.name):
        raise bad_control(f"{change.name}:{version} is registered already; use change or reregister")
    model = ModelVersion(change.name, version, "", _system(change))
    model.stage = "Development" if isinstance(owner, Workspace) else None
    if change.model_uri is None:
        _new_files(world, owner, change, model)
    _alter(world, owner, change, model)
    add_version(world, owner, model)
    if change.event:
        announce(world, owner, model)
    return model


def _versions(world: World, owner: Workspace, name: str) -> dict[str, ModelVersion]:
    container = world.models(owner).get(name)
    return container.versions if container else {}


def _system(change: ModelChange) -> SystemData:
    at, by = change.created_at or wire_time(), change.created_by or "Emulator User"
    kind = change.created_by_type or "User"
    return SystemData(at, by, kind, at, by, kind)


def _new_files(world: World, owner: Workspace | Registry, change: ModelChange, model: ModelVersion) -> None:
    """Give a new version a place of its own and, if no files were sent, one file."""
    place, model.model_uri = _new_place(owner, model)
    if change.files is None and change.files_base64 is None:
        write_artifacts(world, place, {"model.bin": f"{model.name}:{model.version}".encode()})


def _new_place(owner: Workspace | Registry, model: ModelVersion) -> tuple[ArtifactPlace, str]:
    if isinstance(owner, Registry):
        place = registry_place(owner, model.name, model.version)
        return place.at("model"), f"{STORED_ORIGIN}/{place.container}/model"
    path = f"LocalUpload/{uuid.uuid4().hex}/model"
    container = datastore_container(owner, BLOB_DATASTORE) or ""
    return ArtifactPlace(owner.storage_account, container, path), long_uri(owner, BLOB_DATASTORE, path)


def _alter(world: World, owner: Workspace | Registry, change: ModelChange, model: ModelVersion) -> ModelVersion:
    """Set what was sent."""
    model.tags = {k: v for k, v in {**model.tags, **change.tags}.items() if k not in change.remove_tags}
    model.properties = model.properties if change.properties is None else dict(change.properties)
    model.description = change.description or model.description
    model.model_type = change.model_type or model.model_type
    if change.model_uri is not None:
        model.model_uri, model.job_name = resolve_uri(world, owner, change.model_uri)
    model.job_name = change.job_name or model.job_name
    model.is_archived = model.is_archived if change.is_archived is None else change.is_archived
    _alter_system(change, model)
    _alter_files(world, owner, change, model)
    return model


def _alter_system(change: ModelChange, model: ModelVersion) -> None:
    model.system = replace(
        model.system,
        created_at=change.created_at or model.system.created_at,
        created_by=change.created_by or model.system.created_by,
        created_by_type=change.created_by_type or model.system.created_by_type,
        last_modified_at=change.created_at or wire_time(),
    )


def _alter_files(world: World, owner: Workspace | Registry, change: ModelChange, model: ModelVersion) -> None:
    """Replace the files, and with them the flavors that an MLmodel among them names."""
    if change.files is not None or change.files_base64 is not None:
        place = version_place(world, owner, model)
        if place is None:
            raise bad_control(f"the files of {model.name}:{model.version} lie outside the emulator: {model.model_uri}")
        write_artifacts(world, place, _contents(change))
    model.flavors = mlflow_flavors(world, owner, model)


def _contents(change: ModelChange) -> dict[str, bytes]:
    try:
        binary = {path: base64.b64decode(text, validate=True) for path, text in (change.files_base64 or {}).items()}
    except ValueError as error:
        raise bad_control(f"files_base64 holds what is no base64: {error}") from error
    return {**{path: text.encode() for path, text in (change.files or {}).items()}, **binary}
