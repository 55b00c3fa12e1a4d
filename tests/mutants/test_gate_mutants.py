"""Comparisons of gates turned around: the table is made from the source, and tests of gates notice what is in it."""

import ast
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local.mutants.gate_mutants import gate_modules, gate_mutants, mutants_of
from local.mutants.mutant import ROOT, Guard, project_copy
from local.mutants.trial import Verdict, try_without

MUTANTS = gate_mutants()
A_FEW = 4

SOURCE = """
def judged(value, least, names):
    if value is None or not names:
        return "é", value not in names
    return least <= value < 10 and value != least
"""


def mutated(text: str) -> list[str]:
    """Each mutant's source, unparsed so that only what it means counts."""
    module = Path("shared", "domain", "tag_gates.py")
    return [ast.unparse(ast.parse(text.replace(each.old, each.new))) for each in mutants_of(module, text)]


def test_every_comparison_is_turned_into_its_neighbour_and_its_opposite_and_every_not_is_taken_away() -> None:
    whole = ast.unparse(ast.parse(SOURCE))
    changes = [
        ("value is None", "value is not None"),
        ("not names", "names"),
        ("value not in names", "value in names"),
        ("least <= value", "least < value"),
        ("least <= value", "least > value"),
        ("value < 10", "value <= 10"),
        ("value < 10", "value >= 10"),
        ("value != least", "value == least"),
    ]
    assert sorted(mutated(SOURCE)) == sorted(whole.replace(old, new, 1) for old, new in changes)


def test_lines_that_stand_twice_are_told_apart() -> None:
    text = "if a < b:\n    c = 1\nif a < b:\n    c = 2\n"
    assert mutated(text) == [
        ast.unparse(ast.parse(changed))
        for changed in (
            text.replace("a < b:\n    c = 1", "a <= b:\n    c = 1"),
            text.replace("a < b:\n    c = 1", "a >= b:\n    c = 1"),
            text.replace("a < b:\n    c = 2", "a <= b:\n    c = 2"),
            text.replace("a < b:\n    c = 2", "a >= b:\n    c = 2"),
        )
    ]


def test_every_module_that_judges_is_found() -> None:
    names = {path.stem for path in gate_modules()}
    assert names >= {"tag_gates", "lineage_gates", "run_gates", "metric_gates", "duty_gate", "targets"}
    assert {"gates", "gate_input", "evaluate"}.isdisjoint(names)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda each: each.name)
def test_a_mutant_stands_once_and_runs(mutant: Guard) -> None:
    text = (ROOT / mutant.file).read_text("utf-8")
    assert text.count(mutant.old) == 1
    compile(text.replace(mutant.old, mutant.new), mutant.file, "exec")
    assert all((ROOT / test).exists() for test in mutant.tests)


def test_no_two_mutants_are_the_same() -> None:
    assert len({(each.file, each.old, each.new) for each in MUTANTS}) == len(MUTANTS)


def test_a_few_of_them_are_noticed(tmp_path: Path) -> None:
    """`make faults` tries all of them."""
    project = project_copy(tmp_path)
    few = random.Random(7).sample(MUTANTS, A_FEW)
    with ThreadPoolExecutor(2) as pool:
        verdicts: list[Verdict] = list(pool.map(try_without, few, [project] * A_FEW))
    assert [(each.guard.name, each.why) for each in verdicts if not each.caught] == []
