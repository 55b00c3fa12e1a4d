"""Histories in memory, encoded and chained as the tables hold them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from shared.adapters.event_codec import CODEC, EventCodec
from shared.adapters.evidence_names import gone
from shared.adapters.history_entities import event_entity, head_entity
from shared.adapters.history_rows import appended, new_rows
from shared.adapters.memory.outage import Outage
from shared.adapters.restored_history import clash, head_at_hand, read_exported
from shared.adapters.table_limits import check_transaction
from shared.domain.canonical import canonical
from shared.domain.chain import Row, Tip
from shared.domain.errors import DocumentInvalid, HistoryClash
from shared.domain.ids import HistoryId, parse_partition
from shared.ports import JSON, Head, History, NewEvent, Page, RawHistory, Relayed

T = TypeVar("T", Head, Relayed)


class InMemoryHistories(Outage):
    """The port `Histories`. `lose_answers` is how many of the next appends commit and then say that they do not know.

    Args:
        codec: writes events.
        page_size: how many heads a page holds.
    """

    def __init__(self, codec: EventCodec = CODEC, page_size: int = 1000) -> None:
        super().__init__()
        self.lose_answers = 0
        self._codec = codec
        self._page_size = page_size
        self._histories: dict[HistoryId, History] = {}
        self._rows: dict[HistoryId, tuple[Row, ...]] = {}
        self._heads: dict[HistoryId, Head] = {}
        self._gone: dict[HistoryId, str] = {}  # restored without this body, so that they cannot be read

    def load(self, history: HistoryId) -> History:
        """Read a whole history; an unknown id is an empty one."""
        with self._lock:
            self._ask()
            if history in self._gone:
                raise gone(self._gone[history])
            return self._histories.get(history, History(history))

    def raw(self, history: HistoryId) -> RawHistory:
        """Read a history as it stands, for export and verification."""
        with self._lock:
            self._ask()
            head = self._heads.get(history)
            tip = Tip(history.partition, head.sequence, head.hash) if head else None
            return RawHistory(self._rows.get(history, ()), tip)

    def head(self, history: HistoryId) -> Head | None:
        """Read the head row alone."""
        with self._lock:
            self._ask()
            return self._heads.get(history)

    def append(
        self, loaded: History, events: Sequence[NewEvent], at: datetime, snapshot: Mapping[str, JSON]
    ) -> History:
        """Append all rows and the head, or nothing."""
        if not events:
            return loaded
        rows = new_rows(loaded, events, at, self._codec)
        tip = Tip(loaded.id.partition, rows[-1].sequence, rows[-1].hash)
        check_transaction([("create", event_entity(row)) for row in rows] + [("create", head_entity(tip, snapshot))])
        with self._lock:
            self._ask()
            return self._commit(loaded, rows, events, Head(loaded.id, tip.sequence, tip.hash, _copy(snapshot)))

    def save_relay(self, loaded: History, positions: Mapping[str, int]) -> History:
        """Write the sinks' positions under the ETag that was loaded."""
        with self._lock:
            self._ask()
            stored = self._histories.get(loaded.id, History(loaded.id))
            if stored.relay_etag != loaded.relay_etag:
                raise HistoryClash(f"Another relay of {loaded.id} went on: load again.")
            etag = self._etag()
            self._histories[loaded.id] = replace(stored, relay=dict(positions), relay_etag=etag)
            return replace(loaded, relay=dict(positions), relay_etag=etag)

    def heads(self, cursor: str | None) -> Page[Head]:
        """One page of all heads, ordered by partition key."""
        with self._lock:
            self._ask()
            return self._page(list(self._heads.values()), cursor)

    def relays(self, cursor: str | None) -> Page[Relayed]:
        """One page of all relay positions, ordered by partition key."""
        with self._lock:
            self._ask()
            relayed = [Relayed(each.id, each.relay) for each in self._histories.values() if each.relay_etag]
            return self._page(relayed, cursor)

    def _page(self, items: Sequence[T], cursor: str | None) -> Page[T]:
        ordered = sorted(items, key=lambda item: item.id.partition)
        start = _start(cursor)
        following = start + self._page_size
        return Page(tuple(ordered[start:following]), str(following) if following < len(ordered) else None)

    def occupant(self) -> str | None:
        """The partition key of the first history there is."""
        with self._lock:
            self._ask()
            return min((history.partition for history in self._rows), default=None)

    def read_exported(self, raw: RawHistory) -> History | None:
        """Read a history that stands in an export."""
        return read_exported(raw, self._codec)

    def restore(self, raw: RawHistory, snapshot: Mapping[str, JSON], positions: Mapping[str, int]) -> None:
        """Write it whole, or find it there."""
        tip, read = head_at_hand(raw), read_exported(raw, self._codec)
        with self._lock:
            self._ask()
            stands = self.raw(parse_partition(tip.history))
            if stands.head is None:
                self._put_back(raw, read, Head(parse_partition(tip.history), tip.sequence, tip.hash, _copy(snapshot)))
                if read and positions:
                    self.save_relay(self._histories[read.id], positions)
            elif stands != raw:
                raise clash(tip.history, "The history")

    def _put_back(self, raw: RawHistory, read: History | None, head: Head) -> None:
        self._rows[head.id], self._heads[head.id] = raw.rows, head
        if read is None:
            self._gone[head.id] = next(row.body_sha256 for row in raw.rows if row.body is None)
        else:
            self._histories[head.id] = replace(read, head_etag=self._etag())

    def _commit(self, loaded: History, rows: tuple[Row, ...], events: Sequence[NewEvent], head: Head) -> History:
        stored = self._histories.get(loaded.id, History(loaded.id))
        if stored.head_etag != loaded.head_etag:
            raise HistoryClash(f"Somebody appended to {loaded.id} first: load and decide again.")
        etag = self._etag()
        self._histories[loaded.id] = appended(stored, rows, events, etag)
        self._rows[loaded.id] = (*self._rows.get(loaded.id, ()), *rows)
        self._heads[loaded.id] = head
        if self.lose_answers:
            self.lose_answers -= 1
            raise HistoryClash(f"The answer to the append to {loaded.id} was lost: load and decide again.")
        return appended(loaded, rows, events, etag)


def _start(cursor: str | None) -> int:
    if cursor and not cursor.isdecimal():
        raise DocumentInvalid("The cursor", ["It was not made by this listing: start again without one."])
    return int(cursor or 0)


def _copy(snapshot: Mapping[str, JSON]) -> Mapping[str, JSON]:
    copied: Mapping[str, JSON] = json.loads(canonical(dict(snapshot)))
    return copied
