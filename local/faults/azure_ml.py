"""Azure ML that misbehaves: imports that lie about their end, models that change, services that are gone for hours.

Every scenario is one or more whole promotions that must come to their right end, with nobody's approval voided by
machinery and one import of each target that took effect.
"""

from collections.abc import Collection
from dataclasses import dataclass

from local.faults import outage
from local.faults.azure_ml_scenarios import SCENARIOS, SHORT, Scenario
from local.faults.emulator import WatchedEmulator
from local.faults.estate import Estate, running_estate
from local.faults.lanes import in_lanes
from local.faults.options import Figures, Options
from local.faults.outcome import history_faults, imports, lost_operations, voided
from local.faults.trial import Stuck, Trial

Job = tuple[Scenario, int]
_LANES, _SHORT_LANES = 5, 4
_STORMS, _SHORT_STORMS = 16, 1
_MOST_EVENTS = 60  # of one history, whatever was tried how often


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one run showed; `said` is empty where nothing is wrong."""

    converged: bool = True
    voided: int = 0
    broken: bool = False
    said: str = ""


def run(options: Options) -> Figures:
    """Play every scenario on the emulator, then the long outages in memory under a clock of their own."""
    wanted = [scenario for scenario in SCENARIOS if not options.short or scenario.name in SHORT]
    jobs = [(scenario, options.seed) for scenario in wanted if scenario.name != "storm"]
    storms = _SHORT_STORMS if options.short else _STORMS
    jobs += [(scenario, options.seed + n) for scenario in SCENARIOS if scenario.name == "storm" for n in range(storms)]
    played, outages = _played(jobs, options), outage.run(options)
    return {name: played[name] + outages[name] for name in played}


def run_scenarios(options: Options, names: Collection[str]) -> Figures:
    """Play these alone."""
    return _played([(scenario, options.seed) for scenario in SCENARIOS if scenario.name in names], options)


def _played(jobs: list[Job], options: Options) -> Figures:
    with running_estate(_SHORT_LANES if options.short else _LANES) as estate:

        def judged(lane: WatchedEmulator, job: Job) -> Verdict:
            verdict = _judge(estate, lane, *job, options.patience)
            if verdict.said:
                options.say(f"azure_ml: {job[0].name} (seed {job[1]}): {verdict.said}")
            return verdict

        def done(ended: int) -> None:
            if ended % 10 == 0:
                options.say(f"azure_ml: {ended} of {len(jobs)} scenarios")

        verdicts = in_lanes(estate, jobs, judged, done)
    return {
        "runs": len(verdicts),
        "not_converged": sum(not verdict.converged for verdict in verdicts),
        "voided_by_machinery": sum(verdict.voided for verdict in verdicts),
        "broken_histories": sum(verdict.broken for verdict in verdicts),
    }


def _judge(estate: Estate, lane: WatchedEmulator, scenario: Scenario, seed: int, patience: float) -> Verdict:
    lane.heal()
    try:
        with Trial(estate, lane, patience=patience) as trial:
            try:
                scenario.play(trial, seed)
            except Stuck as stuck:
                by_machinery = max(0, voided(trial) - scenario.voids)
                return Verdict(False, by_machinery, bool(trial.stores.verify(trial.promotion)), str(stuck))
            return _compare(trial, scenario)
    finally:
        lane.heal()


def _compare(trial: Trial, scenario: Scenario) -> Verdict:
    case, faults = trial.case(), history_faults(trial)
    events = len(trial.stores.rows(trial.promotion))
    effective = {key: counts["effective"] for key, counts in imports(trial).items()}
    wrong = [
        *([f"it ends as {case.status}"] if case.status != scenario.ends else []),
        *([f"its history has grown to {events} events"] if events > _MOST_EVENTS else []),
        *([f"imports took effect {effective}"] if any(count > 1 for count in effective.values()) else []),
        *([f"imports took effect {effective}"] if case.status == "promoted" and sum(effective.values()) != 2 else []),
        *(f"lost: {each}" for each in lost_operations(trial)),
        *(f"crashed: {each}" for each in trial.crashes),
    ]
    by_machinery = max(0, voided(trial) - scenario.voids)
    unvoided = ["nothing was voided"] if voided(trial) < scenario.voids else []
    said = [*wrong, *unvoided, *faults, *([f"{by_machinery} rounds were voided by machinery"] if by_machinery else [])]
    return Verdict(not wrong and not unvoided, by_machinery, bool(faults), "; ".join(said))
