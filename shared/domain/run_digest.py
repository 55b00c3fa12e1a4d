"""The SHA-256 of what was taken from a run, so that a later reading of it can be compared with the one that was judged."""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from shared.domain.canonical import canonical, sha256_hex
from shared.domain.evidence import Run, Series
from shared.domain.instants import instant_text

_NO_TEXT = re.compile("[\ud800-\udfff]")


def run_digest(run: Run, series: Mapping[str, Series]) -> str:
    """SHA-256 over the canonical JSON of a run, lower-case hex, 64 digits.

    Covered is every field of the run but its tags, as a history writes it, and as `series` all values of those metrics
    that more than the last value was read of. Tags are not: anybody may annotate a run that has ended, and those that
    count stand in the facts. docs/history-format.md works an example through.
    """
    taken = {field.name: getattr(run, field.name) for field in fields(run) if field.name != "tags"}
    return sha256_hex(canonical(_plain({**taken, "series": series}), "A run"))


def _plain(value: Any) -> Any:
    match value:
        case str():
            return _text(value)
        case datetime():
            return instant_text(value)
        case Mapping():
            return _pairs({name: _plain(item) for name, item in value.items()})
        case tuple():
            return [_plain(item) for item in value]
        case _ if is_dataclass(value):
            return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value


def _pairs(found: Mapping[str, Any]) -> Any:
    """An object; where a name is none that an object can have, the list of its pairs in order."""
    if all(map(_is_text, found)):
        return found
    return [[_text(name), found[name]] for name in sorted(found)]


def _text(text: str) -> Any:
    return text if _is_text(text) else {"surrogates": text.encode("utf-8", "surrogatepass").hex()}


def _is_text(text: str) -> bool:
    return text.isascii() or not _NO_TEXT.search(text)
