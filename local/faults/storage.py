"""Storage that fails: thirty calls in a hundred go wrong for a while, seeded, in every way a network and a service can.

Each run is one whole promotion whose trouble begins at one of its stages. Once healed it must come to what an undisturbed
one comes to, and machinery must have voided nobody's approval.
"""

import random
import threading
import time
from dataclasses import dataclass

from local.faults.calls import Call, Counting, Fault
from local.faults.emulator import WatchedEmulator
from local.faults.estate import Estate, running_estate
from local.faults.lanes import in_lanes
from local.faults.options import Figures, Options
from local.faults.outcome import Outcome, double_imports, history_faults, lost_operations, outcome_of, voided
from local.faults.script import STAGES, Stage, play
from local.faults.trial import Stuck, Trial

RATE = 0.3
_LANES, _SHORT_LANES = 5, 3
_RUNS, _SHORT_RUNS = 40, 5
_SECONDS, _SHORT_SECONDS = 6.0, 3.0


@dataclass(frozen=True, slots=True)
class Storm:
    """When the trouble of one run begins, how long it lasts, and what every strike follows from."""

    seed: str
    stage: Stage
    seconds: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one run showed; `said` is empty where nothing is wrong."""

    converged: bool
    broken: bool
    struck: int
    said: str


class Strikes:
    """Strikes calls to storage at random, from `begin` until it is healed."""

    def __init__(self, storm: Storm) -> None:
        self._chance = random.Random(storm.seed)
        self._lock = threading.Lock()
        self._seconds = storm.seconds
        self._ends = 0.0
        self.struck = 0

    def begin(self) -> None:
        """From now on, for as long as this storm lasts."""
        self._ends = time.monotonic() + self._seconds

    def arrived(self, call: Call) -> Fault | None:
        """Strike three in ten."""
        with self._lock:
            over = time.monotonic() > self._ends
            if over or call.service == "azure_ml" or self._chance.random() >= RATE:
                return None
            self.struck += 1
            return self._chance.choice(list(Fault))

    def answered(self, call: Call) -> None:
        """Nothing more."""

    def revived(self) -> None:
        """Go on."""


def run(options: Options) -> Figures:
    """Play promotions through storms of different beginnings."""
    count = _SHORT_RUNS if options.short else _RUNS
    seconds = _SHORT_SECONDS if options.short else _SECONDS
    storms = [Storm(f"storage {options.seed} {n}", STAGES[n % len(STAGES)], seconds) for n in range(count)]
    with running_estate(_SHORT_LANES if options.short else _LANES) as estate:
        with Trial(estate, estate.lanes[0]) as trial:
            play(trial)
            undisturbed = outcome_of(trial)

        def judged(lane: WatchedEmulator, storm: Storm) -> Verdict:
            verdict = _judge(estate, lane, storm, undisturbed)
            if verdict.said:
                options.say(f"storage: {storm.seed!r} from {storm.stage}: {verdict.said}")
            return verdict

        def done(ended: int) -> None:
            if ended % 10 == 0:
                options.say(f"storage: {ended} of {count} runs")

        verdicts = in_lanes(estate, storms, judged, done)
    options.say(f"storage: {sum(verdict.struck for verdict in verdicts)} calls were struck")
    return {
        "runs": len(verdicts),
        "not_converged": sum(not verdict.converged for verdict in verdicts),
        "broken_histories": sum(verdict.broken for verdict in verdicts),
    }


def _judge(estate: Estate, lane: WatchedEmulator, storm: Storm, undisturbed: Outcome) -> Verdict:
    strikes = Strikes(storm)

    def begin(stage: Stage) -> None:
        if stage == storm.stage:
            strikes.begin()
            trial.watch(strikes)

    with Trial(estate, lane, patience=60 + storm.seconds) as trial:
        trial.watch(Counting())
        try:
            play(trial, begin)
            outcome = outcome_of(trial)
        except Stuck as stuck:
            return Verdict(False, bool(trial.stores.verify(trial.promotion)), strikes.struck, str(stuck))
        faults, wrong = history_faults(trial), _wrong(trial, outcome, undisturbed)
    return Verdict(not wrong, bool(faults), strikes.struck, "; ".join([*wrong, *faults]))


def _wrong(trial: Trial, outcome: Outcome, undisturbed: Outcome) -> list[str]:
    """What is not as it would be without trouble."""
    return [
        *([f"it ends as {outcome}"] if outcome != undisturbed else []),
        *([f"{count} rounds were voided"] if (count := voided(trial)) else []),
        *([f"{count} targets were imported twice"] if (count := double_imports(trial)) else []),
        *(f"lost: {each}" for each in lost_operations(trial)),
        *(f"crashed: {each}" for each in trial.crashes),
    ]
