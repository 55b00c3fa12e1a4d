"""Races between processes: two workers on one promotion, answers that cross, a worker paused past its lease (SIGSTOP).

A double winner is anything that two of them brought about where one may win: two imports that took effect, two quorums,
an approval beside a rejection, a stale worker that was believed. A winner told that it lost is an answer that stands in
the history while its sender was refused.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import partial
from random import Random

from local.faults.crossing_answers import CROSSINGS, cross
from local.faults.emulator import WatchedEmulator
from local.faults.estate import Estate, running_estate
from local.faults.lanes import in_lanes
from local.faults.options import Figures, Options
from local.faults.outcome import double_imports, history_faults
from local.faults.paused_worker import believed_too_late, overtaken, stopped_meanwhile, two_workers
from local.faults.race_verdict import Verdict
from local.faults.trial import Stuck, Trial

Play = Callable[[Trial, Random], Verdict]
_LANES, _SHORT_LANES = 5, 4
_CROSSINGS = 4  # of each kind


@dataclass(frozen=True, slots=True)
class Race:
    """One race. `seed` says who begins, `waits` replace some of the short waits, in seconds."""

    name: str
    play: Play
    waits: dict[str, float]
    seed: str = ""


def run(options: Options) -> Figures:
    """Run every kind of race, in the long form several times."""
    return _raced(_races(1 if options.short else _CROSSINGS, options.seed), options)


def run_races(options: Options, names: Collection[str]) -> Figures:
    """Run these kinds alone, once each."""
    return _raced([race for race in _races(1, options.seed) if race.name in names], options)


def _raced(races: list[Race], options: Options) -> Figures:
    with running_estate(_SHORT_LANES if options.short else _LANES) as estate:

        def judged(lane: WatchedEmulator, race: Race) -> Verdict:
            verdict = _judge(estate, lane, race, options.patience)
            if verdict.said:
                options.say(f"two_processes: {race.name} ({race.seed}): {verdict.said}")
            return verdict

        def done(ended: int) -> None:
            if ended % 10 == 0:
                options.say(f"two_processes: {ended} of {len(races)} races")

        verdicts = in_lanes(estate, races, judged, done)
    return {
        "rounds": len(verdicts),
        "double_winners": sum(verdict.double_winners for verdict in verdicts),
        "winners_told_lost": sum(verdict.told_lost for verdict in verdicts),
    }


def _races(times: int, seed: int) -> list[Race]:
    """Every kind `times` times, in an order that follows from the seed: which lanes meet is chance too."""
    races = [replace(race, seed=f"{seed} {race.name} {n}") for race in _kinds() for n in range(times)]
    return Random(seed).sample(races, len(races))


def _kinds() -> list[Race]:
    slow = {"READ_BACK_AGAIN": 8.0}  # the second look must come after the late import, which it would else not see
    return [
        Race("paused, stopped meanwhile", _without_chance(stopped_meanwhile), slow),
        Race("paused after the import, stopped meanwhile", _without_chance(believed_too_late), slow),
        Race("paused, overtaken", _without_chance(overtaken), {}),
        Race("two workers", _without_chance(two_workers), {}),
        *(Race(f"answers: {crossing.name}", partial(cross, crossing=crossing), {}) for crossing in CROSSINGS),
    ]


def _without_chance(play: Callable[[Trial], Verdict]) -> Play:
    return lambda trial, _chance: play(trial)


def _judge(estate: Estate, lane: WatchedEmulator, race: Race, patience: float) -> Verdict:
    with Trial(estate, lane, waits=race.waits, patience=patience) as trial:
        try:
            verdict = race.play(trial, Random(race.seed))
        except Stuck as stuck:
            return Verdict(1, 0, str(stuck))
        faults = [*history_faults(trial), *trial.crashes]
        doubles = double_imports(trial) + len(faults)
    said = "; ".join(part for part in (verdict.said, *faults) if part)
    return Verdict(verdict.double_winners + doubles, verdict.told_lost, said)
