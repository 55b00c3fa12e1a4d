"""What was measured, as build/bench.json holds it, and what of it misses a goal or breaks a limit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.bench.backtesting import Backtesting
from local.bench.cold_start import ColdStart
from local.bench.evaluating import Evaluating
from local.bench.first_pages import FirstPages
from local.bench.throughput import Throughput
from local.sheets.footprint import Footprint

TABLE_GOAL, TABLE_LIMIT = 44, 60
QUEUE_LIMIT = 16
FLOOR_GOAL = 1.3
CPU_GOAL = 1.25
GATES_LIMIT = 3
GROWTH_LIMIT = 1.1


@dataclass(frozen=True, slots=True)
class Verdict:
    """One measured number against what it is held to. `limit` marks what makes the run fail."""

    what: str
    found: str
    wanted: str
    holds: bool
    limit: bool


@dataclass(slots=True)
class Results:
    """Everything measured so far."""

    evaluation: Evaluating | None = None
    backtest: Backtesting | None = None
    round_trips: Mapping[str, int] = field(default_factory=dict)
    throughput: dict[int, Throughput] = field(default_factory=dict)
    cold_start: ColdStart | None = None
    first_pages: dict[int, FirstPages] = field(default_factory=dict)
    footprint: Footprint | None = None

    def as_json(self) -> dict[str, Any]:
        """The document; a part that was not measured is an empty object."""
        return {
            "evaluation": self.evaluation.as_json() if self.evaluation else {},
            "backtest": self.backtest.as_json() if self.backtest else {},
            "round_trips": dict(self.round_trips),
            "throughput": {str(number): each.as_json() for number, each in self.throughput.items()},
            "cold_start": self.cold_start.as_json() if self.cold_start else {},
            "history": {str(size): each.as_json() for size, each in self.first_pages.items()},
            "footprint": self.footprint.as_json() if self.footprint else {},
        }

    def verdicts(self) -> list[Verdict]:
        """Every goal and limit, of the parts that were measured."""
        return [
            *self._of_evaluation(),
            *self._of_backtest(),
            *self._of_round_trips(),
            *self._of_throughput(),
            *self._of_cold_start(),
            *self._of_pages(),
        ]

    @property
    def within_limits(self) -> bool:
        """Whether no limit is broken; a goal may be missed."""
        return all(verdict.holds for verdict in self.verdicts() if verdict.limit)

    def _of_evaluation(self) -> Iterator[Verdict]:
        if self.evaluation:
            ratio = self.evaluation.as_json()["gates_over_reading"]
            yield _at_most("gates, CPU over reading their evidence", ratio, GATES_LIMIT, limit=True)

    def _of_backtest(self) -> Iterator[Verdict]:
        if self.backtest:
            yield _at_most("backtest, memory over a tenth's", round(self.backtest.growth, 3), GROWTH_LIMIT, limit=True)

    def _of_round_trips(self) -> Iterator[Verdict]:
        if self.round_trips:
            table, queue = self.round_trips["table"], self.round_trips["queue"]
            yield _at_most("table operations", table, TABLE_GOAL, limit=False)
            yield _at_most("table operations", table, TABLE_LIMIT, limit=True)
            yield _at_most("queue operations", queue, QUEUE_LIMIT, limit=True)

    def _of_throughput(self) -> Iterator[Verdict]:
        for number, each in self.throughput.items():
            yield _at_most(f"time over floor, {number} in flight", round(each.floor_ratio, 3), FLOOR_GOAL, limit=False)

    def _of_cold_start(self) -> Iterator[Verdict]:
        if self.cold_start:
            ratio, heavy = round(self.cold_start.cpu_ratio, 3), self.cold_start.heavy
            yield _at_most("cold start, CPU over that of the SDKs", ratio, CPU_GOAL, limit=False)
            yield Verdict("heavy modules loaded", ", ".join(heavy) or "none", "none", not heavy, limit=True)

    def _of_pages(self) -> Iterator[Verdict]:
        if self.first_pages:
            trips = [each.as_json()["round_trips"] for each in self.first_pages.values()]
            shown = " -> ".join(str(each) for each in trips)
            yield Verdict("round trips of first pages", shown, "not growing", max(trips) <= trips[0], limit=True)


def _at_most(what: str, found: float, most: float, *, limit: bool) -> Verdict:
    return Verdict(what, str(found), f"at most {most}", found <= most, limit)
