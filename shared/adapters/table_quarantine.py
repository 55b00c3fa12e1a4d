"""The quarantine in Table Storage: where bad input ends, counted by content, to be replayed (invariant 10)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from azure.core import MatchConditions
from azure.data.tables import UpdateMode

from shared.adapters.cursors import bad_cursor, make_cursor, read_cursor
from shared.adapters.quarantine_ids import no_such_message, quarantine_id, quarantine_key, shortened
from shared.adapters.read_model_keys import is_key
from shared.adapters.table_service import AnswerLost, RowChanged, RowExists, RowMissing, Tables
from shared.adapters.table_text import cut_json, joined_json
from shared.domain.errors import Unreadable
from shared.domain.instants import instant_text, parse_instant
from shared.ports import EvidenceStore, Page, Quarantined

_MESSAGES = "message"  # newest first
_IDS = "id"
_INLINE_BYTES = 48 * 1024
_TRIES = 8
AFTER = "PartitionKey eq @pk and RowKey gt @low"


class TableQuarantine:
    """The port `Quarantine` on the table `quarantine`.

    A message stands in partition `message` under the time it first came; a row in partition `id` says where. The
    place is written first, so a message that was cut off in between is written by the next delivery.

    Args:
        tables: the account's tables.
        evidence: where bodies above 48 KiB go.
    """

    def __init__(self, tables: Tables, evidence: EvidenceStore) -> None:
        self._table = tables.table("quarantine")
        self._evidence = evidence

    def put(self, source: str, reason: str, body: bytes, at: datetime) -> str:
        """Keep a message, or count it again; returns its id."""
        message = quarantine_id(source, body)
        fresh = Quarantined(message, source, shortened(reason), body, 1, at, at)
        place = self._placed(message, quarantine_key(at, message))
        try:
            self._table.insert(self._entity(place, fresh))
        except (RowExists, AnswerLost):
            self._change(place, lambda known: replace(known, count=known.count + 1, last_at=at, reason=fresh.reason))
        return message

    def get(self, id: str) -> Quarantined | None:
        """One message."""
        place = self._place(id)
        entity = self._table.get(_MESSAGES, place) if place else None
        return self._message(entity) if entity else None

    def note_replay(self, id: str, at: datetime, by: str, digest: str) -> None:
        """Note that an operator replayed it; the message stays."""
        place = self._place(id)
        if place is None:
            raise no_such_message(id)
        self._change(place, lambda known: replace(known, replays=(*known.replays, (at, by, digest))))

    def page(self, limit: int, cursor: str | None) -> Page[Quarantined]:
        """One page, newest first."""
        low = read_cursor(cursor) if cursor else ""
        if not isinstance(low, str) or (low and not is_key(low)):
            raise bad_cursor()
        found: list[Any] = []
        token: Any = None
        while len(found) <= limit:
            rows, token = self._table.page(AFTER, {"pk": _MESSAGES, "low": low}, min(limit + 1, 1000), token)
            found += rows
            if token is None:
                break
        items = tuple(self._message(entity) for entity in found[:limit])
        return Page(items, make_cursor(found[limit - 1]["RowKey"]) if len(found) > limit else None)

    def _placed(self, message: str, place: str) -> str:
        """Where the message stands: there already, or from now on."""
        try:
            self._table.insert({"PartitionKey": _IDS, "RowKey": message, "place": place})
        except (RowExists, AnswerLost) as unsettled:
            stands = self._place(message)
            if stands is None:
                raise Unreadable(unsettled.code, str(unsettled), unsettled.retry_after) from unsettled
            return stands
        return place

    def _place(self, message: str) -> str | None:
        entity = self._table.get(_IDS, message) if message.isalnum() else None
        return str(entity["place"]) if entity else None

    def _change(self, place: str, change: Callable[[Quarantined], Quarantined]) -> None:
        for _ in range(_TRIES):
            entity: Any = self._table.get(_MESSAGES, place)
            if entity is None:
                break
            if self._replaced(entity, self._entity(place, change(self._message(entity)))):
                return
        raise Unreadable("storage_busy", "A message of the quarantine changes all the time; it is tried again.", 1)

    def _replaced(self, entity: Any, changed: dict[str, Any]) -> bool:
        condition: Any = {"etag": entity.metadata["etag"], "match_condition": MatchConditions.IfNotModified}
        try:
            self._table.write(lambda table: table.update_entity(changed, mode=UpdateMode.REPLACE, **condition))
        except (RowChanged, RowMissing):
            return False
        return True

    def _entity(self, place: str, message: Quarantined) -> dict[str, Any]:
        stands = len(message.body) <= _INLINE_BYTES
        replays = [[instant_text(at), by, digest] for at, by, digest in message.replays]
        return {
            "PartitionKey": _MESSAGES,
            "RowKey": place,
            "id": message.id,
            "source": message.source,
            "reason": message.reason,
            "count": message.count,
            "first_at": instant_text(message.first_at),
            "last_at": instant_text(message.last_at),
            **({"body": message.body} if stands else {"body_sha256": self._evidence.put(message.body)}),
            **cut_json("replays", replays),
        }

    def _message(self, entity: Mapping[str, Any]) -> Quarantined:
        elsewhere = entity.get("body_sha256")
        return Quarantined(
            id=str(entity["id"]),
            source=str(entity["source"]),
            reason=str(entity["reason"]),
            body=self._evidence.get(str(elsewhere)) if elsewhere else bytes(entity.get("body", b"")),
            count=int(entity["count"]),
            first_at=parse_instant(str(entity["first_at"])),
            last_at=parse_instant(str(entity["last_at"])),
            replays=tuple((parse_instant(at), by, digest) for at, by, digest in joined_json("replays", entity, [])),
        )
