"""Logging a training run to MLflow, as a data scientist's notebook does, with mlflow-skinny's client."""

import tempfile
import time
from pathlib import Path
from typing import Any

from local.samples.model_folder import write_model_folder
from local.samples.training import Trained

MODEL_FOLDER = "model"


def log_run(
    tracking_uri: str, trained: Trained, metrics: dict[str, float], tags: dict[str, str], experiment: str
) -> str:
    """Log one finished run with its model, and return its id. The token comes from `MLFLOW_TRACKING_TOKEN`.

    Raises:
        MlflowException: the tracking server refused, or cannot be reached.
    """
    from mlflow import MlflowClient  # 2 CPU seconds, so only where something is logged
    from mlflow.entities import Metric, Param, RunTag

    client = MlflowClient(tracking_uri=tracking_uri)
    run_id = str(client.create_run(_experiment(client, experiment)).info.run_id)
    now = int(time.time() * 1000)
    client.log_batch(
        run_id,
        [Metric(name, value, now, 0) for name, value in metrics.items()],
        [Param(name, value) for name, value in trained.parameters.items()],
        [RunTag(name, value) for name, value in {"dataset": trained.split.digest, **tags}.items()],
    )
    _log_model(client, run_id, trained)
    client.set_terminated(run_id, "FINISHED")
    return run_id


def _experiment(client: Any, name: str) -> str:
    known = client.get_experiment_by_name(name)
    return str(known.experiment_id if known else client.create_experiment(name))


def _log_model(client: Any, run_id: str, trained: Trained) -> None:
    with tempfile.TemporaryDirectory(prefix="clearance-model-") as place:
        folder = Path(place) / MODEL_FOLDER
        write_model_folder(folder, trained, run_id)
        client.log_artifacts(run_id, str(folder), MODEL_FOLDER)
