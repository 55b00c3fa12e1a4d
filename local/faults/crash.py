"""Crash sweep: the worker dies by SIGKILL before and after each call of one whole promotion, and nothing is lost by it.

Two registries, a quorum of two, one blocked round. Azurite is never killed: it forgets what it acknowledged.

A worker that dies between two calls has died after the one and before the other. So one run stands for both, unless
something happened between them: another call was under way, or somebody was told that something is done.
"""

import random
import threading
from collections.abc import Callable
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
_LANES = 6
_SHORT_LANES = 4
_SHORT_POINTS = 12


@dataclass(frozen=True, slots=True)
class Point:
    """Where the worker dies: at call `number`, counted from 1."""

    number: int
    moment: Moment


class Course(Counting):
    """Counts calls, and remembers after which of them, from 1, something else came than the next one."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._under_way = 0
        self._apart: set[int] = set()

    def arrived(self, call: Call) -> Fault | None:
        """Count it; one that comes while another is under way does not follow it."""
        with self._lock:
            if self._under_way:
                self._apart.add(len(self.calls))
            self._under_way += 1
            return super().arrived(call)

    def answered(self, call: Call) -> None:  # noqa: ARG002 - the watch's signature
        """It is under way no more."""
        with self._lock:
            self._under_way -= 1

    def told(self) -> None:
        """Somebody knows now what was done so far."""
        with self._lock:
            self._apart.add(len(self.calls))

    @property
    def points(self) -> list[Point]:
        """Before each call, and after those that the next one does not simply follow."""
        found = []
        for number in range(1, len(self.calls) + 1):
            found.append(Point(number, "before"))
            if number in self._apart or number == len(self.calls):
                found.append(Point(number, "after"))
        return found


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one run showed; `said` is empty where nothing is wrong."""

    lost: int = 0
    doubles: int = 0
    stuck: bool = False
    broken: bool = False
    said: str = ""


class KillAt(Watch):
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
        self._trial.shoot()
        return Fault.DROP


def run(options: Options) -> Figures:
    """Count the calls of an undisturbed run, then die at each of them."""
    with running_estate(_SHORT_LANES if options.short else _LANES) as estate:
        course, undisturbed = _undisturbed(estate)
        points = _chosen(course.points, options)
        options.say(f"crash: {len(course.calls)} calls, {len(points)} runs")
        return _figures(points, _sweep(estate, points, undisturbed, options))


def run_after(options: Options, wanted: Callable[[Call], bool]) -> Figures:
    """Die only after calls like these."""
    with running_estate(_SHORT_LANES) as estate:
        course, undisturbed = _undisturbed(estate)
        points = [Point(number, "after") for number, call in enumerate(course.calls, 1) if wanted(call)]
        return _figures(points, _sweep(estate, points, undisturbed, options))


def _sweep(estate: Estate, points: list[Point], undisturbed: Outcome, options: Options) -> list[Verdict]:
    def judged(lane: WatchedEmulator, point: Point) -> Verdict:
        verdict = _judge(estate, lane, point, undisturbed, options.patience)
        if verdict.said:
            options.say(f"crash: {point.moment} call {point.number}: {verdict.said}")
        return verdict

    def done(count: int) -> None:
        if count % 20 == 0:
            options.say(f"crash: {count} of {len(points)} runs")

    return in_lanes(estate, points, judged, done)


def _undisturbed(estate: Estate) -> tuple[Course, Outcome]:
    """The calls of a run, and what it comes to.

    Raises:
        RuntimeError: it does not come to what it should, so that there is nothing to compare with.
    """
    course = Course()
    with Trial(estate, estate.lanes[0]) as trial:
        _play(trial, course)
        outcome, faults = outcome_of(trial), history_faults(trial)
        imported = imports(trial)
    if outcome.status != "promoted" or faults or trial.troubles or trial.crashes or len(imported) != 2:
        raise RuntimeError(f"the undisturbed run is not as it should be: {outcome} {faults} {trial.troubles}")
    return course, outcome


def _play(trial: Trial, watch: Watch) -> None:
    play(trial, lambda stage: trial.watch(watch) if stage == "announced" else None)


def _chosen(every: list[Point], options: Options) -> list[Point]:
    if not options.short:
        return every
    step = len(every) / _SHORT_POINTS
    chance = random.Random(options.seed)
    return [every[int((place + chance.random()) * step)] for place in range(_SHORT_POINTS)]


def _judge(estate: Estate, lane: WatchedEmulator, point: Point, undisturbed: Outcome, patience: float) -> Verdict:
    with Trial(estate, lane, patience=patience) as trial:
        try:
            _play(trial, KillAt(point, trial))
        except Stuck as stuck:
            broken = bool(trial.stores.verify(trial.promotion))
            return Verdict(
                len(lost_operations(trial)), double_imports(trial), stuck=True, broken=broken, said=str(stuck)
            )
        return _compare(trial, undisturbed)


def _compare(trial: Trial, undisturbed: Outcome) -> Verdict:
    outcome, faults, lost = outcome_of(trial), history_faults(trial), lost_operations(trial)
    counts = imports(trial)
    wrong = [*faults, *(f"lost: {each}" for each in lost), *(f"crashed: {each}" for each in trial.crashes)]
    differs = outcome != undisturbed or any(each["effective"] != 1 for each in counts.values())
    if differs:
        wrong.append(f"it ends as {outcome} with imports {counts}")
    if not trial.shots:
        wrong.append("no worker came to that call")
    doubles = sum(each["effective"] > 1 or each["accepted"] > 1 for each in counts.values())
    stuck = differs or bool(trial.crashes) or not trial.shots
    return Verdict(len(lost), doubles, stuck, bool(faults), "; ".join(wrong))


def _figures(points: list[Point], verdicts: list[Verdict]) -> Figures:
    return {
        "points": len({point.number for point in points}),
        "runs": len(verdicts),
        "lost_acknowledged": sum(verdict.lost for verdict in verdicts),
        "double_imports": sum(verdict.doubles for verdict in verdicts),
        "stuck": sum(verdict.stuck for verdict in verdicts),
        "broken_histories": sum(verdict.broken for verdict in verdicts),
    }
