"""The change window of a policy file: days, hours and freezes in one time zone."""

import difflib
import re
from collections.abc import Iterator
from datetime import date, time
from functools import cache
from importlib import resources
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema

from shared.adapters import schema_rules
from shared.adapters.document_faults import Unfit
from shared.adapters.policy_values import MOST_LISTED, ONE_DAY, Section, text_schema, within_years
from shared.adapters.readable import Finding, finding
from shared.adapters.strict_yaml import Place
from shared.domain.change_window import WEEK, ChangeWindow, Weekday
from shared.domain.instants import parse_day

HOURS = r"^([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"
FREEZE = f"^{ONE_DAY}(/{ONE_DAY})?$"

_WHOLE_DAY = "00:00-24:00"


@cache
def _zones() -> frozenset[str]:
    """The names that the package tzdata lists, so that one file means the same on every machine."""
    return frozenset(resources.files("tzdata").joinpath("zones").read_text("utf-8").split())


def _zone(value: str) -> str:
    if value not in _zones():
        near = difflib.get_close_matches(value, _zones(), n=1)
        raise Unfit("is no time zone", f"write {near[0] if near else 'one such as Europe/Zurich'}")
    return value


def _hours(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(HOURS, value):
        raise Unfit("are no hours", 'write "09:00-17:00", from and until; 24:00 is midnight at the end')
    opens, closes = value.split("-")
    if opens == closes:
        raise Unfit("end where they begin", 'write "00:00-24:00" for the whole day')
    return value


def _freeze(value: Any) -> Any:
    first, _, last = str(value).partition("/")
    try:
        found = parse_day(first), parse_day(last or first)
    except ValueError as fault:
        raise Unfit("is no freeze", 'write a day as 2026-12-24, or "2026-12-20/2027-01-05"') from fault
    if found[0] > found[1]:
        raise Unfit("ends before it begins", "swap its days")
    return within_years(found[0]), within_years(found[1])


TimeZone = Annotated[
    str,
    AfterValidator(_zone),
    WithJsonSchema({"type": "string", "enum": sorted(_zones()), "examples": ["Europe/Zurich"]}),
]
Hours = Annotated[str, BeforeValidator(_hours), text_schema(HOURS, "09:00-17:00")]
Freeze = Annotated[
    tuple[date, date], BeforeValidator(_freeze), text_schema(FREEZE, "2026-12-24", "2026-12-20/2027-01-05")
]


class ChangeWindowDocument(Section):
    """When imports may start. What is approved outside of it waits until it opens."""

    model_config = ConfigDict(json_schema_extra=schema_rules.WINDOW)

    time_zone: TimeZone = Field(description="Whose clock decides: a name of the IANA database.")
    days: list[Weekday] = Field(
        default=list(WEEK), min_length=1, max_length=7, description="The days it opens on; left out, every day."
    )
    hours: Hours = Field(
        default=_WHOLE_DAY,
        description="From and until, such as 09:00-17:00, or 22:00-04:00 over midnight; left out, the whole day.",
    )
    freeze: list[Freeze] = Field(
        default=[], max_length=MOST_LISTED, description="Days, or first/last days, on which nothing starts."
    )

    def findings(self, place: Place) -> Iterator[Finding]:
        """What is wrong between its values."""
        if not self.freeze and self.hours == _WHOLE_DAY and set(self.days) == set(WEEK):
            needs = [(*place, key) for key in ("days", "hours", "freeze")]
            yield finding(place, "is always open", "write days, hours or freeze, or remove it", *needs)

    def as_window(self) -> ChangeWindow:
        """The same as a value of the domain."""
        days = tuple(day for day in WEEK if day in self.days)
        opens, closes = (time.fromisoformat(each) for each in self.hours.replace("24:00", "00:00").split("-"))
        return ChangeWindow(self.time_zone, days, opens, closes, tuple(sorted(self.freeze)))
