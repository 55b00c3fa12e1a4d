"""`python -m local.faults.simulator --seed N` replays one seed and shows every call; `--seeds N` runs many."""

import argparse
import sys

from local.faults.simulator.simulation import Simulation


def main() -> int:
    """Run what the command line asks for; 1 where a promise was found broken."""
    parser = argparse.ArgumentParser(prog="python -m local.faults.simulator", description=__doc__)
    parser.add_argument("--seed", type=int, help="replay this seed, every call shown")
    parser.add_argument("--seeds", type=int, default=1000, help="how many seeds to run, from --first on")
    parser.add_argument("--first", type=int, default=1)
    asked = parser.parse_args()
    if asked.seed is not None:
        return _replay(asked.seed)
    broken = [
        ending for seed in range(asked.first, asked.first + asked.seeds) if (ending := Simulation(seed).run()).broken
    ]
    for ending in broken:
        print(ending.seed, *ending.broken[:2], sep="\n    ")
    print(f"{asked.seeds} seeds, {len(broken)} with a broken promise")
    return 1 if broken else 0


def _replay(seed: int) -> int:
    ending = Simulation(seed, say=print).run()
    print(f"seed {seed}: {ending.steps} steps, {', '.join(ending.states)}")
    for sentence in ending.broken:
        print(f"BROKEN {sentence}")
    return 1 if ending.broken else 0


if __name__ == "__main__":
    sys.exit(main())
