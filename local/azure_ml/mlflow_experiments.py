"""MLflow's experiments, and where its endpoint stands."""

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.azure_ml.config import Workspace
from local.azure_ml.control_plane import WORKSPACE
from local.azure_ml.endpoints import Call, route
from local.azure_ml.errors import mlflow_error
from local.azure_ml.mlflow_json import experiment_json, invalid
from local.azure_ml.state import Experiment
from local.azure_ml.timestamps import epoch_milliseconds
from local.azure_ml.world import World

TRACKING = "/mlflow/{api}" + WORKSPACE
MLFLOW = TRACKING + "/api/2.0/mlflow"
DEFAULT_EXPERIMENT = "0"


def mlflow_workspace(world: World, call: Call) -> Workspace:
    """Return the workspace whose tracking endpoint was called (v1.0 and v2.0 are the same here).

    Raises:
        WireError: unknown workspace or endpoint version.
    """
    if call.path["api"] not in {"v1.0", "v2.0"}:
        raise mlflow_error(404, "ENDPOINT_NOT_FOUND", f"There is no MLflow endpoint {call.path['api']}.")
    return world.workspace(call.path["subscription"], call.path["group"], call.path["workspace"])


def experiments(world: World, workspace: Workspace) -> dict[str, Experiment]:
    """Return all experiments by id; the default one is always there."""
    found = world.in_workspace(workspace).experiments
    found.setdefault(DEFAULT_EXPERIMENT, Experiment(DEFAULT_EXPERIMENT, "Default", epoch_milliseconds()))
    return found


def experiment_of(world: World, workspace: Workspace, experiment_id: str) -> Experiment:
    """Return an experiment.

    Raises:
        WireError: 404 as MLflow answers it.
    """
    found = experiments(world, workspace).get(experiment_id)
    if found is None:
        raise mlflow_error(404, "RESOURCE_DOES_NOT_EXIST", f"No Experiment with id={experiment_id} exists")
    return found


def _by_name(world: World, workspace: Workspace, name: str) -> Experiment | None:
    return next((e for e in experiments(world, workspace).values() if e.name == name), None)


def create_experiment(world: World, call: Call) -> Response:
    """POST experiments/create."""
    workspace, sent = mlflow_workspace(world, call), call.json()
    name = str(sent.get("name") or "")
    if not name:
        raise invalid("Missing value for required parameter 'name'.")
    if _by_name(world, workspace, name):
        raise mlflow_error(400, "RESOURCE_ALREADY_EXISTS", f"Experiment '{name}' already exists.")
    known = experiments(world, workspace)
    made = Experiment(str(len(known)), name, epoch_milliseconds())
    made.tags.update({str(tag["key"]): str(tag["value"]) for tag in sent.get("tags") or []})
    known[made.experiment_id] = made
    return JSONResponse({"experiment_id": made.experiment_id})


def get_experiment(world: World, call: Call) -> Response:
    """GET experiments/get."""
    found = experiment_of(world, mlflow_workspace(world, call), call.query.get("experiment_id", ""))
    return JSONResponse({"experiment": experiment_json(found)})


def get_experiment_by_name(world: World, call: Call) -> Response:
    """GET experiments/get-by-name."""
    name = call.query.get("experiment_name", "")
    found = _by_name(world, mlflow_workspace(world, call), name)
    if found is None:
        raise mlflow_error(404, "RESOURCE_DOES_NOT_EXIST", f"Could not find experiment with name '{name}'")
    return JSONResponse({"experiment": experiment_json(found)})


def search_experiments(world: World, call: Call) -> Response:
    """POST experiments/search: all of them; a filter is refused rather than ignored."""
    if call.json().get("filter"):
        raise mlflow_error(501, "NOT_IMPLEMENTED", "The emulator lists experiments without a filter only.")
    found = experiments(world, mlflow_workspace(world, call)).values()
    return JSONResponse({"experiments": [experiment_json(experiment) for experiment in found]})


def set_experiment_tag(world: World, call: Call) -> Response:
    """POST experiments/set-experiment-tag."""
    workspace, sent = mlflow_workspace(world, call), call.json()
    found = experiment_of(world, workspace, str(sent.get("experiment_id") or ""))
    found.tags[str(sent["key"])] = str(sent.get("value", ""))
    return JSONResponse({})


def experiment_routes() -> list[Route]:
    """Return all routes of this module."""
    return [
        route("POST", f"{MLFLOW}/experiments/create", "mlflow", create_experiment),
        route("GET", f"{MLFLOW}/experiments/get", "mlflow", get_experiment),
        route("GET", f"{MLFLOW}/experiments/get-by-name", "mlflow", get_experiment_by_name),
        route("POST", f"{MLFLOW}/experiments/search", "mlflow", search_experiments),
        route("POST", f"{MLFLOW}/experiments/set-experiment-tag", "mlflow", set_experiment_tag),
    ]
