"""Whatever is done to the rows of a history behind our back is found, and the first bad row is named."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from shared.domain.canonical import canonical, sha256_hex
from shared.domain.chain import GENESIS, Finding, Row, Tip, check_chain, row_hash

HISTORY = "promotion:risk-dev:fraud:7"


def make_row(sequence: int, previous: str, body: object, history: str = HISTORY) -> Row:
    content = canonical(body)
    row = Row(
        history=history,
        sequence=sequence,
        previous=previous,
        at="2026-11-23T06:14:00.000000Z",
        operation=f"op-{sequence}",
        actor="clearance",
        type="Blocked",
        schema=1,
        body=body,
        body_sha256=sha256_hex(content),
        body_size=len(content),
        hash="",
    )
    return replace(row, hash=row_hash(row))


def make_rows(count: int, history: str = HISTORY) -> list[Row]:
    rows: list[Row] = []
    for sequence in range(1, count + 1):
        previous = rows[-1].hash if rows else GENESIS
        rows.append(make_row(sequence, previous, {"round": sequence, "gates": []}, history))
    return rows


def head_of(rows: list[Row]) -> Tip:
    return Tip(HISTORY, rows[-1].sequence, rows[-1].hash)


def rechained(rows: list[Row]) -> list[Row]:
    """What somebody does who edits a row and hashes everything after it anew."""
    made: list[Row] = []
    for row in rows:
        linked = replace(row, previous=made[-1].hash if made else GENESIS, sequence=len(made) + 1)
        made.append(replace(linked, hash=row_hash(linked)))
    return made


def first(findings: list[Finding]) -> tuple[int | None, str]:
    return findings[0].sequence, findings[0].kind


def test_an_untouched_history_has_no_findings() -> None:
    rows = make_rows(6)
    assert check_chain(HISTORY, rows, head_of(rows)) == []
    assert check_chain(HISTORY, [], None) == []


@pytest.mark.parametrize(
    "edit",
    [
        lambda row: replace(row, actor="mallory"),
        lambda row: replace(row, at="2026-11-23T06:15:00.000000Z"),
        lambda row: replace(row, operation="other"),
        lambda row: replace(row, type="Approved"),
        lambda row: replace(row, schema=2),
        lambda row: replace(row, body={"round": 9, "gates": []}),
        lambda row: replace(row, body_sha256="0" * 64),
        lambda row: replace(row, previous="0" * 64),
        lambda row: replace(row, hash="0" * 64),
    ],
)
def test_an_edited_row_is_named(edit: Callable[[Row], Row]) -> None:
    rows = make_rows(6)
    tampered = [*rows[:3], edit(rows[3]), *rows[4:]]
    assert first(check_chain(HISTORY, tampered, head_of(rows))) == (4, "edited")


def test_a_body_kept_elsewhere_is_verified_by_its_digest() -> None:
    rows = make_rows(6)
    elsewhere = [replace(row, body=None) for row in rows]
    assert check_chain(HISTORY, elsewhere, head_of(rows)) == []


def test_an_edited_row_that_was_hashed_anew_is_named() -> None:
    rows = make_rows(6)
    forged = make_row(4, rows[2].hash, {"round": 99, "gates": []})
    assert first(check_chain(HISTORY, [*rows[:3], forged, *rows[4:]], head_of(rows))) == (4, "rewritten")


def test_the_last_row_hashed_anew_is_named_by_the_head() -> None:
    rows = make_rows(4)
    forged = make_row(4, rows[2].hash, {"round": 99, "gates": []})
    assert first(check_chain(HISTORY, [*rows[:3], forged], head_of(rows))) == (4, "head_differs")


def test_a_row_that_fits_neither_side_is_named() -> None:
    rows = make_rows(6)
    stranger = make_row(4, "a" * 64, {"round": 4, "gates": []})
    assert first(check_chain(HISTORY, [*rows[:3], stranger, *rows[4:]], head_of(rows))) == (4, "rewritten")


def test_a_removed_row_is_named() -> None:
    rows = make_rows(6)
    assert first(check_chain(HISTORY, [*rows[:2], *rows[3:]], head_of(rows))) == (3, "removed")


def test_a_removed_row_whose_followers_were_renumbered_is_named() -> None:
    rows = make_rows(6)
    renumbered = [*rows[:2], *(replace(row, sequence=row.sequence - 1) for row in rows[3:])]
    findings = check_chain(HISTORY, renumbered, Tip(HISTORY, 5, rows[5].hash))
    assert (findings[0].sequence, findings[0].kind, len(findings)) == (3, "removed", 1)


def test_a_removed_first_row_is_named() -> None:
    rows = make_rows(3)
    assert first(check_chain(HISTORY, rows[1:], head_of(rows))) == (1, "removed")


def test_rows_out_of_order_are_named() -> None:
    rows = make_rows(6)
    disordered = [rows[0], rows[2], rows[1], *rows[3:]]
    assert first(check_chain(HISTORY, disordered, head_of(rows))) == (2, "swapped")


def test_rows_whose_numbers_were_swapped_are_named() -> None:
    rows = make_rows(6)
    swapped = [rows[0], replace(rows[2], sequence=2), replace(rows[1], sequence=3), *rows[3:]]
    assert first(check_chain(HISTORY, swapped, head_of(rows))) == (2, "swapped")


def test_an_inserted_row_of_a_number_that_is_taken_is_named() -> None:
    rows = make_rows(6)
    forged = make_row(4, rows[2].hash, {"round": 99, "gates": []})
    assert first(check_chain(HISTORY, [*rows[:4], forged, *rows[4:]], head_of(rows))) == (4, "inserted")


def test_an_inserted_row_whose_followers_were_renumbered_is_named() -> None:
    rows = make_rows(6)
    forged = make_row(4, rows[2].hash, {"round": 99, "gates": []})
    renumbered = [*rows[:3], forged, *(replace(row, sequence=row.sequence + 1) for row in rows[3:])]
    assert (4, "inserted") in [(f.sequence, f.kind) for f in check_chain(HISTORY, renumbered, head_of(rows))[:1]]


def test_a_row_after_the_head_was_inserted() -> None:
    rows = make_rows(5)
    assert first(check_chain(HISTORY, rows, head_of(rows[:4]))) == (5, "inserted")


def test_a_missing_end_is_found_by_the_head() -> None:
    rows = make_rows(6)
    assert first(check_chain(HISTORY, rows[:4], head_of(rows))) == (5, "truncated")
    assert first(check_chain(HISTORY, [], head_of(rows))) == (1, "truncated")


def test_a_missing_head_is_found() -> None:
    assert first(check_chain(HISTORY, make_rows(3), None)) == (3, "head_missing")


def test_a_row_of_another_history_is_named() -> None:
    rows = make_rows(3)
    foreign = make_row(4, rows[2].hash, {"round": 4, "gates": []}, "promotion:risk-dev:churn:1")
    assert first(check_chain(HISTORY, [*rows, foreign], head_of(rows))) == (4, "wrong_history")


def test_a_row_moved_from_another_history_does_not_hash() -> None:
    rows = make_rows(3)
    moved = [*rows[:2], replace(make_rows(3, "promotion:risk-dev:churn:1")[2], history=HISTORY)]
    assert first(check_chain(HISTORY, moved, head_of(rows))) == (3, "edited")


def test_a_whole_history_chained_anew_holds_by_itself() -> None:
    """This is why checkpoints exist: see test_merkle."""
    rows = make_rows(4)
    forged = rechained([rows[0], replace(rows[1], actor="mallory"), *rows[2:]])
    assert check_chain(HISTORY, forged, head_of(forged)) == []


def test_every_bad_row_is_named_in_order() -> None:
    rows = make_rows(8)
    tampered = [rows[0], replace(rows[1], actor="x"), *rows[2:5], replace(rows[5], actor="y"), *rows[6:]]
    assert [(f.sequence, f.kind) for f in check_chain(HISTORY, tampered, head_of(rows))] == [
        (2, "edited"),
        (6, "edited"),
    ]


def test_what_stands_before_the_first_row_was_inserted() -> None:
    """Chained right, it would hold by itself, and no history could be read that begins with it."""
    rows = [make_row(0, GENESIS, {"round": 0, "gates": []})]
    rows += [make_row(1, rows[0].hash, {"round": 1, "gates": []})]
    assert [(f.sequence, f.kind) for f in check_chain(HISTORY, rows, head_of(rows))] == [(0, "inserted")]


def test_a_size_that_is_not_the_bodys_was_edited() -> None:
    rows = make_rows(3)
    tampered = [rows[0], replace(rows[1], body_size=rows[1].body_size + 1), rows[2]]
    assert first(check_chain(HISTORY, tampered, head_of(rows))) == (2, "edited")
