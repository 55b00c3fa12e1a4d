"""The histories that everything is folded from, and the claims beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from shared.domain.chain import Row, Tip
from shared.domain.events import Event, Recorded
from shared.domain.ids import HistoryId, Incarnation, PromotionId, Target
from shared.ports.page import JSON, Page


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event about to be appended, with the id of the command and of the person (or `clearance`) behind it."""

    event: Event
    operation: str
    actor: str


@dataclass(frozen=True, slots=True)
class History:
    """A history as loaded: rows in order, relay positions, and the ETags that guard the next writes.

    `relay` maps a sink ("tables", "topic") to the last sequence it took. An empty history has sequence 0.
    """

    id: HistoryId
    rows: tuple[Recorded, ...] = ()
    relay: Mapping[str, int] = field(default_factory=dict)
    head_etag: str | None = None
    relay_etag: str | None = None

    @property
    def sequence(self) -> int:
        """The last sequence."""
        return self.rows[-1].sequence if self.rows else 0

    def through(self, operation: str) -> "tuple[Recorded, ...] | None":
        """The rows up to the last one that `operation` wrote; None where it wrote none (R4)."""
        ends = [row.sequence for row in self.rows if row.operation == operation]
        return self.rows[: ends[-1]] if ends else None


@dataclass(frozen=True, slots=True)
class Head:
    """The head row of a history: last sequence, its hash, and the snapshot stored with it."""

    id: HistoryId
    sequence: int
    hash: str
    snapshot: Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class Relayed:
    """The relay row of a history: the last sequence that each sink took."""

    id: HistoryId
    positions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RawHistory:
    """Rows as they stand in the store: not decoded, not checked. Large bodies are left where they are."""

    rows: tuple[Row, ...]
    head: Tip | None


class Histories(Protocol):
    """Insert-only histories, one partition each (R4)."""

    def load(self, history: HistoryId) -> History:
        """Read a whole history; an unknown id is an empty one. One round trip a page."""

    def raw(self, history: HistoryId) -> RawHistory:
        """Read a history as it was written, for export: writing it again would change its hashes."""

    def head(self, history: HistoryId) -> Head | None:
        """Read the head row alone."""

    def append(
        self, loaded: History, events: Sequence[NewEvent], at: datetime, snapshot: Mapping[str, JSON]
    ) -> History:
        """Append in one transaction, at the sequence after `loaded`; returns the history with the new rows.

        Raises:
            HistoryClash: somebody appended first, or the answer was lost: load, look for the operation, decide again.
            DocumentInvalid: an event is larger than a transaction can hold.
        """

    def save_relay(self, loaded: History, positions: Mapping[str, int]) -> History:
        """Write the sinks' positions under ETag.

        Raises:
            HistoryClash: another relay moved them.
        """

    def heads(self, cursor: str | None) -> Page[Head]:
        """One page of all heads, ordered by partition key."""

    def relays(self, cursor: str | None) -> Page[Relayed]:
        """One page of all relay rows, ordered by partition key; a history that was never relayed has none."""

    def occupant(self) -> str | None:
        """The partition key of the first row there is, of a history or of claims; None where there is no row at all."""

    def read_exported(self, raw: RawHistory) -> History | None:
        """Read a history that stands in an export as `load` would read it here; None where a body is not at hand.

        Raises:
            DocumentInvalid: this program cannot read it, or this store could not hold it; every fault of every row.
            InvalidId: its name is that of no history.
        """

    def restore(self, raw: RawHistory, snapshot: Mapping[str, JSON], positions: Mapping[str, int]) -> None:
        """Write a history with its head as it stands in an export, and the sinks' positions; nothing is written over.

        What stands there already is left, so that it can be repeated after it was interrupted.

        Raises:
            HistoryClash: another row stands there.
            Unreadable: the store cannot be reached; some of the rows may have been written.
        """


@dataclass(frozen=True, slots=True)
class Claim:
    """Who holds `registry:name:version` (R7)."""

    promotion: PromotionId
    incarnation: Incarnation
    round: int


class Claims(Protocol):
    """One row per registry, name and version; the insert has one winner."""

    def take(self, target: Target, claim: Claim) -> Claim:
        """Insert, or replace our own of an earlier round or incarnation; returns the claim that holds now."""

    def release(self, target: Target, promotion: PromotionId, round: int) -> None:
        """Delete under ETag, only if the row names this promotion and round; otherwise nothing."""

    def read(self, target: Target) -> Claim | None:
        """The claim that holds, if any."""
