"""CEL expressions of policies: read by cel-python, and bounded by what is let through to it.

No loop, no clock and no pattern can be written: what is not listed here is refused when the policy is loaded. An
expression is walked once, over values of bounded size; so its cost is bounded by its nodes. cel-python is imported by
the first expression that is compiled.
"""

import math
import operator
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from shared.domain.policy import Expression, Path, Uncomputed
from shared.domain.rule_values import SHAPES, Value, shape_fault
from shared.domain.visible import quoted, visible

Tree = Any  # lark.Tree: its children are trees and tokens, told apart by `data`

LONGEST_EXPRESSION = 1_000
"""Characters of one expression."""

MOST_NODES = 200
"""Names, values, calls and operators of one expression."""

DEEPEST = 150
"""Levels of cel-python's syntax tree, about ten for each pair of brackets: each takes frames of Python's stack."""

LONGEST_MADE = 10_000
"""Characters, or items, that `+` may make."""

_FUNCTIONS = frozenset({"has", "size", "double", "int", "string"})
_METHODS = frozenset({"size", "startsWith", "endsWith", "contains"})
_CHAIN = frozenset(
    [
        "expr",
        "conditionalor",
        "conditionaland",
        "relation",
        "addition",
        "multiplication",
        "unary",
        "member",
        "primary",
        "paren_expr",
        "exprlist",
    ]
)
_LEAVES = frozenset(
    [
        "ident",
        "literal",
        "member_dot",
        "member_index",
        "ident_arg",
        "member_dot_arg",
        "list_lit",
    ]
)
_LITERALS = frozenset({"INT_LIT", "FLOAT_LIT", "STRING_LIT", "BOOL_LIT", "NULL_LIT"})
_OPERATORS = "relation_lt relation_le relation_gt relation_ge relation_eq relation_ne relation_in"
_PLUMBING = frozenset(
    f"{_OPERATORS} unary_not unary_neg addition_add addition_sub multiplication_mul multiplication_div multiplication_mod".split()
)
_TOO_LARGE = "a number gets too large"
_TOO_LONG = "a text or list gets too long"
# What cel-python says, by how it begins, and what that means for whoever wrote the rule.
_REASONS = {
    "modulus or divide by zero": "it divides by zero",
    "return error for overflow": "a number gets too large, or a text is no number",
    "no such": "it finds no value, or one of another type",
    "found no matching overload": "it mixes types (metrics are doubles: write 1.0, not 1)",
    "invalid_argument": "a list has no such item",
    _TOO_LARGE: _TOO_LARGE,
    _TOO_LONG: _TOO_LONG,
}


@lru_cache(maxsize=1024)
def expression(text: str) -> Expression:
    """Compile an expression.

    Raises:
        ValueError: it is none, or says what rules may not; the sentence goes on from the key that holds it.
    """
    _check_text(text)
    tree = _parsed(text)
    _check_size(tree)
    reads = tuple(dict.fromkeys(_reads(tree)))
    return Expression(text, reads, _computing(tree))


def _check_text(text: str) -> None:
    if len(text) > LONGEST_EXPRESSION:
        raise ValueError(f"is longer than {LONGEST_EXPRESSION} characters: split it into two rules")
    # cel-python's patterns for texts take exponential time over escapes that never end.
    if "\\" in text or not text.replace("\n", " ").isprintable():
        raise ValueError("holds a backslash or an unseen character: write plain text without escapes")


def _parsed(text: str) -> Tree:
    from celpy.celparser import CELParseError, CELParser

    try:
        return CELParser().parse(text)
    except CELParseError as fault:
        at = f" at line {fault.line}, column {fault.column}" if fault.line else ""
        raise ValueError(f"is no CEL{at}: mend it, as github.com/google/cel-spec says") from fault


def _check_size(tree: Tree) -> None:
    """Before anything recurses over the tree: every node is known, there are few, and none stands deep."""
    waiting, nodes = [(tree, 1)], 0
    while waiting:
        found, depth = waiting.pop()
        nodes += found.data in _LEAVES or (
            found.data in _CHAIN and found.data != "exprlist" and len(found.children) > 1
        )
        if nodes > MOST_NODES or depth > DEEPEST:
            raise ValueError(f"has more than {MOST_NODES} parts, or is nested too deep: split it into two rules")
        if found.data not in _CHAIN | _LEAVES | _PLUMBING:
            raise ValueError(f"uses {_SPOKEN.get(found.data, found.data)}, which rules may not: write it without")
        waiting += [(child, depth + 1) for child in found.children if hasattr(child, "data")]


_SPOKEN = {
    "member_object": "a message",
    "map_lit": "a map",
    "dot_ident": "a name that begins with a dot",
    "dot_ident_arg": "a name that begins with a dot",
}


def _reads(tree: Tree) -> Iterator[Path]:
    """Every value that the expression reads, in its order; raises ValueError at what may not be read or called."""
    tree = _unwrapped(tree)
    path = _path(tree) or _asked_for(tree)
    if path is not None:
        fault = shape_fault(path)
        if fault:
            raise ValueError(fault)
        yield path
        return
    _check_call(tree)
    if tree.data == "literal" and tree.children[0].type not in _LITERALS:
        raise ValueError(f"holds {visible(tree.children[0])}: write a number, a text, true or false")
    for child in tree.children:
        if hasattr(child, "data"):
            yield from _reads(child)


def _unwrapped(tree: Tree) -> Tree:
    while tree.data in _CHAIN and len(tree.children) == 1 and tree.data != "exprlist":
        tree = tree.children[0]
    return tree


def _path(tree: Tree) -> Path | None:
    """`tags.owner`, or `tags["owner"]`, as a path; None for anything else."""
    if tree.data == "ident":
        return (str(tree.children[0]),)
    if tree.data not in ("member_dot", "member_index"):
        return None
    around, last = _path(_unwrapped(tree.children[0])), tree.children[1]
    key = str(last) if tree.data == "member_dot" else _text(_unwrapped(last))
    return (*around, key) if around is not None and key is not None else None


def _asked_for(tree: Tree) -> Path | None:
    """`"owner" in tags` reads `tags.owner`."""
    if tree.data != "relation" or tree.children[0].data != "relation_in":
        return None
    key, around = _text(_unwrapped(tree.children[0].children[0])), _path(_unwrapped(tree.children[1]))
    return (*around, key) if key is not None and around is not None and around in _MAPS else None


_MAPS = frozenset(shape[:-1] for shape in SHAPES if shape[-1] == "*")


def _text(tree: Tree) -> str | None:
    token = tree.children[0] if tree.data == "literal" else None
    return str(token)[1:-1] if token is not None and token.type == "STRING_LIT" and token[0] in "'\"" else None


def _check_call(tree: Tree) -> None:
    if tree.data == "ident_arg" and tree.children[0] not in _FUNCTIONS:
        raise ValueError(f"calls {visible(tree.children[0])}: use none but {', '.join(sorted(_FUNCTIONS))}")
    if tree.data == "member_dot_arg" and tree.children[1] not in _METHODS:
        raise ValueError(f"calls {visible(tree.children[1])}: use none but {', '.join(sorted(_METHODS))} on a value")
    if tree.data == "ident_arg" and tree.children[0] == "has":
        asked = tree.children[1].children if len(tree.children) > 1 else []
        if len(asked) != 1 or _path(_unwrapped(asked[0])) is None:
            raise ValueError("asks has() of something else than a name: write it as has(tags.owner)")


def _computing(tree: Tree) -> Callable[[Mapping[Path, Value]], bool | Uncomputed]:
    from celpy.adapter import json_to_cel
    from celpy.evaluation import Activation, CELEvalError, Evaluator

    functions = _checked_functions()

    def compute(values: Mapping[Path, Value]) -> bool | Uncomputed:
        context = {root: json_to_cel(value) for root, value in _nested(values).items()}
        try:
            # Not celpy's Environment: it raises the recursion limit of the whole process.
            found = Evaluator(tree, Activation(functions=functions)).evaluate(context)
        except CELEvalError as fault:
            return Uncomputed(_reason(str(fault.args[0])))
        except Exception as fault:  # noqa: BLE001 - what a library stumbles over proves nothing, and stops nothing
            return Uncomputed(f"cel-python cannot compute it ({type(fault).__name__})")
        if type(found).__name__ != "BoolType" and not isinstance(found, bool):
            return Uncomputed(f"it gives {quoted(str(found))}, which is neither true nor false")
        return bool(found)

    return compute


def _nested(values: Mapping[Path, Value]) -> dict[str, Any]:
    """The values as maps within maps; every map is there, whether or not it holds anything."""
    roots: dict[str, Any] = {}
    for shape in SHAPES:
        _inside(roots, shape[:-1])
    for path, value in values.items():
        _inside(roots, path[:-1])[path[-1]] = list(value) if isinstance(value, tuple) else value
    return roots


def _inside(found: dict[str, Any], path: Path) -> dict[str, Any]:
    for key in path:
        found = found.setdefault(key, {})
    return found


def _reason(said: str) -> str:
    return next((spoken for start, spoken in _REASONS.items() if said.startswith(start)), "it cannot be computed")


def _checked_functions() -> dict[str, Callable[..., Any]]:
    """The operators that could make a number that is not finite, or something long."""
    from celpy.celtypes import DoubleType
    from celpy.evaluation import CELEvalError

    def checked(compute: Callable[..., Any]) -> Callable[..., Any]:
        def computed(*operands: Any) -> Any:
            fault = next((each for each in operands if isinstance(each, CELEvalError)), None)
            if fault is not None:
                return fault
            if compute is operator.add and _length(operands) > LONGEST_MADE:
                return CELEvalError(_TOO_LONG)
            if compute is operator.truediv and isinstance(operands[1], float) and not operands[1]:
                return CELEvalError("modulus or divide by zero")
            result = compute(*operands)
            return CELEvalError(_TOO_LARGE) if isinstance(result, float) and not math.isfinite(result) else result

        return computed

    names: dict[str, Callable[..., Any]] = {
        "_+_": operator.add,
        "_-_": operator.sub,
        "_*_": operator.mul,
        "_/_": operator.truediv,
        "double": DoubleType,
    }
    return {name: checked(compute) for name, compute in names.items()}


def _length(operands: tuple[Any, ...]) -> int:
    return sum(len(each) for each in operands if isinstance(each, str | list))
