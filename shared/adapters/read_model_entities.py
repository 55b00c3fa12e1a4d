"""Rows of the catalog and of the timeline as entities. An absent value is an absent property."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.adapters.read_model_keys import catalog_key, month_of, timeline_key
from shared.adapters.table_text import cut, cut_json, joined, joined_json
from shared.domain.ids import PromotionId
from shared.domain.instants import instant_text, parse_instant
from shared.ports import Summary, TimelineEntry

OPEN = "open"
SETTLED = "settled"


def catalog_partition(*, is_open: bool) -> str:
    """Where the catalog keeps what is open, and what is not."""
    return OPEN if is_open else SETTLED


def catalog_entity(summary: Summary) -> dict[str, Any]:
    """A row of the catalog."""
    properties = {
        "PartitionKey": catalog_partition(is_open=summary.open),
        "RowKey": catalog_key(summary),
        "promotion": str(summary.promotion),
        "workspace": summary.promotion.workspace,
        "model": summary.promotion.name,
        "status": summary.status,
        "open": summary.open,
        "first_at": instant_text(summary.first_at),
        "changed_at": instant_text(summary.changed_at),
        "sequence": summary.sequence,
        "policy": summary.policy,
        "round": summary.round,
        "digest": summary.digest,
        "approvals": summary.approvals,
        "required": summary.required,
        "expires_at": instant_text(summary.expires_at) if summary.expires_at else None,
        **cut_json("targets", dict(summary.targets)),
        **cut("explanation", summary.explanation),
    }
    return {name: value for name, value in properties.items() if value is not None}


def summary_of(entity: Mapping[str, Any]) -> Summary:
    """Read a row of the catalog."""
    return Summary(
        promotion=PromotionId.parse(str(entity["promotion"])),
        status=str(entity["status"]),
        open=bool(entity["open"]),
        first_at=parse_instant(str(entity["first_at"])),
        changed_at=parse_instant(str(entity["changed_at"])),
        sequence=int(entity["sequence"]),
        policy=entity.get("policy"),
        round=int(entity["round"]),
        digest=entity.get("digest"),
        approvals=int(entity["approvals"]),
        required=int(entity["required"]),
        expires_at=_instant(entity.get("expires_at")),
        targets=joined_json("targets", entity, {}),
        explanation=joined("explanation", entity),
    )


def timeline_entities(entry: TimelineEntry) -> tuple[dict[str, Any], dict[str, Any]]:
    """The two rows of an event: among all of its month, and among those of its model."""
    properties = {
        "id": entry.id,
        "history": entry.history,
        "workspace": entry.workspace,
        "model": entry.model,
        "version": entry.version,
        "sequence": entry.sequence,
        "at": instant_text(entry.at),
        "type": entry.type,
        "actor": entry.actor,
        "hash": entry.hash,
        **cut("summary", entry.summary),
    }
    partitions = (f"all:{month_of(entry.at)}", model_partition(entry.workspace, entry.model))
    of_month, of_model = ({"PartitionKey": pk, "RowKey": timeline_key(entry), **properties} for pk in partitions)
    return of_month, of_model


def model_partition(workspace: str, model: str) -> str:
    """Where the timeline keeps the events of one model."""
    return f"model:{workspace}:{model}"


def entry_of(entity: Mapping[str, Any]) -> TimelineEntry:
    """Read a row of the timeline."""
    return TimelineEntry(
        **{name: str(entity[name]) for name in _TEXTS},
        sequence=int(entity["sequence"]),
        at=parse_instant(str(entity["at"])),
        summary=joined("summary", entity),
    )


_TEXTS = ("id", "history", "workspace", "model", "version", "type", "actor", "hash")


def _instant(text: Any) -> datetime | None:
    return parse_instant(str(text)) if text else None
