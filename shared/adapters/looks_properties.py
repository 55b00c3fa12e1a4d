"""Looks as properties of a worklist row. `asked` is read here, and written by intake alone (R6)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.adapters.table_text import cut_for_merge, joined_json
from shared.domain.canonical import canonical
from shared.domain.instants import instant_text, parse_instant
from shared.domain.looks import Attempts, Looks


def looks_properties(looks: Looks) -> dict[str, str]:
    """All of the looks but `asked`. An empty text stands for nothing, since a merge cannot take a property away."""
    return {
        "looked": _text(looks.looked),
        "answered": _text(looks.answered),
        "missing_since": _text(looks.missing_since),
        **_cut("source", _attempts(looks.source)),
        **_cut("targets", {registry: _attempts(tries) for registry, tries in looks.targets.items()}),
        **_cut("sinks", {sink: _attempts(tries) for sink, tries in looks.sinks.items()}),
    }


def looks_of(entity: Mapping[str, Any]) -> Looks:
    """Read the looks of a worklist row."""
    return Looks(
        asked=_instant(entity.get("asked")),
        looked=_instant(entity.get("looked")),
        answered=_instant(entity.get("answered")),
        missing_since=_instant(entity.get("missing_since")),
        source=_read(joined_json("source", entity, {})),
        targets={registry: _read(tries) for registry, tries in joined_json("targets", entity, {}).items()},
        sinks={sink: _read(tries) for sink, tries in joined_json("sinks", entity, {}).items()},
    )


def _cut(name: str, value: Any) -> dict[str, str]:
    return cut_for_merge(name, canonical(value).decode())


def _attempts(tries: Attempts) -> dict[str, Any]:
    return {"count": tries.count, "next_try": _text(tries.next_try), "error": tries.error}


def _read(said: Mapping[str, Any]) -> Attempts:
    error = said.get("error")
    return Attempts(int(said.get("count", 0)), _instant(said.get("next_try")), None if error is None else str(error))


def _text(instant: datetime | None) -> str:
    return instant_text(instant) if instant else ""


def _instant(text: Any) -> datetime | None:
    return parse_instant(str(text)) if text else None
