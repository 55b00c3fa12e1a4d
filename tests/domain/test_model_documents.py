"""Documents about a model's files: what the tools write is read strictly, and nothing raises."""

import base64
import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.evidence import Document, RunFile
from shared.domain.model_documents import read_document

MODEL = b"\x80\x04N."
MD5 = base64.b64encode(hashlib.md5(MODEL, usedforsecurity=False).digest()).decode()
SHA256 = hashlib.sha256(MODEL).hexdigest()

# What modelscan 0.8 writes with `-r json -o`, of a folder with one pickle and one text.
SCAN: dict[str, Any] = {
    "summary": {
        "total_issues_by_severity": {"LOW": 0, "MEDIUM": 0, "HIGH": 0, "CRITICAL": 1},
        "total_issues": 1,
        "input_path": "model",
        "absolute_path": "/models/fraud-detector",
        "modelscan_version": "0.8.5",
        "timestamp": "2026-02-27T10:00:00.123456",
        "scanned": {"total_scanned": 2, "scanned_files": ["model.pkl", "weights.zip:inner.pkl"]},
    },
    "issues": [
        {
            "description": "Use of unsafe operator 'system' from module 'posix'",
            "operator": "system",
            "module": "posix",
            "source": "model.pkl",
            "scanner": "modelscan.scanners.PickleUnsafeOpScan",
            "severity": "CRITICAL",
        }
    ],
    "errors": [],
}

# What picklescan prints, its warnings and errors above its summary.
PICKLESCAN = """----------- SCAN SUMMARY -----------
Scanned files: 1
Infected files: 0
Suspicious globals: 2
Dangerous globals: 0
"""


def bundle(files: dict[str, str], **changes: Any) -> dict[str, Any]:
    """A bundle as `model_signing sign key` writes it: sigstore/model-transparency 1.1."""
    resources = [{"name": name, "algorithm": "sha256", "digest": digest} for name, digest in files.items()]
    root = hashlib.sha256(b"".join(bytes.fromhex(digest) for digest in files.values())).hexdigest()
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "model", "digest": {"sha256": root}}],
        "predicateType": "https://model_signing/signature/v1.0",
        "predicate": {"serialization": {"method": "files", "hash_type": "sha256"}, "resources": resources},
        **changes,
    }
    envelope = {
        "payload": base64.b64encode(json.dumps(statement).encode()).decode(),
        "payloadType": "application/vnd.in-toto+json",
        "signatures": [{"sig": "MGUCMC", "keyid": None}],
    }
    return {"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json", "dsseEnvelope": envelope}


def wrapped(kind: str, report: Any, **changes: Any) -> dict[str, Any]:
    return {
        "tool": kind,
        "tool_version": "1.0.2",
        "created_at": "2026-02-27T12:00:00+01:00",
        "files": {"model.pkl": {"md5": MD5, "sha256": SHA256}},
        "report": report,
        **changes,
    }


def read(kind: str, value: Any) -> Document:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return read_document(RunFile("evaluate-7", f"scans/{kind}.json", len(content), content), kind)


def test_a_report_of_modelscan_names_version_time_files_and_findings_by_itself() -> None:
    found = read("modelscan", SCAN)
    assert (found.version, found.named, found.findings, found.fault) == (
        "0.8.5", ("model.pkl", "weights.zip"), {"critical": 1}, "",
    )  # fmt: skip
    assert found.source.at == datetime(2026, 2, 27, 10, 0, 0, 123456, tzinfo=UTC)
    assert (found.source.kind, found.source.producer) == ("modelscan", "modelscan 0.8.5")
    assert (found.files, found.incomplete) == ({}, "")
    assert found.source.sha256 == hashlib.sha256(json.dumps(SCAN).encode()).hexdigest()


def test_a_wrapped_report_is_bound_to_the_content_of_files() -> None:
    found = read("modelscan", wrapped("modelscan", SCAN))
    assert (found.files, found.findings, found.version) == ({"model.pkl": MD5}, {"critical": 1}, "1.0.2")
    assert found.source.at == datetime(2026, 2, 27, 11, tzinfo=UTC)


def test_a_scan_with_errors_is_not_whole() -> None:
    found = read("modelscan", {**SCAN, "errors": [{"category": "MODEL_SCAN", "description": "x"}]})
    assert found.incomplete == "1 files could not be scanned"


def test_a_report_that_found_nothing_lists_nothing() -> None:
    none = {"LOW": 0, "MEDIUM": 0, "HIGH": 0, "CRITICAL": 0}
    summary = {**SCAN["summary"], "total_issues_by_severity": none, "scanned": {"total_scanned": 0}}
    found = read("modelscan", {"summary": summary, "issues": [], "errors": []})
    assert (found.findings, found.named, found.fault) == ({}, (), "")


def test_findings_of_every_severity_are_counted() -> None:
    named = ["LOW", "MEDIUM", "HIGH", "CRITICAL", "LOW"]
    summary = {**SCAN["summary"], "total_issues_by_severity": {name: named.count(name) for name in named}}
    found = read("modelscan", {"summary": summary, "issues": [{"severity": name} for name in named], "errors": []})
    assert (found.findings, found.fault) == ({"low": 2, "medium": 1, "high": 1, "critical": 1}, "")


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"issues": []}, "Its issues are not those that its summary counts."),
        ({"issues": [{"severity": "HARMLESS"}]}, "Its issues are not those that its summary counts."),
        ({"issues": [{}]}, "It is no report of modelscan (KeyError)."),
        ({"summary": 7}, "It is no report of modelscan (TypeError)."),
        ({"summary": {**SCAN["summary"], "timestamp": "today"}}, "It is no report of modelscan (ValueError)."),
        ({"summary": {**SCAN["summary"], "scanned": []}}, "It is no report of modelscan (AttributeError)."),
    ],
)
def test_a_report_of_another_form_or_that_contradicts_itself_is_not_used(changes: dict[str, Any], fault: str) -> None:
    assert read("modelscan", {**SCAN, **changes}).fault == fault


@pytest.mark.parametrize(
    ("report", "findings", "incomplete"),
    [
        (PICKLESCAN, {"medium": 2}, ""),
        (PICKLESCAN.replace("Dangerous globals: 0", "Dangerous globals: 3"), {"critical": 3, "medium": 2}, ""),
        (PICKLESCAN.replace("Infected files: 0", "Infected files: 1"), {"critical": 1, "medium": 2}, ""),
        (PICKLESCAN.replace("Suspicious globals: 2\n", ""), {}, ""),
        (PICKLESCAN.replace("Scanned files: 1", "Scanned files: 0"), {"medium": 2}, "no file was scanned"),
        (f"ERROR: parsing pickle in x: bad\n{PICKLESCAN}", {"medium": 2}, "a file could not be parsed"),
    ],
)
def test_picklescan_prints_a_summary(report: str, findings: dict[str, int], incomplete: str) -> None:
    found = read("picklescan", wrapped("picklescan", report))
    assert (found.findings, found.incomplete, found.fault) == (findings, incomplete, "")


@pytest.mark.parametrize("report", ["", "Infected files: 0", PICKLESCAN * 2, 7, None])
def test_what_picklescan_does_not_print_is_not_used(report: Any) -> None:
    assert read("picklescan", wrapped("picklescan", report)).fault == "report is not the text that picklescan prints."


def test_a_signature_that_somebody_verified_names_every_file_that_it_covers() -> None:
    signed = wrapped("model_signing", bundle({"model.pkl": SHA256}), verification="Verification succeeded\n")
    found = read("model_signing", signed)
    assert (found.named, found.findings, found.incomplete, found.fault) == (("model.pkl",), {}, "", "")


@pytest.mark.parametrize("said", [None, "", "Verification failed with error: x", "No Verification succeeded"])
def test_a_signature_that_nobody_verified_is_not_enough(said: str | None) -> None:
    signed = wrapped("model_signing", bundle({"model.pkl": SHA256}), verification=said)
    assert read("model_signing", signed).incomplete == "nobody says to have verified the signature"


def enveloped(**changes: Any) -> dict[str, Any]:
    signed = bundle({"model.pkl": SHA256})
    return {**signed, "dsseEnvelope": {**signed["dsseEnvelope"], **changes}}


@pytest.mark.parametrize(
    ("report", "fault"),
    [
        (bundle({"model.pkl": "00" * 32}), "It signs another content of 'model.pkl' than files states."),
        (bundle({"model.pkl": SHA256}, subject=[{"digest": {"sha256": "0"}}]), "no model signature (ValueError)"),
        (bundle({"model.pkl": SHA256}, predicateType="x"), "no model signature (ValueError)"),
        (bundle({"model.pkl": SHA256}, subject=[]), "no model signature (ValueError)"),
        ({**bundle({"model.pkl": SHA256}), "mediaType": "x"}, "no model signature (ValueError)"),
        (enveloped(payloadType="x"), "no model signature (ValueError)"),
        (enveloped(signatures=[]), "no model signature (ValueError)"),
        ({}, "no model signature (KeyError)"),
        (None, "no model signature (TypeError)"),
    ],
)
def test_a_bundle_of_another_form_or_about_other_content_is_not_used(report: Any, fault: str) -> None:
    assert fault in read("model_signing", wrapped("model_signing", report)).fault


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"tool": "picklescan"}, "tool is not modelscan."),
        ({"tool_version": ""}, "tool_version is no text"),
        ({"created_at": "2026-02-27"}, "created_at is no time"),
        ({"files": []}, "files is no object"),
        ({"files": {"model.pkl": {"md5": "xx"}}}, "files is no object"),
        ({"files": {"model.pkl": MD5}}, "files is no object"),
        ({"files": {"model.pkl": {"md5": base64.b64encode(b"short").decode()}}}, "files is no object"),
        ({"note": 1}, "The key 'note' is not known"),
    ],
)
def test_every_fault_of_the_wrapping_is_told(changes: dict[str, Any], fault: str) -> None:
    assert fault in read("modelscan", wrapped("modelscan", SCAN, **changes)).fault
    without = {key: value for key, value in wrapped("modelscan", SCAN, **changes).items() if key != "report"}
    assert "report is missing." in read("modelscan", without).fault


@pytest.mark.parametrize("content", [b"[]", b"7"])
def test_a_document_is_an_object(content: bytes) -> None:
    assert read("modelscan", content).fault == "It is no object with tool, tool_version, created_at, files and report."


@given(st.binary(max_size=100), st.sampled_from(["modelscan", "picklescan", "model_signing"]))
def test_no_bytes_raise(content: bytes, kind: str) -> None:
    assert read(kind, content).fault


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9).filter(str.isprintable),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(list(SCAN["summary"])), inner),
)


@given(JSON, JSON, st.sampled_from(["modelscan", "picklescan", "model_signing"]))
def test_no_report_raises(summary: Any, issues: Any, kind: str) -> None:
    report = {**SCAN, "summary": summary, "issues": issues, "dsseEnvelope": summary, "mediaType": issues}
    assert read(kind, wrapped(kind, report)).source.sha256
