"""Text of others as Unicode has it: JSON may hold half of a surrogate pair, which nothing of ours can write or sign."""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

T = TypeVar("T")
_HALF = re.compile("[\ud800-\udfff]")

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
"""Stands where half of a pair stood, for people to see that something is wrong there (Unicode 17, section 3.9)."""


def well_formed(value: T) -> T:
    """Return a text, or any value made of texts, with each half of a surrogate pair as U+FFFD; a pair becomes one character.

    Values are dataclasses, mappings and tuples; whatever else stands in them stays as it is.
    """
    return cast("T", _formed(value))


def _formed(value: Any) -> Any:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return {_formed(key): _formed(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return tuple(map(_formed, value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _formed(getattr(value, field.name)) for field in fields(value)})
    return value


def _text(text: str) -> str:
    if text.isascii() or not _HALF.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
