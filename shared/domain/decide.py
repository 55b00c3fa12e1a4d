"""The promotion rule: what each command does in each state, or why it is refused."""

from datetime import datetime
from typing import assert_never

from shared.domain import commands, decisions, events, imports, states
from shared.domain.commands import Command, Judged, NotGoverned
from shared.domain.difference import difference
from shared.domain.errors import CommandRefused
from shared.domain.evaluation import Evaluation, Outcome
from shared.domain.events import PromotionEvent
from shared.domain.ids import Target
from shared.domain.states import Case
from shared.domain.waits import Waits


def decide(  # noqa: C901, PLR0911, PLR0912 - one branch a command
    case: Case, command: Command, now: datetime, waits: Waits
) -> tuple[PromotionEvent, ...]:
    """The events that `command` leads to now; none where it changes nothing.

    Raises:
        CommandRefused: the rules say no; `code` names which.
    """
    match command:
        case commands.RecordLook():
            return _look(case, command, now)
        case commands.RecordSourceGone():
            return () if _is_settled(case) or not case.sequence else (events.Withdrawn("source_gone", "clearance"),)
        case commands.RecordDecision():
            return decisions.answer(case, command.decision, now)
        case commands.RequestReevaluation():
            return _reevaluate(case, command)
        case commands.Withdraw():
            return _withdraw(case, command)
        case commands.GiveUpWaiting():
            return _give_up_waiting(case, command)
        case commands.Expire():
            return _expire(case, now)
        case commands.StartImport():
            return imports.start(case, command, now, waits)
        case commands.LeaveRunning():
            return imports.leave_running(case, command)
        case commands.RecordPresent():
            return imports.judge_present(case, command)
        case commands.RecordClaimed():
            return imports.judge_claimed(case, command)
        case commands.RecordReadBack():
            return imports.judge_read_back(case, command, now, waits)
        case commands.RecordMark():
            return imports.mark(case, command)
        case commands.RecordError():
            return imports.error(case, command)
        case commands.RetryTarget():
            return imports.retry(case, command)
        case commands.GiveUpTarget():
            return imports.give_up(case, command)
        case _:
            assert_never(command)


# ------------------------------------------------------------------------------------------------ a look

_SETTLED = states.Promoted | states.Rejected | states.Expired | states.Withdrawn


def _is_settled(case: Case) -> bool:
    return isinstance(case.state, _SETTLED)


def _look(case: Case, command: commands.RecordLook, now: datetime) -> tuple[PromotionEvent, ...]:
    """A new case begins, an old one begins anew, or the same facts are judged again."""
    recovered = (events.PromotionRecovered(None),) if case.error else ()
    if case.incarnation is not None and case.incarnation != command.incarnation:
        if command.incarnation.created_at < case.incarnation.created_at:
            return ()  # a slow read that began before the number was registered anew
        return (*recovered, events.Reregistered(command.incarnation, command.registrant), *_earlier_incarnation(case))
    begins = (events.Registered(command.incarnation, command.registrant),) if case.incarnation is None else ()
    match command.verdict:
        case Judged():
            return (*recovered, *begins, *_judged(case, command.verdict, now))
        case NotGoverned():
            return (*recovered, *begins, *_not_governed(case, command.verdict))
        case None:
            return (*recovered, *begins)
        case _:
            assert_never(command.verdict)


def _earlier_incarnation(case: Case) -> tuple[events.ConflictFound, ...]:
    """Targets that hold, or are importing, what was registered before under this number (R3)."""
    held = [t for t in case.targets.values() if isinstance(t.state, states.TargetPromoted | states.Importing)]
    explanation = "The version was registered anew; this registry holds, or is importing, the earlier registration."
    found = case.incarnation.asset_id if case.incarnation else ""
    return tuple(events.ConflictFound(t.target, "other_incarnation", explanation, found) for t in held)


def _not_governed(case: Case, verdict: NotGoverned) -> tuple[PromotionEvent, ...]:
    ignored = events.Ignored(verdict.reason, verdict.explanation)
    if _is_settled(case) or case.state == states.Ignored(verdict.reason, verdict.explanation):
        return ()
    return (*_voided(case, (verdict.explanation,)), ignored)


def needs_judging(case: Case) -> bool:
    """Whether a look must evaluate; in settled states only the incarnation matters (R3)."""
    return not (_is_settled(case) or isinstance(case.state, states.Ignored))


def is_unchanged(case: Case, digest: str) -> bool:
    """Whether an evaluation with this digest says nothing new: same facts, and the state already follows from them."""
    same = case.evaluation is not None and case.evaluation.digest == digest
    return same and not isinstance(case.state, states.Received | states.Unseen)


def _judged(case: Case, verdict: Judged, now: datetime) -> tuple[PromotionEvent, ...]:
    evaluation = verdict.evaluation
    if not needs_judging(case):
        return ()
    if is_unchanged(case, evaluation.digest):
        return _waited(case.round, case.state, evaluation, now) if isinstance(case.state, states.Waiting) else ()
    changed = difference(case.evaluation, evaluation) if case.evaluation else ()
    if any(target.registry in case.given_up for target in evaluation.targets):
        return _voided(case, changed)  # given up meanwhile, or after quorum: a new round leaves it out
    round_ = case.round + 1
    completed = events.EvaluationCompleted(round_, evaluation, verdict.seen)
    return (*_voided(case, changed), completed, *_outcome(case, round_, verdict, now))


def _waited(
    round_: int, waiting: states.Waiting, evaluation: Evaluation, now: datetime
) -> tuple[events.Blocked | events.EvidenceAwaited, ...]:
    """Nothing has changed but the time, or the policy's grace, which the digest does not hold."""
    if not evaluation.may_wait(now):
        return (_blocked(round_, evaluation),)
    if evaluation.grace_ends_at != waiting.until:
        return (events.EvidenceAwaited(round_, evaluation.grace_ends_at),)
    return ()


def _voided(case: Case, changed: tuple[str, ...]) -> tuple[events.RoundVoided, ...]:
    """A round that people were asked about ends when what they were asked about changes (R16)."""
    asked = isinstance(case.state, states.AwaitingApproval) or case.through is not None
    return (events.RoundVoided(case.round, case.evaluation.digest, changed),) if asked and case.evaluation else ()


def _outcome(case: Case, round_: int, verdict: Judged, now: datetime) -> tuple[PromotionEvent, ...]:
    evaluation = verdict.evaluation
    if case.rejection is not None and case.rejection.digest == evaluation.digest:
        return (events.RejectionStands(round_, evaluation.digest),)
    if evaluation.outcome is not Outcome.PASSED:
        if evaluation.may_wait(now):
            return (events.EvidenceAwaited(round_, evaluation.grace_ends_at),)
        return (_blocked(round_, evaluation),)
    if not evaluation.targets:
        return ()  # all were given up, and the fold says so
    to_do = tuple(target for target in evaluation.targets if not _is_done(case, target))
    conflicts = tuple(
        events.ConflictFound(finding.target, finding.conflict, finding.explanation, finding.found)
        for finding in verdict.findings
        if finding.conflict and finding.target in to_do
    )
    return conflicts or (_asking(round_, verdict, to_do, now),)


def _is_done(case: Case, target: Target) -> bool:
    known = case.targets.get(target.registry)
    return known is not None and known.target == target and isinstance(known.state, states.TargetPromoted)


def _blocked(round_: int, evaluation: Evaluation) -> events.Blocked:
    return events.Blocked(round_, tuple(gate.gate for gate in evaluation.not_passed))


def _asking(round_: int, verdict: Judged, to_do: tuple[Target, ...], now: datetime) -> events.ApprovalRequested:
    evaluation = verdict.evaluation
    unchecked = tuple(events.UncheckedTarget(f.target.registry, f.explanation) for f in verdict.findings if f.unchecked)
    return events.ApprovalRequested(round_, evaluation.digest, to_do, unchecked, now + evaluation.rules.expires_after)


# ------------------------------------------------------------------------------------------------ people and time


def _reevaluate(case: Case, command: commands.RequestReevaluation) -> tuple[PromotionEvent, ...]:
    """Lead back to received; where a look is due anyway, nothing is recorded (R17)."""
    match case.state:
        case states.Promoted():
            raise CommandRefused("settled", f"{case.id} is promoted; a new look would change nothing.")
        case states.Received() | states.Waiting() | states.AwaitingApproval() | states.Promoting():
            return ()
        case states.Withdrawn(reason="given_up"):
            raise _all_given_up(case)
        case _ if case.is_given_up:
            raise _all_given_up(case)
        case _:
            return (events.ReevaluationRequested(command.by, command.comment),)


def _all_given_up(case: Case) -> CommandRefused:
    return CommandRefused("given_up", f"Every target of {case.id} was given up; retry one first.")


def _withdraw(case: Case, command: commands.Withdraw) -> tuple[PromotionEvent, ...]:
    if isinstance(case.state, states.Unseen):
        raise CommandRefused("unknown_promotion", f"{case.id} is not known.")
    done = isinstance(case.state, states.Promoting) and decisions.nothing_left_to_stop(case)
    if _is_settled(case) or done:
        raise CommandRefused("settled", f"{case.id} is {case.status}; there is nothing left to withdraw.")
    return (events.Withdrawn("by_person", command.by, command.comment),)


def _give_up_waiting(case: Case, command: commands.GiveUpWaiting) -> tuple[events.Withdrawn, ...]:
    """Unlike a withdrawal, it never stops what has moved on meanwhile: evidence may come while somebody gives up."""
    if not isinstance(case.state, states.Waiting | states.Blocked):
        raise CommandRefused(
            "not_waiting",
            f"{case.id} is {case.status}: nothing is waited for. To take it back all the same, withdraw it.",
            status=case.status,
        )
    return (events.Withdrawn("waiting_given_up", command.by, command.comment),)


def _expire(case: Case, now: datetime) -> tuple[PromotionEvent, ...]:
    if isinstance(case.state, states.AwaitingApproval) and case.evaluation and now >= case.state.expires_at:
        return (events.Expired(case.round, case.evaluation.digest),)
    return ()
