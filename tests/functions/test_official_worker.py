"""The app under Microsoft's own worker library, driven by the harness that CLEARANCE_HARNESS names, on Python 3.13."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from local.package.__main__ import KEPT
from local.package.environments import WORKER_LOCK, Environments, python_in
from local.package.pythons import find_python
from tests.architecture.project import ROOT
from tests.functions.test_indexing import NAMES

HARNESS_LOCK = Path(__file__).with_name("harness.txt")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def worker() -> list[str]:
    """The command that drives the app: Python 3.13 with the app's requirements, the runtime beside, and the harness."""
    harness = os.environ.get("CLEARANCE_HARNESS")
    if not harness or not Path(harness).is_file():
        pytest.skip("CLEARANCE_HARNESS names no file: the harness of Microsoft's worker library is not here")
    python = find_python("3.13")
    if python is None:
        pytest.skip("no Python 3.13 here, which azure-functions-runtime asks for")
    environments = Environments(ROOT / KEPT, print)
    beside = [environments.library(lock, python) for lock in (WORKER_LOCK, HARNESS_LOCK)]
    found = ["env", f"PYTHONPATH={os.pathsep.join(map(str, beside))}"]
    return [*found, str(python_in(environments.of(ROOT / "requirements.txt", python))), harness, str(ROOT)]


def run(worker: list[str], *arguments: str) -> str:
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    ran = subprocess.run(
        [*worker, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert ran.returncode == 0, ran.stderr[-4000:] + ran.stdout[-4000:]
    return ran.stdout


def invoke(worker: list[str], folder: Path, *calls: dict[str, Any]) -> list[dict[str, Any]]:
    file = folder / "calls.jsonl"
    file.write_text("\n".join(map(json.dumps, calls)))
    return [json.loads(line) for line in run(worker, "--calls", str(file)).splitlines() if line.startswith("{")]


def test_it_indexes_and_the_host_takes_every_name(worker: list[str]) -> None:
    assert [function["name"] for function in json.loads(run(worker, "--json"))["functions"]] == NAMES


def test_without_settings_health_lists_every_fault(worker: list[str], tmp_path: Path) -> None:
    [answer] = invoke(worker, tmp_path, {"invoke": "http", "payload": {"method": "GET", "path": "/api/health"}})

    assert answer["http"]["status"] == 503
    assert len(json.loads(answer["http"]["body"])["faults"]) == 6


def test_without_settings_every_trigger_raises_the_same_list(worker: list[str], tmp_path: Path) -> None:
    pushed = {"id": "1", "topic": "/x", "subject": "s", "eventType": "t", "data": {}, "dataVersion": "1"}
    payloads = {"model_events": "{}", "advance_promotion": "a:b:1", "sweep": {}, "model_event_push": pushed}
    calls = [{"invoke": name, "payload": load, "expect_failure": True} for name, load in payloads.items()]

    answers = invoke(worker, tmp_path, *calls)

    assert [answer["function"] for answer in answers] == list(payloads)
    assert len({answer["error"] for answer in answers}) == 1
    assert "CLEARANCE_WORKSPACES: it is not set" in answers[0]["error"]
