"""JSON from outside, read strictly: what two readers could understand differently is a fault (RFC 8259, RFC 7493)."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from shared.domain.errors import DocumentInvalid

LONGEST_NUMBER = 64
"""Characters that one number may have: enough for every value that Azure ML or a sender writes."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")


class _Fault(ValueError):
    """A fault found while parsing; its text is the sentence."""


def loads(data: bytes, *, max_bytes: int, max_depth: int, what: str = "The JSON", exact: bool = False) -> Any:
    """Read one JSON value from UTF-8 bytes.

    Args:
        data: the bytes as they came.
        max_bytes: how many there may be.
        max_depth: how deep lists and objects may be nested; `[]` is 1 deep.
        what: what a fault calls the document.
        exact: whether numbers with a fraction or an exponent are `Decimal`, and not the nearest float.

    Raises:
        DocumentInvalid: too large, not UTF-8, not JSON, nested too deep, a key twice in one object, NaN or Infinity,
            a number out of range or too long, half of a surrogate pair.
    """
    if len(data) > max_bytes:
        raise DocumentInvalid(what, [f"It has {len(data)} bytes; at most {max_bytes} are read."])
    try:
        text = data.decode()
        _refuse_deep(text, max_depth)
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_float=_exact if exact else _fraction,
            parse_int=_whole,
        )
        _refuse_surrogates(value)
    except UnicodeDecodeError as error:
        raise DocumentInvalid(what, [f"It is not UTF-8: byte {error.start} cannot be read."]) from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise DocumentInvalid(what, [f"It is not JSON: {error.msg} at {place}."]) from error
    except _Fault as error:
        raise DocumentInvalid(what, [str(error)]) from error
    return value


def _refuse_deep(text: str, max_depth: int) -> None:
    depth = 0
    for token in _TOKEN.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
        if depth > max_depth:
            raise _Fault(f"It is nested deeper than {max_depth} levels.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Fault(f"The key {_shown(key)} stands twice in one object.")
        found[key] = value
    return found


def _constant(name: str) -> Any:
    raise _Fault(f"{name} is no JSON number.")


def _fraction(text: str) -> float:
    value = float(_bounded(text))
    if value in (float("inf"), float("-inf")):
        raise _Fault(f"The number {text} is too large.")
    return value


def _exact(text: str) -> Decimal:
    return Decimal(_bounded(text))


def _whole(text: str) -> int:
    return int(_bounded(text))


def _bounded(text: str) -> str:
    if len(text) > LONGEST_NUMBER:
        raise _Fault(f"A number has {len(text)} characters; at most {LONGEST_NUMBER} are read.")
    return text


def _refuse_surrogates(value: Any) -> None:
    for text in _texts(value):
        if _SURROGATE.search(text):
            raise _Fault(f"The text {_shown(text)} holds half of a surrogate pair.")


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from _texts(item)
        case dict():
            for key, item in value.items():
                yield key
                yield from _texts(item)


def _shown(text: str) -> str:
    """A text as it may stand in a fault: ASCII, in quotation marks, short."""
    return ascii(text if len(text) <= 40 else f"{text[:40]}…")
