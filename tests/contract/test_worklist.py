"""What must not be forgotten: merged by everybody, timed by whoever saw it last, removed by nobody who did not (R6)."""

from dataclasses import replace
from datetime import timedelta

from shared.domain.ids import PromotionId
from shared.domain.looks import Attempts, Looks
from tests.contract.stores import AT, CHURN, FRAUD, Stores

LATER = AT + timedelta(minutes=2)
MUCH_LATER = AT + timedelta(hours=1)
LOOKS = Looks(
    looked=AT,
    answered=AT,
    missing_since=AT,
    source=Attempts(2, LATER, "azure_ml_throttled"),
    targets={"contoso-shared": Attempts(1, None, None), "contoso-eu": Attempts(7, MUCH_LATER, "'x' 100 %")},
    sinks={"topic": Attempts(3, LATER, "down")},
)


def test_intake_leaves_a_row_that_is_due(stores: Stores) -> None:
    assert stores.worklist.get(FRAUD) is None
    stores.worklist.ask(FRAUD, AT, LATER)
    work = stores.worklist.get(FRAUD)
    assert work is not None
    assert (work.promotion, work.due, work.looks) == (FRAUD, LATER, Looks(asked=AT))


def test_a_touch_moves_the_due_time_alone(stores: Stores) -> None:
    stores.worklist.ask(FRAUD, AT, AT)
    stores.worklist.touch(FRAUD, LATER)
    work = stores.worklist.get(FRAUD)
    assert work is not None
    assert (work.due, work.looks.asked) == (LATER, AT)


def test_a_touch_makes_a_row_where_there_is_none(stores: Stores) -> None:
    etag = stores.worklist.touch(FRAUD, LATER)
    work = stores.worklist.get(FRAUD)
    assert work is not None
    assert (work.due, work.looks, work.etag) == (LATER, Looks(), etag)


def test_looks_and_due_are_saved_under_the_etag(stores: Stores) -> None:
    etag = stores.worklist.touch(FRAUD, LATER)
    stores.worklist.save(FRAUD, LOOKS, MUCH_LATER, etag)
    work = stores.worklist.get(FRAUD)
    assert work is not None
    assert (work.due, work.looks) == (MUCH_LATER, LOOKS)


def test_a_stale_etag_saves_the_looks_and_leaves_the_due_time(stores: Stores) -> None:
    """Somebody asked while we were at it: what they asked for must stay due."""
    etag = stores.worklist.touch(FRAUD, LATER)
    stores.worklist.ask(FRAUD, AT, AT)
    stores.worklist.save(FRAUD, LOOKS, MUCH_LATER, etag)
    work = stores.worklist.get(FRAUD)
    assert work is not None
    assert (work.due, work.looks) == (AT, replace(LOOKS, asked=AT))


def test_what_was_asked_is_never_overwritten_by_a_save(stores: Stores) -> None:
    stores.worklist.ask(FRAUD, AT, AT)
    etag = stores.worklist.touch(FRAUD, LATER)
    stores.worklist.save(FRAUD, replace(LOOKS, asked=None), LATER, etag)
    stores.worklist.save(FRAUD, replace(LOOKS, asked=AT - timedelta(days=1)), None, None)
    work = stores.worklist.get(FRAUD)
    assert work is not None
    assert work.looks.asked == AT


def test_a_save_without_due_time_leaves_it(stores: Stores) -> None:
    etag = stores.worklist.touch(FRAUD, LATER)
    stores.worklist.save(FRAUD, LOOKS, None, etag)
    work = stores.worklist.get(FRAUD)
    assert work is not None
    assert (work.due, work.looks) == (LATER, LOOKS)


def test_a_save_where_there_was_no_row_makes_one(stores: Stores) -> None:
    stores.worklist.save(FRAUD, LOOKS, MUCH_LATER, None)
    stores.worklist.save(CHURN, LOOKS, None, None)
    fraud, churn = stores.worklist.get(FRAUD), stores.worklist.get(CHURN)
    assert fraud is not None
    assert churn is not None
    assert (fraud.due, fraud.looks) == (MUCH_LATER, LOOKS)
    assert churn.due == stores.clock.now()


def test_a_save_that_saw_no_row_leaves_the_due_time_of_one_that_came(stores: Stores) -> None:
    stores.worklist.ask(FRAUD, AT, AT)
    stores.worklist.save(FRAUD, LOOKS, MUCH_LATER, None)
    work = stores.worklist.get(FRAUD)
    assert work is not None
    assert (work.due, work.looks) == (AT, replace(LOOKS, asked=AT))


def test_a_save_after_the_row_was_removed_puts_it_back(stores: Stores) -> None:
    etag = stores.worklist.touch(FRAUD, LATER)
    work = stores.worklist.get(FRAUD)
    assert work is not None
    assert stores.worklist.remove(work)
    stores.worklist.save(FRAUD, LOOKS, MUCH_LATER, etag)
    again = stores.worklist.get(FRAUD)
    assert again is not None
    assert (again.due, again.looks) == (MUCH_LATER, LOOKS)


def test_looks_shrink_as_they_grow(stores: Stores) -> None:
    many = replace(LOOKS, targets={f"registry-{n}": Attempts(n, AT, "e" * 300) for n in range(120)})
    stores.worklist.save(FRAUD, many, AT, None)
    stores.worklist.save(FRAUD, LOOKS, None, None)
    work = stores.worklist.get(FRAUD)
    assert work is not None
    assert work.looks == LOOKS


def test_cleared_looks_are_clear(stores: Stores) -> None:
    stores.worklist.save(FRAUD, LOOKS, AT, None)
    stores.worklist.save(FRAUD, Looks(), None, None)
    work = stores.worklist.get(FRAUD)
    assert work is not None
    assert work.looks == Looks()


def test_the_longest_due_come_first_and_the_rest_later(stores: Stores) -> None:
    for minutes in (5, 1, 3, 2, 4):
        stores.worklist.touch(PromotionId("risk-dev", "fraud", str(minutes)), AT + timedelta(minutes=minutes))
    due = stores.worklist.due(AT + timedelta(minutes=4), 3)
    assert [work.promotion.version for work in due] == ["1", "2", "3"]
    assert stores.worklist.due(AT, 10) == ()
    assert {promotion.version for promotion in stores.worklist.promotions()} == {"1", "2", "3", "4", "5"}


def test_a_row_due_this_very_microsecond_is_due(stores: Stores) -> None:
    stores.worklist.touch(FRAUD, AT)
    assert len(stores.worklist.due(AT, 10)) == 1
    assert len(stores.worklist.due(AT - timedelta(microseconds=1), 10)) == 0


def test_a_row_is_removed_only_as_it_was_read(stores: Stores) -> None:
    stores.worklist.ask(FRAUD, AT, AT)
    read = stores.worklist.get(FRAUD)
    assert read is not None
    stores.worklist.ask(FRAUD, LATER, AT)
    assert not stores.worklist.remove(read)
    stands = stores.worklist.get(FRAUD)
    assert stands is not None
    assert stores.worklist.remove(stands)
    assert stores.worklist.get(FRAUD) is None
    assert stores.worklist.promotions() == set()


def test_the_store_tells_when_a_row_was_touched(stores: Stores) -> None:
    stores.worklist.touch(FRAUD, AT)
    work = stores.worklist.get(FRAUD)
    assert work is not None
    assert work.touched.tzinfo is not None


def test_a_bookmark_is_written_by_the_last(stores: Stores) -> None:
    assert stores.bookmarks.get("missed:risk-dev") is None
    stores.bookmarks.put("missed:risk-dev", {"cursor": "a", "round": 1})
    stores.bookmarks.put("missed:risk-dev", {"cursor": None})
    assert stores.bookmarks.get("missed:risk-dev") == {"cursor": None}
    assert stores.worklist.promotions() == set()


def test_the_first_bookmark_stays(stores: Stores) -> None:
    assert stores.bookmarks.put_first("governed_from", {"at": "1"}) == {"at": "1"}
    assert stores.bookmarks.put_first("governed_from", {"at": "2"}) == {"at": "1"}
    assert stores.bookmarks.get("governed_from") == {"at": "1"}


def test_a_bookmark_that_is_taken_away_leaves_its_place_to_another(stores: Stores) -> None:
    stores.bookmarks.remove("restore")
    stores.bookmarks.put_first("restore", {"sha256": "1"})
    stores.bookmarks.put("missed:risk-dev", {"cursor": "a"})
    stores.bookmarks.remove("restore")

    assert stores.bookmarks.get("restore") is None
    assert stores.bookmarks.put_first("restore", {"sha256": "2"}) == {"sha256": "2"}
    assert stores.bookmarks.get("missed:risk-dev") == {"cursor": "a"}
