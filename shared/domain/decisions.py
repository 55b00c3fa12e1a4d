"""What a person's answer does: who may decide, when it counts, and what the quorum is (R16, R18)."""

from collections.abc import Mapping
from datetime import datetime

from shared.domain import events, states
from shared.domain.errors import CommandRefused
from shared.domain.evaluation import Evaluation, Rules
from shared.domain.events import Decision, PromotionEvent
from shared.domain.release_record import ReleaseRecord, release_record, who_said_what
from shared.domain.states import Case


def answer(case: Case, decision: Decision, now: datetime) -> tuple[PromotionEvent, ...]:
    """The events of one answer.

    Raises:
        CommandRefused: `not_awaiting_approval`, `stale_evaluation`, `expired`, `settled`, `self_approval`,
            `not_in_group`, `release_record_missing` or `release_record_contradictory`.
    """
    evaluation = _current(case, decision)
    match case.state:
        case states.AwaitingApproval():
            _refuse_late(case.state, now)
            _refuse_unallowed(evaluation.rules, decision)
            return _answer_asked(case, case.state, evaluation, decision)
        case states.Promoting() | states.Conflict() if case.through and decision.verdict == "reject":
            _refuse_unallowed(evaluation.rules, decision)
            _refuse_nothing_left(case)
            rejections = {**case.through.rejections, decision.person: decision}
            recorded = events.DecisionRecorded(case.round, decision)
            return (recorded, *_rejected(case, evaluation, rejections))
        case _:
            raise _settled(case)


def approvals(decisions: Mapping[str, Decision]) -> dict[str, Decision]:
    """The latest answers that approve, by person."""
    return {person: decision for person, decision in decisions.items() if decision.verdict == "approve"}


def quorum_is_reached(rules: Rules, approving: Mapping[str, Decision]) -> bool:
    """Enough persons, and at least one of each required group; groups as they stood with each answer."""
    represented = {group for decision in approving.values() for group in decision.groups}
    return len(approving) >= rules.quorum and set(rules.required_groups) <= represented


def record_of(case: Case) -> ReleaseRecord | None:
    """The release record as it stands: of what was approved, else as tags and answers state it; None before a round."""
    if case.evaluation is None:
        return None
    if case.round in case.let_through:
        return case.let_through[case.round].record
    asked = case.state.decisions if isinstance(case.state, states.AwaitingApproval) else {}
    return release_record(case.evaluation, approvals(asked))


def nothing_left_to_stop(case: Case) -> bool:
    """Whether every target is promoted or importing, so that no answer can stop anything (R16)."""
    return all(isinstance(t.state, states.TargetPromoted | states.Importing | states.GivenUp) for t in case.wanted)


def promoted_registries(case: Case) -> tuple[str, ...]:
    """The registries that hold the version and keep it."""
    return tuple(sorted(r for r, t in case.targets.items() if isinstance(t.state, states.TargetPromoted)))


_ASKED = states.AwaitingApproval | states.Rejected | states.Expired | states.Withdrawn


def _current(case: Case, decision: Decision) -> Evaluation:
    """The evaluation the answer must be about; anything else is stale or was never asked."""
    asked = isinstance(case.state, _ASKED) or case.through is not None
    if case.evaluation is None or not asked:
        raise CommandRefused(
            "not_awaiting_approval",
            f"{case.id} is {case.status}; nobody is asked to decide on it now. Look at it again before answering.",
            status=case.status,
        )
    if decision.digest != case.evaluation.digest:
        raise CommandRefused(
            "stale_evaluation",
            f"The answer is about evaluation {decision.digest[:12]}…, but {case.id} has been evaluated anew. "
            f"Read what changed and answer on {case.evaluation.digest}.",
            current=case.evaluation.digest,
        )
    return case.evaluation


def _refuse_late(state: states.AwaitingApproval, now: datetime) -> None:
    if now >= state.expires_at:
        raise CommandRefused(
            "expired",
            f"The time to answer ended at {state.expires_at.isoformat()}. Ask for a new evaluation to be asked again.",
        )


def _refuse_unallowed(rules: Rules, decision: Decision) -> None:
    if decision.person in rules.excluded:
        raise CommandRefused(
            "self_approval",
            f"{decision.person} registered this version or submitted its run, or answers for who did; "
            "the policy does not count them. Somebody else must answer.",
        )
    if not set(decision.groups) & set(rules.groups):
        raise CommandRefused(
            "not_in_group",
            f"{decision.person} is in none of the groups that decide here: {', '.join(rules.groups)}.",
        )


def _answer_asked(
    case: Case, state: states.AwaitingApproval, evaluation: Evaluation, decision: Decision
) -> tuple[PromotionEvent, ...]:
    decisions = {**state.decisions, decision.person: decision}
    recorded = events.DecisionRecorded(case.round, decision)
    if decision.verdict == "reject":
        rejections = {person: d for person, d in decisions.items() if d.verdict == "reject"}
        return (recorded, *_rejected(case, evaluation, rejections))
    approving = approvals(decisions)
    if not quorum_is_reached(evaluation.rules, approving):
        return (recorded,)
    _refuse_incomplete(release_record(evaluation, approving))
    return (recorded, events.Approved(case.round, evaluation.digest, tuple(sorted(approving))))


def _refuse_incomplete(record: ReleaseRecord) -> None:
    if record.missing:
        raise CommandRefused(
            "release_record_missing",
            f"Nothing is approved without the release record; still to be stated: {', '.join(record.missing)}. "
            'Send them with the answer as "release_record", or tag the version.',
        )
    if record.contradictory:
        said = "; ".join(map(who_said_what, record.contradictory))
        raise CommandRefused(
            "release_record_contradictory",
            f"Nothing is approved while the release record contradicts itself ({said}). Answer again with the same "
            "text, or correct the tag, which asks everybody anew.",
        )


def _rejected(case: Case, evaluation: Evaluation, rejections: Mapping[str, Decision]) -> tuple[events.Rejected, ...]:
    if len(rejections) < evaluation.rules.rejections:
        return ()
    by = tuple(sorted(rejections))
    return (events.Rejected(case.round, evaluation.digest, by, promoted_registries(case)),)


def _refuse_nothing_left(case: Case) -> None:
    if nothing_left_to_stop(case):
        raise _settled(case)


def _settled(case: Case) -> CommandRefused:
    who, when = _settled_by(case)
    at = when.isoformat()
    return CommandRefused(
        "settled",
        f"{case.id} is {case.status} since {at} (by {who}); this answer changes nothing.",
        status=case.status,
        by=who,
        at=at,
    )


def _settled_by(case: Case) -> tuple[str, datetime]:
    if case.through:
        return ", ".join(case.through.approvers), case.through.approved_at
    match case.state:
        case states.Rejected(by=by, at=at):
            return ", ".join(by) or "an earlier rejection", at
        case states.Withdrawn(by=by, at=at):
            return by or "operators", at
        case _:
            assert isinstance(case.state, states.Expired)
            return "nobody in time", case.state.at
