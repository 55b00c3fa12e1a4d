"""What deployed code never uses: ways to run what strangers wrote, to send people elsewhere, or to write a formula."""

import ast

import pytest

from tests.architecture.told_codes import calls, shared_trees

MODULES = {
    "pickle": "a model file could run code",
    "marshal": "a model file could run code",
    "shelve": "a model file could run code",
    "joblib": "a model would be loaded",
    "mlflow": "a model would be loaded",
    "sklearn": "a model would be loaded",
    "subprocess": "a text from outside could become a command",
    "csv": "a cell could be a formula; exports are canonical JSON",
}
CALLS = {
    "eval": "a text from outside could be run",
    "exec": "a text from outside could be run",
    "system": "a text from outside could become a command",
    "RedirectResponse": "a link could lead people to another site",
    "Markup": "text would be shown without being escaped",
}


def imported() -> set[str]:
    """The top-level names of every module that deployed code imports."""
    nodes = [node for module in shared_trees() for node in ast.walk(module)]
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    partly = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.split(".")[0] for name in plain | partly}


@pytest.mark.parametrize("module", MODULES)
def test_no_deployed_code_imports(module: str) -> None:
    assert module not in imported(), MODULES[module]


@pytest.mark.parametrize("function", CALLS)
def test_no_deployed_code_calls(function: str) -> None:
    assert list(calls(shared_trees(), function)) == [], CALLS[function]
