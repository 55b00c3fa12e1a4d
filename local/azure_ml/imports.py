"""Imports into a registry: accepted, running by the clock, landed once or failed.

An import ends on its own, whether its caller polls, dies or loses the answer; so its end is worked out from the clock at
every request.
"""

import time
import uuid
from typing import Any

from local.azure_ml.artifacts import ArtifactPlace, copy_artifacts, registry_place, version_place
from local.azure_ml.asset_ids import parse_source_id
from local.azure_ml.config import Registry
from local.azure_ml.containers import add_version
from local.azure_ml.errors import WireError, user_error
from local.azure_ml.state import ImportCount, ImportOperation, ModelVersion
from local.azure_ml.tokens import restamp
from local.azure_ml.world import World


def count_of(world: World, registry: str, name: str, version: str) -> ImportCount:
    """Return the counters of one destination."""
    return world.state.imports.setdefault(f"{registry}:{name}:{version}", ImportCount())


def taken(world: World, registry: Registry, name: str, version: str) -> bool:
    """Say whether a name and version can no longer be given out; archived and deleted ones cannot either."""
    container = world.models(registry).get(name)
    return container is not None and (version in container.versions or version in container.deleted)


def conflict(name: str, version: str) -> WireError:
    """Return the refusal of a taken name and version."""
    message = f"Asset with name {name} and version {version} already exists. Asset versions are immutable."
    return user_error(409, message, "AssetVersionAlreadyExists")


def settle_imports(world: World) -> None:
    """End every import whose time has come."""
    for operation in world.state.operations.values():
        if not operation.settled and operation.due <= time.time():
            operation.settled = True
            _end(world, operation)
            world.writer.mark_dirty()


def _end(world: World, operation: ImportOperation) -> None:
    failure = None
    if operation.copies_anyway or not (operation.fails or operation.never_ends):
        failure = _land(world, operation)
    if operation.fails:
        failure = {"code": "InternalServerError", "message": "The import failed."}
    if not operation.never_ends:
        operation.status = "Failed" if failure else "Succeeded"
        operation.error = failure


def _land(world: World, operation: ImportOperation) -> dict[str, Any] | None:
    """Copy the source; return the error that the operation reports, if it cannot be done."""
    registry = world.registry(operation.registry)
    if taken(world, registry, operation.name, operation.version):
        return _reported(conflict(operation.name, operation.version))
    try:
        source, files = _source(world, operation.source_asset_id)
    except WireError as error:
        return _reported(error)
    copy = _copy_of(world, source, operation)
    place = registry_place(registry, operation.name, operation.version)
    copy.model_uri = copy_artifacts(world, files, place)
    add_version(world, registry, copy)
    count_of(world, registry.name, operation.name, operation.version).effective += 1
    return None


def _source(world: World, asset_id: str) -> tuple[ModelVersion, ArtifactPlace]:
    """Find the source version and its files.

    Raises:
        WireError: it does not exist, or holds no files.
    """
    parsed = parse_source_id(asset_id)
    workspace = world.workspace_by_guid(parsed.workspace_guid) if parsed else None
    container = world.models(workspace).get(parsed.name) if workspace and parsed else None
    model = container.versions.get(parsed.version) if container and parsed else None
    if workspace is None or model is None:
        raise user_error(404, f"The source asset {asset_id} was not found.", "SourceAssetNotFound")
    place = version_place(world, workspace, model)
    if place is None or not place.names(world):
        message = f"The source asset {asset_id} has no files at {model.model_uri}; upload them before importing it."
        raise user_error(400, message, "SourceAssetHasNoFiles")
    return model, place


def _copy_of(world: World, source: ModelVersion, operation: ImportOperation) -> ModelVersion:
    """Return the registry's record of a source; the job link never crosses (issue azure-sdk-for-python 37962)."""
    kept = world.behaviour.import_keeps
    return ModelVersion(
        name=operation.name,
        version=operation.version,
        model_uri="",
        system=restamp(operation.caller),
        model_type=source.model_type,
        description=source.description if "description" in kept else None,
        tags=dict(source.tags) if "tags" in kept else {},
        properties=dict(source.properties) if "properties" in kept else {},
        flavors=dict(source.flavors),
    )


def _reported(error: WireError) -> dict[str, Any]:
    """Return an error as the operation's status carries it: code and message."""
    reported: dict[str, Any] = error.body["error"] if isinstance(error.body, dict) else {"message": error.body}
    return {"code": reported.get("code", "UserError"), "message": reported["message"]}


def new_operation_id() -> str:
    """Return an id for an operation URL."""
    return str(uuid.uuid4())
