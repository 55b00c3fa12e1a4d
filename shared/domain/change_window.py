"""Change windows: when imports may start, by the clock on the wall of one place."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

WEEK: tuple[Weekday, ...] = get_args(Weekday)

SEARCHED = timedelta(days=3660)
"""How far ahead an opening is looked for: a window that stays closed for ten years is told so."""

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_MIDNIGHT = time()


@dataclass(frozen=True, slots=True)
class ChangeWindow:
    """Open on `days` from `opens` until `closes`, in the local time of `time_zone` (a name of the IANA database).

    Where `closes` is not after `opens`, it lies on the day after. Nothing starts on the days of `freezes`, each a first
    and a last day. The clock on the wall decides: a time that it skips is not there, one that it shows twice counts twice.
    """

    time_zone: str
    days: tuple[Weekday, ...]
    opens: time
    closes: time
    freezes: tuple[tuple[date, date], ...] = ()

    def __str__(self) -> str:
        """As people read it: `mon, tue 09:00-17:00 Europe/Zurich, frozen 2026-12-20/2027-01-05`."""
        frozen = ", ".join(f"{first}/{last}" for first, last in self.freezes)
        days = "every day" if self.days == WEEK else ", ".join(self.days)
        return f"{days} {self.hours} {self.time_zone}" + (f", frozen {frozen}" if frozen else "")

    @property
    def hours(self) -> str:
        """As a policy states them: `09:00-17:00`; midnight at the end is 24:00."""
        closes = "24:00" if self.closes == _MIDNIGHT else f"{self.closes:%H:%M}"
        return f"{self.opens:%H:%M}-{closes}"

    def is_open(self, instant: datetime) -> bool:
        """Whether an import may start at an aware instant."""
        local = instant.astimezone(ZoneInfo(self.time_zone))
        today, now = local.date(), local.time()
        if any(first <= today <= last for first, last in self.freezes):
            return False
        if self.opens < self.closes:
            return self._counts(today) and self.opens <= now < self.closes
        return (self._counts(today) and now >= self.opens) or (self._counts(today - _DAY) and now < self.closes)

    def next_opening(self, now: datetime) -> datetime | None:
        """The first instant from `now` on at which it is open; None where that is further away than `SEARCHED`."""
        if self.is_open(now):
            return now
        start, end = now.astimezone(UTC), now + SEARCHED
        while start < end:
            for instant in sorted(self._turns(start)):
                if instant >= start and self.is_open(instant):
                    return instant
            start += _DAY
        return None

    def said_at(self, now: datetime) -> str:
        """Why no import starts now, and until when, in one sentence; empty while it is open."""
        if self.is_open(now):
            return ""
        opening = self.next_opening(now)
        if opening is None:
            until = "does not open within ten years: change the policy, then ask for a new look"
        else:
            until = f"opens at {opening.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        return f"Imports wait for the change window ({self}), which {until}."

    def _counts(self, day: date) -> bool:
        return WEEK[day.weekday()] in self.days

    def _turns(self, start: datetime) -> Iterator[datetime]:
        """Every instant of the 24 hours from `start` on at which it may turn open, among others."""
        zone = ZoneInfo(self.time_zone)
        yield from _clock_change(zone, start)
        day, last = start.astimezone(zone).date(), (start + _DAY).astimezone(zone).date()
        while day <= last:
            for wall in (_MIDNIGHT, self.opens):
                yield from (_at(day, wall, zone), _at(day, wall.replace(fold=1), zone))
            day += _DAY


def _at(day: date, wall: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, wall, zone).astimezone(UTC)


def _clock_change(zone: ZoneInfo, start: datetime) -> Iterator[datetime]:
    """The instant in the 24 hours from `start` on at which clocks are changed, found by halving; none on most days."""
    before = start.replace(microsecond=0)
    after = before + _DAY
    offset = before.astimezone(zone).utcoffset()
    if after.astimezone(zone).utcoffset() == offset:
        return
    while after - before > _SECOND:
        middle = before + (after - before) // _SECOND // 2 * _SECOND
        before, after = (middle, after) if middle.astimezone(zone).utcoffset() == offset else (before, middle)
    yield after
