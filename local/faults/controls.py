"""Sections on real parts, each on a few points with one guard switched off: one that then counts nothing would see nothing.

`python -m local.faults.controls NUMBER` runs one of them in whatever project it stands in, and prints what it counted.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from local.faults import azure_ml, crash, storage, two_processes
from local.faults.calls import Call
from local.faults.options import Figures, Options
from local.faults.report import HOW_MANY
from local.mutants.guards import guard
from local.mutants.mutant import project_copy, project_without

_AT_ONCE = 2
_PATIENCE = 20.0
_SECONDS = 300  # of one try
_TRIES = 3  # a storm may miss, once in thirty


@dataclass(frozen=True, slots=True)
class Control:
    """`few` are the points of a section at which the guard is needed."""

    guard: str
    section: str
    few: Callable[[Options], Figures]


def _is_append(call: Call) -> bool:
    return call.service == "tables" and "$batch" in call.path


CONTROLS = (
    Control("worklist before a decision", "crash", partial(crash.run_after, wanted=_is_append)),
    Control("intent before an import", "storage", partial(storage.run_from, stage="approved", count=6, rate=0.6)),
    Control(
        "late evidence before an import",
        "azure_ml",
        partial(azure_ml.run_scenarios, names=("the workspace is gone",)),
    ),
    Control(
        "own lease still current",
        "two_processes",
        partial(two_processes.run_races, names=("paused after the import, stopped meanwhile",)),
    ),
)


def run(options: Options) -> Figures:
    """Switch guards off and have their sections count: all of them, or in the short form one."""
    chosen = [CONTROLS[options.seed % len(CONTROLS)]] if options.short else CONTROLS
    with tempfile.TemporaryDirectory(prefix="clearance-controls-") as folder, ThreadPoolExecutor(_AT_ONCE) as pool:
        whole = Path(folder, "whole")
        whole.mkdir()
        project = project_copy(whole)
        reasons = list(pool.map(lambda control: why_not_caught(control, project, options.seed), chosen))
    for control, reason in zip(chosen, reasons, strict=True):
        said = f"NOT CAUGHT: {reason}" if reason else "caught"
        options.say(f"controls: {control.section} without {control.guard!r}: {said}")
    return {"guards": len(chosen), "caught": sum(not reason for reason in reasons)}


def why_not_caught(control: Control, project: Path, seed: int) -> str:
    """Why a section's figures say nothing of the guard that is off in a copy of `project`; empty where they do."""
    with tempfile.TemporaryDirectory(prefix="clearance-control-") as folder:
        copy = project_without(guard(control.guard), project, Path(folder, "project"))
        reason = ""
        for attempt in range(_TRIES):
            reason = _why_nothing(copy, control, seed + attempt)
            if not reason:
                break
        return reason


def _why_nothing(copy: Path, control: Control, seed: int) -> str:
    command = [sys.executable, "-m", "local.faults.controls", str(CONTROLS.index(control)), str(seed)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHONPATH", "COV"))}
    try:
        ended = subprocess.run(
            command, cwd=copy, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return f"no end within {_SECONDS} s"
    if ended.returncode:
        return f"it ended with {ended.returncode}: {' / '.join(ended.stderr.splitlines()[-2:])}"
    figures: Figures = json.loads(ended.stdout.splitlines()[-1])
    return "" if any(count for name, count in figures.items() if name not in HOW_MANY) else str(figures)


def main() -> None:
    """Run one control here."""
    control, seed = CONTROLS[int(sys.argv[1])], int(sys.argv[2])
    print(json.dumps(control.few(Options(seed, True, print, patience=_PATIENCE))))


if __name__ == "__main__":
    main()
