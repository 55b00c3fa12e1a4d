"""Gates on documents: about exactly these files, young enough, by a new enough tool, whole, and clean."""

import base64
import hashlib
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.domain.evaluation import GateResult
from shared.domain.evidence import Artifact, Document, RunFile, Source
from shared.domain.model_documents import read_document
from shared.domain.policy import DocumentRule
from tests.domain.evidence_makers import NOW, a_model_version, a_policy, a_run, an_evidence_rule, passing_evidence
from tests.domain.gate_makers import FAILED, PASSED, UNPROVEN, judged
from tests.domain.test_model_documents import PICKLESCAN

PAGE = Path(__file__).parents[2] / "docs" / "evidence-documents.md"
FILES = {"MLmodel": "bWQ1LW9mLU1MbW9kZQ==", "model.pkl": "bWQ1LW9mLXBpY2tsZQ=="}
RULE = DocumentRule("modelscan", "scans/modelscan.json", timedelta(days=30), "0.8", "low")
SOURCE = Source("modelscan", "evaluate-7", "modelscan 0.8.5", NOW - timedelta(days=2), RULE.path, "5" * 64)
CLEAN = Document(SOURCE, "0.8.5", FILES, ("model.pkl",))


def artifacts(files: dict[str, str]) -> tuple[Artifact, ...]:
    return tuple(Artifact(path, 9, md5) for path, md5 in files.items())


def scanned(
    found: Document | None = CLEAN, *, listed: tuple[Artifact, ...] | None = artifacts(FILES), **changes: Any
) -> GateResult:
    """The result of the gate on one document, under a rule like the one above."""
    rule = replace(RULE, **changes)
    evidence = passing_evidence(
        version=a_model_version(artifacts=listed), documents={} if found is None else {rule.kind: found}
    )
    return judged(
        f"document:{rule.kind}", policy=a_policy(evidence=an_evidence_rule(documents=(rule,))), evidence=evidence
    )


def test_a_clean_report_on_exactly_these_files_passes() -> None:
    result = scanned()
    assert result.outcome is PASSED
    assert result.actual == f"modelscan 0.8.5, SHA-256 {'5' * 64}"
    assert result.expected == (
        "scans/modelscan.json by modelscan 0.8 or newer, at most 30 d old, bound to the content of all files;"
        " low is the worst allowed"
    )
    assert result.source == "scans/modelscan.json of the run evaluate-7"


def test_a_missing_document_is_absent_and_mended_by_logging_it() -> None:
    result = scanned(None)
    assert (result.outcome, result.absent) == (UNPROVEN, True)
    assert "mlflow artifacts log-artifact --run-id evaluate-7" in result.command


def test_of_a_run_that_failed_no_document_is_waited_for() -> None:
    policy = a_policy(evidence=an_evidence_rule(documents=(RULE,)))
    evidence = passing_evidence(run=a_run(status="FAILED"))
    assert not judged("document:modelscan", policy=policy, evidence=evidence).absent
    assert "'<run id>'" in judged("document:modelscan", policy=policy, evidence=passing_evidence(run=None)).command


@pytest.mark.parametrize(
    "files",
    [
        {**FILES, "model.pkl": "b3RoZXItY29udGVudC4uLg=="},
        {"MLmodel": FILES["MLmodel"]},
        {**FILES, "extra.pkl": FILES["model.pkl"]},
        {},
    ],
)
def test_a_document_is_about_exactly_the_files_of_the_version(files: dict[str, str]) -> None:
    result = scanned(replace(CLEAN, files=files))
    assert (result.outcome, result.absent) == (UNPROVEN, False)


def test_a_file_of_which_the_store_holds_no_md5_is_not_bound() -> None:
    listed = (Artifact("MLmodel", 9, FILES["MLmodel"]), Artifact("model.pkl", 9, None))
    assert scanned(listed=listed).outcome is UNPROVEN


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (replace(CLEAN, fault="It is not JSON."), "It is not JSON."),
        (replace(CLEAN, files={"MLmodel": FILES["MLmodel"]}), 'it is not about "model.pkl".'),
        (replace(CLEAN, files={}), "wrap it as docs/evidence-documents.md says"),
        (replace(CLEAN, files={**FILES, "x": "y"}), 'it is about another file, "x".'),
        (replace(CLEAN, version="0.7.9"), 'it was made by "0.7.9", and 0.8 is the oldest version allowed.'),
        (replace(CLEAN, source=replace(SOURCE, at=NOW - timedelta(days=31))), "it was made 31 d ago"),
        (replace(CLEAN, source=replace(SOURCE, at=NOW + timedelta(days=1))), "it was made in the future."),
        (replace(CLEAN, incomplete="1 files could not be scanned"), "1 files could not be scanned."),
    ],
)
def test_the_first_reason_is_told(found: Document, reason: str) -> None:
    result = scanned(found)
    assert (result.outcome, result.absent) == (UNPROVEN, False)
    assert reason in result.explanation


def test_files_that_cannot_be_listed_are_compared_with_nothing() -> None:
    assert "cannot be listed" in scanned(listed=None).explanation


@pytest.mark.parametrize(
    ("version", "outcome"),
    [("0.8", PASSED), ("0.8.0", PASSED), ("0.10.1rc1", PASSED), ("1", PASSED), ("0.7.99", UNPROVEN), ("v2", UNPROVEN),
     (None, UNPROVEN)],
)  # fmt: skip
def test_versions_are_compared_as_numbers(version: str | None, outcome: Any) -> None:
    assert scanned(replace(CLEAN, version=version)).outcome is outcome
    assert scanned(replace(CLEAN, version=version), min_version=None).outcome is PASSED


def test_where_no_age_is_asked_for_any_will_do() -> None:
    assert scanned(replace(CLEAN, source=replace(SOURCE, at=NOW - timedelta(days=900))), max_age=None).outcome is PASSED


@pytest.mark.parametrize("name", ["model.pkl", "Model.PT", "deep/weights.npz"])
def test_what_can_run_code_must_have_been_looked_at(name: str) -> None:
    files = {"MLmodel": FILES["MLmodel"], name: FILES["model.pkl"]}
    unseen = replace(CLEAN, files=files, named=("MLmodel",))
    result = scanned(unseen, listed=artifacts(files))
    assert result.outcome is UNPROVEN
    assert f'"{name}" was not looked at.' in result.explanation
    assert scanned(replace(unseen, named=(name,)), listed=artifacts(files)).outcome is PASSED


@pytest.mark.parametrize(
    ("findings", "allow", "outcome"),
    [
        ({"low": 3}, "low", PASSED),
        ({"low": 1}, "none", FAILED),
        ({"medium": 1}, "low", FAILED),
        ({"critical": 1}, "high", FAILED),
        ({"critical": 1}, "critical", PASSED),
    ],
)
def test_findings_worse_than_allowed_fail(findings: dict[str, int], allow: str, outcome: Any) -> None:
    assert scanned(replace(CLEAN, findings=findings), allow=allow).outcome is outcome


def test_findings_are_told_with_their_number() -> None:
    result = scanned(replace(CLEAN, findings={"critical": 2, "medium": 1}))
    assert result.explanation == "modelscan found 1 medium, 2 critical; low is the worst allowed."


def test_what_a_scanner_found_is_mended_by_another_version_and_not_by_another_report() -> None:
    assert scanned(replace(CLEAN, findings={"critical": 1})).command.startswith(
        "az ml model create --name fraud-detector"
    )
    assert "log-artifact" in scanned(replace(CLEAN, incomplete="a file could not be parsed")).command


@pytest.mark.parametrize(("named", "outcome"), [(("model.pkl",), PASSED), (("model.pkl", "other.pkl"), UNPROVEN)])
def test_a_report_may_be_bound_to_names_where_the_policy_says_so(named: tuple[str, ...], outcome: Any) -> None:
    assert scanned(replace(CLEAN, files={}, named=named), binding="names").outcome is outcome


@pytest.mark.parametrize(("named", "outcome"), [(("MLmodel", "model.pkl"), PASSED), (("model.pkl",), UNPROVEN)])
def test_a_signature_names_every_file(named: tuple[str, ...], outcome: Any) -> None:
    found = replace(CLEAN, named=named, source=replace(SOURCE, kind="model_signing"))
    assert scanned(found, kind="model_signing").outcome is outcome


def test_what_picklescan_looked_at_is_told_by_the_wrapping_alone() -> None:
    assert scanned(replace(CLEAN, named=()), kind="picklescan").outcome is PASSED


def test_the_wrapping_that_the_page_shows_makes_a_document_that_passes(tmp_path: Path) -> None:
    program = PAGE.read_text().partition("This does it,")[2].partition("```python\n")[2].partition("```")[0]
    (tmp_path / "wrap.py").write_text(program)
    (tmp_path / "scan.txt").write_text(PICKLESCAN.replace("Suspicious globals: 2", "Suspicious globals: 0"))
    (tmp_path / "model" / "code").mkdir(parents=True)
    files = {"model.pkl": b"\x80\x04N.", "code/predict.py": b"pass\n"}
    for name, content in files.items():
        (tmp_path / "model" / name).write_bytes(content)
    command = [sys.executable, "wrap.py", "picklescan", "1.0.2", "scan.txt"]
    content = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True).stdout
    found = read_document(RunFile("evaluate-7", "scans/picklescan.json", len(content), content), "picklescan")
    md5 = {name: hashlib.md5(data, usedforsecurity=False).digest() for name, data in files.items()}
    listed = artifacts({name: base64.b64encode(digest).decode() for name, digest in md5.items()})
    assert scanned(found, listed=listed, kind="picklescan", max_age=None).outcome is PASSED
