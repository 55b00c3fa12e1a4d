"""MLflow's tracking of runs: create, update, log, read."""

import uuid
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.azure_ml.asset_ids import run_prefix
from local.azure_ml.config import Workspace
from local.azure_ml.endpoints import Call, route
from local.azure_ml.errors import mlflow_error
from local.azure_ml.event_shapes import run_event
from local.azure_ml.jobs import JOB_STATUS
from local.azure_ml.mlflow_experiments import DEFAULT_EXPERIMENT, MLFLOW, experiment_of, mlflow_workspace
from local.azure_ml.mlflow_json import invalid, metric_json, parse_number, run_info, run_json
from local.azure_ml.state import Metric, Run
from local.azure_ml.timestamps import epoch_milliseconds
from local.azure_ml.tokens import stamp
from local.azure_ml.world import World

Json = dict[str, Any]


def artifact_uri(run_id: str) -> str:
    """Return where a run's files go.

    The service says ``azureml://...`` here, which only its own plugin can write to; the emulator takes files through
    MLflow's proxy instead and keeps them where the service would.
    """
    return f"mlflow-artifacts:/{run_prefix(run_id)}"


def run_of_call(world: World, workspace: Workspace, sent: Json) -> Run:
    """Return the run that a request names by ``run_id`` or, as older clients do, ``run_uuid``.

    Raises:
        WireError: 404 as MLflow answers it.
    """
    run_id = str(sent.get("run_id") or sent.get("run_uuid") or "")
    found = world.in_workspace(workspace).runs.get(run_id)
    if found is None:
        raise mlflow_error(404, "RESOURCE_DOES_NOT_EXIST", f"Run with id={run_id} not found")
    return found


def create_run(world: World, call: Call) -> Response:
    """POST runs/create."""
    workspace, sent = mlflow_workspace(world, call), call.json()
    experiment = experiment_of(world, workspace, str(sent.get("experiment_id") or DEFAULT_EXPERIMENT))
    tags = {str(tag["key"]): str(tag["value"]) for tag in sent.get("tags") or []}
    system = stamp(call.caller, world.behaviour)
    run_id = str(uuid.uuid4())
    name = str(sent.get("run_name") or tags.get("mlflow.runName") or f"run_{run_id[:8]}")
    start = int(sent.get("start_time") or epoch_milliseconds())
    run = Run(run_id, experiment.experiment_id, name, system.created_by, start, system, tags=tags)
    world.in_workspace(workspace).runs[run_id] = run
    return JSONResponse({"run": run_json(run, artifact_uri(run_id))})


def get_run(world: World, call: Call) -> Response:
    """GET runs/get: the last value of each metric."""
    run = run_of_call(world, mlflow_workspace(world, call), dict(call.query))
    return JSONResponse({"run": run_json(run, artifact_uri(run.run_id))})


def update_run(world: World, call: Call) -> Response:
    """POST runs/update: status, end, name; a run that ends well raises RunCompleted."""
    workspace, sent = mlflow_workspace(world, call), call.json()
    run = run_of_call(world, workspace, sent)
    status = sent.get("status", run.status)
    if status not in JOB_STATUS:
        raise invalid(f"Invalid run status {status!r}: expected one of {', '.join(sorted(JOB_STATUS))}.")
    ends = status == "FINISHED" != run.status
    run.status = status
    run.end_time = int(sent["end_time"]) if sent.get("end_time") else run.end_time
    run.name = sent.get("run_name") or run.name
    if ends:
        experiment = experiment_of(world, workspace, run.experiment_id)
        world.events.publish(run_event(workspace.name, workspace.arm_id, run, experiment.name))
    return JSONResponse({"run_info": run_info(run, artifact_uri(run.run_id))})


def search_runs(world: World, call: Call) -> Response:
    """POST runs/search by experiment; filters and orders are not emulated and are refused rather than ignored."""
    workspace, sent = mlflow_workspace(world, call), call.json()
    if sent.get("filter"):
        raise mlflow_error(501, "NOT_IMPLEMENTED", "The emulator searches runs by experiment only, not by filter.")
    wanted = {str(experiment) for experiment in sent.get("experiment_ids") or []}
    runs = [run for run in world.in_workspace(workspace).runs.values() if run.experiment_id in wanted]
    runs.sort(key=lambda run: run.start_time, reverse=True)
    return JSONResponse({"runs": [run_json(run, artifact_uri(run.run_id)) for run in runs]})


def log_metric(world: World, call: Call) -> Response:
    """POST runs/log-metric."""
    sent = call.json()
    _add_metric(run_of_call(world, mlflow_workspace(world, call), sent), sent)
    return JSONResponse({})


def _add_metric(run: Run, sent: Json) -> None:
    timestamp = int(sent.get("timestamp") or epoch_milliseconds())
    metric = Metric(parse_number(sent.get("value")), timestamp, int(sent.get("step") or 0))
    run.metrics.setdefault(str(sent["key"]), []).append(metric)


def log_parameter(world: World, call: Call) -> Response:
    """POST runs/log-parameter."""
    sent = call.json()
    _add_parameter(run_of_call(world, mlflow_workspace(world, call), sent), sent)
    return JSONResponse({})


def _add_parameter(run: Run, sent: Json) -> None:
    key, value = str(sent["key"]), str(sent.get("value", ""))
    if run.params.get(key, value) != value:
        raise invalid(f"Changing param values is not allowed. Param with key='{key}' was already logged.")
    run.params[key] = value


def log_batch(world: World, call: Call) -> Response:
    """POST runs/log-batch."""
    sent = call.json()
    run = run_of_call(world, mlflow_workspace(world, call), sent)
    for metric in sent.get("metrics") or []:
        _add_metric(run, metric)
    for param in sent.get("params") or []:
        _add_parameter(run, param)
    run.tags.update({str(tag["key"]): str(tag["value"]) for tag in sent.get("tags") or []})
    return JSONResponse({})


def log_inputs(world: World, call: Call) -> Response:
    """POST runs/log-inputs: the data sets a run used."""
    sent = call.json()
    run = run_of_call(world, mlflow_workspace(world, call), sent)
    run.dataset_inputs += list(sent.get("datasets") or [])
    return JSONResponse({})


def set_tag(world: World, call: Call) -> Response:
    """POST runs/set-tag."""
    sent = call.json()
    run_of_call(world, mlflow_workspace(world, call), sent).tags[str(sent["key"])] = str(sent.get("value", ""))
    return JSONResponse({})


def delete_tag(world: World, call: Call) -> Response:
    """POST runs/delete-tag."""
    sent = call.json()
    tags = run_of_call(world, mlflow_workspace(world, call), sent).tags
    if tags.pop(str(sent.get("key")), None) is None:
        raise mlflow_error(404, "RESOURCE_DOES_NOT_EXIST", f"No tag with name: {sent.get('key')}")
    return JSONResponse({})


def metric_history(world: World, call: Call) -> Response:
    """GET metrics/get-history: the values of one metric in the order logged, in pages where that is asked for."""
    run = run_of_call(world, mlflow_workspace(world, call), dict(call.query))
    key = call.query.get("metric_key", "")
    begin, size = int(call.query.get("page_token") or 0), int(call.query.get("max_results") or 25000)
    logged = run.metrics.get(key, [])
    page = {"metrics": [metric_json(key, metric) for metric in logged[begin : begin + size]]}
    more = {"next_page_token": str(begin + size)} if begin + size < len(logged) else {}
    return JSONResponse({**page, **more})


def search_logged_models(world: World, call: Call) -> Response:
    """POST logged-models/search: none. MLflow 3 asks while it lists files; the service has no logged models."""
    mlflow_workspace(world, call)
    return JSONResponse({"models": []})


def run_routes() -> list[Route]:
    """Return all routes of this module, for both API versions of the tracking endpoint."""
    return [
        route("POST", f"{MLFLOW}/runs/create", "mlflow", create_run),
        route("GET", f"{MLFLOW}/runs/get", "mlflow", get_run),
        route("POST", f"{MLFLOW}/runs/update", "mlflow", update_run),
        route("POST", f"{MLFLOW}/runs/search", "mlflow", search_runs),
        route("POST", f"{MLFLOW}/runs/log-metric", "mlflow", log_metric),
        route("POST", f"{MLFLOW}/runs/log-parameter", "mlflow", log_parameter),
        route("POST", f"{MLFLOW}/runs/log-batch", "mlflow", log_batch),
        route("POST", f"{MLFLOW}/runs/log-inputs", "mlflow", log_inputs),
        route("POST", f"{MLFLOW}/runs/set-tag", "mlflow", set_tag),
        route("POST", f"{MLFLOW}/runs/delete-tag", "mlflow", delete_tag),
        route("POST", f"{MLFLOW}/logged-models/search", "mlflow", search_logged_models),
        route("GET", f"{MLFLOW}/metrics/get-history", "mlflow", metric_history),
    ]
