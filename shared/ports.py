"""What the use cases need from outside.

Each port has an adapter for Azure and one in `adapters/memory.py`, held to one contract suite. Every method may raise
`Unreadable` (the outside could not be reached or answered that it cannot now: try again later).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from shared.domain.events import Event, Recorded
from shared.domain.evidence import ModelVersion, RegistryVersion, Run
from shared.domain.ids import HistoryId, Incarnation, PromotionId, Target
from shared.domain.looks import Looks
from shared.domain.people import People
from shared.domain.policy import Policy

JSON = Any  # a JSON value: None, bool, int, float, str, list or dict of the same
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Page(Generic[T_co]):
    """One page of a listing. `cursor` is opaque, None on the last page; `scanned_until` is set on a short page."""

    items: tuple[T_co, ...]
    cursor: str | None = None
    scanned_until: datetime | None = None


# ------------------------------------------------------------------------------------------------ Azure ML


@dataclass(frozen=True, slots=True)
class Listed:
    """A version as a listing of a workspace shows it."""

    promotion: PromotionId
    created_at: datetime


class ModelCatalog(Protocol):
    """The workspaces. Clearance reads them and writes nothing there (invariant 11)."""

    def read(self, promotion: PromotionId) -> ModelVersion | None:
        """Read one version whole; None where a reachable workspace answers that there is none."""

    def read_run(self, workspace: str, run: str) -> Run | None:
        """Read a run's status, last metric values, submitter and tags; None where there is no such run."""

    def job_status(self, workspace: str, job: str) -> str | None:
        """The status of a job; None where there is no such job."""

    def versions(self, workspace: str, cursor: str | None) -> Page[Listed]:
        """One page of all versions of all models of a workspace; a page costs a bounded number of calls."""

    def ping(self) -> None:
        """Read something small from every configured workspace."""


class Registry(Protocol):
    """The shared registries."""

    def read(self, target: Target) -> RegistryVersion | None:
        """Read a registry's version; None where the registry answers that there is none."""

    def share(self, promotion: PromotionId, target: Target) -> None:
        """Import the version; blocks until the service says it ended.

        Returning or raising proves nothing: every outcome is followed by `read` (R8.5). Raises `Refused` where the
        service refused for good, `Unreadable` where the outcome is not known.
        """

    def mark(self, target: Target, marker: Mapping[str, str]) -> None:
        """Write provenance tags on the registry's version, keeping those that are there.

        Raises `Refused` where the service does not take tags for this version.
        """

    def ping(self) -> None:
        """Read something small from every configured registry."""


# ------------------------------------------------------------------------------------------------ history


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


class Histories(Protocol):
    """Insert-only histories, one partition each (R4)."""

    def load(self, history: HistoryId) -> History:
        """Read a whole history; an unknown id is an empty one. One round trip a page."""

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


# ------------------------------------------------------------------------------------------------ worklist, queue


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

    def depth(self) -> int:
        """How many rows there are, for operators."""


class Queue(Protocol):
    """Messages that carry a promotion id and mean "look at this one" (R2)."""

    def send(self, promotion: PromotionId, delay_seconds: int = 0) -> None:
        """Send one message that never expires."""

    def ping(self) -> None:
        """Check that the queue answers."""


class Bookmarks(Protocol):
    """Small named documents that runs of timers leave for the next run."""

    def get(self, name: str) -> Mapping[str, JSON] | None:
        """Read one."""

    def put(self, name: str, document: Mapping[str, JSON]) -> None:
        """Write one; the last writer wins."""

    def put_first(self, name: str, document: Mapping[str, JSON]) -> Mapping[str, JSON]:
        """Insert one, or return the one that stands there already."""


# ------------------------------------------------------------------------------------------------ read models


@dataclass(frozen=True, slots=True)
class Summary:
    """One row of the catalog: what a list of promotions shows. `open` means somebody may still have to act.

    `first_at` is the time of the first event (it orders the catalog), `sequence` the last event shown here.
    """

    promotion: PromotionId
    status: str
    open: bool
    first_at: datetime
    changed_at: datetime
    sequence: int
    policy: str | None
    round: int
    digest: str | None
    approvals: int
    required: int
    expires_at: datetime | None
    targets: Mapping[str, str]
    explanation: str


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One row of the timeline: an event as a list shows it. `id` is the event id, `subject#sequence`."""

    id: str
    history: str
    workspace: str
    model: str
    version: str
    sequence: int
    at: datetime
    type: str
    actor: str
    summary: str
    hash: str


@dataclass(frozen=True, slots=True)
class TimelineFilter:
    """What a reader of the timeline asks for; None means any. `workspaces` are those the reader may see."""

    workspaces: tuple[str, ...]
    since: datetime | None = None
    until: datetime | None = None
    model: str | None = None
    actor: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True)
class PromotionFilter:
    """What a reader of the catalog asks for; None means any. `workspaces` are those the reader may see."""

    workspaces: tuple[str, ...]
    status: str | None = None
    model: str | None = None
    workspace: str | None = None
    open: bool | None = None


class ReadModels(Protocol):
    """What lists are made of; it follows the histories and can be made again from them."""

    def apply(self, entries: Sequence[TimelineEntry], summary: Summary | None, was_open: bool | None) -> None:
        """Write timeline rows (idempotent by event id) and the promotion's catalog row.

        `was_open` is whether the promotion was open at the position before these events, None if it was not listed.
        """

    def promotions(self, wanted: PromotionFilter, limit: int, cursor: str | None) -> Page[Summary]:
        """One page, newest registration first, reading at most 3 pages of the store."""

    def timeline(self, wanted: TimelineFilter, limit: int, cursor: str | None) -> Page[TimelineEntry]:
        """One page, newest first, reading at most 3 pages of the store."""


# ------------------------------------------------------------------------------------------------ edges


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

    def latest(self) -> bytes | None:
        """The newest by name."""


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


# ------------------------------------------------------------------------------------------------ who is there


@dataclass(frozen=True, slots=True)
class Principal:
    """Whom a token that the app verified speaks of.

    `tid` and `oid` are Entra's tenant and object id, in lower case; `roles` the app roles the token carries, sorted.
    `application` is whether the token speaks of a workload instead of a person.
    """

    tid: str
    oid: str
    name: str
    roles: tuple[str, ...]
    username: str | None = None
    application: bool = False


class Identity(Protocol):
    """Who sent a request, by tokens alone: no header but a signed token proves anything."""

    def verify(self, authorization: str | None, forwarded: str | None) -> Principal:
        """Verify the `Authorization` header, or the ID token that App Service forwards (`X-MS-TOKEN-AAD-ID-TOKEN`).

        A header that came more than once is handed over with its values joined by commas, as HTTP joins them.

        Raises:
            NotAuthenticated: no token, one that does not hold, or two that disagree.
            Unreadable: the issuer's keys cannot be had now.
        """

    def ping(self) -> None:
        """Check that the issuer's keys can be had."""
