"""One evaluation: every gate's result, frozen under one digest that decisions are bound to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from shared.domain.change_window import ChangeWindow
from shared.domain.evidence import Artifact, Champion, Source
from shared.domain.ids import Incarnation, Target
from shared.domain.light_values import light_value


class Outcome(StrEnum):
    """What a gate says, and what all of them say together."""

    PASSED = "passed"
    FAILED = "failed"
    UNPROVEN = "unproven"


@dataclass(frozen=True, slots=True)
class GateException:
    """Why a gate that did not pass does not block: `owner` answers for it, to the end of the day `until`, in UTC."""

    owner: str
    reason: str
    until: date

    @property
    def ends_at(self) -> datetime:
        """From when on the gate is enforced again."""
        return datetime(self.until.year, self.until.month, self.until.day, tzinfo=UTC) + timedelta(days=1)


@light_value
class GateResult:
    """What one gate saw. `absent` is true when it is unproven only because the evidence is not there yet.

    `expected` and `actual` are short texts for people; `command` is the command that mends it, empty where none can.
    `source` says where `actual` came from, empty in early evaluations.
    `mode` is "enforce", "warn" or "shadow" ("observe" in early evaluations): only an enforced gate blocks,
    and not while there is an `exception` from it.
    """

    gate: str
    mode: str
    outcome: Outcome
    expected: str
    actual: str
    explanation: str
    command: str
    absent: bool = False
    exception: GateException | None = None
    source: str = ""

    @property
    def blocks(self) -> bool:
        """Whether it stands in the way."""
        return self.mode == "enforce" and self.outcome is not Outcome.PASSED and self.exception is None

    @property
    def warns(self) -> bool:
        """Whether it did not pass, does not block, and approvers are to know before they answer."""
        return self.exception is not None or (self.mode == "warn" and self.outcome is not Outcome.PASSED)


@dataclass(frozen=True, slots=True)
class Rules:
    """What decisions on an evaluation are judged by (R18), as the policy stood when it was made.

    `quorum` and `rejections` count persons; `excluded` are the ids of persons who never count;
    `expires_after` counts from the asking; imports start while the `change_window` is open, at any time without one.
    """

    quorum: int
    rejections: int
    groups: tuple[str, ...]
    required_groups: tuple[str, ...]
    excluded: tuple[str, ...]
    expires_after: timedelta
    release_record: tuple[str, ...]
    change_window: ChangeWindow | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts that gates name, and nothing else; together with results and rules they make the digest.

    `taken` says which metrics are not the last value that the run logged: the `best` or the `mean` of all its values,
    or that of the file of `results`. `sources` says where each piece was made; `code` is the commit it was made from.
    """

    tags: Mapping[str, str]
    properties: Mapping[str, str]
    job: str | None
    job_status: str | None
    asset_type: str
    flavors: tuple[str, ...]
    artifacts: tuple[Artifact, ...] | None
    run: str | None
    run_status: str | None
    metrics: Mapping[str, str]
    dataset: str | None
    taken: Mapping[str, str] = field(default_factory=dict)
    run_tags: Mapping[str, str] = field(default_factory=dict)
    code: str | None = None
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All gate results of one round. `digest` is lower-case hex SHA-256 over the RFC 8785 form (see `digest`).

    `grace_ends_at` is when waiting for late evidence ends (createdAt + grace). `release_record` holds what tags state;
    `policy_build` is `POLICY_BUILD` of the instance that evaluated, outside the digest (R18).
    `awaits` are the ids of runs that have still to end; the digest holds what they follow from.
    """

    promotion: str
    incarnation: Incarnation
    policy: str
    policy_build: int
    digest: str
    gates: tuple[GateResult, ...]
    facts: Facts
    champion: Champion | None
    rules: Rules
    targets: tuple[Target, ...]
    release_record: Mapping[str, str]
    grace_ends_at: datetime
    awaits: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """FAILED if any gate that blocks failed, else UNPROVEN if any blocks, else PASSED."""
        return self.not_passed[0].outcome if self.not_passed else Outcome.PASSED

    @property
    def not_passed(self) -> tuple[GateResult, ...]:
        """The gates that block, failed ones first."""
        held = [gate for gate in self.gates if gate.blocks]
        return tuple(sorted(held, key=lambda gate: gate.outcome is Outcome.UNPROVEN))

    @property
    def exceptions_end_at(self) -> datetime | None:
        """When the first exception ends that lets a gate through; None where none does."""
        return min((gate.exception.ends_at for gate in self.gates if gate.exception), default=None)

    def may_wait(self, now: datetime) -> bool:
        """Whether late evidence may still come: all that did not pass is absent, and grace is not over (R14)."""
        return all(gate.absent for gate in self.not_passed) and now < self.grace_ends_at

    @property
    def missing_record(self) -> tuple[str, ...]:
        """The release record's fields that no tag states; they must be stated with a decision."""
        return tuple(field for field in self.rules.release_record if not self.release_record.get(field, "").strip())
