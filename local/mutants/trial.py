"""Run named tests in a copy of the project, with a guard switched off or as it is, and judge what that proved."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from local.mutants.forks import Forks
from local.mutants.mutant import Guard, GuardMoved, project_without
from local.mutants.witness import WORD

_SECONDS = 400  # of one run
_TEST_SECONDS = 60  # of one test
_NOT_INHERITED = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTEST_", "COV_", "COVERAGE_")
_FAILED = 1  # pytest's exit code for tests that failed, and for nothing else
_PASSED = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a guard that is off was noticed; `why` is empty then, else a sentence."""

    guard: Guard
    caught: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Run:
    code: int
    told: dict[str, list[str]]
    said: str

    @property
    def tail(self) -> str:
        lines = [line for line in self.said.splitlines() if line.strip() and not line.startswith(WORD)]
        return " / ".join(lines[-3:])[:300]


def try_without(guard: Guard, project: Path, forks: Forks) -> Verdict:
    """Switch one guard off in a copy of a `project_copy` and run its test there.

    It is caught when that very test fails by itself: not when it cannot be run, or when the change breaks an import.
    """
    with tempfile.TemporaryDirectory(prefix="clearance-mutant-") as folder:
        try:
            copy = project_without(guard, project, Path(folder, "project"))
        except GuardMoved as moved:
            return Verdict(guard, caught=False, why=str(moved))
        run = _run(copy, forks, guard.test)
        if run.code == _PASSED and guard.others:  # seldom needed, and dear: to collect them costs as much as to run one
            run = _run(copy, forks, *guard.others)
        return _judged(guard, run)


def failing_as_it_is(guards: Iterable[Guard], project: Path) -> dict[str, str]:
    """Tests that fail with every guard in its place, each with a sentence: they cannot notice anything.

    Modules are compiled on the way, for the copies that are made of the project.
    """
    tests = tuple(dict.fromkeys(test for guard in guards for test in guard.tests))
    run = _compiling(project, *tests)
    if run.code == _PASSED:
        return {}
    bad = [*run.told.get("failed", ()), *run.told.get("broken", ())]
    if not bad:
        return dict.fromkeys(tests, f"the tests cannot be run as they are: {run.tail}")
    return {
        test: f"{test} fails with nothing switched off" for test in tests if any(_is_of(test, node) for node in bad)
    }


def _run(copy: Path, forks: Forks, *tests: str) -> _Run:
    run = _forked(copy, forks, *tests)
    again = run.code < 0  # killed from outside, or by its time limit: no verdict, and maybe no fault of the test
    return _forked(copy, forks, *tests) if again else run


def _judged(guard: Guard, run: _Run) -> Verdict:
    if run.told.get("foreign"):
        return Verdict(guard, caught=False, why=f"{run.told['foreign'][0]} was not read from the copy")
    if run.code == _FAILED and run.told.get("failed"):
        return Verdict(guard, caught=True)
    if run.code == _PASSED:
        return Verdict(guard, caught=False, why=f"{guard.test} passes all the same")
    return Verdict(guard, caught=False, why=f"{guard.test} proves nothing: pytest ended with {run.code}: {run.tail}")


def _is_of(test: str, node: str) -> bool:
    return node == test or node.startswith((f"{test}[", f"{test}::"))


# Pytest loads the one plugin it needs, and what is imported of ours comes from the folder it runs in.
_PLUGINS = ("-p", "no:cacheprovider", "-p", "pytest_timeout", "-p", "local.mutants.witness")
_OPTIONS = ("-q", "--tb=line", "-o", f"timeout={_TEST_SECONDS}", *_PLUGINS)


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_INHERITED)}
    return {**kept, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def _forked(copy: Path, forks: Forks, *tests: str) -> _Run:
    code, said = forks.pytest(copy, [*_OPTIONS, "-x", *tests], _environment(), _SECONDS)
    return _Run(code, _told(said), said)


def _compiling(project: Path, *tests: str) -> _Run:
    """Run tests in a process of their own, which keeps the modules that it compiles."""
    command = [sys.executable, "-m", "pytest", *_OPTIONS, *tests]
    try:
        ended = subprocess.run(
            command, cwd=project, env=_environment(), capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return _Run(-1, {}, f"it did not end within {_SECONDS} s")
    return _Run(ended.returncode, _told(ended.stdout), ended.stdout + ended.stderr)


def _told(output: str) -> dict[str, list[str]]:
    lines = [line for line in output.splitlines() if line.startswith(WORD)]
    told: dict[str, list[str]] = json.loads(lines[-1].removeprefix(WORD)) if lines else {}
    return told
