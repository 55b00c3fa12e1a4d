"""State is the fold of history (invariant 6): one event at a time, no clock, no refusal, every event known."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import reduce
from typing import assert_never

from shared.domain import events, states
from shared.domain.decisions import record_of
from shared.domain.evaluation import Evaluation, Outcome
from shared.domain.events import PromotionEvent, Recorded
from shared.domain.ids import PromotionId
from shared.domain.release_record import ReleaseRecord
from shared.domain.states import Case, Intent, TargetCase


def fold(promotion: PromotionId, rows: Iterable[Recorded]) -> Case:
    """The state that `rows`, in order from the first, leave a promotion in."""
    return reduce(_step, rows, Case(promotion))


def evolve(  # noqa: C901, PLR0911, PLR0912 - one branch a kind of event
    case: Case, event: PromotionEvent, at: datetime
) -> Case:
    """The state after one more event, recorded at `at`."""
    case = replace(case, sequence=case.sequence + 1, first_at=case.first_at or at, changed_at=at)
    match event:
        case events.Registered() | events.Reregistered():
            return _received_anew(case, event)
        case events.Ignored():
            return replace(case, state=states.Ignored(event.reason, event.explanation))
        case events.EvaluationCompleted():
            return _evaluated(case, event.round, event.evaluation, at)
        case events.EvidenceAwaited():
            return replace(case, state=states.Waiting(event.until))
        case events.Blocked():
            return replace(case, state=states.Blocked(at))
        case events.ApprovalRequested():
            asked = states.AwaitingApproval(event.expires_at, event.targets, event.unchecked)
            return replace(case, state=asked)
        case events.DecisionRecorded():
            return replace(case, state=_answered(case.state, event.decision))
        case events.Approved():
            return settled(_approved(case, event, at), at)
        case events.Rejected():
            rejected = states.Rejected(event.digest, event.by, at)
            return replace(case, state=rejected, rejection=rejected)
        case events.RejectionStands():
            return replace(case, state=case.rejection or states.Rejected(event.digest, (), at))
        case events.Expired():
            return replace(case, state=states.Expired(at))
        case events.Withdrawn():
            return replace(case, state=states.Withdrawn(event.reason, event.by, at, event.comment))
        case events.ReevaluationRequested():
            return replace(case, state=states.Received(event.by))
        case events.RoundVoided():
            return replace(case, state=states.Received())
        case events.PromotionErrored() | events.PromotionRecovered():
            return _error_changed(case, event)
        case _:
            return settled(_target_changed(case, event, at), at)


def _approved(case: Case, event: events.Approved, at: datetime) -> Case:
    policy = case.evaluation.policy if case.evaluation else ""
    approval = states.Approval(event.digest, policy, event.approvers, at, record_of(case) or ReleaseRecord())
    let_through = {**case.let_through, event.round: approval}
    return replace(case, state=states.Promoting(event.approvers, at, _against(case.state)), let_through=let_through)


def _step(case: Case, row: Recorded) -> Case:
    if isinstance(row.event, events.VersionListed | events.ChampionChanged):
        raise TypeError(f"{type(row.event).__name__} belongs to a line, not to promotion {case.id}.")
    return evolve(case, row.event, row.at)


def _received_anew(case: Case, event: events.Registered | events.Reregistered) -> Case:
    asked_by = case.state.asked_by if isinstance(case.state, states.Received) else None
    return replace(
        case,
        state=states.Received(asked_by),
        incarnation=event.incarnation,
        registrant=event.registrant,
        rejection=None,
        targets={registry: _begun_anew(target) for registry, target in case.targets.items()},
    )


def _begun_anew(target: TargetCase) -> TargetCase:
    """What was given up is open again; what is under way belongs to the earlier registration."""
    state = states.Pending() if target.given_up else target.state
    return replace(target, state=state, intent=replace(target.intent, earlier=True) if target.intent else None)


def _against(state: states.State) -> Mapping[str, events.Decision]:
    """Rejections that were too few to end the round go on counting after quorum (R16)."""
    decisions = state.decisions if isinstance(state, states.AwaitingApproval) else {}
    return {person: decision for person, decision in decisions.items() if decision.verdict == "reject"}


def _answered(state: states.State, decision: events.Decision) -> states.State:
    """A later answer of the same person replaces the earlier (R16)."""
    if isinstance(state, states.AwaitingApproval):
        return replace(state, decisions={**state.decisions, decision.person: decision})
    if isinstance(state, states.Promoting):
        return replace(state, rejections={**state.rejections, decision.person: decision})
    if isinstance(state, states.Conflict) and state.approved:
        rejections = {**state.approved.rejections, decision.person: decision}
        return replace(state, approved=replace(state.approved, rejections=rejections))
    return state


def _evaluated(case: Case, round_: int, evaluation: Evaluation, at: datetime) -> Case:
    """Targets keep what they hold and what was announced; the rest begins anew."""
    targets = {r: replace(t, wanted=False) for r, t in case.targets.items() if _must_be_kept(t)}
    for target in evaluation.targets:
        known = case.targets.get(target.registry, TargetCase(target))
        kept = known.target == target and _holds(known)
        targets[target.registry] = replace(
            known, target=target, wanted=True, state=known.state if kept else states.Pending()
        )
    received = case.state if isinstance(case.state, states.Received) else states.Received()
    state: states.State = replace(received, evaluated=True)
    if evaluation.outcome is Outcome.PASSED and not evaluation.targets:
        state = states.Withdrawn("given_up", "", at)
    stands = case.rejection if case.rejection and case.rejection.digest == evaluation.digest else None
    return replace(case, round=round_, evaluation=evaluation, targets=targets, state=state, rejection=stands)


def _holds(target: TargetCase) -> bool:
    return isinstance(target.state, states.TargetPromoted | states.Importing)


def _must_be_kept(target: TargetCase) -> bool:
    return _holds(target) or target.given_up or target.intent is not None


def _error_changed(case: Case, event: events.PromotionErrored | events.PromotionRecovered) -> Case:
    errored = isinstance(event, events.PromotionErrored)
    code = event.code if isinstance(event, events.PromotionErrored) else None
    explanation = event.explanation if isinstance(event, events.PromotionErrored) else ""
    if event.registry is None:
        return replace(case, error=code, explanation=explanation)
    known = case.targets.get(event.registry)
    if known is None:
        raise ValueError(
            f"{case.id} has no target in {event.registry} that could have {'erred' if errored else 'recovered'}."
        )
    return case.with_target(event.registry, replace(known, error=code, explanation=explanation))


_TargetEvent = (
    events.ImportStarted
    | events.ImportStillRunning
    | events.ImportNotLanded
    | events.TargetPromoted
    | events.TargetMarked
    | events.ConflictFound
    | events.TargetRetryRequested
    | events.TargetGivenUp
)


def _target_changed(case: Case, event: _TargetEvent, at: datetime) -> Case:
    registry = event.target.registry if isinstance(event, _WITH_TARGET) else event.registry
    known = case.targets.get(registry)
    if known is None and isinstance(event, _WITH_TARGET):
        known = TargetCase(event.target)
    if known is None:
        raise ValueError(f"{case.id} has no target in {registry}: {type(event).__name__} cannot follow.")
    after = _target_after(known, event, at)
    if isinstance(event, events.TargetRetryRequested) and known.given_up:
        # After quorum only what was approved may be imported; before it, the next evaluation decides.
        after = replace(after, wanted=known.wanted or case.through is None)
    return replace(case, state=_opened(case.state, event)).with_target(registry, after)


_WITH_TARGET = (events.TargetPromoted, events.ConflictFound)


def _opened(state: states.State, event: _TargetEvent) -> states.State:
    """A conflict at evaluation holds the promotion; a person's word about the target opens it for a new look (R14)."""
    match event:
        case events.ConflictFound() if isinstance(state, states.Received) and state.evaluated:
            return states.Conflict(None)
        case events.TargetRetryRequested() | events.TargetGivenUp() if state == states.Conflict(None):
            return states.Received()
        case events.TargetRetryRequested() if isinstance(state, states.Withdrawn) and state.reason == "given_up":
            return states.Received()
        case _:
            return state


def _target_after(  # noqa: PLR0911 - one branch a kind of event
    target: TargetCase, event: _TargetEvent, at: datetime
) -> TargetCase:
    match event:
        case events.ImportStarted():
            intent = Intent(target.target, event.round, event.worker, event.lease, event.ends_at)
            return replace(target, state=states.Importing(), intent=intent)
        case events.ImportStillRunning():
            return target
        case events.ImportNotLanded():
            return _not_landed(target, at, final=event.final)
        case events.TargetPromoted():
            held = states.TargetPromoted(event.asset_id, event.round)
            return replace(target, target=event.target, state=held, intent=None)
        case events.TargetMarked():
            return _marked(target, marked=event.marked)
        case events.ConflictFound():
            found = states.TargetConflict(event.kind, event.explanation, event.found, target.given_up)
            judged = event.kind not in ("claimed", "other_incarnation")
            kept = None if judged else target.intent
            return replace(target, state=found, intent=kept, error=None, explanation="")
        case events.TargetRetryRequested():
            again = isinstance(target.state, states.TargetConflict | states.GivenUp)
            return replace(target, state=states.Pending()) if again else target
        case events.TargetGivenUp():
            return replace(target, state=states.GivenUp(event.by), error=None, explanation="")
        case _:
            assert_never(event)


def _not_landed(target: TargetCase, at: datetime, *, final: bool) -> TargetCase:
    known, intent = target.intent, None
    if known and not final:
        intent = replace(known, checks=known.checks + 1, checked_at=at)
    state = states.Pending() if isinstance(target.state, states.Importing) else target.state
    return replace(target, state=state, intent=intent)


def _marked(target: TargetCase, *, marked: bool) -> TargetCase:
    if not isinstance(target.state, states.TargetPromoted):
        return target
    return replace(target, state=replace(target.state, mark="done" if marked else "refused"))


_BEFORE_ASKING = states.Received | states.Waiting | states.Blocked


def settled(case: Case, at: datetime) -> Case:
    """After quorum the state follows from the targets (R15); before asking, only giving up all of them stops it."""
    through = case.through
    held = [target.state for target in case.wanted]
    if through is None:
        stopped = isinstance(case.state, _BEFORE_ASKING) and case.is_given_up
        return replace(case, state=states.Withdrawn("given_up", "", at)) if stopped else case
    if any(isinstance(state, states.Pending | states.Importing) for state in held):
        return replace(case, state=states.Promoting(through.approvers, through.approved_at, through.rejections))
    if any(isinstance(state, states.TargetConflict) for state in held):
        return replace(case, state=states.Conflict(through))
    if any(isinstance(state, states.TargetPromoted) for state in held):
        return replace(case, state=through)
    return replace(case, state=states.Withdrawn("given_up", "", at))
