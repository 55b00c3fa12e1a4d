"""Record a person's answer, and answer with where the promotion stands (R4, R16)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.domain.commands import RecordDecision
from shared.domain.decisions import promoted_registries
from shared.domain.errors import CommandRefused
from shared.domain.events import Decision, Verdict
from shared.domain.ids import PromotionId
from shared.domain.people import Person
from shared.domain.states import Case
from shared.domain.traces import Step
from shared.workflow.handling import Handling
from shared.workflow.outside import Outside
from shared.workflow.summaries import counted_approvals


@dataclass(frozen=True, slots=True)
class DecisionRequest:
    """An answer as a person gives it. `release_record` are fields of the release record stated with it."""

    promotion: PromotionId
    digest: str
    verdict: Verdict
    comment: str | None = None
    limitations: str | None = None
    ticket: str | None = None
    review_by: str | None = None
    release_record: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """Where the promotion stood right after this answer; `promoted` names registries that keep the version."""

    promotion: str
    status: str
    approvals: int
    required: int
    promoted: tuple[str, ...] = ()


def record_decision(
    outside: Outside, request: DecisionRequest, *, person: Person, spelling: str, channel: str, operation: str
) -> Answer:
    """Record one answer; the same `operation` again counts nothing twice and gets the same answer.

    Args:
        outside: the ports.
        request: what was answered.
        person: who answers, as the directory resolves `spelling` now.
        spelling: the identifier that the person was resolved from.
        channel: "webhook:<sender>" or "page".
        operation: the id of this answer.

    Raises:
        CommandRefused: `unknown_promotion`, or a code of `shared.domain.decisions.answer`.
        Unreadable: the store cannot be reached.
    """
    decision = _decision(outside, request, person, spelling, channel)
    with outside.telemetry.step(Step.DECISION, request.promotion, verdict=request.verdict):
        handling = Handling.of_history(outside, request.promotion)
        if not handling.history.sequence:
            raise CommandRefused("unknown_promotion", f"{request.promotion} is not known.")
        handling.record(RecordDecision(decision), operation, person.id)
        outside.queue.send(request.promotion)
    return _answer(handling.through(operation) or handling.case)


def _decision(outside: Outside, request: DecisionRequest, person: Person, spelling: str, channel: str) -> Decision:
    return Decision(
        digest=request.digest,
        verdict=request.verdict,
        person=person.id,
        groups=person.groups,
        spelling=spelling,
        directory=outside.directory.people().digest,
        channel=channel,
        comment=request.comment,
        limitations=request.limitations,
        ticket=request.ticket,
        review_by=request.review_by,
        release_record=tuple(sorted(request.release_record.items())),
    )


def _answer(case: Case) -> Answer:
    required = case.evaluation.rules.quorum if case.evaluation else 0
    return Answer(str(case.id), case.status, counted_approvals(case), required, promoted_registries(case))
