"""A history is written back as it was, wholly or the rest of it, and never over what somebody else wrote."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.chain import Row, Tip, check_chain
from shared.domain.errors import DocumentInvalid, HistoryClash
from shared.domain.ids import HistoryId, LineId
from shared.ports import RawHistory
from tests.contract.stores import AT, CHURN, FRAUD, Stores, blocked, grown, in_memory

SNAPSHOT = {"status": "blocked", "open": True}
POSITIONS = {"tables": 0, "topic": 3}


def exported(history: HistoryId = FRAUD, *gates: str, count: int = 3) -> RawHistory:
    """A history as an export holds it: every body at hand."""
    stores = in_memory()
    loaded = stores.histories.load(history)
    for number in range(1, count + 1):
        at = AT + timedelta(seconds=number)
        loaded = stores.histories.append(loaded, [blocked(number, *(gates or ("auc",)))], at, {})
    return stores.raw(history)


def bare(raw: RawHistory, at: int) -> RawHistory:
    """The same without the body of one row."""
    return replace(raw, rows=(*raw.rows[:at], replace(raw.rows[at], body=None), *raw.rows[at + 1 :]))


def faults_of(stores: Stores, raw: RawHistory) -> tuple[str, ...]:
    with pytest.raises(DocumentInvalid) as refused:
        stores.histories.read_exported(raw)
    return refused.value.faults


def test_it_stands_there_as_it_was(stores: Stores) -> None:
    raw = exported()
    stores.histories.restore(raw, SNAPSHOT, POSITIONS)

    assert stores.raw(FRAUD) == raw
    head, history = stores.histories.head(FRAUD), stores.histories.load(FRAUD)
    assert head is not None
    assert raw.head is not None
    assert (head.sequence, head.hash, head.snapshot) == (3, raw.head.hash, SNAPSHOT)
    assert history.relay == POSITIONS
    assert [row.hash for row in history.rows] == [row.hash for row in raw.rows]
    assert history == replace(
        stores.histories.read_exported(raw) or history,
        relay=POSITIONS,
        head_etag=history.head_etag,
        relay_etag=history.relay_etag,
    )


def test_it_goes_on_from_there(stores: Stores) -> None:
    stores.histories.restore(exported(), SNAPSHOT, POSITIONS)
    history = stores.histories.load(FRAUD)
    history = stores.histories.append(history, [blocked(4)], AT, {})
    history = stores.histories.save_relay(history, {"tables": 4, "topic": 4})

    assert stores.histories.load(FRAUD) == history
    raw = stores.raw(FRAUD)
    assert check_chain(FRAUD.partition, raw.rows, raw.head) == []


def test_a_line_needs_no_positions(stores: Stores) -> None:
    line = LineId("contoso-shared", "fraud")
    stores.histories.restore(exported(line), {}, {})

    assert stores.histories.load(line).relay == {}
    assert stores.histories.save_relay(stores.histories.load(line), {"tables": 1}).relay == {"tables": 1}


def test_a_large_body_is_kept_where_large_bodies_are(stores: Stores) -> None:
    raw = exported(FRAUD, "x" * 60_000)
    stores.histories.restore(raw, SNAPSHOT, POSITIONS)

    assert [row.event for row in stores.histories.load(FRAUD).rows] == [
        blocked(number, "x" * 60_000).event for number in (1, 2, 3)
    ]


def test_more_rows_than_a_transaction_takes_are_written_all(stores: Stores) -> None:
    raw = exported(count=230)
    stores.histories.restore(raw, SNAPSHOT, POSITIONS)

    assert stores.raw(FRAUD) == raw
    assert stores.histories.load(FRAUD).sequence == 230


def test_a_second_time_changes_nothing(stores: Stores) -> None:
    raw = exported()
    stores.histories.restore(raw, SNAPSHOT, POSITIONS)
    history = stores.histories.load(FRAUD)
    stores.histories.restore(raw, SNAPSHOT, POSITIONS)

    assert stores.histories.load(FRAUD) == history


def test_a_relay_that_has_gone_on_is_left(stores: Stores) -> None:
    stores.histories.restore(exported(), SNAPSHOT, POSITIONS)
    moved = stores.histories.save_relay(stores.histories.load(FRAUD), {"tables": 3, "topic": 3})
    stores.histories.restore(exported(), SNAPSHOT, POSITIONS)

    assert stores.histories.load(FRAUD) == moved


def test_what_somebody_else_wrote_is_not_written_over(stores: Stores) -> None:
    theirs = grown(stores, FRAUD, 2)
    with pytest.raises(HistoryClash, match="stands there already, and is another"):
        stores.histories.restore(exported(), SNAPSHOT, POSITIONS)

    assert stores.histories.load(FRAUD) == theirs


def test_a_history_that_has_grown_since_is_not_taken_for_ours(stores: Stores) -> None:
    stores.histories.restore(exported(), SNAPSHOT, POSITIONS)
    grown_since = stores.histories.append(stores.histories.load(FRAUD), [blocked(4)], AT, {})
    with pytest.raises(HistoryClash):
        stores.histories.restore(exported(), SNAPSHOT, POSITIONS)

    assert stores.histories.load(FRAUD) == grown_since


def test_an_empty_store_says_so_and_another_who_is_first(stores: Stores) -> None:
    assert stores.histories.occupant() is None
    grown(stores, FRAUD, 1)
    grown(stores, CHURN, 1)

    assert stores.histories.occupant() == CHURN.partition


@pytest.mark.parametrize("gates", [("auc",), ("x" * 60_000,)], ids=["small", "large"])
def test_a_history_without_a_body_is_written_and_read_by_nobody(stores: Stores, gates: tuple[str, ...]) -> None:
    raw = bare(exported(FRAUD, *gates), 1)
    assert stores.histories.read_exported(raw) is None
    stores.histories.restore(raw, {}, POSITIONS)

    assert stores.raw(FRAUD).rows[1] == raw.rows[1]
    assert stores.histories.head(FRAUD) is not None
    with pytest.raises(DocumentInvalid, match="not in the evidence store"):
        stores.histories.load(FRAUD)


def test_every_fault_of_every_row_is_told_before_anything_is_written(stores: Stores) -> None:
    first, second, third = exported().rows
    rows = (replace(first, type="Unheard"), replace(second, body={"round": "x"}), replace(third, at="yesterday"))
    faults = faults_of(stores, replace(exported(), rows=rows))

    assert [fault.partition(":")[0] for fault in faults] == ["Row 1", "Row 2", "Row 2", "Row 3"]
    assert "a newer release wrote it" in faults[0]
    assert "2026-11-23T06:14:00.000000Z" in faults[-1]
    assert stores.histories.occupant() is None


Bad = tuple[str, dict[str, object]]
BEYOND: list[Bad] = [
    ("a newer schema", {"schema": 2}),
    ("no schema", {"schema": 0}),
    ("takes 32768", {"operation": "x" * 40_000}),
    ("takes 32768", {"actor": "𝄞" * 20_000}),
    ("an event takes 16777216", {"body": None, "body_size": 16_777_217}),
]


@pytest.mark.parametrize(("said", "changes"), BEYOND)
def test_what_could_not_be_kept_or_read_is_refused(stores: Stores, said: str, changes: dict[str, object]) -> None:
    raw = exported()
    row: Row = replace(raw.rows[2], **changes)  # type: ignore[arg-type] # whatever a line may say
    [fault] = faults_of(stores, replace(raw, rows=(*raw.rows[:2], row)))

    assert fault.startswith("Row 3: ")
    assert said in fault or "schema" in said


def test_rows_that_are_not_the_heads_are_refused(stores: Stores) -> None:
    raw = exported()
    for bad in (replace(raw, rows=raw.rows[1:]), replace(raw, head=Tip(FRAUD.partition, 2, "0" * 64))):
        assert len(faults_of(stores, bad)) == 2
    with pytest.raises(DocumentInvalid, match="head is not at hand"):
        stores.histories.restore(replace(raw, head=None), {}, {})
