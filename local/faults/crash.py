"""Crash sweep: the worker dies by SIGKILL before and after each call of one whole promotion, and nothing is lost by it.

Two registries, a quorum of two, one blocked round. Azurite is never killed: it forgets what it acknowledged.
"""

import random
import signal
import threading
from dataclasses import dataclass
from typing import Literal

from local.faults.calls import Call, Counting, Fault, Watch
from local.faults.emulator import WatchedEmulator
from local.faults.estate import Estate, running_estate
from local.faults.lanes import in_lanes
from local.faults.options import Figures, Options
from local.faults.outcome import Outcome, double_imports, history_faults, imports, lost_operations, outcome_of
from local.faults.script import play
from local.faults.trial import Stuck, Trial

Moment = Literal["before", "after"]
_LANES = 5
_SHORT_LANES = 3
_SHORT_POINTS = 12


@dataclass(frozen=True, slots=True)
class Point:
    """Where the worker dies: at call `number`, counted from 1."""

    number: int
    moment: Moment


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one run showed; `said` is empty where nothing is wrong. `died` is whether the point was reached at all."""

    died: bool = True
    lost: int = 0
    doubles: int = 0
    stuck: bool = False
    broken: bool = False
    said: str = ""


class KillAt:
    """Kills the worker at one call; whatever it still sent is not carried out."""

    def __init__(self, point: Point, trial: Trial) -> None:
        self._point = point
        self._trial = trial
        self._lock = threading.Lock()
        self._count = 0
        self._dead = False
        self._last: Call | None = None

    def arrived(self, call: Call) -> Fault | None:
        """Count, and kill before the call is carried out."""
        with self._lock:
            if self._dead:
                return Fault.DROP
            self._count += 1
            if self._count != self._point.number:
                return None
            if self._point.moment == "after":
                self._last = call
                return Fault.DROP_ANSWER
            return self._kill()

    def answered(self, call: Call) -> None:
        """Kill after it was carried out."""
        with self._lock:
            if call is self._last:
                self._kill()

    def revived(self) -> None:
        """The next worker lives."""
        with self._lock:
            self._dead = False

    def _kill(self) -> Fault:
        self._dead = True
        self._trial.worker().signal(signal.SIGKILL)
        return Fault.DROP


def run(options: Options) -> Figures:
    """Count the calls of an undisturbed run, then die at each of them."""
    with running_estate(_SHORT_LANES if options.short else _LANES) as estate:
        calls, undisturbed = _undisturbed(estate)
        points = _points(calls, options)
        options.say(f"crash: {calls} calls, {len(points)} runs")

        def judged(lane: WatchedEmulator, point: Point) -> Verdict:
            verdict = _judge(estate, lane, point, undisturbed)
            if verdict.said:
                options.say(f"crash: {point.moment} call {point.number}: {verdict.said}")
            return verdict

        def done(count: int) -> None:
            if count % 20 == 0:
                options.say(f"crash: {count} of {len(points)} runs")

        return _figures(points, in_lanes(estate, points, judged, done))


def _undisturbed(estate: Estate) -> tuple[int, Outcome]:
    """How many calls a run has, and what it comes to.

    Raises:
        RuntimeError: it does not come to what it should, so that there is nothing to compare with.
    """
    counting = Counting()
    with Trial(estate, estate.lanes[0]) as trial:
        _play(trial, counting)
        outcome, faults = outcome_of(trial), history_faults(trial)
        imported = imports(trial)
    if outcome.status != "promoted" or faults or trial.troubles or trial.crashes or len(imported) != 2:
        raise RuntimeError(f"the undisturbed run is not as it should be: {outcome} {faults} {trial.troubles}")
    return len(counting.calls), outcome


def _play(trial: Trial, watch: Watch) -> None:
    play(trial, lambda stage: trial.watch(watch) if stage == "announced" else None)


def _points(calls: int, options: Options) -> list[Point]:
    every = [Point(number, moment) for number in range(1, calls + 1) for moment in ("before", "after")]
    if not options.short:
        return every
    step = len(every) / _SHORT_POINTS
    chance = random.Random(options.seed)
    return [every[int((place + chance.random()) * step)] for place in range(_SHORT_POINTS)]


def _judge(estate: Estate, lane: WatchedEmulator, point: Point, undisturbed: Outcome) -> Verdict:
    with Trial(estate, lane) as trial:
        try:
            _play(trial, KillAt(point, trial))
        except Stuck as stuck:
            return Verdict(
                trial.deaths > 0, len(lost_operations(trial)), double_imports(trial), True, False, str(stuck)
            )
        return _compare(trial, undisturbed)


def _compare(trial: Trial, undisturbed: Outcome) -> Verdict:
    outcome, faults, lost = outcome_of(trial), history_faults(trial), lost_operations(trial)
    counts = imports(trial)
    wrong = [*faults, *(f"lost: {each}" for each in lost), *(f"crashed: {each}" for each in trial.crashes)]
    differs = outcome != undisturbed or any(each["effective"] != 1 for each in counts.values())
    if differs:
        wrong.append(f"it ends as {outcome} with imports {counts}")
    doubles = sum(each["effective"] > 1 or each["accepted"] > 1 for each in counts.values())
    stuck = differs or bool(trial.crashes)
    return Verdict(trial.deaths > 0, len(lost), doubles, stuck, bool(faults), "; ".join(wrong))


def _figures(points: list[Point], verdicts: list[Verdict]) -> Figures:
    return {
        "points": len({point.number for point in points}),
        "runs": sum(verdict.died for verdict in verdicts),
        "lost_acknowledged": sum(verdict.lost for verdict in verdicts),
        "double_imports": sum(verdict.doubles for verdict in verdicts),
        "stuck": sum(verdict.stuck for verdict in verdicts),
        "broken_histories": sum(verdict.broken for verdict in verdicts),
    }
