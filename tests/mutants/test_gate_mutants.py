"""Comparisons of gates turned around: the table is made from the source, and tests of gates notice what is in it."""

import ast
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local.mutants.forks import Forks
from local.mutants.gate_mutants import READERS, gate_modules, gate_mutants, mutants_of
from local.mutants.mutant import ROOT, Guard, project_copy
from local.mutants.trial import Verdict, try_without

MUTANTS = gate_mutants()
A_FEW = 4

SOURCE = """
def judged(value, least, names):
    if value is None or not names:
        return "é", value not in names
    return least <= value < 10 and (value != least or names) and value
"""


def mutated(text: str) -> list[str]:
    """Each mutant's source, unparsed so that only what it means counts."""
    module = Path("shared", "domain", "tag_gates.py")
    return [ast.unparse(ast.parse(text.replace(each.old, each.new))) for each in mutants_of(module, text)]


def test_comparisons_are_turned_around_and_or_is_swapped_and_every_not_is_taken_away() -> None:
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
        ("value is None or", "value is None and"),
        ("< 10 and", "< 10 or"),
        ("least or names", "least and names"),
        (") and value", ") or value"),
    ]
    changed = [whole.replace(old, new, 1) for old, new in changes]
    assert sorted(mutated(SOURCE)) == sorted(ast.unparse(ast.parse(each)) for each in changed)


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
    assert names >= {"tag_gates", "lineage_gates", "run_gates", "metric_gates", "duty_gate", "targets", *READERS}
    assert {"gates", "gate_input", "evaluate"}.isdisjoint(names)


ELSEWHERE = {
    "change_window": "when imports may start: tests/domain/test_change_window.py",
    "errors": "what is raised",
    "evidence": "values without a rule",
    "gate_input": "makes results, compares nothing",
    "ids": "names are checked where they enter",
    "light_values": "how values are made",
    "mending": "commands for people",
    "policy": "which gates there are, and in what mode: tests/domain/test_evaluate.py",
    "policy_match": "which versions a policy governs: tests/domain/test_policy_match.py",
    "provenance": "our own marks: tests/domain/test_provenance.py",
    "strict_json": "whether something is JSON: tests/domain/test_strict_json.py",
    "visible": "text for people",
}
"""What modules of gates import and what is not turned around with them, each with the reason."""


def test_whatever_a_gate_reads_by_is_turned_around_too_or_named_with_a_reason() -> None:
    modules = gate_modules()
    imported = {name for module in modules for name in _domain_imports(ROOT / module)}
    assert imported - {module.stem for module in modules} == ELSEWHERE.keys()


def _domain_imports(path: Path) -> set[str]:
    found = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ImportFrom))
    named = [node.module or "" for node in found]
    return {name.rpartition(".")[2] for name in named if name.startswith("shared.domain.")}


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
    with Forks() as forks, ThreadPoolExecutor(2) as pool:
        verdicts: list[Verdict] = list(pool.map(lambda each: try_without(each, project, forks), few))
    assert [(each.guard.name, each.why) for each in verdicts if not each.caught] == []
