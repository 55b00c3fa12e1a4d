"""What is true of a promotion and of its targets at one moment; each class holds only what is true then (R13)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from shared.domain.evaluation import Evaluation
from shared.domain.events import ConflictKind, Decision, UncheckedTarget
from shared.domain.ids import Incarnation, PromotionId, Target
from shared.domain.light_values import light_value
from shared.domain.release_record import ReleaseRecord

# ------------------------------------------------------------------------------------------------ a target


@dataclass(frozen=True, slots=True)
class Pending:
    """Not started, or started and not landed; errored while its case carries an error."""


@dataclass(frozen=True, slots=True)
class Importing:
    """An import was announced; its intent says by whom and until when."""


@dataclass(frozen=True, slots=True)
class TargetPromoted:
    """The registry was read back and holds the version. `mark` are the provenance tags."""

    asset_id: str
    round: int
    mark: Literal["due", "done", "refused"] = "due"


@dataclass(frozen=True, slots=True)
class TargetConflict:
    """A person must look. `given_up` says that an operator had given the target up before, which still counts."""

    kind: ConflictKind
    explanation: str
    found: str
    given_up: bool = False


@dataclass(frozen=True, slots=True)
class GivenUp:
    """An operator gave it up."""

    by: str


TargetState = Pending | Importing | TargetPromoted | TargetConflict | GivenUp


@dataclass(frozen=True, slots=True)
class Intent:
    """An announced import that has not been judged for good.

    `checks` counts read-backs after its lease ended that found nothing, the last of them at `checked_at`.
    `earlier` is true once the version was registered anew: what it leaves holds the earlier registration (R3).
    """

    target: Target
    round: int
    worker: str
    lease: str
    ends_at: datetime
    checks: int = 0
    checked_at: datetime | None = None
    earlier: bool = False


@light_value
class TargetCase:
    """One target through all rounds. `wanted` is false once the policy no longer names it.

    `error` is the code of the open error, None where there is none. An intent outlives the round that announced it,
    because what it leaves behind must be judged in every state (R9).
    """

    target: Target
    state: TargetState = Pending()
    intent: Intent | None = None
    error: str | None = None
    explanation: str = ""
    wanted: bool = True

    @property
    def status(self) -> str:
        """Its state in the words of R13."""
        if isinstance(self.state, Pending) and self.error:
            return "errored"
        return _TARGET_WORDS[type(self.state)]

    @property
    def given_up(self) -> bool:
        """Whether an operator gave it up, whatever was found there since."""
        return isinstance(self.state, GivenUp) or (isinstance(self.state, TargetConflict) and self.state.given_up)


_TARGET_WORDS: dict[type, str] = {
    Pending: "pending",
    Importing: "importing",
    TargetPromoted: "promoted",
    TargetConflict: "conflict",
    GivenUp: "given_up",
}

# ------------------------------------------------------------------------------------------------ a promotion


@dataclass(frozen=True, slots=True)
class Unseen:
    """Nothing is recorded yet."""


@dataclass(frozen=True, slots=True)
class Received:
    """To be evaluated. `asked_by` is set when a person asked.

    `evaluated` is true only inside one append, between an evaluation and what follows from it.
    """

    asked_by: str | None = None
    evaluated: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """Late evidence may still come, until `until`."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Blocked:
    """Policy said no, first on `since` for this digest."""

    since: datetime


@dataclass(frozen=True, slots=True)
class AwaitingApproval:
    """People are asked. `decisions` holds each person's latest answer."""

    expires_at: datetime
    targets: tuple[Target, ...]
    unchecked: tuple[UncheckedTarget, ...]
    decisions: Mapping[str, Decision] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Promoting:
    """Approved; some target is pending, importing or errored. `rejections` are the answers against it so far."""

    approvers: tuple[str, ...]
    approved_at: datetime
    rejections: Mapping[str, Decision] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Promoted:
    """Every target left holds the version. `rejections` were too few to stop it."""

    approvers: tuple[str, ...]
    approved_at: datetime
    rejections: Mapping[str, Decision] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Conflict:
    """A person must look. `approved` is None while nobody was asked (R14), else what let it through (R15)."""

    approved: Promoted | None


@dataclass(frozen=True, slots=True)
class Rejected:
    """Persons said no to `digest`."""

    digest: str
    by: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Expired:
    """Nobody answered in time."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Taken back, or no longer waited for, or all targets given up, or the source version is gone; `comment` says why."""

    reason: Literal["by_person", "source_gone", "given_up", "waiting_given_up"]
    by: str
    at: datetime
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """No policy applies."""

    reason: str
    explanation: str


State = (
    Unseen
    | Received
    | Waiting
    | Blocked
    | AwaitingApproval
    | Promoting
    | Promoted
    | Conflict
    | Rejected
    | Expired
    | Withdrawn
    | Ignored
)

STATUS: dict[type, str] = {
    Unseen: "unseen",
    Received: "received",
    Waiting: "waiting",
    Blocked: "blocked",
    AwaitingApproval: "awaiting_approval",
    Promoting: "promoting",
    Promoted: "promoted",
    Conflict: "conflict",
    Rejected: "rejected",
    Expired: "expired",
    Withdrawn: "withdrawn",
    Ignored: "ignored",
}


@dataclass(frozen=True, slots=True)
class Approval:
    """What a quorum let through: kept for every round, because a mark may be written after a later round began.

    `record` is the release record as it was complete then.
    """

    digest: str
    policy: str
    approvers: tuple[str, ...]
    at: datetime
    record: ReleaseRecord


@light_value
class Case:
    """The fold of one promotion's history.

    `evaluation` is the latest round's, None before the first; `round` counts evaluations; `error` is the code of the
    open error in reading the source. `rejection` is the last one, as long as the latest evaluation has its digest
    (R17). `first_at` and `changed_at` are the times of the first and last event. `let_through` holds each round's approval.
    """

    id: PromotionId
    state: State = Unseen()
    sequence: int = 0
    incarnation: Incarnation | None = None
    registrant: str | None = None
    round: int = 0
    evaluation: Evaluation | None = None
    rejection: Rejected | None = None
    targets: Mapping[str, TargetCase] = field(default_factory=dict)
    error: str | None = None
    explanation: str = ""
    let_through: Mapping[int, Approval] = field(default_factory=dict)
    first_at: datetime | None = None
    changed_at: datetime | None = None

    @property
    def status(self) -> str:
        """Its state in the words of R13."""
        return STATUS[type(self.state)]

    @property
    def wanted(self) -> tuple[TargetCase, ...]:
        """The targets that the policy names now."""
        return tuple(target for target in self.targets.values() if target.wanted)

    @property
    def given_up(self) -> frozenset[str]:
        """The registries that an operator gave up."""
        return frozenset(r for r, target in self.targets.items() if target.given_up)

    @property
    def is_given_up(self) -> bool:
        """Whether every target that the policy names was given up."""
        return bool(self.wanted) and all(target.given_up for target in self.wanted)

    @property
    def left_out(self) -> frozenset[str]:
        """The registries that an evaluation now leaves out.

        After quorum a target given up stays in what was approved: giving it up must not void the others (R15).
        """
        approved = self.evaluation.targets if self.through and self.evaluation else ()
        return self.given_up - {target.registry for target in approved}

    @property
    def through(self) -> Promoted | None:
        """What let it through, from quorum on (R15); None before it, and once it was stopped."""
        match self.state:
            case Promoting(approvers, approved_at, rejections):
                return Promoted(approvers, approved_at, rejections)
            case Promoted():
                return self.state
            case Conflict(approved):
                return approved
            case _:
                return None

    def with_target(self, registry: str, target: TargetCase) -> "Case":
        """A copy with one target replaced."""
        return replace(self, targets={**self.targets, registry: target})
