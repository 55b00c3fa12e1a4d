"""Timer schedules: NCRONTAB expressions of five or six fields, and time spans.

Rules: github.com/atifaziz/NCrontab. Day of month and day of week must both fit, unlike in Unix cron.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from local.functions_host.app_settings import parse_timespan

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS = (
    ("second", 0, 59),
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day", 1, 31),
    ("month", 1, 12),
    ("day of week", 0, 6),
)
_ITEM = re.compile(r"(?:(?P<all>\*)|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>\d+))?")
_HORIZON = timedelta(days=366 * 8)  # 29 February can be eight years away


class Schedule(Protocol):
    """When a timer is due."""

    def next_after(self, moment: datetime) -> datetime | None:
        """The first time after `moment`, in the same local time without zone; None if there is none."""


@dataclass(frozen=True, slots=True)
class Every:
    """A constant pause."""

    pause: timedelta

    def next_after(self, moment: datetime) -> datetime | None:
        """One pause later."""
        return moment + self.pause


@dataclass(frozen=True, slots=True)
class Crontab:
    """Allowed values of second, minute, hour, day, month and day of week (0 is Sunday), sorted."""

    fields: tuple[tuple[int, ...], ...]

    def next_after(self, moment: datetime) -> datetime | None:
        """The first time after `moment` at which every field fits."""
        day = moment.date()
        last = (moment + _HORIZON).date()
        while day <= last:
            if self._fits_day(day.day, day.month, day.isoweekday() % 7):
                for time in self._times():
                    candidate = datetime(day.year, day.month, day.day, *time)  # noqa: DTZ001 - local time
                    if candidate > moment:
                        return candidate
            day += timedelta(days=1)
        return None

    def _fits_day(self, day: int, month: int, weekday: int) -> bool:
        return day in self.fields[3] and month in self.fields[4] and weekday in self.fields[5]

    def _times(self) -> list[tuple[int, int, int]]:
        seconds, minutes, hours = self.fields[:3]
        return [(hour, minute, second) for hour in hours for minute in minutes for second in seconds]


def parse_schedule(text: str) -> Schedule:
    """Read a schedule as the timer trigger does.

    Raises:
        ValueError: it is neither; the text says what is wrong.
    """
    words = text.split()
    if len(words) == 1 and ":" in text:
        pause = parse_timespan(text)
        if pause <= timedelta(0):
            raise ValueError(f"'{text}' is no time to wait")
        return Every(pause)
    if len(words) not in (5, 6):
        raise ValueError(f"'{text}' has {len(words)} fields; expected 5 or 6 NCRONTAB fields, or hh:mm:ss")
    if len(words) == 5:
        words = ["0", *words]
    return Crontab(tuple(_field(word, *field) for word, field in zip(words, _FIELDS, strict=True)))


def _field(text: str, name: str, least: int, most: int) -> tuple[int, ...]:
    values: set[int] = set()
    for item in text.split(","):
        found = _ITEM.fullmatch(item)
        if found is None or found["step"] == "0":
            raise ValueError(f"{item!r} is no value for the {name} in a schedule")
        first = least if found["all"] else _value(found["first"], name, least, most)
        last = most if found["all"] or (found["step"] and not found["last"]) else first
        if found["last"]:
            last = _value(found["last"], name, least, most)
        values |= set(range(first, last + 1, int(found["step"] or 1)))
    if not values:
        raise ValueError(f"{text!r} leaves no value for the {name} in a schedule")
    return tuple(sorted(values))


def _value(text: str, name: str, least: int, most: int) -> int:
    names = {"month": _MONTHS, "day of week": _DAYS}.get(name, ())
    if text.lower()[:3] in names:
        return names.index(text.lower()[:3]) + least
    if not text.isdigit() or not least <= int(text) <= most:
        raise ValueError(f"{text!r} is no {name} in a schedule: {least} to {most}")
    return int(text)
