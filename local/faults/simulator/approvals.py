"""Who let a version through, told from the rows alone: written apart from `shared.domain`, to disagree with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.domain import events
from shared.domain.evaluation import Evaluation
from shared.domain.events import Decision, Recorded

_STOPS = (
    events.RoundVoided,
    events.Rejected,
    events.RejectionStands,
    events.Expired,
    events.Withdrawn,
    events.Reregistered,
    events.Registered,
    events.ReevaluationRequested,
    events.Ignored,
    events.Blocked,
    events.EvidenceAwaited,
)


@dataclass(slots=True)
class Standing:
    """What the rows so far say about the running round. `open` is whether people were asked and nothing ended it."""

    evaluation: Evaluation | None = None
    asked: events.ApprovalRequested | None = None
    answers: dict[str, tuple[Decision, datetime]] | None = None
    approved: bool = False

    def take(self, row: Recorded) -> None:
        """One more row."""
        match row.event:
            case events.EvaluationCompleted():
                self.evaluation, self.asked, self.answers, self.approved = row.event.evaluation, None, None, False
            case events.ApprovalRequested():
                self.asked, self.answers = row.event, {}
            case events.DecisionRecorded(decision=decision):
                if self.answers is not None and not self.approved:  # after quorum nothing is taken back (R16)
                    self.answers[decision.person] = (decision, row.at)
            case events.Approved():
                self.approved = True
            case event if isinstance(event, _STOPS):
                self.asked, self.answers, self.approved = None, None, False
            case _:
                pass


def standing(rows: Sequence[Recorded]) -> Standing:
    """The running round as `rows` leave it."""
    found = Standing()
    for row in rows:
        found.take(row)
    return found


def why_not_approved(found: Standing, excluded: frozenset[str]) -> str | None:
    """Why the answers so far are not enough to import on; None where they are (invariants 3 and 4).

    Args:
        found: the running round.
        excluded: the persons who registered the version or submitted its run, as really read.
    """
    if found.evaluation is None or found.asked is None or found.answers is None:
        return "nobody is asked"
    rules, digest = found.evaluation.rules, found.evaluation.digest
    if found.asked.digest != digest:
        return f"people were asked about {found.asked.digest[:8]}, evaluated is {digest[:8]}"
    counted = {
        person: decision
        for person, (decision, at) in found.answers.items()
        if decision.verdict == "approve"
        and decision.digest == digest
        and at < found.asked.expires_at
        and person not in excluded
        and set(decision.groups) & set(rules.groups)
    }
    if len(counted) < rules.quorum:
        return f"{len(counted)} of {rules.quorum} persons approve: {sorted(counted)}"
    groups = {group for decision in counted.values() for group in decision.groups}
    lacking = set(rules.required_groups) - groups
    return f"nobody of {sorted(lacking)} approves" if lacking else None
