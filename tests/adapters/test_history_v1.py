"""The histories of the first release: read, verified and chained the same by every release that follows (invariant 6)."""

import json
from pathlib import Path
from typing import Any

import pytest

from shared.adapters.event_codec import CODEC, EVENT_TYPES
from shared.adapters.history_rows import recorded
from shared.domain.canonical import canonical, sha256_hex
from shared.domain.chain import Row, row_hash
from shared.domain.errors import DocumentInvalid
from shared.domain.export import verify_export
from shared.domain.fold import fold
from shared.domain.ids import PromotionId, parse_partition
from shared.domain.merkle import Unprotected, read_checkpoint

FIXTURES = Path(__file__).parents[1] / "fixtures"
LINES = (FIXTURES / "history-v1.jsonl").read_text(encoding="utf-8").splitlines()
CHECKPOINT = (FIXTURES / "checkpoint-v1.json").read_bytes()
DOCUMENTS: list[dict[str, Any]] = [json.loads(line) for line in LINES]
ROWS = [Row(**{k: v for k, v in each.items() if k != "kind"}) for each in DOCUMENTS if each["kind"] == "row"]
FRAUD = "promotion:risk-dev:fraud:7"


def test_the_first_release_is_verified_whole() -> None:
    report = verify_export(LINES, CHECKPOINT)
    assert report.holds
    assert (report.histories, report.rows, report.unprotected) == (3, len(ROWS), ())


def test_every_type_of_the_first_release_is_there() -> None:
    assert {row.type for row in ROWS} >= {
        "Registered", "Reregistered", "Ignored", "EvaluationCompleted", "EvidenceAwaited", "Blocked",
        "ApprovalRequested", "DecisionRecorded", "Approved", "Rejected", "RejectionStands", "Expired", "Withdrawn",
        "ReevaluationRequested", "RoundVoided", "ImportStarted", "ImportStillRunning", "ImportNotLanded",
        "TargetPromoted", "TargetMarked", "PromotionErrored", "PromotionRecovered", "ConflictFound",
        "TargetRetryRequested", "TargetGivenUp", "VersionListed", "ChampionChanged",
    }  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.history}#{row.sequence}-{row.type}")
def test_every_row_of_the_first_release_is_read(row: Row) -> None:
    event = CODEC.decode(row.type, row.schema, row.body)
    assert isinstance(event, EVENT_TYPES[row.type])
    if CODEC.encode(event).schema == row.schema:
        assert_still_says(CODEC.encode(event).body, row.body)


def assert_still_says(now: Any, then: Any) -> None:
    """Everything written then is written still; a later release may say more, at any depth."""
    match then:
        case dict():
            for key, value in then.items():
                assert_still_says(now[key], value)
        case list():
            for one, other in zip(now, then, strict=True):
                assert_still_says(one, other)
        case _:
            assert now == then


def test_promotions_of_the_first_release_fold() -> None:
    by_history: dict[str, list[Row]] = {}
    for row in ROWS:
        by_history.setdefault(row.history, []).append(row)
    statuses = {
        str(promotion): fold(promotion, [recorded(row) for row in rows]).status
        for name, rows in by_history.items()
        if isinstance(promotion := parse_partition(name), PromotionId)
    }
    assert statuses == {"risk-dev:fraud:7": "promoted", "risk-dev:fraud:8": "withdrawn"}


def test_the_worked_example_of_the_documentation_holds() -> None:
    """docs/history-format.md shows the bytes of one row; they are the bytes that are hashed."""
    document = (Path(__file__).parents[2] / "docs" / "history-format.md").read_text(encoding="utf-8")
    row = next(row for row in ROWS if row.history == FRAUD and row.sequence == 7)
    body = canonical(row.body)
    said = {
        **{
            k: getattr(row, k)
            for k in ("history", "sequence", "previous", "at", "operation", "actor", "type", "schema")
        }
    }
    hashed = canonical({**said, "body": sha256_hex(body)})
    assert sha256_hex(hashed) == row.hash == row_hash(row)
    for shown in (body.decode(), sha256_hex(body), hashed.decode(), row.hash):
        assert shown in document
    assert read_checkpoint(CHECKPOINT).root in document


# ------------------------------------------------------------------------------------------------ tampering


def tampered(change: Any) -> list[str]:
    documents = [dict(each) for each in DOCUMENTS]
    return [json.dumps(each) for each in (change(documents) or documents)]


def of(documents: list[dict[str, Any]], sequence: int) -> dict[str, Any]:
    return next(each for each in documents if each.get("history") == FRAUD and each.get("sequence") == sequence)


def test_an_edited_row_is_named_from_the_export_alone() -> None:
    lines = tampered(lambda documents: of(documents, 11).update(actor="mallory"))
    [finding] = verify_export(lines).findings
    assert (finding.history, finding.sequence, finding.kind) == (FRAUD, 11, "edited")


def test_an_edited_body_is_named_from_the_export_alone() -> None:
    lines = tampered(lambda documents: of(documents, 7).update(body={"round": 2, "gates": []}))
    [finding] = verify_export(lines).findings
    assert (finding.history, finding.sequence, finding.kind) == (FRAUD, 7, "edited")


def test_a_body_left_elsewhere_does_not_stop_verification() -> None:
    lines = tampered(lambda documents: of(documents, 9).update(body=None))
    assert verify_export(lines, CHECKPOINT).holds


def test_a_removed_line_is_named() -> None:
    lines = tampered(lambda documents: documents.remove(of(documents, 11)))
    assert [(f.sequence, f.kind) for f in verify_export(lines).findings] == [(11, "removed")]


def test_a_history_chained_anew_is_found_by_the_checkpoint() -> None:
    def chain_anew(documents: list[dict[str, Any]]) -> None:
        previous = "0" * 64
        for each in documents:
            if each["kind"] == "row" and each["history"] == FRAUD:
                each["actor"] = "mallory" if each["sequence"] == 11 else each["actor"]
                row = Row(**{**{k: v for k, v in each.items() if k != "kind"}, "previous": previous})
                each["previous"], each["hash"] = previous, row_hash(row)
                previous = each["hash"]
            if each["kind"] == "head" and each["history"] == FRAUD:
                each["hash"] = previous

    lines = tampered(chain_anew)
    assert verify_export(lines).holds
    assert [(f.history, f.kind) for f in verify_export(lines, CHECKPOINT).findings] == [(FRAUD, "rechained")]


def test_a_removed_history_is_found_by_the_checkpoint() -> None:
    lines = tampered(lambda documents: [each for each in documents if each.get("history") != FRAUD])
    assert [(f.history, f.kind) for f in verify_export(lines, CHECKPOINT).findings] == [(FRAUD, "removed_history")]


def test_an_older_copy_is_found_by_the_checkpoint() -> None:
    def put_back_row_20(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
        older = of(documents, 20)["hash"]
        for each in documents:
            if each["kind"] == "head" and each["history"] == FRAUD:
                each.update(sequence=20, hash=older)
        return [each for each in documents if each.get("history") != FRAUD or each["sequence"] <= 20]

    lines = tampered(put_back_row_20)
    assert verify_export(lines).holds
    [finding] = verify_export(lines, CHECKPOINT).findings
    assert (finding.history, finding.sequence, finding.kind) == (FRAUD, 21, "rolled_back")


def test_without_a_checkpoint_everything_is_named_unprotected() -> None:
    report = verify_export(LINES)
    assert report.checkpoint_at is None
    assert Unprotected(FRAUD, 1, 27) in report.unprotected


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("", "Line 2: It is not JSON"),
        ("[]", 'Line 2: It is no object whose "kind"'),
        ('{"kind":"row"}', "Line 2: history is missing"),
        ('{"kind":"head","history":"a","sequence":"1","hash":""}', "Line 2: sequence is missing, or not int"),
        ('{"kind":"head","history":"a","sequence":true,"hash":""}', "Line 2: sequence is missing, or not int"),
        ('{"kind":"head","history":"a","history":"b","sequence":1,"hash":""}', "twice"),
        ('{"kind":"head","history":"a","sequence":1,"hash":"","more":1}', "'more' is not known"),
        ('{"kind":"export","schema":2,"at":"","version":""}', "schema 2, this program reads 1"),
        ('{"kind":"head","history":"a","sequence":NaN,"hash":""}', "NaN"),
        ("[" * 5000, "nested deeper"),
    ],
)
def test_a_line_that_is_none_is_named(line: str, fault: str) -> None:
    with pytest.raises(DocumentInvalid, match="The export") as refused:
        verify_export([LINES[0], line])
    assert fault in str(refused.value)
