"""Histories in Table Storage: one partition each, appended in one transaction, read with one query (R4)."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any, TypeVar

from azure.core import MatchConditions
from azure.data.tables import UpdateMode

from shared.adapters.cursors import make_cursor, read_token
from shared.adapters.event_codec import CODEC, EventCodec
from shared.adapters.history_entities import (
    HEAD,
    RELAY,
    event_entity,
    event_row,
    head_entity,
    head_of,
    head_tip,
    is_event,
    relay_entity,
    relay_positions,
    relayed_of,
    stands_in_row,
)
from shared.adapters.history_rows import appended, check_loaded, new_rows, recorded
from shared.adapters.restored_history import head_at_hand, read_exported, restored_entities, still_missing
from shared.adapters.table_limits import batches
from shared.adapters.table_service import BY_PARTITION, AnswerLost, RowChanged, RowExists, RowMissing, Tables
from shared.domain.canonical import canonical
from shared.domain.chain import Row, Tip
from shared.domain.errors import HistoryClash, Unreadable
from shared.domain.ids import HistoryId
from shared.ports import JSON, EvidenceStore, Head, History, NewEvent, Page, RawHistory, Relayed

T = TypeVar("T", Head, Relayed)

_CLASHES = (RowExists, RowChanged, RowMissing, AnswerLost)
_READS = 3  # how often a history that grows while it is read is read again
_WRITES = 4  # how often one that is restored is looked at again, where an answer was lost or rows stood there

# Of `line:` and `promotion:`; claims stand in partitions that come before both, and may be named "head".
ALL_HEADS = "PartitionKey ge 'line:' and RowKey eq 'head'"
ALL_RELAYS = "PartitionKey ge 'line:' and RowKey eq 'relay'"
ALL_ROWS = "PartitionKey ge 'line:'"
ANY_ROW = "PartitionKey ge ''"


@dataclass(frozen=True, slots=True)
class _Partition:
    rows: tuple[Row, ...]
    head: Any  # the SDK's entity, or None
    relay: Any

    @property
    def tip(self) -> Tip | None:
        return head_tip(self.head) if self.head else None

    @property
    def grew(self) -> bool:
        """Whether somebody appended between two pages: the head is newer than the rows."""
        return self.tip is not None and self.tip.sequence > len(self.rows)


class TableHistories:
    """The port `Histories` on the table `history`.

    Round trips: `load` one a page of 1000 rows and one for each body kept elsewhere; `append` one, and one for each
    such body; `head`, `save_relay` one each.

    Args:
        tables: the account's tables.
        evidence: where bodies above 48 KiB go.
        codec: writes and reads events.
    """

    def __init__(self, tables: Tables, evidence: EvidenceStore, codec: EventCodec = CODEC) -> None:
        self._table = tables.table("history")
        self._evidence = evidence
        self._codec = codec

    def load(self, history: HistoryId) -> History:
        """Read a whole history, checked: no gap, every row continues the one before, the head agrees."""
        partition = self._read(history)
        tip = partition.tip or Tip(history.partition, 0, "0" * 64)
        check_loaded(history.partition, partition.rows, tip.sequence, tip.hash)
        return History(
            history,
            tuple(recorded(self.with_body(row), self._codec) for row in partition.rows),
            relay_positions(partition.relay),
            _etag(partition.head),
            _etag(partition.relay),
        )

    def raw(self, history: HistoryId) -> RawHistory:
        """Read a history as it stands, unchecked and not decoded, for export and verification."""
        partition = self._read(history)
        return RawHistory(partition.rows, partition.tip)

    def with_body(self, row: Row) -> Row:
        """A row of `raw` with its body; one that is kept elsewhere costs one round trip.

        Raises:
            DocumentInvalid: what is kept elsewhere is gone, or is not what was written.
        """
        if row.body is not None:
            return row
        return replace(row, body=json.loads(self._evidence.get(row.body_sha256)))

    def head(self, history: HistoryId) -> Head | None:
        """Read the head row alone."""
        entity = self._table.get(history.partition, HEAD)
        return head_of(entity) if entity else None

    def append(
        self, loaded: History, events: Sequence[NewEvent], at: datetime, snapshot: Mapping[str, JSON]
    ) -> History:
        """Append in one transaction: the rows, and the head under the ETag that was loaded."""
        if not events:
            return loaded
        rows = new_rows(loaded, events, at, self._codec)
        for row in rows:
            if not stands_in_row(row):
                self._evidence.put(canonical(row.body))
        head = head_entity(Tip(loaded.id.partition, rows[-1].sequence, rows[-1].hash), snapshot)
        operations = [("create", event_entity(row)) for row in rows]
        try:
            etags = self._table.transact([*operations, _guarded(head, loaded.head_etag)])
        except _CLASHES as clash:
            raise _clash(loaded, rows[0].sequence, clash) from clash
        return appended(loaded, rows, events, etags[-1])

    def save_relay(self, loaded: History, positions: Mapping[str, int]) -> History:
        """Write the sinks' positions under the ETag that was loaded."""
        entity = relay_entity(loaded.id.partition, positions)
        try:
            etag = self._table.replace(entity, loaded.relay_etag) if loaded.relay_etag else self._table.insert(entity)
        except _CLASHES as clash:
            raise HistoryClash(f"Another relay of {loaded.id} went on, or its answer was lost: load again.") from clash
        return replace(loaded, relay=dict(positions), relay_etag=etag)

    def heads(self, cursor: str | None) -> Page[Head]:
        """One page of the server's over all heads; it may be empty and yet not the last."""
        return self._page(ALL_HEADS, head_of, cursor)

    def relays(self, cursor: str | None) -> Page[Relayed]:
        """One page of the server's over all relay rows; it may be empty and yet not the last."""
        return self._page(ALL_RELAYS, relayed_of, cursor)

    def partitions(self) -> Iterator[str]:
        """Every history of which any row stands, its head or not, by partition key; one round trip for 1000 rows."""
        keys = (str(row["PartitionKey"]) for row in self._table.query(ALL_ROWS, {}, select=["PartitionKey"]))
        return (key for key, _ in groupby(keys))

    def occupant(self) -> str | None:
        """The partition key of the first row there is; a page may be empty and yet not the last."""
        found = next(self._table.query(ANY_ROW, {}, select=["PartitionKey"]), None)
        return str(found["PartitionKey"]) if found else None

    def read_exported(self, raw: RawHistory) -> History | None:
        """Read a history that stands in an export; no round trip."""
        return read_exported(raw, self._codec)

    def restore(self, raw: RawHistory, snapshot: Mapping[str, JSON], positions: Mapping[str, int]) -> None:
        """Insert its rows, the head with the last of them; one round trip for 100 rows, one for each large body."""
        for row in raw.rows:
            if not stands_in_row(row) and row.body is not None:
                self._evidence.put(canonical(row.body))
        wanted = missing = restored_entities(raw, snapshot, positions)
        for left in reversed(range(_WRITES)):
            try:
                self._insert(missing)
            except (RowExists, AnswerLost):
                if not left:
                    raise
                found = self._table.query(BY_PARTITION, {"pk": head_at_hand(raw).history})
                missing = still_missing(wanted, found)
            else:
                return

    def _page(self, rows: str, read: Callable[[Mapping[str, Any]], T], cursor: str | None) -> Page[T]:
        token = read_token(cursor) if cursor else None
        found, following = self._table.page(rows, {}, 1000, token)
        return Page(tuple(read(entity) for entity in found), make_cursor(following) if following else None)

    def _insert(self, entities: Sequence[dict[str, Any]]) -> None:
        for batch in batches([("create", entity) for entity in entities]):
            self._table.transact(batch)

    def _read(self, history: HistoryId) -> _Partition:
        for _ in range(_READS):
            entities = list(self._table.query(BY_PARTITION, {"pk": history.partition}))
            others = {entity["RowKey"]: entity for entity in entities if not is_event(entity)}
            rows = tuple(event_row(entity) for entity in entities if is_event(entity))
            partition = _Partition(rows, others.get(HEAD), others.get(RELAY))
            if not partition.grew:
                break
        return partition


def _guarded(entity: dict[str, Any], etag: str | None) -> Any:
    """Insert the row where there was none, else replace it as long as it is as it was read."""
    if etag is None:
        return ("create", entity)
    condition = {"mode": UpdateMode.REPLACE, "etag": etag, "match_condition": MatchConditions.IfNotModified}
    return ("update", entity, condition)


def _etag(entity: Any) -> str | None:
    return str(entity.metadata["etag"]) if entity else None


def _clash(loaded: History, sequence: int, cause: Unreadable) -> HistoryClash:
    how = "the answer was lost" if isinstance(cause, AnswerLost) else "somebody else wrote it first"
    return HistoryClash(f"Row {sequence} of {loaded.id} may stand there already, for {how}: load and decide again.")
