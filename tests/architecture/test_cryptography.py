"""Rules of cryptography that no behaviour shows: what is compared in constant time, and which algorithms are believed."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.adapters.entra_identity import ALGORITHM
from tests.architecture.project import ROOT, named, python_files

SIGNATURES = ROOT / "shared" / "web" / "signatures.py"
_BY_TIME = (ast.Eq, ast.NotEq, ast.In, ast.NotIn)


def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def called(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    """Calls of `name`, such as `hmac.compare_digest`."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == name)


def variable_time_compares(source: str) -> list[str]:
    """Comparisons of text or bytes that stop at the first difference, beside a secret: no number stands in them."""
    compares = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Compare)]
    return [ast.unparse(node) for node in compares if any(isinstance(operator, _BY_TIME) for operator in node.ops)]


def test_signatures_are_compared_in_constant_time() -> None:
    assert list(called(tree_of(SIGNATURES), "hmac.compare_digest"))
    assert variable_time_compares(SIGNATURES.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source", ["fits |= candidate == expected", "return given in candidates", "if sent != expected: pass"]
)
def test_a_comparison_that_stops_early_is_found(source: str) -> None:
    assert len(variable_time_compares(source)) == 1


@pytest.mark.parametrize("file", [f for f in python_files("shared") if "jwt" in f.read_text("utf-8")], ids=named)
def test_tokens_are_verified_with_one_algorithm(file: Path) -> None:
    for call in called(tree_of(file), "jwt.decode"):
        believed = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
        assert believed.get("algorithms") == "[ALGORITHM]"
    assert ALGORITHM == "RS256"


def test_somewhere_tokens_are_verified() -> None:
    assert [named(file) for file in python_files("shared") if list(called(tree_of(file), "jwt.decode"))] == [
        "shared/adapters/entra_identity.py"
    ]
