"""Guards that are switched off: each stands where its table says, names a test that is there, and is noticed."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from local.faults.mutations import run
from local.faults.options import Options
from local.mutants.forks import Forks
from local.mutants.gate_mutants import gate_mutants
from local.mutants.guards import GUARDS, guard
from local.mutants.mutant import ROOT, Guard, project_copy
from local.mutants.trial import Verdict, failing_as_it_is, try_without

QUORUM = guard("number of the quorum")
ELSEWHERE = "tests/domain/test_ids.py::test_what_is_no_partition_is_refused"
FRUITLESS = {
    "another test": (replace(QUORUM, test=ELSEWHERE), "passes all the same"),
    "no test": (replace(QUORUM, test="tests/domain/test_decisions.py::test_that_is_not_there"), "pytest ended with 4"),
    "no Python": (replace(QUORUM, new="    return return\n"), "pytest ended with"),
    "an unknown name": (replace(QUORUM, new="    return nothing_of_that_name\n"), "proves nothing"),
    "other text": (replace(QUORUM, old="this stands nowhere"), "stands 0 times"),
}


@pytest.mark.parametrize("switched_off", GUARDS, ids=lambda each: each.name)
def test_a_guard_stands_once_where_its_table_says(switched_off: Guard) -> None:
    text = (ROOT / switched_off.file).read_text("utf-8")

    assert text.count(switched_off.old) == 1
    assert switched_off.new != switched_off.old
    compile(text.replace(switched_off.old, switched_off.new), switched_off.file, "exec")


def test_every_test_that_a_guard_names_is_there() -> None:
    tests = sorted({test for each in (*GUARDS, *gate_mutants()) for test in each.tests})
    found = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", *tests], cwd=ROOT, capture_output=True, text=True, check=False
    )  # fmt: skip

    assert found.returncode == 0, found.stdout + found.stderr


def test_no_two_guards_have_one_name() -> None:
    assert len({each.name for each in GUARDS}) == len(GUARDS)


def test_a_few_guards_that_are_off_are_noticed() -> None:
    said: list[str] = []

    assert run(Options(seed=7, short=True, say=said.append)) == {"guards": 3, "caught": 3}
    assert [line.rpartition(": ")[2] for line in said[1:]] == ["caught"] * 3


def test_what_proves_nothing_is_no_catch(tmp_path: Path) -> None:
    project = project_copy(tmp_path)
    guards = [guard for guard, _ in FRUITLESS.values()]

    with Forks() as forks, ThreadPoolExecutor(2) as pool:
        verdicts: list[Verdict] = list(pool.map(lambda each: try_without(each, project, forks), guards))

    assert [verdict.caught for verdict in verdicts] == [False] * len(guards)
    for verdict, (_, says) in zip(verdicts, FRUITLESS.values(), strict=True):
        assert says in verdict.why


def test_the_others_are_asked_where_the_first_test_of_a_guard_notices_nothing(tmp_path: Path) -> None:
    both = replace(QUORUM, test=ELSEWHERE, others=(QUORUM.test,))

    with Forks() as forks:
        assert try_without(both, project_copy(tmp_path), forks) == Verdict(both, caught=True)


def test_a_test_that_fails_anyway_notices_nothing(tmp_path: Path) -> None:
    project = project_copy(tmp_path)
    decisions = project / QUORUM.file
    decisions.write_text(decisions.read_text("utf-8").replace(QUORUM.old, QUORUM.new), "utf-8")

    assert failing_as_it_is([QUORUM], project) == {QUORUM.test: f"{QUORUM.test} fails with nothing switched off"}
