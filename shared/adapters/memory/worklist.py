"""The worklist, the bookmarks and the awaited runs in memory."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from shared.adapters.memory.outage import Outage
from shared.domain.canonical import canonical
from shared.domain.ids import PromotionId
from shared.domain.looks import Looks
from shared.ports import JSON, MOST_WAITING, Clock, Work


class InMemoryWorklist(Outage):
    """The port `Worklist`.

    Args:
        clock: the store's clock; it says when a row was touched.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._rows: dict[PromotionId, Work] = {}

    def get(self, promotion: PromotionId) -> Work | None:
        """The row of one promotion."""
        with self._lock:
            self._ask()
            return self._rows.get(promotion)

    def ask(self, promotion: PromotionId, asked: datetime, due: datetime) -> None:
        """Intake: merge `asked` and `due`, without ETag."""
        with self._lock:
            row = self._row(promotion)
            self._put(replace(row, due=due, looks=replace(row.looks, asked=asked)))

    def touch(self, promotion: PromotionId, due: datetime) -> str:
        """Before an append: merge `due` alone, without ETag; returns the new ETag."""
        with self._lock:
            return self._put(replace(self._row(promotion), due=due))

    def save(self, promotion: PromotionId, looks: Looks, due: datetime | None, etag: str | None) -> None:
        """After a handling: merge the looks except `asked`; `due` only under `etag`, left alone if that is stale."""
        with self._lock:
            stood = self._rows.get(promotion)
            row = self._row(promotion)
            fresh = stood is None or stood.etag == etag
            kept = due if due is not None and fresh else row.due
            self._put(replace(row, due=kept, looks=replace(looks, asked=row.looks.asked)))

    def due(self, now: datetime, limit: int) -> Sequence[Work]:
        """Rows due at `now`, the longest due first, at most `limit`."""
        with self._lock:
            self._ask()
            due = [row for row in self._rows.values() if row.due <= now]
        return tuple(sorted(due, key=lambda row: row.due)[:limit])

    def remove(self, work: Work) -> bool:
        """Delete the row under its ETag; False where it has changed meanwhile."""
        with self._lock:
            self._ask()
            stands = self._rows.get(work.promotion)
            if stands is not None and stands.etag != work.etag:
                return False
            self._rows.pop(work.promotion, None)
            return True

    def promotions(self) -> frozenset[PromotionId]:
        """Every promotion that has a row."""
        with self._lock:
            self._ask()
            return frozenset(self._rows)

    def _row(self, promotion: PromotionId) -> Work:
        self._ask()
        now = self._clock.now()
        return self._rows.get(promotion) or Work(promotion, now, Looks(), "", now)

    def _put(self, row: Work) -> str:
        etag = self._etag()
        self._rows[row.promotion] = replace(row, etag=etag, touched=self._clock.now())
        return etag


class InMemoryBookmarks(Outage):
    """The port `Bookmarks`."""

    def __init__(self) -> None:
        super().__init__()
        self._documents: dict[str, bytes] = {}

    def get(self, name: str) -> Mapping[str, JSON] | None:
        """Read one."""
        with self._lock:
            self._ask()
            document = self._documents.get(name)
        return json.loads(document) if document is not None else None

    def put(self, name: str, document: Mapping[str, JSON]) -> None:
        """Write one; the last writer wins."""
        with self._lock:
            self._ask()
            self._documents[name] = canonical(dict(document))

    def put_first(self, name: str, document: Mapping[str, JSON]) -> Mapping[str, JSON]:
        """Insert one, or return the one that stands there already."""
        with self._lock:
            self._ask()
            stands: Mapping[str, JSON] = json.loads(self._documents.setdefault(name, canonical(dict(document))))
            return stands

    def remove(self, name: str) -> None:
        """Take one away."""
        with self._lock:
            self._ask()
            self._documents.pop(name, None)


class InMemoryAwaitedRuns(Outage):
    """The port `AwaitedRuns`; `reads` counts how often somebody asked who waits."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0
        self._waiting: dict[tuple[str, str], tuple[PromotionId, ...]] = {}

    def waiting(self, workspace: str, run: str) -> tuple[PromotionId, ...]:
        """Who waits for a run."""
        with self._lock:
            self._ask()
            self.reads += 1
            return self._waiting.get((workspace, run), ())

    def add(self, workspace: str, run: str, promotion: PromotionId) -> None:
        """Have the end of a run wake a promotion."""
        with self._lock:
            self._ask()
            stands = self._waiting.get((workspace, run), ())
            if promotion not in stands:
                self._waiting[workspace, run] = (*stands, promotion)[:MOST_WAITING]

    def remove(self, workspace: str, run: str, promotion: PromotionId) -> None:
        """Have it wake that one no more."""
        with self._lock:
            self._ask()
            left = tuple(each for each in self._waiting.pop((workspace, run), ()) if each != promotion)
            if left:
                self._waiting[workspace, run] = left
