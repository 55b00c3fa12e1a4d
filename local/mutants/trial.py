"""Run named tests in a copy of the project, with a guard switched off or as it is, and judge what that proved."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from local.mutants.mutant import Guard, GuardMoved, project_copy, project_without
from local.mutants.witness import WORD

_SECONDS = 120  # of one run; one test gets half of it
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


def try_without(guard: Guard) -> Verdict:
    """Switch one guard off in a copy and run its test there; it is caught when that very test fails by itself."""
    with tempfile.TemporaryDirectory(prefix="clearance-mutant-") as folder:
        try:
            copy = project_without(guard, Path(folder))
        except GuardMoved as moved:
            return Verdict(guard, caught=False, why=str(moved))
        run = _pytest(copy, (guard.test,))
    if run.told.get("foreign"):
        return Verdict(guard, caught=False, why=f"{run.told['foreign'][0]} was not read from the copy")
    if run.code == _FAILED and run.told.get("failed"):
        return Verdict(guard, caught=True)
    if run.code == _PASSED:
        return Verdict(guard, caught=False, why=f"{guard.test} passes all the same")
    return Verdict(guard, caught=False, why=f"{guard.test} proves nothing: pytest ended with {run.code}: {run.tail}")


def failing_as_it_is(guards: Iterable[Guard]) -> dict[str, str]:
    """Tests that fail with every guard in its place, each with a sentence: they cannot notice anything."""
    tests = tuple(dict.fromkeys(guard.test for guard in guards))
    with tempfile.TemporaryDirectory(prefix="clearance-mutant-") as folder:
        run = _pytest(project_copy(Path(folder)), tests, stop_at_first=False)
    if run.code == _PASSED:
        return {}
    bad = [*run.told.get("failed", ()), *run.told.get("broken", ())]
    if not bad:
        return dict.fromkeys(tests, f"the tests cannot be run as they are: {run.tail}")
    return {test: f"{test} fails with nothing switched off" for test in tests if any(_is_of(test, node) for node in bad)}


def _is_of(test: str, node: str) -> bool:
    return node == test or node.startswith((f"{test}[", f"{test}::"))


def _pytest(copy: Path, tests: tuple[str, ...], *, stop_at_first: bool = True) -> _Run:
    """Run tests in the copy: what is imported there comes from there, and nothing is written into caches."""
    options = ["-q", *(["-x"] if stop_at_first else []), "--tb=line", "-o", f"timeout={_SECONDS // 2}"]
    plugins = ["-p", "no:cacheprovider", "-p", "local.mutants.witness"]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    for ours in ("PYTHONPATH", "COV_CORE_SOURCE", "PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER"):
        environment.pop(ours, None)
    command = [sys.executable, "-m", "pytest", *options, *plugins, *tests]
    try:
        ended = subprocess.run(
            command, cwd=copy, env=environment, capture_output=True, text=True, timeout=_SECONDS * 3, check=False
        )
    except subprocess.TimeoutExpired:
        return _Run(-1, {}, f"it did not end within {_SECONDS * 3} s")
    return _Run(ended.returncode, _told(ended.stdout), ended.stdout + ended.stderr)


def _told(output: str) -> dict[str, list[str]]:
    lines = [line for line in output.splitlines() if line.startswith(WORD)]
    told: dict[str, list[str]] = json.loads(lines[-1].removeprefix(WORD)) if lines else {}
    return told
