"""What a PUT of a model version does: register a new one, or replace the changeable part of an old one."""

from dataclasses import dataclass, replace
from typing import Any

import yaml

from local.azure_ml.artifacts import read_artifact, version_place
from local.azure_ml.asset_ids import ARTIFACT_DATASTORE, datastore_path, long_uri, run_of, run_prefix
from local.azure_ml.config import Registry, Workspace
from local.azure_ml.containers import add_version, check_name
from local.azure_ml.errors import user_error
from local.azure_ml.event_shapes import registered_event
from local.azure_ml.faults import Target
from local.azure_ml.imports import conflict
from local.azure_ml.state import ModelVersion
from local.azure_ml.tokens import Caller, stamp
from local.azure_ml.world import World

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Put:
    """One PUT of a version."""

    owner: Workspace | Registry
    name: str
    version: str
    properties: Json
    caller: Caller
    target: Target


def put_version(world: World, put: Put) -> tuple[ModelVersion, bool]:
    """Register or replace; returns the version and whether it is new.

    Raises:
        WireError: a bad name, a changed path, a number a registry gave out before, or a refused archive.
    """
    container = world.models(put.owner).get(put.name)
    known = container.versions.get(put.version) if container else None
    _refuse_archive(world, put, known)
    if known is not None:
        _replace_changeable(world, put, known)
        return known, False
    if container is not None and put.version in container.deleted:
        raise conflict(put.name, put.version)
    return _register(world, put), True


def _refuse_archive(world: World, put: Put, known: ModelVersion | None) -> None:
    archives = bool(put.properties.get("isArchived")) and not (known and known.is_archived)
    if archives and world.faults.take(put.target, frozenset({"refuse_archive"})):
        raise user_error(400, "Archiving this asset is not supported.", "ArchiveNotSupported", put.owner.region)


def _register(world: World, put: Put) -> ModelVersion:
    check_name(put.name, "name")
    check_name(put.version, "version")
    uri, job_name = resolve_uri(world, put.owner, str(put.properties.get("modelUri") or ""))
    model = ModelVersion(put.name, put.version, uri, stamp(put.caller, world.behaviour), job_name=job_name)
    if isinstance(put.owner, Workspace):
        model.stage = "Development"
    _take_over(model, put.properties)
    model.flavors = put.properties.get("flavors") or mlflow_flavors(world, put.owner, model)
    add_version(world, put.owner, model)
    announce(world, put.owner, model)
    return model


def announce(world: World, owner: Workspace | Registry, model: ModelVersion) -> None:
    """Raise ModelRegistered; only workspaces are a source of it."""
    if isinstance(owner, Workspace):
        world.events.publish(registered_event(owner.name, owner.arm_id, model))


def _replace_changeable(world: World, put: Put, known: ModelVersion) -> None:
    sent = str(put.properties.get("modelUri") or "")
    if sent and not _same_uri(resolve_uri(world, put.owner, sent)[0], known.model_uri):
        raise user_error(400, "Asset paths cannot be updated.", "AssetPathImmutable", put.owner.region)
    _take_over(known, put.properties)
    job_name = put.properties.get("jobName")
    if job_name is not None or world.behaviour.tag_update_drops_job_name:
        known.job_name = job_name
    by = stamp(put.caller, world.behaviour)
    known.system = replace(
        known.system,
        last_modified_at=by.created_at,
        last_modified_by=by.created_by,
        last_modified_by_type=by.created_by_type,
    )


def _take_over(model: ModelVersion, properties: Json) -> None:
    """Replace what a PUT replaces as a whole; a stage that was not sent stays."""
    model.description = properties.get("description")
    model.tags = _texts(properties.get("tags"))
    model.properties = _texts(properties.get("properties"))
    model.model_type = properties.get("modelType") or model.model_type
    model.stage = properties.get("stage") or model.stage
    model.is_archived = bool(properties.get("isArchived"))
    model.is_anonymous = bool(properties.get("isAnonymous"))


def _texts(mapping: Json | None) -> dict[str, str]:
    return {str(key): str(value) for key, value in (mapping or {}).items() if value is not None}


def _same_uri(left: str, right: str) -> bool:
    """Compare URIs: datastore URIs by datastore and path, whatever the case of the ARM part."""
    return left == right or (datastore_path(left) is not None and datastore_path(left) == datastore_path(right))


def resolve_uri(world: World, owner: Workspace | Registry, uri: str) -> tuple[str, str | None]:
    """Return the URI that is kept and the job it comes from.

    A job output or ``runs:/`` URI becomes the path in the artifact datastore where the run's files lie, and links the job;
    any other URI links none (issues azure-sdk-for-python 36551 and 37962).

    Raises:
        WireError: 400 without a URI or for an unknown run.
    """
    if not uri:
        raise user_error(400, "ModelUri must be set.", "InvalidModelUri", owner.region)
    run = run_of(uri)
    if run is None or isinstance(owner, Registry):
        return world.to_stored(uri), None
    run_id, path = run
    if run_id not in world.in_workspace(owner).runs:
        raise user_error(400, f"The run {run_id} of {uri} was not found in workspace {owner.name}.", "RunNotFound")
    return long_uri(owner, ARTIFACT_DATASTORE, f"{run_prefix(run_id)}/{path}".rstrip("/")), run_id


def mlflow_flavors(world: World, owner: Workspace | Registry, model: ModelVersion) -> Json:
    """Return the flavors that the MLmodel file among the artifacts names; none for other model types."""
    place = version_place(world, owner, model)
    if place is None or model.model_type != "mlflow_model":
        return {}
    content = read_artifact(world, place, "MLmodel")
    parsed = yaml.safe_load(content) if content else None
    flavors = parsed.get("flavors") if isinstance(parsed, dict) else None
    return {name: {"data": _texts(attributes)} for name, attributes in (flavors or {}).items()}
