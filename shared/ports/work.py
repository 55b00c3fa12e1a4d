"""What must not be forgotten, and what wakes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.domain.ids import PromotionId
from shared.domain.looks import Looks
from shared.ports.page import JSON


@dataclass(frozen=True, slots=True)
class Work:
    """A worklist row. `touched` is when it was last written, by the store's clock."""

    promotion: PromotionId
    due: datetime
    looks: Looks
    etag: str
    touched: datetime


class Worklist(Protocol):
    """What must not be forgotten, and when it is due (R6). An index, not a read model."""

    def get(self, promotion: PromotionId) -> Work | None:
        """The row of one promotion."""

    def ask(self, promotion: PromotionId, asked: datetime, due: datetime) -> None:
        """Intake: merge `asked` and `due`, without ETag."""

    def touch(self, promotion: PromotionId, due: datetime) -> str:
        """Before an append: merge `due` alone, without ETag; returns the new ETag."""

    def save(self, promotion: PromotionId, looks: Looks, due: datetime | None, etag: str | None) -> None:
        """After a handling: merge the looks except `asked`; `due` only under `etag`, left alone if that is stale.

        `due` None leaves the row's own due time (or now, for a new row); `etag` None means there was no row.
        """

    def due(self, now: datetime, limit: int) -> Sequence[Work]:
        """Rows due at `now`, at most `limit`."""

    def remove(self, work: Work) -> bool:
        """Delete the row under its ETag; False where it has changed meanwhile."""

    def promotions(self) -> frozenset[PromotionId]:
        """Every promotion that has a row."""


MOST_WAITING = 50
"""Promotions that one run wakes at its end; any beyond them are found by the looks that come by themselves (R17)."""


class AwaitedRuns(Protocol):
    """Which promotions the end of a run wakes. An index: losing a row of it means looking later, never never.

    Each method may be repeated. A run's id is text from tags: anything at all.
    """

    def waiting(self, workspace: str, run: str) -> tuple[PromotionId, ...]:
        """Who waits for a run; one point read."""

    def add(self, workspace: str, run: str, promotion: PromotionId) -> None:
        """Have the end of a run wake a promotion; nothing where `MOST_WAITING` wait already."""

    def remove(self, workspace: str, run: str, promotion: PromotionId) -> None:
        """Have it wake that one no more."""


class Queue(Protocol):
    """Messages that carry a promotion id and mean "look at this one" (R2)."""

    def send(self, promotion: PromotionId, delay_seconds: int = 0) -> None:
        """Send one message that never expires."""

    def ping(self) -> None:
        """Check that the queue answers."""


class Backlog(Protocol):
    """How much lies before the machinery, in round numbers: for those who watch it, never for a decision."""

    def queue_depths(self) -> Mapping[str, int]:
        """Messages in each queue, those being handled included; a queue that does not exist yet holds none."""

    def dead_letters(self) -> int:
        """Blobs of events that Event Grid gave up delivering, counted up to 5,000."""


class Bookmarks(Protocol):
    """Small named documents that runs of timers leave for the next run."""

    def get(self, name: str) -> Mapping[str, JSON] | None:
        """Read one."""

    def put(self, name: str, document: Mapping[str, JSON]) -> None:
        """Write one; the last writer wins."""

    def put_first(self, name: str, document: Mapping[str, JSON]) -> Mapping[str, JSON]:
        """Insert one, or return the one that stands there already."""

    def remove(self, name: str) -> None:
        """Take one away; nothing where there is none."""
