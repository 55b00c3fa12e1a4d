"""Runs and experiments as an MLflow tracking server answers them."""

import math
from typing import Any

from local.azure_ml.errors import WireError, mlflow_error
from local.azure_ml.state import Experiment, Metric, Run

Json = dict[str, Any]


def number(value: float) -> float | str:
    """Return a metric value in protobuf's JSON: NaN and infinities are texts."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def parse_number(value: Any) -> float:
    """Read a metric value; the client sends NaN as text.

    Raises:
        WireError: 400, it is no number.
    """
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise invalid(f"Invalid value {value!r} for a metric: expected a number.") from error


def invalid(message: str) -> WireError:
    """Return the 400 of a parameter that cannot be used."""
    return mlflow_error(400, "INVALID_PARAMETER_VALUE", message)


def last_metric(history: list[Metric]) -> Metric:
    """Return the value that stands for a metric: that of the last step, then of the last instant, then logged last."""
    best = history[0]
    for metric in history[1:]:
        if (metric.step, metric.timestamp) >= (best.step, best.timestamp):
            best = metric
    return best


def metric_json(key: str, metric: Metric) -> Json:
    """Return one metric value."""
    return {"key": key, "value": number(metric.value), "timestamp": metric.timestamp, "step": metric.step}


def pairs(mapping: dict[str, str]) -> list[Json]:
    """Return a mapping as MLflow's list of keys and values."""
    return [{"key": key, "value": value} for key, value in mapping.items()]


def run_info(run: Run, artifact_uri: str) -> Json:
    """Return the ``info`` part of a run."""
    info = {
        "run_id": run.run_id,
        "run_uuid": run.run_id,
        "run_name": run.name,
        "experiment_id": run.experiment_id,
        "user_id": run.user_id,
        "status": run.status,
        "start_time": run.start_time,
        "artifact_uri": artifact_uri,
        "lifecycle_stage": run.lifecycle_stage,
    }
    return info if run.end_time is None else {**info, "end_time": run.end_time}


def run_json(run: Run, artifact_uri: str) -> Json:
    """Return a run with the last value of each metric."""
    metrics = [metric_json(key, last_metric(history)) for key, history in run.metrics.items()]
    body = {"metrics": metrics, "params": pairs(run.params), "tags": pairs(_tags(run))}
    return {"info": run_info(run, artifact_uri), "data": body, "inputs": {"dataset_inputs": run.dataset_inputs}}


def _tags(run: Run) -> dict[str, str]:
    """The tags of a run: the service keeps the properties of its job apart."""
    return {key: value for key, value in run.tags.items() if not key.startswith("azureml.")}


def experiment_json(experiment: Experiment) -> Json:
    """Return an experiment."""
    return {
        "experiment_id": experiment.experiment_id,
        "name": experiment.name,
        "artifact_location": f"mlflow-artifacts:/{experiment.experiment_id}",
        "lifecycle_stage": "active",
        "creation_time": experiment.creation_time,
        "last_update_time": experiment.creation_time,
        "tags": pairs(experiment.tags),
    }
