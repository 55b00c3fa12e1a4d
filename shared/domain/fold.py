"""State is the fold of history (invariant 6): one event at a time, no clock, no refusal, every event known."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import reduce
from typing import assert_never

from shared.domain import events, states
from shared.domain.evaluation import Evaluation
from shared.domain.events import PromotionEvent, Recorded
from shared.domain.ids import PromotionId
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
            return _evaluated(case, event.round, event.evaluation)
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
            return settled(replace(case, state=states.Promoting(event.approvers, at)), at)
        case events.Rejected() | events.RejectionStands():
            by = event.by if isinstance(event, events.Rejected) else ()
            return replace(case, state=states.Rejected(event.digest, by, at))
        case events.Expired():
            return replace(case, state=states.Expired(at))
        case events.Withdrawn():
            return replace(case, state=states.Withdrawn(event.reason, event.by, at))
        case events.ReevaluationRequested():
            rejected = case.state.digest if isinstance(case.state, states.Rejected) else None
            return replace(case, state=states.Received(event.by, rejected))
        case events.RoundVoided():
            return replace(case, state=states.Received())
        case events.PromotionErrored() | events.PromotionRecovered():
            return _error_changed(case, event)
        case _:
            return settled(_target_changed(case, event), at)


def _step(case: Case, row: Recorded) -> Case:
    if isinstance(row.event, events.VersionListed | events.ChampionChanged):
        raise TypeError(f"{type(row.event).__name__} belongs to a line, not to promotion {case.id}.")
    return evolve(case, row.event, row.at)


def _received_anew(case: Case, event: events.Registered | events.Reregistered) -> Case:
    asked_by = case.state.asked_by if isinstance(case.state, states.Received) else None
    return replace(case, state=states.Received(asked_by), incarnation=event.incarnation, registrant=event.registrant)


def _answered(state: states.State, decision: events.Decision) -> states.State:
    """A later answer of the same person replaces the earlier (R16)."""
    if isinstance(state, states.AwaitingApproval):
        return replace(state, decisions={**state.decisions, decision.person: decision})
    if isinstance(state, states.Promoting):
        return replace(state, rejections={**state.rejections, decision.person: decision})
    return state


def _evaluated(case: Case, round_: int, evaluation: Evaluation) -> Case:
    """Targets keep what they hold and what was announced; the rest begins anew."""
    targets = {r: replace(t, wanted=False) for r, t in case.targets.items() if _must_be_kept(t)}
    for target in evaluation.targets:
        known = targets.get(target.registry)
        kept = known is not None and (known.target == target) and _holds(known)
        targets[target.registry] = (
            replace(known, wanted=True)
            if kept and known is not None
            else TargetCase(target, intent=known.intent if known else None, error=known.error if known else None)
        )
    held = case.state if isinstance(case.state, states.Received) else states.Received()
    return replace(case, round=round_, evaluation=evaluation, targets=targets, state=held)


def _holds(target: TargetCase) -> bool:
    return isinstance(target.state, states.TargetPromoted | states.Importing)


def _must_be_kept(target: TargetCase) -> bool:
    return _holds(target) or isinstance(target.state, states.GivenUp) or target.intent is not None or bool(target.error)


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


def _target_changed(case: Case, event: _TargetEvent) -> Case:
    registry = event.target.registry if isinstance(event, _WITH_TARGET) else event.registry
    case = replace(case, state=_opened(case.state, event))
    known = case.targets.get(registry)
    if known is None and isinstance(event, _WITH_TARGET):
        known = TargetCase(event.target)
    if known is None:
        raise ValueError(f"{case.id} has no target in {registry}: {type(event).__name__} cannot follow.")
    return case.with_target(registry, _target_after(known, event))


_WITH_TARGET = (events.TargetPromoted, events.ConflictFound)


def _opened(state: states.State, event: _TargetEvent) -> states.State:
    """A conflict at evaluation holds the promotion; a person's word about the target opens it for a new look (R14)."""
    match event:
        case events.ConflictFound() if isinstance(state, states.Received) and event.kind != "other_incarnation":
            return states.Conflict(None)
        case events.TargetRetryRequested() | events.TargetGivenUp() if state == states.Conflict(None):
            return states.Received()
        case events.TargetRetryRequested() if isinstance(state, states.Withdrawn) and state.reason == "given_up":
            return states.Received()
        case _:
            return state


def _target_after(  # noqa: PLR0911 - one branch a kind of event
    target: TargetCase, event: _TargetEvent
) -> TargetCase:
    match event:
        case events.ImportStarted():
            intent = Intent(target.target, event.round, event.worker, event.lease, event.ends_at)
            return replace(target, state=states.Importing(), intent=intent)
        case events.ImportStillRunning():
            return target
        case events.ImportNotLanded():
            return _not_landed(target, final=event.final)
        case events.TargetPromoted():
            held = states.TargetPromoted(event.asset_id, event.round)
            return replace(target, target=event.target, state=held, intent=None)
        case events.TargetMarked():
            return _marked(target, marked=event.marked)
        case events.ConflictFound():
            found = states.TargetConflict(event.kind, event.explanation, event.found)
            judged = event.kind not in ("claimed", "other_incarnation")
            return replace(target, state=found, intent=None if judged else target.intent)
        case events.TargetRetryRequested():
            again = isinstance(target.state, states.TargetConflict | states.GivenUp)
            return replace(target, state=states.Pending()) if again else target
        case events.TargetGivenUp():
            return replace(target, state=states.GivenUp(event.by), error=None, explanation="")
        case _:
            assert_never(event)


def _not_landed(target: TargetCase, *, final: bool) -> TargetCase:
    intent = None if final or target.intent is None else replace(target.intent, checks=target.intent.checks + 1)
    state = states.Pending() if isinstance(target.state, states.Importing) else target.state
    return replace(target, state=state, intent=intent)


def _marked(target: TargetCase, *, marked: bool) -> TargetCase:
    if not isinstance(target.state, states.TargetPromoted):
        return target
    return replace(target, state=replace(target.state, mark="done" if marked else "refused"))


def settled(case: Case, at: datetime) -> Case:
    """After quorum the state follows from the targets (R15); before it, targets change nothing else."""
    through = _through(case.state)
    held = [target.state for target in case.wanted]
    if through is None:
        given_up = bool(held) and all(isinstance(state, states.GivenUp) for state in held)
        stopped = isinstance(case.state, states.Received) and given_up
        return replace(case, state=states.Withdrawn("given_up", "", at)) if stopped else case
    if any(isinstance(state, states.Pending | states.Importing) for state in held):
        rejections = case.state.rejections if isinstance(case.state, states.Promoting) else {}
        return replace(case, state=states.Promoting(through.approvers, through.approved_at, rejections))
    if any(isinstance(state, states.TargetConflict) for state in held):
        return replace(case, state=states.Conflict(through))
    if any(isinstance(state, states.TargetPromoted) for state in held):
        return replace(case, state=through)
    return replace(case, state=states.Withdrawn("given_up", "", at))


def _through(state: states.State) -> states.Promoted | None:
    match state:
        case states.Promoting():
            return states.Promoted(state.approvers, state.approved_at)
        case states.Promoted():
            return state
        case states.Conflict():
            return state.approved
        case _:
            return None
