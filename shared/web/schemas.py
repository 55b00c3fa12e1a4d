"""What the API answers with. Instants are RFC 3339 in UTC; digests and hashes are lower-case hex SHA-256."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

_Outcome = Literal["passed", "failed", "unproven"]


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


class GateItem(Document):
    """One gate's result. `command` mends it, empty where no command can."""

    gate: str
    mode: str
    outcome: _Outcome
    expected: str
    actual: str
    explanation: str
    command: str


class ChampionItem(Document):
    """The version compared with, and its values as its own evaluation recorded them."""

    promotion: str
    target: str
    round: int
    evaluation: str
    metrics: dict[str, str]
    dataset: str | None


class RulesItem(Document):
    """What answers are judged by."""

    quorum: int
    rejections: int
    groups: list[str]
    required_groups: list[str]
    excluded: list[str]
    expires_after_seconds: int
    release_record: list[str]


class FactsItem(Document):
    """The facts that gates looked at."""

    tags: dict[str, str]
    properties: dict[str, str]
    metrics: dict[str, str]
    job: str | None
    job_status: str | None
    run: str | None
    run_status: str | None
    asset_type: str
    flavors: list[str]
    dataset: str | None
    artifacts: int | None


class EvaluationItem(Document):
    """The latest round's evaluation. `difference` says what changed since the round before."""

    digest: str
    policy: str
    outcome: _Outcome
    gates: list[GateItem]
    champion: ChampionItem | None
    facts: FactsItem
    rules: RulesItem
    release_record: dict[str, str]
    missing_record: list[str]
    difference: list[str]


class DecisionItem(Document):
    """One answer. `stands` is whether it is its person's latest in the current round."""

    sequence: int
    at: str
    round: int
    evaluation: str
    verdict: Literal["approve", "reject"]
    person: str
    groups: list[str]
    spelling: str
    channel: str
    comment: str | None
    limitations: str | None
    ticket: str | None
    review_by: str | None
    release_record: dict[str, str]
    stands: bool


class TargetItem(Document):
    """One target. `mark` says whether provenance tags are written; `unchecked` why it could not be read beforehand."""

    registry: str
    name: str
    version: str
    status: str
    explanation: str
    error: str | None
    asset_id: str | None
    mark: Literal["due", "done", "refused"] | None
    conflict: str | None
    wanted: bool
    unchecked: str | None


class PromotionDocument(Document):
    """A promotion, whole."""

    promotion: str
    workspace: str
    name: str
    version: str
    status: str
    explanation: str
    error: str | None
    round: int
    sequence: int
    asset_id: str | None
    registered_at: str | None
    registrant: str | None
    first_at: str | None
    changed_at: str | None
    expires_at: str | None
    approvals: int
    required: int
    evaluation: EvaluationItem | None
    decisions: list[DecisionItem]
    targets: list[TargetItem]
    page: str


class HistoryRow(Document):
    """One row of a promotion's history; `data` is the event's body as docs/history-format.md writes it."""

    sequence: int
    at: str
    type: str
    actor: str
    operation: str
    data: dict[str, Any]
    previous: str
    hash: str


class HistoryDocument(Document):
    """The rows of one promotion, from the first."""

    promotion: str
    items: list[HistoryRow]


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
