"""An export that contradicts itself is refused, and one fault is told once."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.domain.canonical import canonical, sha256_hex
from shared.domain.chain import GENESIS, Row, Tip, row_hash
from shared.domain.errors import DocumentInvalid
from shared.domain.export import export_lines, verify_export
from shared.domain.merkle import make_checkpoint

AT = datetime(2026, 3, 1, tzinfo=UTC)
HISTORY = "promotion:risk-dev:fraud-detector:7"


def chained(count: int) -> tuple[list[Row], Tip]:
    """A history of so many rows, as it stands in its store."""
    rows: list[Row] = []
    for sequence in range(1, count + 1):
        body = {"n": sequence}
        content = canonical(body)
        row = Row(
            history=HISTORY,
            sequence=sequence,
            previous=rows[-1].hash if rows else GENESIS,
            at="2026-03-01T00:00:00.000000Z",
            operation=f"op-{sequence}",
            actor="clearance",
            type="Expired",
            schema=1,
            body_sha256=sha256_hex(content),
            body_size=len(content),
            body=body,
            hash="",
        )
        rows.append(replace(row, hash=row_hash(row)))
    return rows, Tip(HISTORY, count, rows[-1].hash)


def test_what_was_exported_holds() -> None:
    assert verify_export(export_lines([chained(3)], AT, "0.1.0")).holds


def test_two_heads_of_one_history_contradict_each_other() -> None:
    rows, tip = chained(3)
    other = Tip(HISTORY, 2, rows[1].hash)

    with pytest.raises(DocumentInvalid, match="another head above"):
        verify_export(export_lines([(rows, tip), ((), other)], AT, "0.1.0"))


def test_an_end_that_is_missing_is_told_once_though_head_and_checkpoint_both_tell_it() -> None:
    rows, tip = chained(3)
    checkpoint = make_checkpoint(AT, "0.1.0", [tip])

    report = verify_export(export_lines([(rows[:2], tip)], AT, "0.1.0"), checkpoint)

    assert [(finding.history, finding.sequence) for finding in report.findings] == [(HISTORY, 3)]


def test_a_size_that_was_changed_is_found_in_an_export() -> None:
    rows, tip = chained(3)
    report = verify_export(export_lines([([rows[0], replace(rows[1], body_size=9), rows[2]], tip)], AT, "0.1.0"))

    assert [(finding.kind, finding.sequence) for finding in report.findings] == [("edited", 2)]


@pytest.mark.parametrize("kind", ["[]", "{}", "7", "null", '"bookmark"'])
def test_a_line_of_no_kind_is_refused_with_its_number(kind: str) -> None:
    with pytest.raises(DocumentInvalid, match="Line 2: It is no object"):
        verify_export([*export_lines([], AT, "0.1.0"), f'{{"kind":{kind}}}'])
