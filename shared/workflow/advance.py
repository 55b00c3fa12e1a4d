"""The loop: load, fold, do what is next, append, and again; safe to run twice, from anywhere, at any time (R1)."""

from datetime import datetime
from functools import partial

from shared.domain import next_action as next_
from shared.domain.commands import Expire
from shared.domain.ids import PromotionId
from shared.domain.next_action import Action, next_action
from shared.domain.traces import Step
from shared.workflow.handling import Handling
from shared.workflow.import_target import import_target, mark, read_back
from shared.workflow.look import look
from shared.workflow.outside import Outside
from shared.workflow.relay import announce, next_relay, relay
from shared.workflow.set_aside import set_aside

_STEPS = 24  # of one handling; what is left then is due at once for the next


def advance(outside: Outside, promotion: PromotionId) -> None:
    """Take one promotion as far as it goes now, and leave on the worklist when it is due again.

    Raises:
        Unreadable: the history or the worklist cannot be reached; the message is redelivered.
    """
    if promotion.workspace not in outside.workspaces:
        _leave_ungoverned(outside, promotion)
        return
    with outside.telemetry.step(Step.ADVANCE, promotion):
        handling = Handling.open(outside, promotion)
        again = _run(handling)
        relay(handling)
        _leave(handling, again=again)
        if again:
            outside.queue.send(promotion)


def _leave_ungoverned(outside: Outside, promotion: PromotionId) -> None:
    """A workspace that is not, or no longer, governed: nothing can be read there."""
    reason = f"{promotion.workspace!r} is no governed workspace; add it to CLEARANCE_WORKSPACES, then replay this."
    set_aside(outside, "promotions", reason, str(promotion).encode())
    now = outside.clock.now()
    work = outside.worklist.get(promotion)
    if work is not None:
        outside.worklist.save(promotion, work.looks, now + outside.waits.backoff_last, work.etag)


def _run(handling: Handling) -> bool:
    """Perform until an action appends nothing; whether there is more to do at once (one import a handling, R8)."""
    imported = False
    for _ in range(_STEPS):
        step = _next(handling)
        if not isinstance(step, next_.Do):
            return False
        if _is_left_to_newer_policy(handling, step.action):
            return False
        if isinstance(step.action, next_.Import):
            if imported:
                return True
            announce(handling)
            imported = True
        if not _perform(handling, step.action):
            return False
    return True


def _next(handling: Handling) -> next_.Next:
    return next_action(handling.case, handling.looks, handling.outside.clock.now(), handling.outside.waits)


def _perform(handling: Handling, action: Action) -> bool:
    step = partial(handling.outside.telemetry.step, promotion=handling.promotion)
    match action:
        case next_.Look():
            with step(Step.LOOK):
                return look(handling)
        case next_.LetExpire():
            with step(Step.EXPIRE):
                return handling.record(Expire())
        case next_.ReadBack():
            with step(Step.READ_BACK, registry=action.registry):
                return read_back(handling, action.registry)
        case next_.Mark():
            with step(Step.MARK, registry=action.registry):
                return mark(handling, action.registry)
        case next_.Import():
            with step(Step.IMPORT, registry=action.registry):
                return import_target(handling, action.registry)


def _is_left_to_newer_policy(handling: Handling, action: Action) -> bool:
    """An instance with an older policy than the one that judged neither evaluates nor imports (R18)."""
    judged_by = handling.case.evaluation.policy_build if handling.case.evaluation else 0
    return judged_by > handling.outside.policy_build and isinstance(action, next_.Look | next_.Import)


def _leave(handling: Handling, *, again: bool) -> None:
    """Write the looks and the true due time, under the ETag this handling wrote (R6)."""
    due = _due(handling, again=again)
    handling.outside.worklist.save(handling.promotion, handling.looks, due, handling.etag)


def _due(handling: Handling, *, again: bool) -> datetime:
    now = handling.outside.clock.now()
    step = _next(handling)
    waits = handling.outside.waits
    settled = now + waits.settled_for * 1.1  # a little later than the sweep asks for, or it would only wake it again
    due = step.at if isinstance(step, next_.WaitUntil) else settled
    if again or isinstance(step, next_.Do):  # a message is under way, or a newer instance takes it
        due = now + waits.work_due
    relay_at = next_relay(handling)
    return min(due, relay_at) if relay_at else due
