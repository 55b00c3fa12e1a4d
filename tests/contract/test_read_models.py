"""Lists, newest first, by pages that fit together and show nobody what is not theirs to see."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest

from local.azurite import RunningAzurite
from shared.adapters.cursors import make_cursor
from shared.adapters.read_model_entities import catalog_entity, entry_of, summary_of, timeline_entities
from shared.adapters.round_trips import RoundTrips
from shared.domain.errors import DocumentInvalid
from shared.domain.ids import PromotionId
from shared.ports import Page, PromotionFilter, ReadModels, Summary, TimelineEntry, TimelineFilter
from tests.contract.stores import AT, FRAUD, Stores, on_storage, unique_prefix

T = TypeVar("T")
SEEN = ("risk-dev", "vision-dev")
EVERYTHING = TimelineFilter(SEEN)

SUMMARY = Summary(
    promotion=FRAUD,
    status="awaiting_approval",
    open=True,
    first_at=AT,
    changed_at=AT + timedelta(minutes=1),
    sequence=4,
    policy="fraud",
    round=1,
    digest="d" * 64,
    approvals=1,
    required=2,
    expires_at=AT + timedelta(days=7),
    targets={"contoso-shared": "pending", "contoso-eu": "errored"},
    explanation="Waits for one more 'approver'.",
)


def summary(number: int, **changes: Any) -> Summary:
    promotion = PromotionId("risk-dev", "fraud", str(number))
    made = replace(SUMMARY, promotion=promotion, first_at=AT + timedelta(minutes=number))
    return replace(made, **changes)


def entry(sequence: int, at: datetime = AT, workspace: str = "risk-dev", model: str = "fraud") -> TimelineEntry:
    promotion = PromotionId(workspace, model, "7")
    return TimelineEntry(
        id=f"{promotion.subject}#{sequence}",
        history=promotion.partition,
        workspace=workspace,
        model=model,
        version="7",
        sequence=sequence,
        at=at,
        type="Blocked" if sequence % 2 else "EvaluationCompleted",
        actor="clearance" if sequence % 3 else "ada",
        summary=f"Event {sequence} of 'fraud' 100 %",
        hash=f"{sequence:064x}",
    )


def all_pages(page: Callable[[str | None], Page[T]], most: int = 60) -> list[T]:
    found: list[T] = []
    cursor: str | None = None
    for _ in range(most):
        got = page(cursor)
        found += got.items
        cursor = got.cursor
        if cursor is None:
            return found
    raise AssertionError(f"no end after {most} pages")


def timeline(read_models: ReadModels, wanted: TimelineFilter, limit: int = 3) -> list[int]:
    return [row.sequence for row in all_pages(lambda cursor: read_models.timeline(wanted, limit, cursor))]


def catalog(read_models: ReadModels, wanted: PromotionFilter, limit: int = 3) -> list[str]:
    rows = all_pages(lambda cursor: read_models.promotions(wanted, limit, cursor))
    return [row.promotion.version for row in rows]


@pytest.fixture
def monthly(stores: Stores) -> Stores:
    """Twenty events, one every 20 days: the newest is number 20, today."""
    for number in range(1, 21):
        stores.read_models.apply([entry(number, AT - timedelta(days=20 * (20 - number)))], None, None)
    return stores


def test_a_summary_comes_back_as_it_was_listed(stores: Stores) -> None:
    stores.read_models.apply([], SUMMARY, None)
    assert stores.read_models.promotions(PromotionFilter(SEEN), 10, None) == Page((SUMMARY,))
    bare = replace(SUMMARY, policy=None, digest=None, expires_at=None, targets={}, explanation="")
    stores.read_models.apply([], bare, True)
    assert stores.read_models.promotions(PromotionFilter(SEEN), 10, None).items == (bare,)


def test_an_entry_comes_back_as_it_was_written(stores: Stores) -> None:
    stores.read_models.apply([entry(1)], None, None)
    assert stores.read_models.timeline(EVERYTHING, 10, None).items == (entry(1),)


def test_every_row_reads_back_as_it_was_made() -> None:
    assert summary_of(catalog_entity(SUMMARY)) == SUMMARY
    assert [entry_of(row) for row in timeline_entities(entry(3))] == [entry(3), entry(3)]


def test_writing_the_same_again_changes_nothing(stores: Stores) -> None:
    for _ in range(2):
        stores.read_models.apply([entry(1), entry(2)], SUMMARY, None)
    assert timeline(stores.read_models, EVERYTHING) == [2, 1]
    assert catalog(stores.read_models, PromotionFilter(SEEN)) == ["7"]


def test_the_newest_registration_comes_first_whether_open_or_not(stores: Stores) -> None:
    for number in range(10):
        stores.read_models.apply([], summary(number, open=number % 3 == 0), None)
    assert catalog(stores.read_models, PromotionFilter(SEEN)) == [str(n) for n in reversed(range(10))]
    assert catalog(stores.read_models, PromotionFilter(SEEN, open=True)) == ["9", "6", "3", "0"]
    assert catalog(stores.read_models, PromotionFilter(SEEN, open=False)) == ["8", "7", "5", "4", "2", "1"]


def test_a_promotion_that_settles_moves(stores: Stores) -> None:
    stores.read_models.apply([], SUMMARY, None)
    settled = replace(SUMMARY, open=False, status="promoted")
    stores.read_models.apply([], settled, True)
    assert stores.read_models.promotions(PromotionFilter(SEEN, open=True), 10, None).items == ()
    assert stores.read_models.promotions(PromotionFilter(SEEN), 10, None).items == (settled,)
    stores.read_models.apply([], SUMMARY, False)
    assert stores.read_models.promotions(PromotionFilter(SEEN), 10, None).items == (SUMMARY,)


@pytest.mark.parametrize(
    ("wanted", "versions"),
    [
        (PromotionFilter(SEEN, status="blocked"), ["4", "2"]),
        (PromotionFilter(SEEN, model="churn"), ["5"]),
        (PromotionFilter(SEEN, workspace="vision-dev"), ["6"]),
        (PromotionFilter(("vision-dev",)), ["6"]),
        (PromotionFilter(("risk-dev",), workspace="vision-dev"), []),
        (PromotionFilter(()), []),
        (PromotionFilter(SEEN, status="blocked", model="churn"), []),
        (PromotionFilter(("a", "b", "c", "d", "e", "f", "vision-dev")), ["6"]),
    ],
)
def test_a_list_shows_what_is_asked_for_and_may_be_seen(
    stores: Stores, wanted: PromotionFilter, versions: list[str]
) -> None:
    for number in range(1, 5):
        stores.read_models.apply([], summary(number, status="promoted" if number % 2 else "blocked"), None)
    stores.read_models.apply([], summary(5, promotion=PromotionId("risk-dev", "churn", "5")), None)
    stores.read_models.apply([], summary(6, promotion=PromotionId("vision-dev", "digits", "6")), None)
    assert catalog(stores.read_models, wanted, limit=1) == versions


def test_the_newest_event_comes_first(stores: Stores) -> None:
    stores.read_models.apply([entry(1), entry(2)], None, None)
    stores.read_models.apply([entry(3, AT + timedelta(microseconds=1))], None, None)
    stores.read_models.apply([entry(4, AT - timedelta(days=400))], None, None)
    assert timeline(stores.read_models, EVERYTHING) == [3, 2, 1, 4]


def test_the_months_are_walked_to_the_first(monthly: Stores) -> None:
    assert timeline(monthly.read_models, EVERYTHING) == list(reversed(range(1, 21)))


@pytest.mark.parametrize(
    ("wanted", "sequences"),
    [
        (replace(EVERYTHING, since=AT - timedelta(days=60)), [20, 19, 18, 17]),
        (replace(EVERYTHING, since=AT - timedelta(days=60) + timedelta(microseconds=1)), [20, 19, 18]),
        (replace(EVERYTHING, until=AT - timedelta(days=340)), [2, 1]),
        (replace(EVERYTHING, since=AT - timedelta(days=40), until=AT), [19, 18]),
        (replace(EVERYTHING, until=datetime(9999, 12, 31, tzinfo=UTC), actor="ada"), [18, 15, 12, 9, 6, 3]),
        (replace(EVERYTHING, since=datetime(1, 1, 1, tzinfo=UTC), type="Blocked", actor="ada"), [15, 9, 3]),
        (replace(EVERYTHING, since=AT + timedelta(days=1)), []),
        (replace(EVERYTHING, until=datetime(1999, 1, 1, tzinfo=UTC)), []),
        (replace(EVERYTHING, model="fraud", since=AT - timedelta(days=60), until=AT), [19, 18, 17]),
        (replace(EVERYTHING, model="fraud", type="Blocked"), [19, 17, 15, 13, 11, 9, 7, 5, 3, 1]),
        (
            replace(EVERYTHING, model="fraud", workspaces=("a", "b", "c", "risk-dev"), actor="ada"),
            [18, 15, 12, 9, 6, 3],
        ),
        (replace(EVERYTHING, model="other"), []),
        (TimelineFilter(("vision-dev",)), []),
        (TimelineFilter(()), []),
    ],
)
def test_the_timeline_shows_what_is_asked_for_and_may_be_seen(
    monthly: Stores, wanted: TimelineFilter, sequences: list[int]
) -> None:
    assert timeline(monthly.read_models, wanted) == sequences


def test_one_model_of_two_workspaces_is_one_list(stores: Stores) -> None:
    for number in range(1, 10):
        workspace = "vision-dev" if number % 3 else "risk-dev"
        stores.read_models.apply([entry(number, AT + timedelta(minutes=number), workspace)], None, None)
    assert timeline(stores.read_models, replace(EVERYTHING, model="fraud"), limit=2) == list(reversed(range(1, 10)))


def test_more_events_than_a_transaction_takes_are_written(stores: Stores) -> None:
    stores.read_models.apply([entry(number) for number in range(1, 251)], None, None)
    assert timeline(stores.read_models, EVERYTHING, limit=90) == list(reversed(range(1, 251)))


@pytest.mark.parametrize(
    "text",
    [
        "nobody' or PartitionKey ne '",
        "x' or '1' eq '1",
        "@pk",
        "@w0 or RowKey ge '",
        "100 %",
        "a b",
        "it''s",
        "é𝄞",
        "//",
    ],
)
def test_a_value_in_a_filter_stays_a_value(monthly: Stores, text: str) -> None:
    monthly.read_models.apply([replace(entry(99), actor=text)], replace(SUMMARY, status=text), None)
    assert timeline(monthly.read_models, replace(EVERYTHING, actor=text)) == [99]
    assert timeline(monthly.read_models, replace(EVERYTHING, type=text)) == []
    assert catalog(monthly.read_models, PromotionFilter(SEEN, status=text)) == ["7"]
    assert catalog(monthly.read_models, PromotionFilter(SEEN, status=f"{text}'")) == []


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "!!",
        "é",
        "e30",
        make_cursor(None),
        make_cursor([]),
        make_cursor({"low": 1}),
        make_cursor([["history", "", None]]),
        make_cursor([["open", "' or 1 eq 1", None]]),
        make_cursor([["all:202611", "9" * 18 + ":", None]]),
        make_cursor([["open", "", {"PartitionKey": 1, "RowKey": None}]]),
        make_cursor([["open", "", "token"], ["settled", "", None], ["open", "", None]]),
    ],
)
def test_a_cursor_that_is_none_is_refused(monthly: Stores, cursor: str) -> None:
    with pytest.raises(DocumentInvalid, match="cursor"):
        monthly.read_models.timeline(EVERYTHING, 3, cursor)
    with pytest.raises(DocumentInvalid, match="cursor"):
        monthly.read_models.promotions(PromotionFilter(SEEN), 3, cursor)


# ---------------------------------------------------------------------------------- what it costs, on tables alone


@pytest.fixture
def counted(azurite: RunningAzurite) -> tuple[Stores, RoundTrips]:
    """Stores whose server pages hold two rows, warmed up so that tables exist."""
    trips = RoundTrips()
    stores = on_storage(azurite.connection_string, unique_prefix(), round_trips=trips, page_size=2)
    stores.read_models.apply([entry(900, datetime(2025, 1, 2, tzinfo=UTC))], replace(SUMMARY, sequence=1), None)
    trips.reset()
    return stores, trips


def test_a_relay_costs_two_transactions_and_one_upsert(counted: tuple[Stores, RoundTrips]) -> None:
    stores, trips = counted
    stores.read_models.apply([entry(number) for number in range(1, 7)], SUMMARY, True)
    assert trips.total == 3
    stores.read_models.apply([entry(7)], replace(SUMMARY, open=False), True)
    assert trips.total == 7


def test_a_page_reads_at_most_three_of_the_servers(counted: tuple[Stores, RoundTrips]) -> None:
    stores, trips = counted
    for number in range(1, 30):
        stores.read_models.apply([entry(number, AT - timedelta(minutes=number))], None, None)
    for wanted in (EVERYTHING, replace(EVERYTHING, model="fraud"), replace(EVERYTHING, actor="nobody")):
        trips.reset()
        page = stores.read_models.timeline(wanted, 20, None)
        assert trips.total <= 3
        assert page.cursor is not None
        assert page.scanned_until is not None
        assert all(row.at >= page.scanned_until for row in page.items)


def test_short_pages_lead_to_the_end(counted: tuple[Stores, RoundTrips]) -> None:
    stores, _ = counted
    for number in range(1, 30):
        stores.read_models.apply([entry(number, AT - timedelta(days=5 * number))], None, None)
    assert timeline(stores.read_models, EVERYTHING, limit=20) == [*range(1, 30), 900]
    assert timeline(stores.read_models, replace(EVERYTHING, actor="ada"), limit=20) == [*range(3, 30, 3), 900]
    assert timeline(stores.read_models, replace(EVERYTHING, actor="nobody"), limit=20) == []


def test_empty_months_are_walked_a_few_at_a_time(counted: tuple[Stores, RoundTrips]) -> None:
    stores, trips = counted
    stores.read_models.apply([entry(1)], None, None)
    first = stores.read_models.timeline(EVERYTHING, 20, None)
    assert [row.sequence for row in first.items] == [1]
    assert first.scanned_until is not None
    assert first.scanned_until.day == 1
    trips.reset()
    second = stores.read_models.timeline(EVERYTHING, 20, first.cursor)
    assert trips.total == 3
    assert second.items == ()
    assert second.scanned_until is not None
    assert second.scanned_until < first.scanned_until
    assert timeline(stores.read_models, EVERYTHING, limit=20) == [1, 900]
