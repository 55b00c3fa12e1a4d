"""Files of runs through MLflow's artifact proxy; they lie in the workspace's artifact datastore."""

import mimetypes
from dataclasses import replace
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.azure_ml.artifacts import ArtifactPlace, run_place
from local.azure_ml.config import Workspace
from local.azure_ml.endpoints import Call, route
from local.azure_ml.errors import mlflow_error
from local.azure_ml.mlflow_experiments import MLFLOW, TRACKING, mlflow_workspace
from local.azure_ml.mlflow_runs import artifact_uri, run_of_call
from local.azure_ml.world import World

PROXY = TRACKING + "/api/2.0/mlflow-artifacts/artifacts"


def _place(workspace: Workspace, path: str) -> ArtifactPlace:
    return replace(run_place(workspace, ""), prefix=path.strip("/"))


def put_file(world: World, call: Call) -> Response:
    """PUT of one file."""
    place = _place(mlflow_workspace(world, call), call.path["path"])
    if not place.prefix.startswith("ExperimentRun/dcid."):
        raise mlflow_error(400, "INVALID_PARAMETER_VALUE", "Files are taken below ExperimentRun/dcid.<run id> only.")
    kind = mimetypes.guess_type(place.prefix)[0] or "application/octet-stream"
    place.blobs(world)[place.prefix] = world.files.put(call.body, kind)
    return JSONResponse({})


def get_file(world: World, call: Call) -> Response:
    """GET of one file."""
    place = _place(mlflow_workspace(world, call), call.path["path"])
    blob = place.blobs(world).get(place.prefix)
    if blob is None:
        raise mlflow_error(404, "RESOURCE_DOES_NOT_EXIST", f"No such artifact: {place.prefix}")
    return Response(world.files.read(blob), media_type=blob.content_type)


def list_files(world: World, call: Call) -> Response:
    """GET of one folder by the proxy: paths are relative to it."""
    place = _place(mlflow_workspace(world, call), call.query.get("path", ""))
    return JSONResponse({"files": folder(world, place)})


def list_run_files(world: World, call: Call) -> Response:
    """GET artifacts/list: paths are relative to the run."""
    workspace = mlflow_workspace(world, call)
    run = run_of_call(world, workspace, dict(call.query))
    path = call.query.get("path", "").strip("/")
    root = run_place(workspace, run.run_id)
    files = folder(world, root.at(path) if path else root)
    below = [{**file, "path": f"{path}/{file['path']}" if path else file["path"]} for file in files]
    return JSONResponse({"root_uri": artifact_uri(run.run_id), "files": below})


def folder(world: World, place: ArtifactPlace) -> list[dict[str, Any]]:
    """Return the files and folders directly below a place."""
    found: dict[str, dict[str, Any]] = {}
    for name in place.names(world):
        head, _, rest = name.removeprefix(place.prefix).lstrip("/").partition("/")
        if rest:
            found.setdefault(head, {"path": head, "is_dir": True})
        elif head:
            found[head] = {"path": head, "is_dir": False, "file_size": place.blobs(world)[name].size}
    return [found[head] for head in sorted(found)]


def artifact_routes() -> list[Route]:
    """Return all routes of this module."""
    return [
        route("GET", f"{MLFLOW}/artifacts/list", "mlflow", list_run_files),
        route("GET", PROXY, "mlflow", list_files),
        route("PUT", f"{PROXY}/{{path:path}}", "mlflow", put_file),
        route("GET", f"{PROXY}/{{path:path}}", "mlflow", get_file),
    ]
