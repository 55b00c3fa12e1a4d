"""Long texts and JSON in rows: cut over several properties, because one property takes 32 K characters."""

import json
from collections.abc import Mapping
from typing import Any

from shared.domain.canonical import canonical
from shared.domain.errors import DocumentInvalid

# Half the limit, so that a piece fits even where every character takes two UTF-16 units.
_PIECE = 16_000


def cut(name: str, text: str) -> dict[str, str]:
    """The properties `name`, `name_1`, `name_2` ... that together hold a text."""
    pieces = [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)] or [""]
    return {f"{name}_{number}" if number else name: piece for number, piece in enumerate(pieces)}


def cut_for_merge(name: str, text: str) -> dict[str, str]:
    """The same, with an empty piece at the end: a merge leaves the pieces of a longer text behind."""
    pieces = cut(name, text)
    return {**pieces, f"{name}_{len(pieces)}": ""}


def joined(name: str, entity: Mapping[str, Any]) -> str:
    """The text that `cut` spread."""
    pieces = [str(entity.get(name, ""))]
    while piece := entity.get(f"{name}_{len(pieces)}"):
        pieces.append(str(piece))
    return "".join(pieces)


def cut_json(name: str, value: Any) -> dict[str, str]:
    """The properties that hold a JSON value, in canonical form."""
    return cut(name, canonical(value, f"What is kept as {name}").decode())


def joined_json(name: str, entity: Mapping[str, Any], default: Any = None) -> Any:
    """The JSON value that `cut_json` spread; `default` where the property is absent or empty.

    Raises:
        DocumentInvalid: the property holds no JSON; somebody else wrote it.
    """
    text = joined(name, entity)
    if not text:
        return default
    try:
        return json.loads(text)
    except ValueError as error:
        where = f"The row {entity.get('PartitionKey')} {entity.get('RowKey')}"
        raise DocumentInvalid(where, [f"Its property {name} holds no JSON: {error}."]) from error
