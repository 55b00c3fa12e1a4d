"""Guards switched off, and comparisons of gates turned around, one at a time: a test must turn red, or nothing is proved."""

import random
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from local.faults.options import Figures, Options
from local.mutants.forks import Forks
from local.mutants.gate_mutants import gate_mutants
from local.mutants.guards import GUARDS
from local.mutants.mutant import Guard, project_copy
from local.mutants.trial import Verdict, failing_as_it_is, try_without

_AT_ONCE = 2
_SHORT = 3
_QUICK = ("tests/domain/", "tests/workflow/")  # no server, no emulator


def run(options: Options) -> Figures:
    """Switch guards off and run their tests: all of them, or in the short form a few quick ones."""
    guards = _chosen(options)
    options.say(f"{len(guards)} guards; first their tests with nothing switched off")
    with (
        tempfile.TemporaryDirectory(prefix="clearance-guards-") as folder,
        Forks() as forks,
        ThreadPoolExecutor(_AT_ONCE) as pool,
    ):
        project = project_copy(Path(folder))
        halves = [half for half in (guards[::2], guards[1::2]) if half]
        found = pool.map(failing_as_it_is, halves, [project] * len(halves))
        useless = {test: why for half in found for test, why in half.items()}
        verdicts = pool.map(lambda guard: try_without(guard, project, forks), guards)
        return _counted(options, guards, useless, verdicts)


def _counted(
    options: Options, guards: Sequence[Guard], useless: Mapping[str, str], verdicts: Iterable[Verdict]
) -> Figures:
    caught = 0
    for number, verdict in enumerate(verdicts, 1):
        why = next((useless[test] for test in verdict.guard.tests if test in useless), verdict.why)
        caught += not why
        options.say(f"{number:3}/{len(guards)} {verdict.guard.name}: {f'NOT CAUGHT: {why}' if why else 'caught'}")
    return {"guards": len(guards), "caught": caught}


def _chosen(options: Options) -> Sequence[Guard]:
    if not options.short:
        return (*GUARDS, *gate_mutants())
    quick = [guard for guard in GUARDS if guard.test.startswith(_QUICK)]
    return random.Random(options.seed).sample(quick, _SHORT)
