"""The section `simulator` of the proof: many seeds on two processes, those that once broke a promise first."""

import gc
import json
import multiprocessing
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from local.faults.options import Figures, Options
from local.faults.simulator.simulation import Ending, Simulation

KEPT = Path(__file__).parents[3] / "tests" / "faults" / "simulator_seeds.json"
"""Seeds that broke a promise once, each with what it found then."""

VIOLATIONS = Path(__file__).parents[3] / "build" / "violating_seeds.json"
"""Seeds that broke one when they were last run, until they are kept."""

_SEEDS, _SHORT = 20_000, 250
_BATCH = 125
_SHOWN = 20  # lines of a trace; `python -m local.faults.simulator --seed N` shows all


def run(options: Options) -> Figures:
    """Run the kept seeds and fresh ones that follow from `options.seed`; every seed that breaks a promise is shown."""
    count = _SHORT if options.short else _SEEDS
    first = options.seed * 1_000_000
    seeds = [*kept_seeds(), *range(first, first + count)]
    batches = [seeds[start : start + _BATCH] for start in range(0, len(seeds), _BATCH)]
    broken: list[Ending] = []
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        for done, found in enumerate(pool.map(run_seeds, batches), 1):
            broken += found
            if done % 16 == 0 or done == len(batches):
                options.say(f"simulator: {min(done * _BATCH, len(seeds))} of {len(seeds)} seeds, {len(broken)} broken")
    for ending in broken:
        _show(options, ending)
    if broken:
        keep_violations(broken)
        options.say(f"simulator: seeds and what they found are in {VIOLATIONS}, to be taken over into {KEPT.name}")
    return {"seeds": len(seeds), "violations": len(broken)}


def keep_violations(endings: Iterable[Ending], file: Path = VIOLATIONS) -> None:
    """Add seeds to `file` with what they found, in the form of `KEPT`: whoever mends it moves the line over."""
    known: dict[str, str] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    known |= {str(ending.seed): "; ".join(ending.broken) for ending in endings}
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(known, indent=2, ensure_ascii=False) + "\n", "utf-8")


def kept_seeds() -> tuple[int, ...]:
    """The regression cases."""
    return tuple(int(seed) for seed in json.loads(KEPT.read_text("utf-8")))


def run_seeds(seeds: Iterable[int]) -> list[Ending]:
    """Run seeds one after the other; those that broke a promise."""
    broken = []
    gc.disable()  # a seed's garbage goes with it: looking for it while it runs costs a tenth of the time
    for number, seed in enumerate(seeds):
        ending = Simulation(seed).run()
        if ending.broken:
            broken.append(ending)
        if number % 25 == 0:
            gc.collect()
    gc.enable()
    return broken


def _show(options: Options, ending: Ending) -> None:
    lines: list[str] = []
    Simulation(ending.seed, say=lines.append).run()
    options.say(f"seed {ending.seed} broke a promise; the last {_SHOWN} of {len(lines)} lines:")
    for line in lines[-_SHOWN:]:
        options.say(f"    {line}")
    for sentence in ending.broken:
        options.say(f"  BROKEN {sentence}")
