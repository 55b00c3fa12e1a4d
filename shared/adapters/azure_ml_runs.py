"""Runs as MLflow's REST API tells them, read without losing a digit.

Wire facts: mlflow.org/docs/latest/rest-api.html#get-run; Azure ML serves it below the workspace's tracking URI
(learn.microsoft.com/azure/machine-learning/how-to-track-experiments-mlflow).
"""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.adapters.azure_ml_http import (
    CONFUSED,
    AzureMLHttp,
    error_words,
    json_object,
    not_understood,
    refusal,
    understood,
)
from shared.adapters.azure_ml_settings import AzureMLSettings, WorkspacePlace
from shared.domain.evidence import Job, Run, Series
from shared.domain.lineage_gates import commit_of
from shared.domain.well_formed import well_formed

# MLflow's RunStatus in the words of Azure ML's JobStatus, the vocabulary of policies.
_STATUS = {
    "RUNNING": "Running",
    "SCHEDULED": "NotStarted",
    "FINISHED": "Completed",
    "FAILED": "Failed",
    "KILLED": "Canceled",
}
_ENDED = frozenset({"Completed", "Failed", "Canceled"})
_NOT_FINITE = {"nan": "NaN", "infinity": "Infinity", "inf": "Infinity", "-infinity": "-Infinity", "-inf": "-Infinity"}
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}")
_JOBS_API = "2024-04-01"
_PAGE = 5_000
MOST_PAGES = 5
"""Pages of one metric's values that are read; a longer series is not whole, and proves nothing."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def is_run_id(text: str) -> bool:
    """Whether a run or a job could have this id; a tag may hold anything, and no other text is sent."""
    return bool(_RUN_ID.fullmatch(text))


class AzureMLRuns:
    """Reads runs and jobs of the configured workspaces."""

    def __init__(self, settings: AzureMLSettings, http: AzureMLHttp) -> None:
        self._settings = settings
        self._http = http
        self._tracking: dict[str, str] = {}

    def read(self, workspace: str, run: str) -> Run | None:
        """One call: `runs/get`. The first call to a workspace without a configured tracking host costs one more."""
        if not is_run_id(run):
            return None
        what = f"Reading run {run} of {workspace}"
        response = self._http.get(what, f"{self._base(workspace)}/api/2.0/mlflow/runs/get", {"run_id": run})
        if response.status_code == 404 and "RESOURCE_DOES_NOT_EXIST" in error_words(response):
            return None
        if response.status_code != 200:
            raise refusal(what, response)
        with understood(what):
            return parse_run(what, response.text())

    def series(self, workspace: str, run: str, metric: str) -> Series:
        """One call of `metrics/get-history` for each 5,000 values, at most five (mlflow.org, rest-api.html)."""
        if not is_run_id(run):
            return Series(())
        found: list[str] = []
        token = ""
        for _ in range(MOST_PAGES):
            values, token = self._page(workspace, run, metric, token)
            found += values
            if not token:
                break
        most = MOST_PAGES * _PAGE  # whoever does not page may send any number at once
        return Series(tuple(found[:most]), whole=not token and len(found) <= most)

    def _page(self, workspace: str, run: str, metric: str, token: str) -> tuple[list[str], str]:
        what = f"Reading all values of a metric of run {run} of {workspace}"
        asked = {"run_id": run, "metric_key": metric, "max_results": str(_PAGE)}
        url = f"{self._base(workspace)}/api/2.0/mlflow/metrics/get-history"
        response = self._http.get(what, url, {**asked, **({"page_token": token} if token else {})})
        if response.status_code == 404 and "RESOURCE_DOES_NOT_EXIST" in error_words(response):
            return [], ""
        if response.status_code != 200:
            raise refusal(what, response)
        with understood(what):
            return parse_values(what, response.text())

    def job(self, workspace: str, job: str) -> Job | None:
        """One call for a job that is a run, as Azure ML's jobs are; a second, to the control plane, for any other."""
        run = self.read(workspace, job)
        if run is not None or not is_run_id(job):
            return Job(run.status, run.submitter) if run else None
        stated = self._job(workspace, job)
        if stated is None:
            return None
        status = _part(stated, "properties").get("status")
        if not isinstance(status, str):
            raise not_understood(f"Reading job {job} of {workspace}", "the job states no status")
        made_by = _part(stated, "systemData").get("createdBy")
        return well_formed(Job(status, str(made_by) if made_by else None))

    def code_version(self, workspace: str, job: str) -> str | None:
        """One call where the job's run has a tag with the commit; a second, to the control plane, where it has none."""
        run = self.read(workspace, job)
        commit = commit_of(run.tags) if run else None
        if commit or not is_run_id(job):
            return commit
        stated = _part(_part(self._job(workspace, job) or {}, "properties"), "properties")
        return commit_of({well_formed(str(key)): well_formed(str(value)) for key, value in stated.items()})

    def _job(self, workspace: str, job: str) -> dict[str, Any] | None:
        """A job in the control plane, None where there is no such job."""
        what = f"Reading job {job} of {workspace}"
        url = f"{self._settings.cloud.resource_manager}{self._settings.workspace(workspace).arm_id}/jobs/{job}"
        response = self._http.get(what, url, {"api-version": _JOBS_API})
        if response.status_code == 404 and "UserError" in error_words(response):
            return None
        if response.status_code != 200:
            raise refusal(what, response)
        return json_object(what, response)

    def _base(self, alias: str) -> str:
        place = self._settings.workspace(alias)
        if alias not in self._tracking:
            self._tracking[alias] = self._configured(place) or self._looked_up(alias, place)
        return self._tracking[alias]

    @staticmethod
    def _configured(place: WorkspacePlace) -> str | None:
        return f"https://{place.tracking_host}/mlflow/v2.0{place.arm_id}" if place.tracking_host else None

    def _looked_up(self, alias: str, place: WorkspacePlace) -> str:
        what = f"Reading where {alias} keeps its runs"
        uri = str(read_workspace(self._http, self._settings, alias).get("mlFlowTrackingUri") or "")
        if not uri.startswith("azureml://"):
            raise not_understood(what, f"workspace {place.name} states no MLflow tracking URI")
        # As Microsoft's azureml-mlflow plugin does: the same address over https, version 2.0.
        return "https://" + uri.removeprefix("azureml://").replace("/mlflow/v1.0/", "/mlflow/v2.0/").rstrip("/")


def read_workspace(http: AzureMLHttp, settings: AzureMLSettings, alias: str) -> dict[str, Any]:
    """The `properties` of a workspace; one call.

    Raises:
        Unreadable: it cannot be read, also where there is none: a workspace that is configured must be there.
    """
    what = f"Reading workspace {alias}"
    url = f"{settings.cloud.resource_manager}{settings.workspace(alias).arm_id}"
    response = http.get(what, url, {"api-version": _JOBS_API})
    if response.status_code != 200:
        raise refusal(what, response)
    return _part(json_object(what, response), "properties")


def _part(document: dict[str, Any], name: str) -> dict[str, Any]:
    """An object within an answer; an empty one where something else stands there."""
    found = document.get(name)
    return found if isinstance(found, dict) else {}


def parse_run(what: str, text: str) -> Run:
    """Read the answer of `runs/get`; numbers keep their text.

    Raises:
        Unreadable: the answer does not have MLflow's form.
    """
    try:
        # Every number stays text: 0.1 is not a float, and a long integer is neither rounded nor refused.
        body = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
        return well_formed(_run(body["run"]))
    except CONFUSED as error:
        raise not_understood(what, f"its answer is no MLflow run ({type(error).__name__})") from error


def parse_values(what: str, text: str) -> tuple[list[str], str]:
    """Read the answer of `metrics/get-history`: values in the order logged, and the token of the next page or "".

    Raises:
        Unreadable: the answer does not have MLflow's form.
    """
    try:
        body = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
        values = [well_formed(_metric(each["value"])) for each in body.get("metrics") or ()]
        return values, str(body.get("next_page_token") or "")
    except CONFUSED as error:
        raise not_understood(what, f"its answer is no series of values ({type(error).__name__})") from error


def _run(run: dict[str, Any]) -> Run:
    info, content = run["info"], run.get("data") or {}
    tags = {str(tag["key"]): str(tag.get("value", "")) for tag in content.get("tags") or ()}
    status = _STATUS.get(str(info["status"]), str(info["status"]))
    tagged, logged = tags.get("dataset") or tags.get("evaluation_dataset"), _logged_datasets(run)
    return Run(
        id=str(info.get("run_id") or info["run_uuid"]),
        status=status,
        metrics={str(each["key"]): _metric(each["value"]) for each in content.get("metrics") or ()},
        submitter=_named(info.get("user_id")) or tags.get("mlflow.user") or None,
        ended_at=_instant(info.get("end_time")) if status in _ENDED else None,
        dataset=tagged or (logged[0] if len(logged) == 1 else None),
        model=tags.get("evaluated_model") or None,
        tags=tags,
        datasets=() if tagged or len(logged) == 1 else logged,
    )


def _named(value: Any) -> str | None:
    if not isinstance(value, str | None):
        raise TypeError(type(value).__name__)
    return value


def _metric(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return _NOT_FINITE.get(value.casefold(), value)


def _instant(milliseconds: str | None) -> datetime | None:
    # Not fromtimestamp: it goes through a float, and loses the last millisecond.
    return None if milliseconds in (None, "", "0") else _EPOCH + timedelta(milliseconds=int(milliseconds or ""))


def _logged_datasets(run: dict[str, Any]) -> tuple[str, ...]:
    """The digests of the data sets logged as inputs, each once."""
    logged = (run.get("inputs") or {}).get("dataset_inputs") or ()
    return tuple(sorted({str(each["dataset"]["digest"]) for each in logged}))
