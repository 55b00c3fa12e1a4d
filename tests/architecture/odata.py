"""A lint over the syntax tree: an OData filter is a constant with `@parameters`, never text put together at run time.

A value spliced into a filter can end the literal it stands in and read other rows (invariant 8); parameters are
escaped by the client.
"""

import ast
from collections.abc import Iterator

_TAKES_A_FILTER = {"query_entities", "query", "page"}


def built_filters(source: str) -> list[str]:
    """Find filters that are put together, each as `line N: the expression`.

    Looked at are arguments named `filter` or `query_filter`, the first argument of `query_entities` and of our own
    `query` and `page`, and whatever is assigned to a name that ends in `filter`.
    """
    return [
        f"line {value.lineno}: {ast.unparse(value)}"
        for value in _filters_in(ast.parse(source))
        if any(_is_put_together(node) for node in ast.walk(value))
    ]


def _filters_in(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from (keyword.value for keyword in node.keywords if keyword.arg in {"filter", "query_filter"})
            if isinstance(node.func, ast.Attribute) and node.func.attr in _TAKES_A_FILTER:
                yield from node.args[:1]
        elif isinstance(node, ast.Assign):
            yield from (node.value for target in node.targets if _names_a_filter(target))
        elif isinstance(node, ast.AnnAssign | ast.AugAssign) and node.value and _names_a_filter(node.target):
            yield node.value


def _names_a_filter(target: ast.expr) -> bool:
    return isinstance(target, ast.Name) and target.id.lower().endswith("filter")


def _is_put_together(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.FormattedValue)
        or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod))
        or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and not _is_constant(node))
        or (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format")
    )


def _is_constant(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return _is_constant(node.left) and _is_constant(node.right)
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id.isupper())
