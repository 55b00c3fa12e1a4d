"""The workspace routes of Azure Resource Manager: workspace, models, datastores, jobs."""

from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.azure_ml.artifacts import datastore_container
from local.azure_ml.asset_ids import BLOB_DATASTORE, version_id
from local.azure_ml.config import Workspace
from local.azure_ml.containers import container_not_found, delete_version, get_container, get_version, newest_first
from local.azure_ml.endpoints import Call, route
from local.azure_ml.errors import user_error
from local.azure_ml.faults import Target
from local.azure_ml.jobs import job_json
from local.azure_ml.registration import Put, put_version
from local.azure_ml.rendering import container_json, page_json, shown, version_json
from local.azure_ml.sas import sas_token
from local.azure_ml.state import ModelContainer
from local.azure_ml.tokens import stamp
from local.azure_ml.world import World

WORKSPACE = (
    "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices"
    "/workspaces/{workspace}"
)


def workspace_of(world: World, call: Call) -> Workspace:
    """Return the workspace that the path names."""
    return world.workspace(call.path["subscription"], call.path["group"], call.path["workspace"])


def show_workspace(world: World, call: Call) -> Response:
    """GET of the workspace: region, GUID, MLflow endpoint."""
    workspace = workspace_of(world, call)
    tracking = f"azureml://{world.origin.removeprefix('https://')}/mlflow/v2.0{workspace.arm_id}"
    body = {
        "id": workspace.arm_id,
        "name": workspace.name,
        "type": "Microsoft.MachineLearningServices/workspaces",
        "location": workspace.region,
        "tags": {},
        "kind": "Default",
        "identity": {"type": "SystemAssigned"},
        "properties": {
            "friendlyName": workspace.name,
            "workspaceId": workspace.guid,
            "provisioningState": "Succeeded",
            "mlFlowTrackingUri": tracking,
            "discoveryUrl": f"{world.origin}/discovery",
            "hbiWorkspace": False,
            "publicNetworkAccess": "Enabled",
        },
    }
    return JSONResponse(body)


def list_models(world: World, call: Call) -> Response:
    """List of containers, by name."""
    workspace = workspace_of(world, call)
    view = call.query.get("listViewType", "ActiveOnly")
    models = world.models(workspace)
    found = [container_json(workspace, models[name]) for name in sorted(models) if _shown(view, models[name])]
    return JSONResponse(page_json(world, call.url_path, dict(call.query), found))


def _shown(view: str, container: ModelContainer) -> bool:
    return shown(view, is_archived=container.is_archived)


def show_container(world: World, call: Call) -> Response:
    """GET of one container."""
    workspace = workspace_of(world, call)
    return JSONResponse(container_json(workspace, get_container(world, workspace, call.path["name"])))


def put_container(world: World, call: Call) -> Response:
    """PUT of one container: description, tags, archived or not."""
    workspace, name = workspace_of(world, call), call.path["name"]
    container = world.models(workspace).get(name)
    status = 200 if container else 201
    if container is None:
        container = world.models(workspace)[name] = ModelContainer(name, stamp(call.caller, world.behaviour))
    change_container(container, call.json().get("properties") or {})
    return JSONResponse(container_json(workspace, container), status)


def change_container(container: ModelContainer, properties: dict[str, Any]) -> None:
    """Replace what a PUT of a container replaces."""
    container.description = properties.get("description")
    container.tags = dict(properties.get("tags") or {})
    container.properties = dict(properties.get("properties") or {})
    container.is_archived = bool(properties.get("isArchived"))


def list_versions(world: World, call: Call) -> Response:
    """List of versions, newest first; an unknown name is a 404 here, though not in a registry."""
    workspace, name = workspace_of(world, call), call.path["name"]
    container = world.models(workspace).get(name)
    if container is None:
        raise container_not_found(workspace)
    view = call.query.get("listViewType", "ActiveOnly")
    versions = [m for m in newest_first(container.versions.values()) if shown(view, is_archived=m.is_archived)]
    if call.query.get("$orderBy", "").lower() in {"createdtime", "createdtime asc"}:
        versions.reverse()
    items = [version_json(world, workspace, model) for model in versions if not model.is_anonymous]
    return JSONResponse(page_json(world, call.url_path, dict(call.query), items))


def show_version(world: World, call: Call) -> Response:
    """GET of one version."""
    workspace = workspace_of(world, call)
    model = get_version(world, workspace, call.path["name"], call.path["version"])
    return JSONResponse(version_json(world, workspace, model))


def put_model_version(world: World, call: Call) -> Response:
    """PUT of one version: 201 with Location if it is new, else 200."""
    workspace, name, version = workspace_of(world, call), call.path["name"], call.path["version"]
    target = Target(call.method, call.url_path, "workspace_write", workspace=workspace.name)
    put = Put(workspace, name, version, call.json().get("properties") or {}, call.caller, target)
    model, is_new = put_version(world, put)
    headers = {"Location": f"{world.origin}{version_id(workspace, name, version)}"} if is_new else None
    return JSONResponse(version_json(world, workspace, model), 201 if is_new else 200, headers)


def delete_model_version(world: World, call: Call) -> Response:
    """DELETE of one version; the number may be registered again."""
    delete_version(world, workspace_of(world, call), call.path["name"], call.path["version"])
    return Response(status_code=200)


def show_datastore(world: World, call: Call) -> Response:
    """GET of a default datastore. The account name carries the emulator's address: the client builds the blob URL from it."""
    workspace, name = workspace_of(world, call), call.path["datastore"]
    container = datastore_container(workspace, name)
    if container is None:
        raise user_error(404, f"Could not find datastore: {name}", "DatastoreNotFound", workspace.region)
    properties = {
        "datastoreType": "AzureBlob",
        "accountName": f"{world.origin.removeprefix('https://')}/blob/{workspace.storage_account}",
        "containerName": container,
        "endpoint": "emulator.test",
        "protocol": "https",
        "credentials": {"credentialsType": "Sas"},
        "isDefault": name == BLOB_DATASTORE,
        "tags": {},
        "properties": {},
    }
    return JSONResponse({"id": f"{workspace.arm_id}/datastores/{name}", "name": name, "properties": properties})


def list_datastore_secrets(world: World, call: Call) -> Response:
    """POST listSecrets: a SAS for the datastore's container, good for an hour."""
    workspace, name = workspace_of(world, call), call.path["datastore"]
    container = datastore_container(workspace, name)
    if container is None:
        raise user_error(404, f"Could not find datastore: {name}", "DatastoreNotFound", workspace.region)
    token = sas_token(world.sas_secret, f"{workspace.storage_account}/{container}")
    return JSONResponse({"secretsType": "Sas", "sasToken": token})


def show_job(world: World, call: Call) -> Response:
    """GET of a job: every run is a job of the same name."""
    workspace, job = workspace_of(world, call), call.path["job"]
    run = world.in_workspace(workspace).runs.get(job)
    if run is None:
        raise user_error(
            404, f"Job {job} was not found in workspace {workspace.name}.", "JobNotFound", workspace.region
        )
    experiment = world.in_workspace(workspace).experiments[run.experiment_id]
    return JSONResponse(job_json(world, workspace, run, experiment))


def control_plane_routes() -> list[Route]:
    """Return all routes of this module."""
    models, datastore = f"{WORKSPACE}/models", f"{WORKSPACE}/datastores/{{datastore}}"
    version = f"{models}/{{name}}/versions/{{version}}"
    return [
        route("GET", WORKSPACE, "workspace_read", show_workspace),
        route("GET", models, "workspace_read", list_models),
        route("GET", f"{models}/{{name}}", "workspace_read", show_container),
        route("PUT", f"{models}/{{name}}", "workspace_write", put_container),
        route("GET", f"{models}/{{name}}/versions", "workspace_read", list_versions),
        route("GET", version, "workspace_read", show_version),
        route("PUT", version, "workspace_write", put_model_version),
        route("DELETE", version, "workspace_write", delete_model_version),
        route("GET", datastore, "workspace_read", show_datastore),
        route("POST", f"{datastore}/listSecrets", "workspace_read", list_datastore_secrets),
        route("GET", f"{WORKSPACE}/jobs/{{job}}", "workspace_read", show_job),
    ]
