"""The smaller ports: quarantine, replay ids, evidence, checkpoints, publisher, directory, policy, time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.domain.people import People
from shared.domain.policy import Policy
from shared.ports.page import JSON, Page


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A message that could not be understood. `id` is the SHA-256 of source and body, so repeats are counted.

    `source` is "model-events", "promotions", "model-events-poison", "promotions-poison" or "push";
    `replays` lists (when, by whom, SHA-256 of what was replayed).
    """

    id: str
    source: str
    reason: str
    body: bytes
    count: int
    first_at: datetime
    last_at: datetime
    replays: tuple[tuple[datetime, str, str], ...] = ()


class Quarantine(Protocol):
    """Where bad input ends, with a reason, to be replayed (invariant 10)."""

    def put(self, source: str, reason: str, body: bytes, at: datetime) -> str:
        """Keep a message, or count it again; returns its id."""

    def get(self, id: str) -> Quarantined | None:
        """One message."""

    def note_replay(self, id: str, at: datetime, by: str, digest: str) -> None:
        """Note that an operator replayed it; the message stays."""

    def page(self, limit: int, cursor: str | None) -> Page[Quarantined]:
        """One page, newest first."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What stands under a webhook id: the digest of the first body, and its answer once there was one."""

    digest: str
    answer: tuple[int, str] | None


class ReplayIds(Protocol):
    """Webhook ids seen, so that a re-sent decision counts once and is answered the same."""

    def begin(self, sender: str, id: str, digest: str, at: datetime) -> Replay | None:
        """Insert the id with its body's digest; None when it is new, else what stands there."""

    def finish(self, sender: str, id: str, status: int, body: str) -> None:
        """Keep the answer."""

    def forget(self, before: datetime) -> int:
        """Delete ids begun before; returns how many."""


class EvidenceStore(Protocol):
    """Bytes by their SHA-256 (lower-case hex), for what is too large for a table row."""

    def put(self, content: bytes) -> str:
        """Keep content; returns its digest."""

    def get(self, digest: str) -> bytes:
        """Read content and check it against its digest; raises `DocumentInvalid` where they differ or it is gone."""


class Checkpoints(Protocol):
    """Checkpoint documents (Merkle root over all heads, with the list), kept apart from the histories."""

    def write(self, name: str, document: bytes) -> None:
        """Keep one; a name is written once."""

    def newest(self) -> str | None:
        """The name of the newest, None where there is none; names sort as the instants they were made of."""

    def latest(self) -> bytes | None:
        """The newest itself."""

    def ping(self) -> None:
        """Check that the store answers."""


class EventPublisher(Protocol):
    """Event Grid, or whoever takes CloudEvents 1.0."""

    def publish(self, events: Sequence[Mapping[str, JSON]]) -> None:
        """Send CloudEvents as JSON objects; at least once."""

    def ping(self) -> None:
        """Check that the topic is reachable, without publishing."""


class Directory(Protocol):
    """Who is who."""

    def people(self) -> People:
        """Everyone, as the directory stands now."""


class PolicySource(Protocol):
    """Policy as code."""

    def policies(self) -> tuple[Policy, ...]:
        """Every policy; raises `DocumentInvalid` with every fault."""


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """Now, aware UTC."""


class NewId(Protocol):
    """Ids that nobody else makes."""

    def __call__(self) -> str:
        """A new one: 32 lower-case hex digits."""
