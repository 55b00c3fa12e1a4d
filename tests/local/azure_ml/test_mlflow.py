"""Runs as data scientists log them with mlflow-skinny, and as jobs and models see them."""

import math
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from azure.ai.ml.entities import Model
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException

from local.azure_ml.server import Running
from tests.local.azure_ml.conftest import RISK, Sdk, folder_with

ML_MODEL = """
artifact_path: model
flavors:
  python_function:
    loader_module: mlflow.sklearn
    python_version: 3.11.7
  sklearn:
    pickled_model: model.pkl
run_id: any
"""


def tracking_uri(emulator: Running, version: str = "v2.0") -> str:
    return f"{emulator.url}/mlflow/{version}{RISK.arm_id}"


@pytest.fixture
def mlflow(emulator: Running) -> MlflowClient:
    return MlflowClient(tracking_uri=tracking_uri(emulator))


@pytest.fixture
def run_id(mlflow: MlflowClient) -> str:
    return str(mlflow.create_run("0", run_name="evaluation").info.run_id)


@pytest.fixture
def raw(emulator: Running) -> Iterator[httpx.Client]:
    """The plain REST client that reads evidence without importing MLflow."""
    import ssl

    context = ssl.create_default_context(cafile=str(emulator.ca_bundle))
    base = f"{tracking_uri(emulator)}/api/2.0/mlflow"
    with httpx.Client(base_url=base, verify=context, headers={"Authorization": "Bearer opaque"}) as client:
        yield client


def metrics(raw: httpx.Client, run_id: str) -> dict[str, object]:
    answer = raw.get("/runs/get", params={"run_id": run_id}).json()
    return {metric["key"]: metric["value"] for metric in answer["run"]["data"]["metrics"]}


def test_a_run_is_logged_and_read_back(mlflow: MlflowClient, run_id: str) -> None:
    mlflow.log_batch(run_id, [Metric("auc", 0.93, 1, 0)], [Param("depth", "4")], [RunTag("team", "risk")])
    mlflow.log_metric(run_id, "fairness_gap", 0.02)
    mlflow.log_param(run_id, "seed", 7)
    mlflow.set_tag(run_id, "note", "ok")
    mlflow.set_terminated(run_id, "FINISHED")
    found = mlflow.get_run(run_id)
    assert found.data.metrics == {"auc": 0.93, "fairness_gap": 0.02}
    assert found.data.params == {"depth": "4", "seed": "7"}
    assert found.data.tags["team"] == "risk"
    assert (found.info.status, found.info.run_name) == ("FINISHED", "evaluation")
    assert found.info.end_time is not None


def test_the_last_value_of_a_metric_is_the_one_of_the_last_step(
    mlflow: MlflowClient, run_id: str, raw: httpx.Client
) -> None:
    for step, value in ((0, 0.5), (2, 0.9), (1, 0.7)):
        mlflow.log_metric(run_id, "auc", value, step=step)
    assert metrics(raw, run_id) == {"auc": 0.9}
    assert [metric.value for metric in mlflow.get_metric_history(run_id, "auc")] == [0.5, 0.9, 0.7]


def test_nan_and_infinities_travel_as_text(mlflow: MlflowClient, run_id: str, raw: httpx.Client) -> None:
    mlflow.log_metric(run_id, "broken", math.nan)
    mlflow.log_metric(run_id, "above", math.inf)
    mlflow.log_metric(run_id, "below", -math.inf)
    assert metrics(raw, run_id) == {"broken": "NaN", "above": "Infinity", "below": "-Infinity"}


def test_an_unknown_run_is_a_404_of_mlflow(mlflow: MlflowClient, raw: httpx.Client) -> None:
    answer = raw.get("/runs/get", params={"run_id": "nope"})
    assert answer.status_code == 404
    assert answer.json() == {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "Run with id=nope not found"}
    with pytest.raises(MlflowException, match="Run with id=nope not found"):
        mlflow.get_run("nope")


def test_a_parameter_cannot_be_changed(mlflow: MlflowClient, run_id: str) -> None:
    mlflow.log_param(run_id, "depth", "4")
    with pytest.raises(MlflowException, match="Changing param values is not allowed"):
        mlflow.log_batch(run_id, params=[Param("depth", "5")])


def test_both_versions_of_the_endpoint_serve_the_same_runs(emulator: Running, run_id: str) -> None:
    assert MlflowClient(tracking_uri=tracking_uri(emulator, "v1.0")).get_run(run_id).info.run_id == run_id


def test_experiments_are_made_and_found(mlflow: MlflowClient) -> None:
    made = mlflow.create_experiment("fraud")
    found = mlflow.get_experiment_by_name("fraud")
    assert found is not None
    assert found.experiment_id == made
    assert mlflow.get_experiment_by_name("none-such") is None
    assert {experiment.name for experiment in mlflow.search_experiments()} >= {"Default", "fraud"}
    run = mlflow.create_run(made)
    assert [found.info.run_id for found in mlflow.search_runs([made])] == [run.info.run_id]


def test_data_sets_are_part_of_a_run(raw: httpx.Client, run_id: str) -> None:
    dataset = {"name": "breast_cancer", "digest": "abc123", "source_type": "local", "source": "{}"}
    sent = {"run_id": run_id, "datasets": [{"tags": [], "dataset": dataset}]}
    assert raw.post("/runs/log-inputs", json=sent).status_code == 200
    inputs = raw.get("/runs/get", params={"run_id": run_id}).json()["run"]["inputs"]
    assert inputs["dataset_inputs"][0]["dataset"]["digest"] == "abc123"


@pytest.mark.parametrize(
    ("status", "shown"),
    [("RUNNING", "Running"), ("FINISHED", "Completed"), ("FAILED", "Failed"), ("KILLED", "Canceled")],
)
def test_a_run_is_a_job_of_the_same_name(sdk: Sdk, mlflow: MlflowClient, run_id: str, status: str, shown: str) -> None:
    if status != "RUNNING":
        mlflow.set_terminated(run_id, status)
    job = sdk.workspace().jobs.get(run_id)
    assert (job.name, job.status, job.experiment_name) == (run_id, shown, "Default")
    assert job.creation_context.created_by == "Emulator User"


def test_an_unknown_job_is_a_404(sdk: Sdk) -> None:
    with pytest.raises(ResourceNotFoundError):
        sdk.workspace().jobs.get("nope")


def test_logged_files_are_listed_and_downloaded(mlflow: MlflowClient, run_id: str, tmp_path: Path) -> None:
    mlflow.log_artifacts(run_id, str(folder_with(tmp_path / "m", MLmodel=ML_MODEL, model__pkl="x")), "model")
    (folder,) = mlflow.list_artifacts(run_id)
    assert (folder.path, folder.is_dir) == ("model", True)
    assert {(f.path, f.file_size) for f in mlflow.list_artifacts(run_id, "model")} == {
        ("model/MLmodel", len(ML_MODEL)),
        ("model/model.pkl", 1),
    }
    down = mlflow.download_artifacts(run_id, "model", str(tmp_path))
    assert (Path(down) / "model.pkl").read_text() == "x"


def test_files_are_listed_by_rest_too(mlflow: MlflowClient, raw: httpx.Client, run_id: str, tmp_path: Path) -> None:
    mlflow.log_artifacts(run_id, str(folder_with(tmp_path / "m", a__txt="aa")), "model")
    answer = raw.get("/artifacts/list", params={"run_id": run_id, "path": "model"}).json()
    assert answer["files"] == [{"path": "model/a.txt", "is_dir": False, "file_size": 2}]


@pytest.mark.parametrize("uri", ["azureml://jobs/{run}/outputs/artifacts/paths/model/", "runs:/{run}/model"])
@pytest.mark.filterwarnings("ignore:The use of a 'BlobProperties' instance")
@pytest.mark.filterwarnings("ignore:content_as_bytes is deprecated")
def test_a_model_registered_from_a_run_keeps_the_link(
    sdk: Sdk, mlflow: MlflowClient, run_id: str, tmp_path: Path, uri: str
) -> None:
    mlflow.log_artifacts(run_id, str(folder_with(tmp_path / "m", MLmodel=ML_MODEL, model__pkl="x")), "model")
    client = sdk.workspace()
    name = f"linked-{uri[0]}"
    made = client.models.create_or_update(
        Model(name=name, version="1", path=uri.format(run=run_id), type="mlflow_model")
    )
    assert made.job_name == run_id
    assert str(made.path).endswith(f"/datastores/workspaceartifactstore/paths/ExperimentRun/dcid.{run_id}/model")
    assert dict(made.flavors["sklearn"]) == {"pickled_model": "model.pkl"}
    client.models.download(name, "1", str(tmp_path / "down"))
    assert (tmp_path / "down" / name / "model" / "model.pkl").read_text() == "x"


@pytest.mark.parametrize("drops", [False, True])
def test_a_tag_update_may_drop_the_link(
    sdk: Sdk, emulator: Running, mlflow: MlflowClient, run_id: str, tmp_path: Path, *, drops: bool
) -> None:
    """The client never sends jobName; whether the service then clears it is not known, so it is a switch."""
    emulator.control.set_behaviour(tag_update_drops_job_name=drops)
    mlflow.log_artifacts(run_id, str(folder_with(tmp_path / "m", a__txt="a")), "model")
    client = sdk.workspace()
    path = f"azureml://jobs/{run_id}/outputs/artifacts/paths/model"
    model = client.models.create_or_update(Model(name=f"dropped-{drops}", version="1", path=path))
    model.tags = {"owner": "a@contoso.com"}
    assert client.models.create_or_update(model).job_name == (None if drops else run_id)


def test_a_model_of_an_unknown_run_is_refused(sdk: Sdk) -> None:
    model = Model(name="orphan", version="1", path="azureml://jobs/nope/outputs/artifacts/paths/model")
    client = sdk.workspace()
    with pytest.raises(HttpResponseError, match="The run nope of"):
        client.models.create_or_update(model)


def test_evidence_that_cannot_be_read_is_an_error_of_its_own(emulator: Running, run_id: str, raw: httpx.Client) -> None:
    emulator.control.add_faults({"action": "status", "code": 503, "retry_after": 1, "match": {"operation": "mlflow"}})
    answer = raw.get("/runs/get", params={"run_id": run_id})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1.0")
    assert raw.get("/runs/get", params={"run_id": run_id}).status_code == 200


def test_a_call_without_a_token_is_refused(raw: httpx.Client, run_id: str) -> None:
    raw.headers.pop("Authorization")
    answer = raw.get("/runs/get", params={"run_id": run_id})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer ")
