"""Model versions to promote: registered in the emulator with the run and the tags that the fraud policy asks for."""

import json
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx
import jwt

from local.bench.laboratory import ALIAS, APPROVERS, WORKSPACE, Laboratory
from local.token_issuer import read_people
from shared.domain.ids import PromotionId

_SUBMITTER = "dana.submitter"
_TAGS = {
    "owner": "dana.submitter@contoso.com",
    "scope": "card payments, euro area",
    "rollback_path": "redeploy the version before",
    "monitoring_signal": "alerts/fraud-recall",
    "data_window": "2025-01-01/2025-09-30",
    "classification": "internal",
}
_numbers = count(1)  # no two candidates of a process have one name
_FILES = {"MLmodel": "flavors:\n  python_function: {}\n", "model.pkl": "x" * 2000, "conda.yaml": "name: env\n"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A registered version. Names are equally long, so that rows of different candidates are, too."""

    name: str
    version: str
    run: str

    @property
    def promotion(self) -> PromotionId:
        """Its promotion."""
        return PromotionId(ALIAS, self.name, self.version)

    def webhook_id(self, approver: str) -> str:
        """The id of an approver's decision."""
        return f"{self.name}-{self.version}-{approver.partition('.')[0]}"

    @property
    def event(self) -> str:
        """What Event Grid delivers to the queue."""
        return json.dumps(
            {
                "id": self.run,
                "topic": WORKSPACE.arm_id,
                "subject": f"models/{self.name}:{self.version}",
                "eventType": "Microsoft.MachineLearningServices.ModelRegistered",
                "eventTime": "2026-11-23T06:14:00.1234567Z",
                "data": {"ModelName": self.name, "ModelVersion": self.version, "ModelTags": _TAGS},
                "dataVersion": "2",
                "metadataVersion": "1",
            }
        )


class Candidates:
    """Registers candidates, each under a new name."""

    def __init__(self, laboratory: Laboratory) -> None:
        self._emulator = laboratory.emulator
        root = f"{laboratory.emulator_url}/mlflow/v2.0{WORKSPACE.arm_id}/api/2.0/mlflow/runs/"
        context = ssl.create_default_context(cafile=str(laboratory.ca_bundle))
        headers = {"authorization": f"Bearer {_token()}"}
        self._runs = httpx.Client(base_url=root, verify=context, headers=headers, trust_env=False)

    def some(self, number: int) -> list[Candidate]:
        """New models, version 1 of each."""
        return [self.version_of(f"fraud-{next(_numbers):06d}") for _ in range(number)]

    def version_of(self, name: str, version: str = "1", without: str = "") -> Candidate:
        """One version of a model; `without` names a tag that it lacks."""
        run = self._log_run(f"{name}:{version}")
        tags = {tag: value for tag, value in _TAGS.items() if tag != without}
        told: dict[str, Any] = {"tags": tags, "files": _FILES, "job_name": run, "model_type": "mlflow_model"}
        self._emulator.models(
            "register", name, version, workspace=WORKSPACE.name, created_by="Dana Osei", event=False, **told
        )
        return Candidate(name, version, run)

    def _log_run(self, evaluated: str) -> str:
        about = {"dataset": "holdout-2025q3", "evaluated_model": evaluated}
        run = str(
            self._send("create", tags=[{"key": k, "value": v} for k, v in about.items()])["run"]["info"]["run_id"]
        )
        for key, value in {"auc": 0.94, "fairness_gap": 0.02, "accuracy": 0.91}.items():
            self._send("log-metric", run_id=run, key=key, value=value, timestamp=1, step=0)
        self._send("update", run_id=run, status="FINISHED", end_time=int(time.time() * 1000))
        return run

    def _send(self, route: str, **body: Any) -> dict[str, Any]:
        return dict(self._runs.post(route, json=body).raise_for_status().json())


def _token() -> str:
    """The emulator takes unsigned tokens where it was given no keys; it reads from them who logs the run."""
    person = read_people().people[_SUBMITTER]
    claims = {"oid": person.oid, "name": person.name, "preferred_username": person.upn}
    return jwt.encode(claims, "", algorithm="none")


def approvals(candidate: Candidate, digest: str, approvers: Sequence[str] = APPROVERS) -> list[tuple[str, bytes]]:
    """The answers to an evaluation, as (webhook id, body)."""
    return [(candidate.webhook_id(approver), _approval(candidate, digest, approver)) for approver in approvers]


def _approval(candidate: Candidate, digest: str, approver: str) -> bytes:
    said = {"verdict": "approve", "approver": f"{approver}@contoso.com", "comment": "metrics and lineage read"}
    return json.dumps({"promotion": str(candidate.promotion), "evaluation": digest, **said}).encode()
