"""Instants, days and times of a day as text: one form, so that equal instants are equal texts and order as texts do."""

import re
from datetime import UTC, date, datetime, time, timedelta

_LAST = datetime.max.replace(tzinfo=UTC)
_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def instant_text(instant: datetime) -> str:
    """Write an instant as RFC 3339 in UTC with six digits and `Z`: `2026-11-23T06:14:00.000000Z`.

    Raises:
        ValueError: the instant carries no time zone, so nobody can know when it is.
    """
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} carries no time zone: give it one, UTC by preference")
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").zfill(27)


def parse_instant(text: str) -> datetime:
    """Read what `instant_text` wrote, and nothing else.

    Raises:
        ValueError: with the form expected.
    """
    if not _FORM.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is no instant: expected the form 2026-11-23T06:14:00.000000Z")
    return datetime.fromisoformat(text)


def later(instant: datetime, span: timedelta) -> datetime:
    """The instant that much later; the last one of all where the calendar ends before."""
    return instant + min(span, _LAST - instant)


def parse_day(text: str) -> date:
    """Read a day as `date.isoformat` writes it, and nothing else.

    Raises:
        ValueError: with the form expected; the last day of all has no end, so it is refused too.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.max
    if day == date.max or day.isoformat() != text:
        raise ValueError(f"{text[:40]!r} is no day: expected the form 2026-12-31")
    return day


def parse_time(text: str) -> time:
    """Read a time of the day to the minute, on no clock in particular, and nothing else.

    Raises:
        ValueError: with the form expected.
    """
    try:
        found = time.fromisoformat(text)
    except ValueError:
        found = time.max
    if f"{found:%H:%M}" != text:
        raise ValueError(f"{text[:40]!r} is no time of the day: expected the form 09:00")
    return found
