"""Rows of a history as entities of the table `history`; docs/history-format.md is their specification."""

import json
from collections.abc import Mapping
from typing import Any

from shared.adapters.history_rows import INLINE_BYTES, snapshot_of
from shared.adapters.table_text import cut, cut_json, joined, joined_json
from shared.domain.canonical import canonical
from shared.domain.chain import Row, Tip
from shared.domain.errors import DocumentInvalid
from shared.domain.ids import parse_partition
from shared.ports import JSON, Head, Relayed

HEAD = "head"
RELAY = "relay"


def event_key(sequence: int) -> str:
    """The row key of an event."""
    return f"e{sequence:010d}"


def is_event(entity: Mapping[str, Any]) -> bool:
    """Whether a row of a partition is an event."""
    return str(entity["RowKey"]).startswith("e")


def stands_in_row(row: Row) -> bool:
    """Whether the body is small enough to stand in the row itself."""
    return row.body_size <= INLINE_BYTES


def event_entity(row: Row) -> dict[str, Any]:
    """An event row. A body too large for it is left out: the digest says where it is. So is one that is not at hand."""
    body = cut("body", canonical(row.body).decode()) if stands_in_row(row) and row.body is not None else {}
    return {
        "PartitionKey": row.history,
        "RowKey": event_key(row.sequence),
        "at": row.at,
        "operation": row.operation,
        "actor": row.actor,
        "type": row.type,
        "schema": row.schema,
        "previous": row.previous,
        "hash": row.hash,
        "body_sha256": row.body_sha256,
        "body_size": row.body_size,
        **body,
    }


def event_row(entity: Mapping[str, Any]) -> Row:
    """Read an event row as it stands; `body` is None where it is kept elsewhere.

    Raises:
        DocumentInvalid: a property is missing or has the wrong type: somebody else wrote it.
    """
    where = f"The row {entity['PartitionKey']} {entity['RowKey']}"
    try:
        text = joined("body", entity)
        return Row(
            history=entity["PartitionKey"],
            sequence=int(entity["RowKey"][1:]),
            **{name: _typed(name, entity[name], str) for name in _TEXTS},
            schema=_typed("schema", entity["schema"], int),
            body=json.loads(text) if text else None,
            body_size=_typed("body_size", entity["body_size"], int),
        )
    except KeyError as error:
        raise DocumentInvalid(where, [f"Its property {error.args[0]} is missing."]) from error
    except ValueError as error:
        raise DocumentInvalid(where, [f"It cannot be read: {error}."]) from error


_TEXTS = ("previous", "at", "operation", "actor", "type", "body_sha256", "hash")


def head_entity(tip: Tip, snapshot: Mapping[str, JSON]) -> dict[str, Any]:
    """The head row."""
    return {
        "PartitionKey": tip.history,
        "RowKey": HEAD,
        "sequence": tip.sequence,
        "hash": tip.hash,
        **cut_json("snapshot", dict(snapshot)),
    }


def head_tip(entity: Mapping[str, Any]) -> Tip:
    """Where the head row says that the history ends."""
    return Tip(str(entity["PartitionKey"]), int(entity.get("sequence", 0)), str(entity.get("hash", "")))


def head_of(entity: Mapping[str, Any]) -> Head:
    """Read a head row."""
    tip = head_tip(entity)
    snapshot = snapshot_of(joined_json("snapshot", entity))
    return Head(parse_partition(tip.history), tip.sequence, tip.hash, snapshot)


def relay_entity(partition: str, positions: Mapping[str, int]) -> dict[str, Any]:
    """The relay row: one position for each sink, apart from the head so that it never makes an append lose (R5)."""
    return {"PartitionKey": partition, "RowKey": RELAY, **cut_json("positions", dict(positions))}


def relayed_of(entity: Mapping[str, Any]) -> Relayed:
    """Read the relay row with the history that it belongs to."""
    return Relayed(parse_partition(str(entity["PartitionKey"])), relay_positions(entity))


def relay_positions(entity: Mapping[str, Any] | None) -> dict[str, int]:
    """Read the relay row."""
    said = joined_json("positions", entity, {}) if entity else {}
    return {str(sink): int(position) for sink, position in said.items()}


def _typed(name: str, value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise ValueError(f"its property {name} is {type(value).__name__}, not {kind.__name__}")
    return value
