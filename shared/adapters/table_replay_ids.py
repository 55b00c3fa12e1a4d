"""Webhook ids in Table Storage, so that a re-sent decision counts once and is answered the same."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from azure.data.tables import UpdateMode

from shared.adapters.table_service import AnswerLost, RowExists, Tables
from shared.adapters.table_text import cut, joined
from shared.domain.canonical import sha256_hex
from shared.domain.errors import Unreadable
from shared.domain.instants import instant_text
from shared.ports import Replay

BEGUN_BEFORE = "at lt @before"


class TableReplayIds:
    """The port `ReplayIds`: table `webhookids`, partition the sender, row key the SHA-256 of the id.

    `begin` is one round trip for a new id and two for a known one.
    """

    def __init__(self, tables: Tables) -> None:
        self._table = tables.table("webhookids")

    def begin(self, sender: str, id: str, digest: str, at: datetime) -> Replay | None:
        """Insert the id with its body's digest; None when it is new, else what stands there.

        Where the answer of the store was lost, what stands there may be our own row: it holds no answer, so the
        decision is run again under the same operation id and counts once.
        """
        try:
            self._table.insert({**_keys(sender, id), "digest": digest, "at": instant_text(at)})
        except (RowExists, AnswerLost) as unsettled:
            entity = self._table.get(*_keys(sender, id).values())
            if entity is None:
                raise Unreadable(unsettled.code, str(unsettled), unsettled.retry_after) from unsettled
            return _replay(entity)
        return None

    def finish(self, sender: str, id: str, status: int, body: str) -> None:
        """Keep the answer."""
        self._table.upsert({**_keys(sender, id), "status": status, **cut("answer", body)}, UpdateMode.MERGE)

    def forget(self, before: datetime) -> int:
        """Delete ids begun before; returns how many."""
        old = list(self._table.query(BEGUN_BEFORE, {"before": instant_text(before)}, select=["PartitionKey", "RowKey"]))
        for row in old:
            self._delete(row)
        return len(old)

    def _delete(self, row: Mapping[str, Any]) -> None:
        self._table.repeatable(lambda table: table.delete_entity(row["PartitionKey"], row["RowKey"]))


def _keys(sender: str, id: str) -> dict[str, str]:
    return {"PartitionKey": sender, "RowKey": sha256_hex(id.encode())}


def _replay(entity: Mapping[str, Any]) -> Replay:
    answer = (int(entity["status"]), joined("answer", entity)) if "status" in entity else None
    return Replay(str(entity["digest"]), answer)
