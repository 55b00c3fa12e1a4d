"""What can be asked of a promotion, in the imperative: the closed union that `decide` answers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.domain.evaluation import Evaluation
from shared.domain.events import ConflictKind, Decision
from shared.domain.ids import Incarnation, Target
from shared.domain.seen import Seen


@dataclass(frozen=True, slots=True)
class TargetFinding:
    """What was found at one target before anybody is asked (R7): nothing in the way unless `conflict` says what.

    `unchecked` is set where the registry could not be read now; the explanation says why.
    """

    target: Target
    conflict: ConflictKind | None = None
    unchecked: bool = False
    explanation: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """The version was evaluated. `findings` are empty unless every gate passed; `seen` is what the evaluation saw."""

    evaluation: Evaluation
    findings: tuple[TargetFinding, ...] = ()
    seen: Seen | None = None


@dataclass(frozen=True, slots=True)
class NotGoverned:
    """No policy applies to the version now."""

    reason: Literal["no_policy", "not_opted_in", "policy_off", "before_governed_from"]
    explanation: str


@dataclass(frozen=True, slots=True)
class RecordLook:
    """A full read of the version and what follows from it. `verdict` is None where the state asks for none."""

    incarnation: Incarnation
    registrant: str | None
    verdict: Judged | NotGoverned | None


@dataclass(frozen=True, slots=True)
class RecordSourceGone:
    """A reachable workspace answers that there is no such version (R3)."""


@dataclass(frozen=True, slots=True)
class RecordDecision:
    """A person's answer, resolved by the use case."""

    decision: Decision


@dataclass(frozen=True, slots=True)
class RequestReevaluation:
    """A person asks for a new look."""

    by: str
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Withdraw:
    """A person takes the promotion back."""

    by: str
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class GiveUpWaiting:
    """A person ends the waiting for late evidence, or for a blocked version to be mended; `comment` says why."""

    by: str
    comment: str


@dataclass(frozen=True, slots=True)
class Expire:
    """Time has run out for answers."""


@dataclass(frozen=True, slots=True)
class StartImport:
    """Announce an import: the target was read absent, and `digest` is what the re-read at `reread_at` gave (R8)."""

    registry: str
    worker: str
    lease: str
    digest: str
    reread_at: datetime


@dataclass(frozen=True, slots=True)
class LeaveRunning:
    """The import has not answered by its deadline."""

    registry: str
    lease: str


@dataclass(frozen=True, slots=True)
class Absent:
    """The target does not hold the version."""


@dataclass(frozen=True, slots=True)
class Equal:
    """The target holds it; `compared` names what was compared (R10)."""

    asset_id: str
    compared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Different:
    """The target holds something else under that name and version."""

    explanation: str
    found: str


Found = Absent | Equal | Different


@dataclass(frozen=True, slots=True)
class RecordPresent:
    """Before an import the target holds something already (R8.1). `ours` is whether our marker stands on it."""

    registry: str
    found: Equal | Different
    ours: bool


@dataclass(frozen=True, slots=True)
class RecordClaimed:
    """Before an import the place is claimed by another promotion (R7)."""

    registry: str
    holder: str


@dataclass(frozen=True, slots=True)
class RecordReadBack:
    """What was read back after an import (R8.5). `own` is whether the reader is the worker that holds the lease.

    `error` is the import's (code, sentence) where it raised.
    """

    registry: str
    lease: str
    found: Found
    own: bool
    error: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class RecordMark:
    """Provenance tags were written, or refused for good."""

    registry: str
    marked: bool
    explanation: str


@dataclass(frozen=True, slots=True)
class RecordError:
    """Machinery broke at a target, or at the source (`registry` None)."""

    registry: str | None
    code: str
    explanation: str


@dataclass(frozen=True, slots=True)
class RetryTarget:
    """An operator wants a target tried again."""

    registry: str
    by: str
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class GiveUpTarget:
    """An operator gives a target up."""

    registry: str
    by: str
    comment: str | None = None


Command = (
    RecordLook
    | RecordSourceGone
    | RecordDecision
    | RequestReevaluation
    | Withdraw
    | GiveUpWaiting
    | Expire
    | StartImport
    | LeaveRunning
    | RecordPresent
    | RecordClaimed
    | RecordReadBack
    | RecordMark
    | RecordError
    | RetryTarget
    | GiveUpTarget
)
