"""`python -m local.faults`: every section of the proof with progress, a table, and `build/faults.json`.

Exit 0 only where zeros stand where zeros belong and every guard that was switched off was caught.
"""

import argparse
import importlib
import importlib.util
import json
import random
import sys
import time
from pathlib import Path

from local.faults.options import Figures, Options, Section
from local.faults.report import SECTIONS, broken_promises, document, table

_REPORT = Path(__file__).parents[2] / "build" / "faults.json"


def main() -> int:
    """Run what the command line asks for; 1 where a promise was found broken, 2 for a section that is not there."""
    asked = _parser().parse_args()
    seed = random.SystemRandom().randrange(1_000_000) if asked.seed is None else asked.seed
    modules = _modules(asked.only)
    if not modules:
        print(f"There is no section {asked.only!r}; there are {', '.join(SECTIONS)}.", file=sys.stderr)
        return 2
    print(f"seed {seed}", flush=True)
    began = time.monotonic()
    figures = {name: _run(name, modules[name], Options(seed, asked.short, _Say(began))) for name in modules}
    report = document(figures, seed, round(time.monotonic() - began))
    print(table(report))
    if asked.only is None:
        _REPORT.parent.mkdir(exist_ok=True)
        _REPORT.write_text(json.dumps(report, indent=2) + "\n", "utf-8")
    broken = broken_promises(report, complete=asked.only is None)
    for sentence in broken:
        print(sentence, file=sys.stderr)
    return 1 if broken else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.faults", description=__doc__)
    parser.add_argument("--seed", type=int, help="what every random choice follows from; a new one unless given")
    parser.add_argument("--short", action="store_true", help="the form that is part of `make test`")
    parser.add_argument("--only", metavar="SECTION", help=f"one of {', '.join(SECTIONS)}; writes no report")
    return parser


def _modules(only: str | None) -> dict[str, str]:
    """The sections that are to run: those that exist, or the one asked for."""
    wanted = [name for name in SECTIONS if only in (None, name)]
    return {name: f"local.faults.{name}" for name in wanted if importlib.util.find_spec(f"local.faults.{name}")}


def _run(name: str, module: str, options: Options) -> Figures:
    options.say(f"== {name}")
    run: Section = importlib.import_module(module).run
    return run(options)


class _Say:
    """Shows lines of progress with the seconds since the start."""

    def __init__(self, began: float) -> None:
        self._began = began

    def __call__(self, line: str) -> None:
        print(f"{time.monotonic() - self._began:6.0f} s  {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
