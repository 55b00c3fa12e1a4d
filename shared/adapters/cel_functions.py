"""What rules in CEL can compute: CEL's operators and functions, as far as every implementation computes the same.

cel-python's own are Python's where it adds nothing, so they take more than CEL's do: `%` formats a text, `in` searches
it. Here a table says what each takes, and all else is an error.
"""

import math
import operator
from collections.abc import Callable, Iterable
from typing import Any

from celpy.celtypes import BoolType, DoubleType, IntType, ListType, MapType, StringType
from celpy.evaluation import CELEvalError

from shared.domain.decimals import number

LONGEST_MADE = 10_000
"""Characters of a text that `+` may make."""

MOST_ITEMS = 500
"""Items of a list that `+` may make."""

_SAME = "bool bool -> bool, int int -> bool, double double -> bool, string string -> bool"
_SUMS = "int int -> int, double double -> double"
# What takes what, and gives what: of CEL's "List of Standard Definitions" (cel-spec, langdef.md), what rules can say.
# Left out is what implementations do not agree on: numbers of two kinds side by side, and how a double is spelled.
_TABLE = {
    "!_": "bool -> bool",
    "-_": "int -> int, double -> double",
    "_+_": f"{_SUMS}, string string -> string, list list -> list",
    "_-_": _SUMS,
    "_*_": _SUMS,
    "_/_": _SUMS,
    "_%_": "int int -> int",
    "_<_": _SAME,
    "_<=_": _SAME,
    "_>_": _SAME,
    "_>=_": _SAME,
    "_==_": f"{_SAME}, list list -> bool",
    "_!=_": f"{_SAME}, list list -> bool",
    "_in_": "any list -> bool, string map -> bool",
    "_&&_": "bool bool -> bool",
    "_||_": "bool bool -> bool",
    "_?_:_": "bool any any -> any",
    "_[_]": "list int -> any, map string -> any",
    "has": "any -> bool",
    "size": "string -> int, list -> int",
    "contains": "string string -> bool",
    "startsWith": "string string -> bool",
    "endsWith": "string string -> bool",
    "int": "int -> int, double -> int, string -> int",
    "double": "double -> double, int -> double, string -> double",
    "string": "string -> string, int -> string",
}
OVERLOADS = {
    name: [(tuple(takes.split()), given) for takes, _, given in (each.partition(" -> ") for each in said.split(", "))]
    for name, said in _TABLE.items()
}
"""The same, each as the kinds that it takes and the one it gives."""
_MIXED = "it mixes types (metrics are doubles: write 1.0, not 1)"
_BY_ZERO = "it divides by zero"
_NO_ITEM = "a list has no such item"
_NO_NUMBER = "a text is no number"
_TOO_LARGE = "a number gets too large"
_TOO_LONG = "a text or list gets too long"
REASONS = frozenset({_MIXED, _BY_ZERO, _NO_ITEM, _NO_NUMBER, _TOO_LARGE, _TOO_LONG})
"""Every error that is made here, as half a sentence."""


def gives(name: str, kinds: tuple[str, ...]) -> str:
    """The kind that `name` gives of operands of such kinds, `any` where that depends; empty where CEL has no overload."""
    fit = {
        given
        for takes, given in OVERLOADS[name]
        if len(takes) == len(kinds) and all(a == b or "any" in (a, b) for a, b in zip(takes, kinds, strict=True))
    }
    return fit.pop() if len(fit) == 1 else "any" if fit else ""


def _strict(name: str, compute: Callable[..., Any]) -> Callable[..., Any]:
    """What `compute` makes of operands that CEL has an overload for; or the first error among them, as it is.

    So says cel-spec (langdef.md, "Evaluation"); cel-python would write several errors into a new one.
    """

    def computed(*operands: Any) -> Any:
        fault = next((each for each in operands if isinstance(each, CELEvalError)), None)
        if fault is not None:
            return fault
        if not gives(name, tuple(map(kind, operands))):
            return CELEvalError(_MIXED)
        try:
            result = compute(*operands)
        except ZeroDivisionError:
            return CELEvalError(_BY_ZERO)
        except (ValueError, OverflowError):
            return CELEvalError(_TOO_LARGE)
        return CELEvalError(_TOO_LARGE) if isinstance(result, float) and not math.isfinite(result) else result

    return computed


_KINDS: dict[type, str] = {
    **dict.fromkeys((BoolType, bool), "bool"),
    IntType: "int",  # and not Python's int, which has no bounds
    **dict.fromkeys((DoubleType, float), "double"),
    **dict.fromkeys((StringType, str), "string"),
    **dict.fromkeys((ListType, list), "list"),
    MapType: "map",
}


def kind(value: Any) -> str:
    """CEL's type of a value; cel-python's are Python's, or made of them."""
    return _KINDS.get(type(value), "nothing that CEL knows")


def _sum(left: Any, right: Any) -> Any:
    longest = {"string": LONGEST_MADE, "list": MOST_ITEMS}.get(kind(left))
    if longest is not None and len(left) + len(right) > longest:
        return CELEvalError(_TOO_LONG)
    return left + right


def _quotient(left: Any, right: Any) -> Any:
    # cel-python's doubles divide by zero; Python's do not, nor do cel-python's integers.
    return float(left) / float(right) if isinstance(left, float) else left / right


def _equal(left: Any, right: Any) -> Any:
    """Lists are compared item by item, and one that differs decides, whatever the others are."""
    if kind(left) != kind(right):
        return CELEvalError(_MIXED)
    if kind(left) != "list":
        return bool(left == right)
    return len(left) == len(right) and _junction(map(_equal, left, right), decides=False)


def _unequal(left: Any, right: Any) -> Any:
    equal = _equal(left, right)
    return not equal if kind(equal) == "bool" else equal


def _among(item: Any, container: Any) -> Any:
    if kind(container) == "map":
        return item in container
    return _junction((_equal(item, each) for each in container), decides=True)


def _item(container: Any, index: Any) -> Any:
    if kind(container) == "list" and not 0 <= int(index) < len(container):
        return CELEvalError(_NO_ITEM)
    return container[index]


def _integer(value: Any) -> Any:
    if isinstance(value, str) and (number(value) is None or not value.removeprefix("-").isdigit()):
        return CELEvalError(_NO_NUMBER)
    return IntType(value)


def _double(value: Any) -> Any:
    return CELEvalError(_NO_NUMBER) if isinstance(value, str) and number(value) is None else float(value)


def _junction(sides: Iterable[Any], *, decides: bool) -> Any:
    """`&&` (false decides) and `||` (true decides): the side that decides, whatever the other is; else its error."""
    fault = None
    for side in sides:
        if kind(side) == "bool":
            if bool(side) is decides:
                return decides
        elif fault is None:
            fault = side if isinstance(side, CELEvalError) else CELEvalError(_MIXED)
    return not decides if fault is None else fault


_STRICT: dict[str, Callable[..., Any]] = {
    "!_": operator.not_,
    "-_": operator.neg,
    "_+_": _sum,
    "_-_": operator.sub,
    "_*_": operator.mul,
    "_/_": _quotient,
    "_%_": operator.mod,
    "_<_": operator.lt,
    "_<=_": operator.le,
    "_>_": operator.gt,
    "_>=_": operator.ge,
    "_==_": _equal,
    "_!=_": _unequal,
    "_in_": _among,
    "_?_:_": lambda condition, this, other: this if condition else other,
    "_[_]": _item,
    "size": lambda value: IntType(len(value)),
    "contains": operator.contains,
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "int": _integer,
    "double": _double,
    "string": str,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: _strict(name, compute) for name, compute in _STRICT.items()},
    "_&&_": lambda *sides: _junction(sides, decides=False),
    "_||_": lambda *sides: _junction(sides, decides=True),
}
"""All that an expression can call, by its name in CEL."""
