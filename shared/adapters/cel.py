"""CEL expressions of policies: read by cel-python, and bounded by what is let through to it.

No loop, no clock and no pattern can be written: what is not listed here is refused when the policy is loaded. An
expression is walked once, over values of bounded size; so its cost is bounded by its nodes. What each operator takes
is one table (`cel_functions`), held to when the policy is loaded and again when the rule is computed.
"""

import logging
import math
from collections import ChainMap
from collections.abc import Callable, Generator, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from celpy.adapter import json_to_cel
from celpy.celparser import CELParseError, CELParser
from celpy.evaluation import Activation, CELEvalError, Evaluator

from shared.adapters.cel_functions import FUNCTIONS, OVERLOADS, REASONS, gives, kind
from shared.domain.policy import Expression, Path, Uncomputed
from shared.domain.rule_values import SHAPES, Value, shape_fault
from shared.domain.visible import quoted, visible

logging.getLogger("celpy").setLevel(logging.CRITICAL)  # it would log what tags and metrics hold

Tree = Any  # lark.Tree: its children are trees and tokens, told apart by `data`


class Refused(NamedTuple):
    """What an expression may not say, going on from the key that holds it, and what to do."""

    fault: str
    fix: str


LONGEST_EXPRESSION = 1_000
"""Characters of one expression."""

MOST_NODES = 200
"""Names, values, calls and operators of one expression."""

DEEPEST = 150
"""Levels of cel-python's syntax tree, about ten for each pair of brackets: each takes frames of Python's stack."""

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
_LITERALS = {"INT_LIT": "int", "FLOAT_LIT": "double", "STRING_LIT": "string", "BOOL_LIT": "bool"}
# The node of each operator, and the operator's name in CEL.
_OPERATORS = {
    "relation_lt": "_<_",
    "relation_le": "_<=_",
    "relation_gt": "_>_",
    "relation_ge": "_>=_",
    "relation_eq": "_==_",
    "relation_ne": "_!=_",
    "relation_in": "_in_",
    "addition_add": "_+_",
    "addition_sub": "_-_",
    "multiplication_mul": "_*_",
    "multiplication_div": "_/_",
    "multiplication_mod": "_%_",
    "unary_not": "!_",
    "unary_neg": "-_",
}
_NAMES = {"expr": "_?_:_", "conditionalor": "_||_", "conditionaland": "_&&_", "member_index": "_[_]"}


@lru_cache(maxsize=1024)
def expression(text: str) -> Expression:
    """Compile an expression.

    Raises:
        ValueError: it is none, or says what rules may not; the sentence goes on from the key that holds it.
    """
    tree = _checked(text)
    looked = list(_judged(tree))
    if fault := next((each for each in looked if isinstance(each, Refused)), None):
        raise ValueError(": ".join(fault))
    reads = tuple(dict.fromkeys(each for each in looked if not isinstance(each, Refused)))
    return Expression(text, reads, _computing(tree))


def expression_faults(text: str) -> tuple[Refused, ...]:
    """Everything that is wrong with an expression; more than one fault only where it can be read at all."""
    try:
        tree = _checked(text)
    except ValueError as fault:
        said, _, fix = str(fault).rpartition(": ")
        return (Refused(said, fix),)
    return tuple(dict.fromkeys(each for each in _judged(tree) if isinstance(each, Refused)))


@lru_cache(maxsize=64)
def _checked(text: str) -> Tree:
    _check_text(text)
    tree = _parsed(text)
    _check_size(tree)
    return tree


def _check_text(text: str) -> None:
    if len(text) > LONGEST_EXPRESSION:
        raise ValueError(f"is longer than {LONGEST_EXPRESSION} characters: split it into two rules")
    # cel-python's patterns for texts take exponential time over escapes that never end.
    if "\\" in text or not text.replace("\n", " ").isprintable():
        raise ValueError("holds a backslash or an unseen character: write plain text without escapes")


def _parsed(text: str) -> Tree:
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
        if found.data not in _CHAIN | _LEAVES | _OPERATORS.keys():
            raise ValueError(f"uses {_SPOKEN.get(found.data, found.data)}, which rules may not: write it without")
        waiting += [(child, depth + 1) for child in found.children if hasattr(child, "data")]


_SPOKEN = {
    "member_object": "a message",
    "map_lit": "a map",
    "dot_ident": "a name that begins with a dot",
    "dot_ident_arg": "a name that begins with a dot",
}


def _judged(tree: Tree) -> Iterator[Path | Refused]:
    """Every value that the expression reads, in its order, and whatever is wrong with it."""
    given = yield from _looked_over(tree)
    if given not in ("bool", "any"):
        yield Refused(f"gives {given}, never true or false", "compare it with something")


def _looked_over(tree: Tree) -> Generator[Path | Refused, None, str]:
    """The same of one part; its kind is what it returns, `any` where that is known only when it is computed."""
    tree = _unwrapped(tree)
    asked = _asked_for(tree)
    path = asked or _path(tree)
    if path is not None:
        fault, _, fix = shape_fault(path).rpartition(": ")
        yield Refused(fault, fix) if fault else path
        return "any" if fault else "bool" if asked else _kind_of(path)
    if tree.data == "literal":
        return (yield from _literal(tree.children[0]))
    bad = list(_bad_calls(tree))
    yield from bad
    kinds: tuple[str, ...] = ()
    for operand in _operands(tree):
        kinds += ((yield from _looked_over(operand)),)
    if tree.data == "list_lit":
        return "list"
    return "any" if bad else (yield from _applied(_name(tree), kinds))


def _kind_of(path: Path) -> str:
    return "list" if path == ("model", "flavors") else "double" if "metrics" in path[:-1] else "string"


def _literal(token: Any) -> Generator[Refused, None, str]:
    if token.type not in _LITERALS:
        yield Refused(f"holds {visible(token)}", "write a number, a text, true or false")
    elif token.type in _TOO_LARGE and _TOO_LARGE[token.type](token):
        yield Refused(f"holds {visible(token)}, more than 64 bits hold", "write a smaller number")
    return _LITERALS.get(token.type, "any")


_TOO_LARGE: Mapping[str, Callable[[str], bool]] = {
    "INT_LIT": lambda text: not -(2**63) <= int(text, 16 if "x" in text else 10) < 2**63,
    "FLOAT_LIT": lambda text: not math.isfinite(float(text)),
}


def _operands(tree: Tree) -> Iterator[Tree]:
    """What an operator or a call is applied to; the nodes of operators and of arguments only hold some of it."""
    for child in (each for each in tree.children if hasattr(each, "data")):
        yield from child.children if child.data == "exprlist" or child.data in _OPERATORS else (child,)


def _name(tree: Tree) -> str:
    """The name in CEL of the operator or function that is applied."""
    if tree.data in ("ident_arg", "member_dot_arg"):
        return str(tree.children[0 if tree.data == "ident_arg" else 1])
    return _NAMES.get(tree.data) or _OPERATORS[tree.children[0].data]


def _applied(name: str, kinds: tuple[str, ...]) -> Generator[Refused, None, str]:
    given = gives(name, kinds)
    if not given:
        fix = "give it " + ", or ".join(" and ".join(takes) for takes, _ in OVERLOADS[name])
        if {*kinds} == {"int", "double"} and gives(name, ("double", "double")):
            fix = "write both as one type (1 is int; 1.0 is double, as metrics are)"
        yield Refused(f"applies {name.replace('_', '')} to {' and '.join(kinds) or 'nothing'}", fix)
    return given or "any"


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


def _bad_calls(tree: Tree) -> Iterator[Refused]:
    if tree.data == "ident_arg" and tree.children[0] not in _FUNCTIONS:
        yield Refused(f"calls {visible(tree.children[0])}", f"use none but {', '.join(sorted(_FUNCTIONS))}")
    if tree.data == "member_dot_arg" and tree.children[1] not in _METHODS:
        allowed = ", ".join(sorted(_METHODS))
        yield Refused(f"calls {visible(tree.children[1])}", f"use none but {allowed} on a value")
    if tree.data == "ident_arg" and tree.children[0] == "has":
        asked = tree.children[1].children if len(tree.children) > 1 else []
        if len(asked) != 1 or _path(_unwrapped(asked[0])) is None:
            yield Refused("asks has() of something else than a name", "write it as has(tags.owner)")
    if tree.data == "member_dot":
        yield Refused(f"reads {visible(tree.children[1])} of something else than a name", "read one of tags.<name>")


def _computing(tree: Tree) -> Callable[[Mapping[Path, Value]], bool | Uncomputed]:
    activation = Activation()
    activation.functions = ChainMap(FUNCTIONS)  # and none of cel-python's own behind them

    def compute(values: Mapping[Path, Value]) -> bool | Uncomputed:
        context = {root: json_to_cel(value) for root, value in _nested(values).items()}
        try:
            # Not celpy's Environment: it raises the recursion limit of the whole process.
            found = Evaluator(tree, activation).evaluate(context)
        except CELEvalError as fault:
            return Uncomputed(_reason(str(fault.args[0])))
        except Exception as fault:  # noqa: BLE001 - what a library stumbles over proves nothing, and stops nothing
            return Uncomputed(f"cel-python cannot compute it ({type(fault).__name__})")
        if kind(found) != "bool":
            return Uncomputed(f"it gives {kind(found)}, neither true nor false")
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
    if said.startswith("no such"):  # key, or member in mapping
        return "it finds no value"
    return said if said in REASONS else f"cel-python says {quoted(said[:100])}"
