"""What the sources of an app state: the names of its functions, and the modules that it imports, wherever they do so."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_FORGIVEN = {"ImportError", "ModuleNotFoundError"}


@dataclass(slots=True)
class Stated:
    """Read from the text of the sources alone.

    Attributes:
        functions: what `function_name(...)` decorators say, sorted.
        modules: each module that an `import` names, and the first file that does, relative to the app's folder.
    """

    functions: list[str] = field(default_factory=list)
    modules: dict[str, str] = field(default_factory=dict)


def read_sources(app: Path) -> Stated:
    """Read every Python file below `app`, sorted by path.

    Raises:
        SyntaxError: one of them is no Python.
    """
    stated = Stated()
    for file in sorted(app.rglob("*.py")):
        where = file.relative_to(app).as_posix()
        tree = ast.parse(file.read_bytes(), where)
        stated.functions += _function_names(tree)
        for module in _imported(tree):
            stated.modules.setdefault(module, where)
    stated.functions.sort()
    return stated


def _function_names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "function_name":
            yield from (str(given.value) for given in node.args if isinstance(given, ast.Constant))


def _imported(node: ast.AST) -> Iterator[str]:
    """Modules named below a node, but for those of type checkers and those whose absence is caught."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.level == 0:
        yield str(node.module)
    for child in ast.iter_child_nodes(node):
        if not _is_optional(child):
            yield from _imported(child)


def _is_optional(node: ast.AST) -> bool:
    if isinstance(node, ast.If):
        return "TYPE_CHECKING" in ast.unparse(node.test)
    return isinstance(node, ast.Try) and any(
        name in _FORGIVEN for handler in node.handlers if handler.type for name in ast.unparse(handler.type).split(", ")
    )
