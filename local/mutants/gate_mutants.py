"""Every comparison of every gate, turned into the one beside it and into its opposite, and every `not` taken away.

The table is made from the source, so a gate that is added tomorrow is in it. What notices a mutant is the tests of
gates (`tests/domain/test_*gate*.py`), those of its own module first.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from local.mutants.mutant import ROOT, Guard

_DOMAIN = Path("shared", "domain")
_TESTS = Path("tests", "domain")
_LISTS = {"gates.py", "gate_input.py"}  # what gates there are, and what they look at: no gate by itself
_MAKES_ONE = "Gate(given,"

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
}
_OPERATOR = re.compile("|".join(map(re.escape, sorted(_INSTEAD, key=len, reverse=True))))


def gate_modules() -> list[Path]:
    """The modules that are named after gates or make one, relative to the project, by name."""
    found = [path for path in sorted((ROOT / _DOMAIN).glob("*.py")) if path.name not in _LISTS]
    return [path.relative_to(ROOT) for path in found if "gate" in path.stem or _MAKES_ONE in path.read_text("utf-8")]


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
        if isinstance(node, ast.Compare):
            before = node.left
            for after in node.comparators:
                assert before.end_lineno is not None
                assert before.end_col_offset is not None
                first = offset(before.end_lineno, before.end_col_offset)
                between = content[first : offset(after.lineno, after.col_offset)].decode()
                found = _OPERATOR.search(between)
                assert found is not None, ast.unparse(node)
                for instead in _INSTEAD[found[0]]:
                    yield _mutant(module, content, (first + found.start(), first + found.end()), instead)
                before = after
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            first = offset(node.lineno, node.col_offset)
            yield _mutant(module, content, (first, first + len("not ")), "")


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
    was = content[first:last].decode().strip()
    return Guard(
        name=f"{module.name}:{line}:{column}: {was} becomes {instead or 'nothing'}",
        file=str(module),
        old=content[start:end].decode(),
        new=(content[start:first] + instead.encode() + content[last:end]).decode(),
        test=_tests(module),
    )


def _tests(module: Path) -> str:
    """The tests of all gates, those of the same module first."""
    found = sorted((ROOT / _TESTS).glob("test_*gate*.py"), key=lambda path: path.stem != f"test_{module.stem}")
    return " ".join(str(path.relative_to(ROOT)) for path in found)
