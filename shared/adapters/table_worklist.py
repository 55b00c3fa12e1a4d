"""The worklist in Table Storage: what must not be forgotten, and when it is due (R6)."""

import heapq
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from azure.core import MatchConditions
from azure.data.tables import UpdateMode

from shared.adapters.looks_properties import looks_of, looks_properties
from shared.adapters.table_service import BY_PARTITION, AnswerLost, RowChanged, RowExists, RowMissing, Tables
from shared.domain.errors import Unreadable
from shared.domain.ids import PromotionId
from shared.domain.instants import instant_text, parse_instant
from shared.domain.looks import Looks
from shared.ports import Clock, Work

_PARTITION = "work"
_TRIES = 5
DUE = "PartitionKey eq @pk and due le @now"


class TableWorklist:
    """The port `Worklist` on the table `worklist`, one partition, row key the promotion's id.

    Every method is one round trip while nobody else writes the same row; `due` and `promotions` one a page of 1000 rows.

    Args:
        tables: the account's tables.
        clock: tells when a row without due time is due: now.
    """

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._table = tables.table("worklist")
        self._clock = clock

    def get(self, promotion: PromotionId) -> Work | None:
        """The row of one promotion."""
        entity = self._table.get(_PARTITION, str(promotion))
        return _work(entity) if entity else None

    def ask(self, promotion: PromotionId, asked: datetime, due: datetime) -> None:
        """Intake: merge `asked` and `due`, without ETag."""
        self._merge(promotion, {"asked": instant_text(asked), "due": instant_text(due)})

    def touch(self, promotion: PromotionId, due: datetime) -> str:
        """Before an append: merge `due` alone, without ETag; returns the new ETag."""
        return self._merge(promotion, {"due": instant_text(due)})

    def save(self, promotion: PromotionId, looks: Looks, due: datetime | None, etag: str | None) -> None:
        """After a handling: merge the looks except `asked`; `due` only under `etag`, left alone if that is stale."""
        properties = looks_properties(looks)
        timed = {**properties, "due": instant_text(due or self._clock.now())}
        if due is not None and self._settled(promotion, timed, etag):
            return
        for _ in range(_TRIES):
            if self._updated(promotion, properties) or self._inserted(promotion, timed):
                return
        raise Unreadable("storage_busy", f"The worklist row of {promotion} changes all the time; it is tried again.", 1)

    def due(self, now: datetime, limit: int) -> Sequence[Work]:
        """Rows due at `now`, the longest due first, at most `limit`."""
        found = self._table.query(DUE, {"pk": _PARTITION, "now": instant_text(now)})
        return tuple(_work(entity) for entity in heapq.nsmallest(limit, found, key=lambda entity: str(entity["due"])))

    def remove(self, work: Work) -> bool:
        """Delete the row under its ETag; False where it has changed meanwhile."""
        condition: Any = {"etag": work.etag, "match_condition": MatchConditions.IfNotModified}
        try:
            self._table.write(lambda table: table.delete_entity(_keys(work.promotion), **condition))
        except RowChanged:
            return False
        except AnswerLost:
            return self._table.get(_PARTITION, str(work.promotion)) is None
        return True

    def promotions(self) -> frozenset[PromotionId]:
        """Every promotion that has a row."""
        rows = self._table.query(BY_PARTITION, {"pk": _PARTITION}, select=["RowKey"])
        return frozenset(PromotionId.parse(str(row["RowKey"])) for row in rows)

    def _merge(self, promotion: PromotionId, properties: Mapping[str, Any]) -> str:
        return self._table.upsert({**_keys(promotion), **properties}, UpdateMode.MERGE)

    def _settled(self, promotion: PromotionId, timed: Mapping[str, Any], etag: str | None) -> bool:
        """Write looks and due together, if the row is as this handling left it; a lost answer counts as stale."""
        try:
            if etag is None:
                self._table.insert({**_keys(promotion), **timed})
            else:
                self._merge_under(promotion, timed, etag)
        except (RowExists, RowChanged, RowMissing, AnswerLost):
            return False
        return True

    def _merge_under(self, promotion: PromotionId, timed: Mapping[str, Any], etag: str) -> None:
        row = {**_keys(promotion), **timed}
        condition: Any = {"etag": etag, "match_condition": MatchConditions.IfNotModified}
        self._table.write(lambda table: table.update_entity(row, mode=UpdateMode.MERGE, **condition))

    def _updated(self, promotion: PromotionId, properties: Mapping[str, Any]) -> bool:
        row = {**_keys(promotion), **properties}
        try:
            self._table.repeatable(lambda table: table.update_entity(row, mode=UpdateMode.MERGE))
        except RowMissing:
            return False
        return True

    def _inserted(self, promotion: PromotionId, timed: Mapping[str, Any]) -> bool:
        try:
            self._table.insert({**_keys(promotion), **timed})
        except RowExists:
            return False
        return True


def _keys(promotion: PromotionId) -> dict[str, str]:
    return {"PartitionKey": _PARTITION, "RowKey": str(promotion)}


def _work(entity: Any) -> Work:
    return Work(
        promotion=PromotionId.parse(str(entity["RowKey"])),
        due=parse_instant(str(entity["due"])),
        looks=looks_of(entity),
        etag=str(entity.metadata["etag"]),
        touched=entity.metadata["timestamp"],
    )
