"""Guards switched off, one at a time: the test that each one names must turn red, or the promise has no proof."""

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from local.faults.options import Figures, Options
from local.mutants.guards import GUARDS
from local.mutants.mutant import Guard
from local.mutants.trial import Verdict, failing_as_it_is, try_without

_AT_ONCE = 2
_SHORT = 3
_QUICK = ("tests/domain/", "tests/workflow/")  # no server, no emulator


def run(options: Options) -> Figures:
    """Switch guards off and run their tests: all of them, or in the short form a few quick ones."""
    guards = _chosen(options)
    options.say(f"{len(guards)} guards; first their tests with nothing switched off")
    useless = _useless(guards)
    caught = 0
    for number, verdict in enumerate(_verdicts(guards), 1):
        why = useless.get(verdict.guard.test, verdict.why)
        caught += not why
        options.say(f"{number:3}/{len(guards)} {verdict.guard.name}: {f'NOT CAUGHT: {why}' if why else 'caught'}")
    return {"guards": len(guards), "caught": caught}


def _chosen(options: Options) -> Sequence[Guard]:
    if not options.short:
        return GUARDS
    quick = [guard for guard in GUARDS if guard.test.startswith(_QUICK)]
    return random.Random(options.seed).sample(quick, _SHORT)


def _useless(guards: Sequence[Guard]) -> dict[str, str]:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        halves = [half for half in (guards[::_AT_ONCE], guards[1::_AT_ONCE]) if half]
        return {test: why for found in pool.map(failing_as_it_is, halves) for test, why in found.items()}


def _verdicts(guards: Sequence[Guard]) -> Iterator[Verdict]:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from pool.map(try_without, guards)
