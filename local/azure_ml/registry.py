"""The registry front end: discovery, models, and where their files may be written and read."""

from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.azure_ml.artifacts import REGISTRY_ACCOUNT, registry_container, version_place
from local.azure_ml.config import Registry
from local.azure_ml.containers import delete_version, get_container, get_version, newest_first
from local.azure_ml.control_plane import change_container
from local.azure_ml.endpoints import Call, route
from local.azure_ml.errors import registry_access_error, user_error
from local.azure_ml.faults import Target
from local.azure_ml.imports import conflict, taken
from local.azure_ml.registration import Put, put_version
from local.azure_ml.rendering import container_json, page_json, shown, version_json
from local.azure_ml.sas import sas_token
from local.azure_ml.state import ModelContainer
from local.azure_ml.tokens import stamp
from local.azure_ml.world import World

FRONT_END = "/mferp/managementfrontend"
REGISTRY = (
    FRONT_END + "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices"
    "/registries/{registry}"
)


def registry_of(world: World, call: Call) -> Registry:
    """Return the registry that the path names.

    Raises:
        WireError: unknown name, or not in that subscription and group.
    """
    registry = world.registry(call.path["registry"])
    named = (call.path["subscription"].lower(), call.path["group"].lower())
    if named != (registry.subscription_id.lower(), registry.resource_group.lower()):
        raise registry_access_error(registry.name, registry.region)
    return registry


def discover(world: World, call: Call) -> Response:
    """GET of discovery: which front end serves a registry. The slash at the end of the URI matters to the client."""
    registry = world.registry(call.path["registry"])
    body = {
        "registryName": registry.name,
        "primaryRegionResourceProviderUri": f"{world.origin}/",
        "resourceGroup": registry.resource_group,
        "subscriptionId": registry.subscription_id,
        "registryFqdns": {registry.region: {"uri": f"{world.origin}/"}},
    }
    return JSONResponse(body)


def list_models(world: World, call: Call) -> Response:
    """List of containers, by name; without a view everything is listed."""
    registry = registry_of(world, call)
    view = call.query.get("listViewType", "All")
    models = world.models(registry)
    found = [models[name] for name in sorted(models) if shown(view, is_archived=models[name].is_archived)]
    items = [container_json(registry, container) for container in found if container.versions]
    return JSONResponse(page_json(world, call.url_path, dict(call.query), items))


def show_container(world: World, call: Call) -> Response:
    """GET of one container."""
    registry = registry_of(world, call)
    return JSONResponse(container_json(registry, get_container(world, registry, call.path["name"])))


def put_container(world: World, call: Call) -> Response:
    """PUT of one container."""
    registry, name = registry_of(world, call), call.path["name"]
    container = world.models(registry).setdefault(name, ModelContainer(name, stamp(call.caller, world.behaviour)))
    change_container(container, call.json().get("properties") or {})
    return JSONResponse(container_json(registry, container))


def list_versions(world: World, call: Call) -> Response:
    """List of versions, newest first; an unknown name is an empty list here, though a 404 in a workspace."""
    registry = registry_of(world, call)
    container = world.models(registry).get(call.path["name"])
    versions = newest_first(container.versions.values()) if container else []
    view = call.query.get("listViewType", "All")
    if call.query.get("$orderBy", "").lower() in {"createdtime", "createdtime asc"}:
        versions.reverse()
    items = [version_json(world, registry, model) for model in versions if shown(view, is_archived=model.is_archived)]
    return JSONResponse(page_json(world, call.url_path, dict(call.query), items))


def show_version(world: World, call: Call) -> Response:
    """GET of one version."""
    registry = registry_of(world, call)
    model = get_version(world, registry, call.path["name"], call.path["version"])
    return JSONResponse(version_json(world, registry, model))


def put_model_version(world: World, call: Call) -> Response:
    """PUT of one version, done at once: 201 if it is new, else 200."""
    registry, name, version = registry_of(world, call), call.path["name"], call.path["version"]
    target = Target(call.method, call.url_path, "registry_write", registry=registry.name)
    put = Put(registry, name, version, call.json().get("properties") or {}, call.caller, target)
    model, is_new = put_version(world, put)
    return JSONResponse(version_json(world, registry, model), 201 if is_new else 200)


def delete_model_version(world: World, call: Call) -> Response:
    """DELETE of one version; its number is gone for good."""
    delete_version(world, registry_of(world, call), call.path["name"], call.path["version"])
    return Response(status_code=200)


def _reference(world: World, container: str) -> dict[str, Any]:
    """Return where a container is and a SAS for it."""
    uri = f"{world.origin}/{container}"
    token = sas_token(world.sas_secret, f"{REGISTRY_ACCOUNT}/{container}")
    credential = {"credentialType": "SAS", "sasUri": f"{uri}?{token}"}
    return {"blobUri": uri, "storageAccountArmId": "", "credential": credential}


def reserve_files(world: World, call: Call) -> Response:
    """PUT of a temporary data reference: where the files of a new version may be uploaded; 409 once it exists."""
    registry, name, version = registry_of(world, call), call.path["name"], call.path["version"]
    if taken(world, registry, name, version):
        raise conflict(name, version)
    reference = _reference(world, registry_container(registry, name, version))
    return JSONResponse(
        {"blobReferenceForConsumption": reference, "temporaryDataReferenceType": "TemporaryBlobReference"}
    )


def read_files(world: World, call: Call) -> Response:
    """POST of a data reference: where the files of a version can be read."""
    registry, name, version = registry_of(world, call), call.path["name"], call.path["version"]
    place = version_place(world, registry, get_version(world, registry, name, version))
    if place is None:
        message = f"The files of {name}:{version} are not kept by registry {registry.name}."
        raise user_error(400, message, "InvalidBlobUri", registry.region)
    return JSONResponse({"blobReferenceForConsumption": _reference(world, place.container)})


def registry_routes() -> list[Route]:
    """Return all routes of this module."""
    models = f"{REGISTRY}/models"
    version = f"{models}/{{name}}/versions/{{version}}"
    discovery = "/registrymanagement/v1.0/registries/{registry}/discovery"
    return [
        route("GET", discovery, "discovery", discover),
        route("GET", models, "registry_read", list_models),
        route("GET", f"{models}/{{name}}", "registry_read", show_container),
        route("PUT", f"{models}/{{name}}", "registry_write", put_container),
        route("GET", f"{models}/{{name}}/versions", "registry_read", list_versions),
        route("GET", version, "registry_read", show_version),
        route("PUT", version, "registry_write", put_model_version),
        route("DELETE", version, "registry_write", delete_model_version),
        route("PUT", f"{REGISTRY}/tempdatarefs/{{name}}/versions/{{version}}", "registry_write", reserve_files),
        route("POST", f"{REGISTRY}/datarefs/{{name}}/versions/{{version}}", "registry_read", read_files),
    ]
