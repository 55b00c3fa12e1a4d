"""`python -m local.faults`: every section of the proof with progress, a table, and `build/faults.json`.

Exit 0 only where zeros stand where zeros belong and every guard that was switched off was caught.
"""

import argparse
import importlib
import json
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from local.faults.options import Figures, Options, Section
from local.faults.report import SECTIONS, Report, broken_promises, document, table
from local.faults.sources import changed, checksum, read_sources
from local.faults.tracks import in_tracks

_REPORT = Path(__file__).parents[2] / "build" / "faults.json"
_MOST_SHOWN = 5


def main() -> int:
    """Run what the command line asks for; 1 where a promise was found broken, 2 for a section that is not there."""
    asked = _parser().parse_args()
    seed = random.SystemRandom().randrange(1_000_000) if asked.seed is None else asked.seed
    only = asked.only.split(",") if asked.only else None
    if only and (strangers := sorted({*only} - {*SECTIONS})):
        print(f"There is no section {', '.join(strangers)}; there are {', '.join(SECTIONS)}.", file=sys.stderr)
        return 2
    began, sources = time.monotonic(), read_sources()
    if not asked.figures:
        print(f"seed {seed}, sources {checksum(sources)[:16]}", flush=True)
    if only:
        figures = _run_all(only, Options(seed, asked.short, _Say(began)), asked.figures)
    else:
        figures = in_tracks([*SECTIONS], seed, short=asked.short)
    if asked.figures:
        return 0
    report = document(figures, seed, round(time.monotonic() - began))
    print(table(report))
    if others := changed(sources, read_sources()):
        return _refuse(others)
    return _judge(report, asked, missing=[name for name in only or SECTIONS if name not in figures])


def _refuse(others: Sequence[str]) -> int:
    """Sources that changed under way leave nothing proved."""
    shown = ", ".join(others[:_MOST_SHOWN]) + (f" and {len(others) - _MOST_SHOWN} more" if others[_MOST_SHOWN:] else "")
    print(f"The sources changed while this ran, so it proves nothing and no report is kept: {shown}.", file=sys.stderr)
    return 1


def _judge(report: Report, asked: argparse.Namespace, missing: Sequence[str]) -> int:
    """Say what is broken; a whole run in the long form is kept as well."""
    if not (missing or asked.only or asked.short):
        _REPORT.parent.mkdir(exist_ok=True)
        _REPORT.write_text(json.dumps(report, indent=2) + "\n", "utf-8")
    broken = broken_promises(report, missing=missing)
    for sentence in broken:
        print(sentence, file=sys.stderr)
    return 1 if broken else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.faults", description=__doc__)
    parser.add_argument("--seed", type=int, help="what every random choice follows from; a new one unless given")
    parser.add_argument("--short", action="store_true", help="the form that is part of `make test`")
    parser.add_argument(
        "--only", metavar="SECTION", help=f"some of {', '.join(SECTIONS)}, with commas between; then no report is kept"
    )
    parser.add_argument("--figures", type=Path, help=argparse.SUPPRESS)  # where a track leaves what it counted
    return parser


def _run_all(sections: Sequence[str], options: Options, file: Path | None) -> dict[str, Figures]:
    """Run sections one after the other; after each the figures so far are kept."""
    figures: dict[str, Figures] = {}
    for name in sections:
        options.say(f"== {name}")
        run: Section = importlib.import_module(f"local.faults.{name}").run
        figures[name] = run(options)
        options.say(f"== {name}: {figures[name]}")
        if file:
            file.write_text(json.dumps(figures), "utf-8")
    return figures


class _Say:
    """Shows lines of progress with the seconds since the start."""

    def __init__(self, began: float) -> None:
        self._began = began

    def __call__(self, line: str) -> None:
        print(f"{time.monotonic() - self._began:6.0f} s  {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
