"""A history takes events at its end alone, all or none of an append, and a race has one winner (R4, invariants 5 to 7)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from shared.domain.chain import GENESIS, check_chain
from shared.domain.errors import DocumentInvalid, HistoryClash
from shared.domain.events import Blocked, ChampionChanged
from shared.domain.evidence import Champion
from shared.domain.ids import Incarnation, LineId, PromotionId, Target
from shared.ports import Claim, History, every
from tests.contract.stores import AT, CHURN, FRAUD, Stores, awaited, blocked, grown, new

WRITERS = 8


def test_an_unknown_history_is_empty(stores: Stores) -> None:
    assert stores.histories.load(FRAUD) == History(FRAUD)
    assert stores.histories.head(FRAUD) is None


def test_what_was_appended_is_loaded_again(stores: Stores) -> None:
    first = stores.histories.append(stores.histories.load(FRAUD), [blocked(1, "auc"), awaited()], AT, {"open": True})
    second = stores.histories.append(first, [blocked(2)], AT + timedelta(minutes=1), {"open": False})
    assert stores.histories.load(FRAUD) == second
    assert [row.sequence for row in second.rows] == [1, 2, 3]
    assert [row.event for row in second.rows] == [blocked(1, "auc").event, awaited().event, blocked(2).event]
    assert [row.at for row in second.rows] == [AT, AT, AT + timedelta(minutes=1)]


def test_every_row_continues_the_one_before(stores: Stores) -> None:
    rows = grown(stores, FRAUD, 3).rows
    assert [row.previous for row in rows] == [GENESIS, rows[0].hash, rows[1].hash]
    raw = stores.raw(FRAUD)
    assert check_chain(FRAUD.partition, raw.rows, raw.head) == []


def test_a_line_has_a_history_like_a_promotion(stores: Stores) -> None:
    line = LineId("contoso-shared", "fraud")
    champion = Champion(str(FRAUD), Target("contoso-shared", "fraud", "7"), 1, "d" * 64, {"auc": "0.97"}, None)
    history = stores.histories.append(stores.histories.load(line), [new(ChampionChanged(champion, None))], AT, {})
    assert stores.histories.load(line) == history


def test_the_head_tells_the_end_and_keeps_the_snapshot(stores: Stores) -> None:
    history = grown(stores, FRAUD, 2)
    head = stores.histories.head(FRAUD)
    assert head is not None
    assert (head.sequence, head.hash, head.snapshot) == (2, history.rows[-1].hash, {"status": "blocked"})


def test_appending_nothing_changes_nothing(stores: Stores) -> None:
    history = grown(stores, FRAUD, 1)
    assert stores.histories.append(history, [], AT, {}) == history
    assert stores.histories.load(FRAUD) == history


def test_appending_to_an_old_load_loses_whole(stores: Stores) -> None:
    old = stores.histories.load(FRAUD)
    stands = grown(stores, FRAUD, 1)
    with pytest.raises(HistoryClash):
        stores.histories.append(old, [blocked(1), blocked(2), blocked(3)], AT, {})
    assert stores.histories.load(FRAUD) == stands


def test_a_stale_head_takes_back_the_rows_that_would_fit(stores: Stores) -> None:
    """The rows are new, only the head is not as it was read: the transaction must not leave the rows behind."""
    history = grown(stores, FRAUD, 1)
    stale = replace(history, head_etag="W/\"datetime'2026-01-01T00%3A00%3A00.0000000Z'\"")
    with pytest.raises(HistoryClash):
        stores.histories.append(stale, [blocked(2), blocked(3)], AT, {})
    assert stores.histories.load(FRAUD) == history


def test_of_eight_writers_at_once_one_wins(stores: Stores) -> None:
    loaded = grown(stores, FRAUD, 1)
    barrier = Barrier(WRITERS)

    def write(number: int) -> bool:
        barrier.wait()
        try:
            stores.histories.append(loaded, [new(Blocked(number, ()), f"writer-{number}")], AT, {})
        except HistoryClash:
            return False
        return True

    with ThreadPoolExecutor(WRITERS) as pool:
        won = [number for number, winner in enumerate(pool.map(write, range(WRITERS))) if winner]
    stands = stores.histories.load(FRAUD)
    assert len(won) == 1
    assert stands.rows[-1].operation == f"writer-{won[0]}"
    assert stands.sequence == 2


def test_of_eight_first_writers_one_wins(stores: Stores) -> None:
    empty = stores.histories.load(FRAUD)
    barrier = Barrier(WRITERS)

    def write(number: int) -> bool:
        barrier.wait()
        try:
            stores.histories.append(empty, [blocked(number)], AT, {})
        except HistoryClash:
            return False
        return True

    with ThreadPoolExecutor(WRITERS) as pool:
        assert sum(pool.map(write, range(WRITERS))) == 1
    assert stores.histories.load(FRAUD).sequence == 1


def test_histories_do_not_meet(stores: Stores) -> None:
    grown(stores, FRAUD, 2)
    grown(stores, CHURN, 1)
    assert stores.histories.load(FRAUD).sequence == 2
    assert stores.histories.load(CHURN).sequence == 1


def test_names_that_differ_in_case_alone_are_two_histories(stores: Stores) -> None:
    grown(stores, PromotionId("risk-dev", "Fraud", "7"), 2)
    assert stores.histories.load(FRAUD).sequence == 0


def test_relay_positions_are_kept_beside_the_rows(stores: Stores) -> None:
    relayed = stores.histories.save_relay(grown(stores, FRAUD, 2), {"tables": 2, "topic": 1})
    assert stores.histories.load(FRAUD) == relayed
    moved = stores.histories.save_relay(relayed, {"tables": 2, "topic": 2})
    assert stores.histories.load(FRAUD).relay == moved.relay == {"tables": 2, "topic": 2}


def test_of_two_relays_one_wins(stores: Stores) -> None:
    loaded = grown(stores, FRAUD, 2)
    stores.histories.save_relay(loaded, {"tables": 2})
    with pytest.raises(HistoryClash):
        stores.histories.save_relay(loaded, {"tables": 1})
    assert stores.histories.load(FRAUD).relay == {"tables": 2}


def test_a_stale_relay_loses(stores: Stores) -> None:
    first = stores.histories.save_relay(grown(stores, FRAUD, 2), {"tables": 1})
    stores.histories.save_relay(first, {"tables": 2})
    with pytest.raises(HistoryClash):
        stores.histories.save_relay(first, {"tables": 1})


def test_relaying_never_makes_an_append_lose(stores: Stores) -> None:
    loaded = grown(stores, FRAUD, 1)
    stores.histories.save_relay(loaded, {"tables": 1})
    appended = stores.histories.append(loaded, [blocked(2)], AT, {})
    assert stores.histories.load(FRAUD).sequence == appended.sequence == 2


def test_a_large_event_comes_back_whole(stores: Stores) -> None:
    large = blocked(1, *(f"gate-{number}-äöü-𝄞" for number in range(30_000)))
    history = stores.histories.append(stores.histories.load(FRAUD), [large, blocked(2)], AT, {})
    assert stores.histories.load(FRAUD) == history
    raw = stores.raw(FRAUD)
    assert check_chain(FRAUD.partition, raw.rows, raw.head) == []


def test_a_body_of_several_properties_comes_back_whole(stores: Stores) -> None:
    text = "'quoted' 100 % \"𝄞\" \\ \x00 " * 1200
    history = stores.histories.append(stores.histories.load(FRAUD), [blocked(1, text)], AT, {"text": text})
    assert stores.histories.load(FRAUD) == history
    assert stores.histories.load(FRAUD).rows[0].event == Blocked(1, (text,))


def test_an_event_beyond_all_bounds_is_refused_before_it_is_sent(stores: Stores) -> None:
    with pytest.raises(DocumentInvalid, match="takes events of 16777216"):
        stores.histories.append(stores.histories.load(FRAUD), [blocked(1, "x" * 17_000_000)], AT, {})
    assert stores.histories.load(FRAUD).sequence == 0


def test_more_events_than_a_transaction_takes_are_refused_not_split(stores: Stores) -> None:
    with pytest.raises(DocumentInvalid, match="101 operations"):
        stores.histories.append(stores.histories.load(FRAUD), [blocked(n) for n in range(1, 101)], AT, {})
    assert stores.histories.load(FRAUD).sequence == 0


def test_events_too_long_together_are_refused_not_split(stores: Stores) -> None:
    events = [blocked(number, "x" * 46_000) for number in range(1, 99)]
    with pytest.raises(DocumentInvalid, match="a transaction takes 4194304"):
        stores.histories.append(stores.histories.load(FRAUD), events, AT, {})
    assert stores.histories.load(FRAUD).sequence == 0


def test_a_snapshot_larger_than_a_row_is_refused(stores: Stores) -> None:
    with pytest.raises(DocumentInvalid, match="a row takes 1048576"):
        stores.histories.append(stores.histories.load(FRAUD), [blocked(1)], AT, {"text": "x" * 600_000})


def test_half_a_surrogate_pair_is_refused(stores: Stores) -> None:
    with pytest.raises(DocumentInvalid, match="canonical JSON"):
        stores.histories.append(stores.histories.load(FRAUD), [blocked(1, "\ud834")], AT, {})


def test_all_heads_are_paged_in_order_and_claims_are_none(stores: Stores) -> None:
    ids = [PromotionId("risk-dev", "fraud", str(number)) for number in range(4)]
    for promotion in ids:
        grown(stores, promotion, 1)
    grown(stores, FRAUD, 2)
    stores.claims.take(Target("contoso", "fraud", "head"), Claim(FRAUD, Incarnation("a", AT), 1))
    found = list(every(stores.histories.heads))
    assert [head.id for head in found] == [*ids, FRAUD]
    assert found[-1].sequence == 2


def test_all_relay_rows_are_paged_in_order_and_a_history_never_relayed_has_none(stores: Stores) -> None:
    ids = [PromotionId("risk-dev", "fraud", str(number)) for number in range(4)]
    for promotion in ids:
        stores.histories.save_relay(grown(stores, promotion, 2), {"tables": 2, "topic": 1})
    grown(stores, FRAUD, 1)
    stores.claims.take(Target("contoso", "fraud", "relay"), Claim(FRAUD, Incarnation("a", AT), 1))
    assert [(relay.id, relay.positions) for relay in every(stores.histories.relays)] == [
        (promotion, {"tables": 2, "topic": 1}) for promotion in ids
    ]


@pytest.mark.parametrize("cursor", ["x", "!!", "bm9uZQ", "e30", "W10", "ä", "-1"])
def test_a_cursor_that_is_none_is_refused(stores: Stores, cursor: str) -> None:
    with pytest.raises(DocumentInvalid, match="cursor"):
        stores.histories.heads(cursor)
    with pytest.raises(DocumentInvalid, match="cursor"):
        stores.histories.relays(cursor)
