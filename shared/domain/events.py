"""What can happen, in past tense: the closed union that histories are made of.

Every event says when it is recorded. A field added later gets a default or an upcaster in `adapters/event_codec.py`;
none is ever renamed or removed, because histories of every released version fold for ever (invariant 6).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.domain.evaluation import Evaluation
from shared.domain.evidence import Champion
from shared.domain.ids import Incarnation, Target
from shared.domain.seen import Seen

Verdict = Literal["approve", "reject"]
ConflictKind = Literal["other_content", "not_ours", "claimed", "landed_late", "other_incarnation"]


@dataclass(frozen=True, slots=True)
class Registered:
    """The first full read of the version: the case begins."""

    incarnation: Incarnation
    registrant: str | None


@dataclass(frozen=True, slots=True)
class Reregistered:
    """The number was deleted and registered again: decisions are void, the case begins anew."""

    incarnation: Incarnation
    registrant: str | None


@dataclass(frozen=True, slots=True)
class Ignored:
    """No policy applies now. `reason` is why; `explanation` the sentence for people."""

    reason: Literal["no_policy", "not_opted_in", "policy_off", "before_governed_from"]
    explanation: str


@dataclass(frozen=True, slots=True)
class EvaluationCompleted:
    """All gates were judged; a round begins. `seen` is None in rows of releases that did not keep it."""

    round: int
    evaluation: Evaluation
    seen: Seen | None = None


@dataclass(frozen=True, slots=True)
class EvidenceAwaited:
    """Evidence that may still come is absent; looked for until `until`."""

    round: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Blocked:
    """Policy said no; `gates` names every enforced gate that did not pass."""

    round: int
    gates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UncheckedTarget:
    """A target whose registry could not be read before asking; the read before the import decides."""

    registry: str
    reason: str


@dataclass(frozen=True, slots=True)
class ApprovalRequested:
    """People are asked to decide on `digest` for `targets`, until `expires_at`."""

    round: int
    digest: str
    targets: tuple[Target, ...]
    unchecked: tuple[UncheckedTarget, ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """One person's answer on one digest, with who that person was then.

    `spelling` is the identifier the person was resolved from, `directory` the digest of people.yaml then, `channel`
    "webhook:<sender>" or "page". `release_record` holds fields of the release record stated with the answer.
    """

    digest: str
    verdict: Verdict
    person: str
    groups: tuple[str, ...]
    spelling: str
    directory: str
    channel: str
    comment: str | None = None
    limitations: str | None = None
    ticket: str | None = None
    review_by: str | None = None
    release_record: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionRecorded:
    """A person answered."""

    round: int
    decision: Decision


@dataclass(frozen=True, slots=True)
class Approved:
    """The quorum is reached; `approvers` are the ids of the persons counted."""

    round: int
    digest: str
    approvers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """Enough persons said no. `promoted` names registries that hold the version already and keep it."""

    round: int
    digest: str
    by: tuple[str, ...]
    promoted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RejectionStands:
    """A new look was asked for after a rejection, and nothing had changed: the rejection holds."""

    round: int
    digest: str


@dataclass(frozen=True, slots=True)
class Expired:
    """Nobody answered in time. Not a no."""

    round: int
    digest: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Taken back: by a person, also one who ends the waiting, or because the source version is gone."""

    reason: Literal["by_person", "source_gone", "waiting_given_up"]
    by: str
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class ReevaluationRequested:
    """A person asked for a new look."""

    by: str
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class RoundVoided:
    """What was asked about has changed: the round's decisions are void. `difference` says what changed."""

    round: int
    digest: str
    difference: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportStarted:
    """An import is about to begin (the intent, R8.3): the target was absent and the re-read at `reread_at` agreed.

    `lease` names this attempt, `ends_at` is when others may judge what it left behind.
    """

    registry: str
    round: int
    worker: str
    lease: str
    reread_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class ImportStillRunning:
    """The import did not answer in time; what it leaves is judged when its lease has ended."""

    registry: str
    lease: str


@dataclass(frozen=True, slots=True)
class ImportNotLanded:
    """Read back after a lease ended: the target does not hold the version. `final` is the last look there."""

    registry: str
    lease: str
    final: bool


@dataclass(frozen=True, slots=True)
class TargetPromoted:
    """Read back: the registry holds the version. `compared` names what was found equal; `adopted` if it was there.

    `round` is the round whose approvals let it through.
    """

    target: Target
    round: int
    asset_id: str
    adopted: bool
    compared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TargetMarked:
    """Provenance tags were written to the registry's version, or refused for good (`marked` false, with the reason)."""

    registry: str
    marked: bool
    explanation: str


@dataclass(frozen=True, slots=True)
class PromotionErrored:
    """Machinery broke and will be tried again. `registry` is None where the source could not be read.

    Recorded once per error, and again when the error changes; attempts stand in the worklist (R11).
    """

    registry: str | None
    code: str
    explanation: str


@dataclass(frozen=True, slots=True)
class PromotionRecovered:
    """What was errored works again."""

    registry: str | None


@dataclass(frozen=True, slots=True)
class ConflictFound:
    """A person must look: what stands in the target's way, or was found in it."""

    target: Target
    kind: ConflictKind
    explanation: str
    found: str


@dataclass(frozen=True, slots=True)
class TargetRetryRequested:
    """An operator asked to try a target again."""

    registry: str
    by: str
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class TargetGivenUp:
    """An operator gave a target up."""

    registry: str
    by: str
    comment: str | None = None


PromotionEvent = (
    Registered
    | Reregistered
    | Ignored
    | EvaluationCompleted
    | EvidenceAwaited
    | Blocked
    | ApprovalRequested
    | DecisionRecorded
    | Approved
    | Rejected
    | RejectionStands
    | Expired
    | Withdrawn
    | ReevaluationRequested
    | RoundVoided
    | ImportStarted
    | ImportStillRunning
    | ImportNotLanded
    | TargetPromoted
    | TargetMarked
    | PromotionErrored
    | PromotionRecovered
    | ConflictFound
    | TargetRetryRequested
    | TargetGivenUp
)


@dataclass(frozen=True, slots=True)
class VersionListed:
    """A version was promoted into the line while another had become champion meanwhile: listed, not champion."""

    target: Target
    promotion: str


@dataclass(frozen=True, slots=True)
class ChampionChanged:
    """A promoted version became the line's champion. `previous` is the version before it, None for the first."""

    champion: Champion
    previous: str | None


LineEvent = VersionListed | ChampionChanged

Event = PromotionEvent | LineEvent


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as it stands in its history.

    `sequence` counts from 1 without gaps; `at` is UTC; `operation` names the command that wrote it; `actor` is a
    person's id, or `clearance` for the machinery; `hash` is lower-case hex SHA-256 chained over `previous`.
    """

    sequence: int
    at: datetime
    operation: str
    actor: str
    event: Event
    previous: str
    hash: str
