"""Every comparison of every gate turned into the one beside it and its opposite, `and` and `or` swapped, `not` taken away.

The table is made from the source, so a gate that is added tomorrow is in it, and so is what gates read numbers, values
and files by. What notices a mutant is the tests of gates (`tests/domain/test_*gate*.py`), those of its own module first.
"""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from local.mutants.mutant import ROOT, Guard

_DOMAIN = Path("shared", "domain")
_TESTS = Path("tests", "domain")
_LISTS = {"gates.py", "gate_input.py"}  # what gates there are, and what they look at: no gate by itself
_MAKES_ONE = "Gate(given,"

# What gates read by, and the tests of it: where one of these takes something for evidence, a gate passes.
READERS = {
    "decimals": "test_decimals",
    "evaluation": "test_evaluate",
    "metric_values": "test_metric_gates",
    "model_documents": "test_model_documents",
    "model_signature": "test_model_documents",
    "results_file": "test_results_file",
    "rule_values": "test_rule_gates",
    "run_proof": "test_gates",
    "scan_reports": "test_model_documents",
}

# Each operator as written, and what stands there instead: its neighbour where it orders, then its opposite.
_INSTEAD = {
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "==": ("!=",),
    "!=": ("==",),
    "is not": ("is",),
    "is": ("is not",),
    "not in": ("in",),
    "in": ("not in",),
    "and": ("or",),
    "or": ("and",),
}
_OPERATOR = re.compile("|".join(map(re.escape, sorted(_INSTEAD, key=len, reverse=True))))
_JOINED = re.compile(r"\b(?:and|or)\b")


def gate_modules() -> list[Path]:
    """The modules that are named after gates, make one, or are read by one, relative to the project, by name."""
    found = [path for path in sorted((ROOT / _DOMAIN).glob("*.py")) if path.name not in _LISTS]
    return [path.relative_to(ROOT) for path in found if path.stem in READERS or _is_gate(path)]


def _is_gate(path: Path) -> bool:
    return "gate" in path.stem or _MAKES_ONE in path.read_text("utf-8")


def gate_mutants() -> tuple[Guard, ...]:
    """All mutants, in the order of files and lines."""
    return tuple(
        mutant for module in gate_modules() for mutant in mutants_of(module, (ROOT / module).read_text("utf-8"))
    )


def mutants_of(module: Path, text: str) -> Iterator[Guard]:
    """The mutants of one module's source."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line.encode()))
    content = text.encode()

    def offset(line: int, column: int) -> int:
        return starts[line - 1] + column

    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Compare | ast.BoolOp):
            operator, operands = _parts(node)
            for before, after in pairwise(operands):
                assert before.end_lineno is not None
                assert before.end_col_offset is not None
                first = offset(before.end_lineno, before.end_col_offset)
                between = content[first : offset(after.lineno, after.col_offset)].decode()
                found = operator.search(between)
                assert found is not None, ast.unparse(node)
                for instead in _INSTEAD[found[0]]:
                    yield _mutant(module, content, (first + found.start(), first + found.end()), instead)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            first = offset(node.lineno, node.col_offset)
            yield _mutant(module, content, (first, first + len("not ")), "")


def _parts(node: ast.Compare | ast.BoolOp) -> tuple[re.Pattern[str], list[ast.expr]]:
    """What separates the operands, and the operands in the order written."""
    return (_JOINED, node.values) if isinstance(node, ast.BoolOp) else (_OPERATOR, [node.left, *node.comparators])


def _mutant(module: Path, content: bytes, span: tuple[int, int], instead: str) -> Guard:
    """A mutant whose text stands once in its file: whole lines, as many around it as that takes."""
    first, last = span
    start, end = content.rfind(b"\n", 0, first) + 1, content.find(b"\n", last) + 1
    while content.count(content[start:end]) > 1:
        if start:
            start = content.rfind(b"\n", 0, start - 1) + 1
        else:
            end = content.find(b"\n", end) + 1
    line = content[:first].count(b"\n") + 1
    column = first - content.rfind(b"\n", 0, first)
    test, *others = _tests(module)
    was = content[first:last].decode().strip()
    return Guard(
        name=f"{module.name}:{line}:{column}: {was} becomes {instead or 'nothing'}",
        file=str(module),
        old=content[start:end].decode(),
        new=(content[start:first] + instead.encode() + content[last:end]).decode(),
        test=test,
        others=tuple(others),
    )


def _tests(module: Path) -> list[str]:
    """The tests of all gates and of what they read by, those of the same module first."""
    own, readers = READERS.get(module.stem, f"test_{module.stem}"), set(READERS.values())
    found = [path for path in (ROOT / _TESTS).glob("test_*.py") if "gate" in path.stem or path.stem in readers]
    return [str(path.relative_to(ROOT)) for path in sorted(found, key=lambda path: (path.stem != own, path.stem))]
