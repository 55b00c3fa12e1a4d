"""One promotion whole, and its rows, as the API answers with them and as its page shows them."""

from typing import Any, Literal

from shared.web.schemas import Document

_Outcome = Literal["passed", "failed", "unproven"]


class ExceptionItem(Document):
    """Why a gate that did not pass does not block, to the end of the day `until` in UTC, and who answers for it."""

    owner: str
    reason: str
    until: str


class GateItem(Document):
    """One gate's result. `command` mends it, empty where no command can.

    `blocks` is whether it stands in the way; `note` is why one that did not pass does not, empty else.
    """

    gate: str
    mode: str
    blocks: bool
    note: str
    exception: ExceptionItem | None
    outcome: _Outcome
    expected: str
    actual: str
    source: str
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
    change_window: str | None


class SourceItem(Document):
    """Where a piece of evidence was made. `at` is its own time.

    `sha256` is over the bytes of a file, or over what was taken from a run as docs/history-format.md says.
    """

    kind: str
    producer: str | None
    run: str
    path: str | None
    sha256: str | None
    at: str | None


class FactsItem(Document):
    """The facts that gates looked at.

    `taken` names the metrics that are the best value or the mean of all that the run logged, or stand in its results;
    `code` is the git commit that the version was made from.
    """

    tags: dict[str, str]
    properties: dict[str, str]
    metrics: dict[str, str]
    taken: dict[str, str]
    job: str | None
    job_status: str | None
    run: str | None
    run_status: str | None
    asset_type: str
    flavors: list[str]
    dataset: str | None
    code: str | None
    sources: list[SourceItem]
    artifacts: int | None


class EvaluationItem(Document):
    """The latest round's evaluation. `difference` says what changed since the round before.

    `headline` and `explanation` are the evaluation in sentences; gates that hold it back come first.
    """

    digest: str
    policy: str
    outcome: _Outcome
    headline: str
    explanation: list[str]
    gates: list[GateItem]
    champion: ChampionItem | None
    facts: FactsItem
    rules: RulesItem
    release_record: dict[str, str]
    missing_record: list[str]
    difference: list[str]


class StatementItem(Document):
    """What somebody said. `by` is a person's id, null for what a tag of the version says."""

    by: str | None
    text: str


class RecordFieldItem(Document):
    """A field of the release record. `text` is null unless everybody who states it says the same."""

    field: str
    required: bool
    status: Literal["stated", "missing", "contradictory"]
    text: str | None
    said: list[StatementItem]


class RecordItem(Document):
    """The release record as it stands. `review_by` is the earliest day of `reviews`."""

    fields: list[RecordFieldItem]
    limitations: list[StatementItem]
    tickets: list[StatementItem]
    reviews: list[StatementItem]
    review_by: str | None


class ExplanationDocument(Document):
    """The evaluation of one round in sentences; `explanation` tells it line by line."""

    promotion: str
    round: int
    digest: str
    policy: str
    outcome: _Outcome
    headline: str
    explanation: list[str]
    gates: list[GateItem]


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
    """A promotion, whole.

    `awaits` are the runs whose end makes it be looked at again; `trace` is the id of its trace, OperationId in
    Application Insights.
    """

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
    window_opens_at: str | None
    approvals: int
    required: int
    evaluation: EvaluationItem | None
    awaits: list[str]
    record: RecordItem | None
    decisions: list[DecisionItem]
    targets: list[TargetItem]
    page: str
    trace: str


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
