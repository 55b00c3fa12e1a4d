"""Which limit is met first: load in the busiest minutes over what is allowed, for each limit. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from local.sheets.ceilings import CEILINGS, Ceiling
from local.sheets.work import Work


@dataclass(frozen=True, slots=True)
class Met:
    """One limit at one demand.

    `full_at` is at how many promotions a day it is reached in the busiest minutes, `always_at` on the mean of the day;
    None where that is never, or no limit is known.
    """

    ceiling: Ceiling
    load: float
    allowed: float | None
    full_at: float | None
    always_at: float | None

    @property
    def used(self) -> float | None:
        """Load over limit."""
        return self.load / self.allowed if self.allowed else None


def met(work: Work) -> tuple[Met, ...]:
    """Every limit, the one most used first; those of which none is published last."""
    found = [_met(ceiling, work) for ceiling in CEILINGS]
    return tuple(sorted(found, key=lambda each: -1.0 if each.used is None else each.used, reverse=True))


def first(found: Sequence[Met]) -> Met:
    """The one that is used most: whatever is above one is met, and this one was met first."""
    return max((each for each in found if each.used is not None), key=lambda each: each.used or 0.0)


def next_full(found: Sequence[Met]) -> Met:
    """The one that is full first as promotions grow."""
    return min((each for each in found if each.full_at is not None), key=lambda each: each.full_at or 0.0)


def _met(ceiling: Ceiling, work: Work) -> Met:
    allowed, load = ceiling.allowed(work), ceiling.load(work)
    level = replace(work, demand=replace(work.demand, peak=1))
    return Met(ceiling, load, allowed, _full_at(ceiling, work, allowed), _full_at(ceiling, level, allowed))


def _full_at(ceiling: Ceiling, work: Work, allowed: float | None) -> float | None:
    """Every load is a constant and a multiple of the promotions, so two points of it say where it meets the limit."""
    none, many = (ceiling.load(_at(work, number)) for number in (0, 1000))
    slope = (many - none) / 1000
    return None if allowed is None or slope <= 0 else max(0.0, (allowed - none) / slope)


def _at(work: Work, promotions: float) -> Work:
    return replace(work, demand=replace(work.demand, promotions=promotions))
