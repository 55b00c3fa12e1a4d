"""The demo notices: with one guard switched off, or an import that never lands, exactly that step is false."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local.mutants.guards import guard
from local.mutants.mutant import ROOT, app_without

pytestmark = pytest.mark.slow

NEVER_LANDS = {
    "action": "fail_lro",
    "match": {"registry": "contoso-eu", "operation": "import"},
    "copy_anyway": False,
    "times": -1,
}


def played(folder: Path, *arguments: str) -> tuple[int, dict[str, Any], str]:
    """Play the demo as its user does; exit code, outcome, and what was printed."""
    out = folder / "demo.json"
    words = [sys.executable, "-m", "local.demo", "--out", str(out), "--until", "read-back-with-sdk", *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "AZUREML_CURRENT_CLOUD"}
    ended = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280, check=False)
    return ended.returncode, json.loads(out.read_text("utf-8")), ended.stdout + ended.stderr


def not_ok(document: dict[str, Any]) -> list[str]:
    return [step["name"] for step in document["steps"] if not step["ok"]]


@pytest.mark.parametrize(
    ("switched_off", "step", "faults"),
    [
        ("signature", "forged-signature-refused", []),
        ("self-approval", "self-approval-refused", []),
        ("sweep", "registry-outage-survived", []),
        ("read-back", "read-back-with-sdk", [NEVER_LANDS]),
    ],
)
def test_a_guard_that_is_off_is_seen_by_its_step(
    tmp_path: Path, switched_off: str, step: str, faults: list[dict[str, Any]]
) -> None:
    app = tmp_path / "app"
    app.mkdir()
    app_without(guard(switched_off), app)
    arguments = [word for fault in faults for word in ("--fault", json.dumps(fault))]
    code, document, printed = played(tmp_path, "--app", str(app), *arguments)
    assert not_ok(document) == [step], printed
    assert code == 1


def test_an_import_that_never_lands_is_seen(tmp_path: Path) -> None:
    code, document, printed = played(tmp_path, "--fault", json.dumps(NEVER_LANDS))
    assert not_ok(document) == ["promoted-to-both-registries"], printed
    assert code == 1
