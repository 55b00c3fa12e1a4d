"""Storage that fails: thirty calls in a hundred go wrong for a while, seeded, in every way a network and a service can.

Each run is one whole promotion whose trouble begins at one of its stages. Once healed it must come to what an undisturbed
one comes to, and machinery must have voided nobody's approval.
"""

import random
import threading
import time
from dataclasses import dataclass

from local.faults.calls import Call, Counting, Fault, Watch
from local.faults.emulator import WatchedEmulator
from local.faults.estate import Estate, running_estate
from local.faults.lanes import in_lanes
from local.faults.options import Figures, Options
from local.faults.outcome import Outcome, double_imports, history_faults, lost_operations, outcome_of, voided
from local.faults.script import STAGES, Stage, play
from local.faults.trial import Stuck, Trial

RATE = 0.3
_LANES, _SHORT_LANES = 5, 5
_RUNS, _SHORT_RUNS = 40, 5
_SECONDS, _SHORT_SECONDS = 6.0, 3.0


@dataclass(frozen=True, slots=True)
class Storm:
    """When the trouble of one run begins, how long it lasts, what every strike follows from, and how many are struck."""

    seed: str
    stage: Stage
    seconds: float
    rate: float = RATE


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one run showed: `strikes` of `calls` in the storm; `said` is empty where nothing is wrong."""

    converged: bool
    broken: bool
    calls: int
    strikes: int
    said: str


class Strikes(Watch):
    """Strikes calls to storage at random, from `begin` until it is healed."""

    def __init__(self, storm: Storm) -> None:
        self._chance = random.Random(storm.seed)
        self._lock = threading.Lock()
        self._seconds = storm.seconds
        self._rate = storm.rate
        self._ends = 0.0
        self.calls = 0
        self.strikes = 0

    def begin(self) -> None:
        """From now on, for as long as this storm lasts."""
        self._ends = time.monotonic() + self._seconds

    def arrived(self, call: Call) -> Fault | None:
        """Strike as many as the storm does."""
        with self._lock:
            if time.monotonic() > self._ends or call.service == "azure_ml":
                return None
            self.calls += 1
            return self._chance.choice(_possible(call)) if self._chance.random() < self._rate else None

    def struck(self, call: Call, fault: Fault) -> None:  # noqa: ARG002 - the watch's signature
        """Count it."""
        with self._lock:
            self.strikes += 1


def _possible(call: Call) -> list[Fault]:
    """What can happen to a call: only a write can come late, and only one to a table be told that another came first."""
    writes = call.method not in ("GET", "HEAD")
    possible = {Fault.LATE: writes, Fault.OWN_WRITE: writes and call.service == "tables"}
    return [fault for fault in Fault if possible.get(fault, True)]


def run(options: Options) -> Figures:
    """Play promotions through storms of different beginnings."""
    count = _SHORT_RUNS if options.short else _RUNS
    seconds = _SHORT_SECONDS if options.short else _SECONDS
    storms = [Storm(f"storage {options.seed} {n}", STAGES[n % len(STAGES)], seconds) for n in range(count)]
    return _weathered(storms, options)


def run_from(options: Options, stage: Stage, count: int, rate: float) -> Figures:
    """Play promotions through short storms that all begin at one stage and strike `rate` of all calls, 0 to 1."""
    storms = [Storm(f"storage {options.seed} {n}", stage, _SHORT_SECONDS, rate) for n in range(count)]
    return _weathered(storms, options)


def _weathered(storms: list[Storm], options: Options) -> Figures:
    with running_estate(_SHORT_LANES if options.short else _LANES) as estate:
        with Trial(estate, estate.lanes[0]) as trial:
            play(trial)
            undisturbed = outcome_of(trial)

        def judged(lane: WatchedEmulator, storm: Storm) -> Verdict:
            verdict = _judge(estate, lane, storm, undisturbed, options.patience)
            if verdict.said:
                options.say(f"storage: {storm.seed!r} from {storm.stage}: {verdict.said}")
            return verdict

        def done(ended: int) -> None:
            if ended % 10 == 0:
                options.say(f"storage: {ended} of {len(storms)} runs")

        verdicts = in_lanes(estate, storms, judged, done)
    strikes, calls = (sum(each) for each in zip(*((v.strikes, v.calls) for v in verdicts), strict=True))
    options.say(f"storage: {strikes} of {calls} calls were struck")
    return {
        "runs": len(verdicts),
        "not_converged": sum(not verdict.converged for verdict in verdicts),
        "broken_histories": sum(verdict.broken for verdict in verdicts),
    }


def _judge(estate: Estate, lane: WatchedEmulator, storm: Storm, undisturbed: Outcome, patience: float) -> Verdict:
    strikes = Strikes(storm)

    def begin(stage: Stage) -> None:
        if stage == storm.stage:
            strikes.begin()
            trial.watch(strikes)

    with Trial(estate, lane, patience=patience + storm.seconds) as trial:
        trial.watch(Counting())
        try:
            play(trial, begin)
            outcome = outcome_of(trial)
        except Stuck as stuck:
            broken = bool(trial.stores.verify(trial.promotion))
            return Verdict(False, broken, strikes.calls, strikes.strikes, str(stuck))
        faults, wrong = history_faults(trial), _wrong(trial, outcome, undisturbed)
    wrong += [] if strikes.strikes else ["nothing was struck"]
    return Verdict(not wrong, bool(faults), strikes.calls, strikes.strikes, "; ".join([*wrong, *faults]))


def _wrong(trial: Trial, outcome: Outcome, undisturbed: Outcome) -> list[str]:
    """What is not as it would be without trouble."""
    return [
        *([f"it ends as {outcome}"] if outcome != undisturbed else []),
        *([f"{count} rounds were voided"] if (count := voided(trial)) else []),
        *([f"{count} targets were imported twice"] if (count := double_imports(trial)) else []),
        *(f"lost: {each}" for each in lost_operations(trial)),
        *(f"crashed: {each}" for each in trial.crashes),
    ]
