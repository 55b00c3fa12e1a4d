"""Days and times of a day as text: one form each, read back as it was written, and nothing else is read."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.instants import later, parse_day, parse_time


def test_what_would_be_later_than_the_calendar_is_its_last_instant() -> None:
    near = datetime(9998, 12, 31, tzinfo=UTC)
    assert later(near, timedelta(days=1)) == datetime(9999, 1, 1, tzinfo=UTC)
    assert later(near, timedelta(days=99_999)) == datetime.max.replace(tzinfo=UTC)


@given(st.dates(max_value=date(9999, 12, 30)))
def test_a_day_is_read_as_it_is_written(day: date) -> None:
    assert parse_day(day.isoformat()) == day


@pytest.mark.parametrize(
    "text", ["", "2026-2-3", "20261231", "2026-W01-1", "2026-02-30", "9999-12-31", "2026-12-31T00"]
)
def test_no_other_text_is_a_day(text: str) -> None:
    with pytest.raises(ValueError, match="is no day: expected the form 2026-12-31"):
        parse_day(text)


@given(st.builds(time, st.integers(0, 23), st.integers(0, 59)))
def test_a_time_is_read_as_it_is_written(found: time) -> None:
    assert parse_time(f"{found:%H:%M}") == found


@pytest.mark.parametrize("text", ["", "9:00", "09", "0900", "09:00:00", "24:00", "09:60", "09:00Z"])
def test_no_other_text_is_a_time(text: str) -> None:
    with pytest.raises(ValueError, match="is no time of the day: expected the form 09:00"):
        parse_time(text)
