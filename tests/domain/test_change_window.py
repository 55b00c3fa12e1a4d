"""Change windows: days, hours and freezes by the clock on the wall, and the instant at which one opens."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.domain.change_window import SEARCHED, WEEK, ChangeWindow, Weekday

ZURICH = ZoneInfo("Europe/Zurich")
MINUTE = timedelta(minutes=1)
# Whole and half hours, no summer time, summer time at midnight and in ramadan, and a day that Samoa left out.
PLACES = (
    "UTC", "Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo",
    "Africa/Casablanca", "Pacific/Apia", "America/St_Johns",
)  # fmt: skip


def a_window(**changes: Any) -> ChangeWindow:
    window = ChangeWindow("Europe/Zurich", ("mon", "tue", "wed", "thu"), time(9), time(17))
    return replace(window, **changes)


def at(day: int, hour: int, minute: int = 0, month: int = 3, **changes: Any) -> datetime:
    """A time on the wall in Zurich, 2026."""
    return datetime(2026, month, day, hour, minute, tzinfo=ZURICH, **changes)


@pytest.mark.parametrize(
    ("instant", "is_open"),
    [(at(2, 9), True), (at(2, 8, 59), False), (at(5, 16, 59), True), (at(5, 17), False), (at(6, 10), False)],
    ids=["monday morning", "before", "thursday afternoon", "after", "friday"],
)
def test_it_is_open_on_its_days_from_the_first_minute_to_before_the_last(instant: datetime, is_open: bool) -> None:
    assert a_window().is_open(instant) == is_open


def test_it_opens_again_on_its_next_day() -> None:
    assert a_window().next_opening(at(5, 17)) == at(9, 9)
    assert a_window().next_opening(at(2, 8)) == at(2, 9)
    assert a_window().next_opening(at(2, 12, 30)) == at(2, 12, 30)


def test_hours_over_midnight_belong_to_the_day_they_began_on() -> None:
    night = a_window(days=("fri",), opens=time(22), closes=time(4))
    assert [night.is_open(at(*when)) for when in ((6, 22), (7, 3, 59), (7, 4), (7, 22), (6, 3))] == [
        True, True, False, False, False,
    ]  # fmt: skip


def test_the_whole_day_goes_from_midnight_to_midnight() -> None:
    monday = a_window(days=("mon",), opens=time(), closes=time())
    assert monday.hours == "00:00-24:00"
    assert monday.next_opening(at(1, 12)) == at(2, 0)
    assert monday.is_open(at(2, 23, 59))
    assert not monday.is_open(at(3, 0))


def test_nothing_starts_on_the_days_of_a_freeze_the_first_and_the_last_included() -> None:
    frozen = a_window(freezes=((date(2026, 3, 2), date(2026, 3, 9)), (date(2026, 3, 9), date(2026, 3, 10))))
    assert not frozen.is_open(at(2, 10))
    assert not frozen.is_open(at(10, 10))
    assert frozen.next_opening(at(1, 12)) == at(11, 9)


def test_a_night_that_began_in_a_freeze_opens_at_midnight() -> None:
    night = a_window(days=("mon",), opens=time(22), closes=time(4), freezes=((date(2026, 3, 2), date(2026, 3, 2)),))
    assert night.next_opening(at(2, 21)) == at(3, 0)


def test_an_hour_that_the_clock_skips_is_not_there() -> None:
    """In Zurich the clock goes from 02:00 to 03:00 on 29 March 2026."""
    sunday = a_window(days=("sun",), opens=time(2, 30), closes=time(3, 30))
    assert sunday.next_opening(at(29, 1)) == at(29, 3)
    gone = a_window(days=("sun",), opens=time(2, 10), closes=time(2, 50))
    assert gone.next_opening(at(29, 1)) == at(5, 2, 10, month=4)


def test_an_hour_that_the_clock_shows_twice_counts_twice() -> None:
    """In Zurich the clock goes from 03:00 back to 02:00 on 25 October 2026."""
    sunday = a_window(days=("sun",), opens=time(1, 30), closes=time(2, 30))
    closed = at(25, 2, 45, month=10)
    assert not sunday.is_open(closed)
    again = sunday.next_opening(closed)
    assert again == datetime(2026, 10, 25, 1, tzinfo=UTC)  # 02:00, for the second time
    assert sunday.is_open(at(25, 2, 29, month=10, fold=1))


@pytest.mark.parametrize(
    ("days", "until"), [(WEEK, date(9998, 12, 31)), (("mon",), date(2037, 1, 1))], ids=["for ever", "over ten years"]
)
def test_a_freeze_of_many_years_is_told_as_never(days: tuple[Weekday, ...], until: date) -> None:
    frozen = a_window(days=days, freezes=((date(2026, 1, 1), until),))
    assert frozen.next_opening(at(2, 9)) is None
    assert frozen.said_at(at(2, 9)).endswith(
        "which does not open within ten years: change the policy, then ask for a new look."
    )


def test_a_freeze_of_nearly_ten_years_is_waited_for() -> None:
    frozen = a_window(freezes=((date(2026, 1, 1), date(2035, 12, 31)),))
    opening = frozen.next_opening(at(2, 9))
    assert opening == datetime(2036, 1, 1, 9, tzinfo=ZURICH)  # a Tuesday
    assert opening - at(2, 9) < SEARCHED


def test_a_closed_window_says_until_when() -> None:
    frozen = a_window(freezes=((date(2026, 12, 20), date(2027, 1, 5)),))
    assert frozen.said_at(at(2, 12)) == ""
    assert frozen.said_at(at(6, 12)) == (
        "Imports wait for the change window (mon, tue, wed, thu 09:00-17:00 Europe/Zurich, frozen "
        "2026-12-20/2027-01-05), which opens at 2026-03-09 08:00 UTC."
    )
    assert str(a_window(days=WEEK, closes=time())) == "every day 09:00-24:00 Europe/Zurich"


# ------------------------------------------------------------------------------------------------ any window

TIMES = st.builds(time, st.integers(0, 23), st.sampled_from((0, 1, 30, 59)))
# Around the changes of clocks of all places above, with minutes whole: an oracle can then step by minutes.
INSTANTS = st.datetimes(datetime(2011, 12, 20), datetime(2027, 12, 31), timezones=st.just(UTC)).map(  # noqa: DTZ001 - timezones says it
    lambda instant: instant.replace(second=0, microsecond=0)
)


@st.composite
def windows(draw: st.DrawFn, around: datetime) -> ChangeWindow:
    days = draw(st.sets(st.sampled_from(WEEK), min_size=1))
    first = around.date() + timedelta(days=draw(st.integers(-5, 5)))
    freeze = (first, first + timedelta(days=draw(st.integers(0, 6))))
    return ChangeWindow(
        draw(st.sampled_from(PLACES)),
        tuple(day for day in WEEK if day in days),
        draw(TIMES),
        draw(TIMES),
        draw(st.sampled_from(((), (freeze,)))),
    )


def by_minutes(window: ChangeWindow, now: datetime, days: int) -> datetime | None:
    """The first open minute, found by trying each."""
    return next((at for n in range(days * 1440) if window.is_open(at := now + n * MINUTE)), None)


@settings(max_examples=60)
@given(st.data(), INSTANTS)
def test_what_is_found_is_open_and_nothing_before_it_is(data: st.DataObject, now: datetime) -> None:
    window = data.draw(windows(now))
    found, tried = window.next_opening(now), by_minutes(window, now, 5)
    if tried is not None:
        assert found == tried
    else:
        assert found is None or (found >= now + timedelta(days=5) and window.is_open(found))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("opens", "closes"), [(time(23, 30), time(0, 30)), (time(1, 59), time(3, 1)), (time(0), time(0))]
)
def test_clock_changes_move_no_opening(place: str, opens: time, closes: time) -> None:
    zone = ZoneInfo(place)
    window = ChangeWindow(place, WEEK, opens, closes)
    instant, end = datetime(2011, 9, 1, tzinfo=UTC), datetime(2012, 5, 1, tzinfo=UTC)
    while instant < end:
        after = instant + timedelta(hours=12)
        if instant.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            start = instant - timedelta(hours=12)
            for now in (start, instant, instant + timedelta(hours=1), instant + timedelta(hours=3), after):
                assert window.next_opening(now) == by_minutes(window, now, 4)
        instant = after


@given(INSTANTS, st.integers(0, 59_999_999))
@example(datetime(2026, 3, 6, 16, tzinfo=UTC), 1)
def test_between_minutes_it_opens_on_the_minute(now: datetime, microseconds: int) -> None:
    window, later = a_window(), now + timedelta(microseconds=microseconds)
    found = window.next_opening(later)
    assert found is not None
    assert window.is_open(found)
    assert found == (later if window.is_open(later) else window.next_opening(now + MINUTE if microseconds else now))
