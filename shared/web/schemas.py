"""What the API answers with. Instants are RFC 3339 in UTC; digests and hashes are lower-case hex SHA-256."""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Document(BaseModel):
    """Base of all answers."""

    model_config = ConfigDict(frozen=True)


class Problem(BaseModel):
    """RFC 9457. `code` is stable and for machines, `detail` is a sentence to act on; `faults` lists every fault."""

    model_config = ConfigDict(frozen=True, extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str
    faults: list[str] | None = None


class DecisionAnswer(Document):
    """Where the promotion stood right after the answer. `promoted` names registries that keep the version."""

    promotion: str
    status: str
    approvals: int
    required: int
    promoted: list[str] | None = None


class Accepted(Document):
    """The wish is recorded; the queue does the work."""

    promotion: str
    status: str


class SummaryItem(Document):
    """A promotion as lists show it."""

    promotion: str
    workspace: str
    name: str
    version: str
    status: str
    open: bool
    explanation: str
    policy: str | None
    round: int
    evaluation: str | None
    approvals: int
    required: int
    targets: dict[str, str]
    first_at: str
    changed_at: str
    expires_at: str | None


class PromotionPage(Document):
    """A page of promotions. A page with `scanned_until` may be short: go on with `cursor`."""

    items: list[SummaryItem]
    cursor: str | None
    scanned_until: str | None


class TimelineItem(Document):
    """An event as the timeline shows it."""

    id: str
    history: str
    workspace: str
    name: str
    version: str
    sequence: int
    at: str
    type: str
    actor: str
    summary: str
    hash: str


class TimelinePage(Document):
    """A page of the timeline. A page with `scanned_until` may be short: go on with `cursor`."""

    items: list[TimelineItem]
    cursor: str | None
    scanned_until: str | None


class ReplayItem(Document):
    """Who replayed a message when, and the digest of what was replayed."""

    at: str
    by: str
    digest: str


class QuarantinedItem(Document):
    """A message that could not be understood. `body` is its text; a byte that is no UTF-8 shows as backslash, x, hex."""

    id: str
    source: str
    reason: str
    body: str
    count: int
    first_at: str
    last_at: str
    replays: list[ReplayItem]


class QuarantinePage(Document):
    """A page of the quarantine."""

    items: list[QuarantinedItem]
    cursor: str | None


class ReplayAnswer(Document):
    """What a replay led to: the digest of what was replayed, and the promotions that are looked at."""

    id: str
    digest: str
    promotions: list[str]


class PortItem(Document):
    """One port's answer."""

    name: str
    ok: bool
    explanation: str
    milliseconds: int


class Health(Document):
    """Whether every port answers."""

    status: Literal["ok", "faulty"]
    version: str
    ports: list[PortItem]
