"""What happens at one target: announcing an import, judging what is found, marking it (R8, R9)."""

from datetime import datetime
from typing import assert_never

from shared.domain import commands, events, states
from shared.domain.change_window import ChangeWindow
from shared.domain.commands import Absent, Different, Equal
from shared.domain.errors import CommandRefused
from shared.domain.events import PromotionEvent
from shared.domain.ids import Target
from shared.domain.states import Case, Intent, TargetCase
from shared.domain.waits import Waits


def start(case: Case, command: commands.StartImport, now: datetime, waits: Waits) -> tuple[PromotionEvent, ...]:
    """Announce an import; only for exactly the approved digest, re-read at most `reread_max_age` ago (invariant 3).

    Raises:
        CommandRefused: `not_promoting`, `stale_evaluation` or `reread_too_old`: read again and decide anew;
            `window_closed`: wait.
    """
    target = _target(case, command.registry)
    if not may_start(case, target):
        raise CommandRefused("not_promoting", f"{target.target} is not to be imported now: {case.id} is {case.status}.")
    if case.evaluation is None or command.digest != case.evaluation.digest:
        raise CommandRefused("stale_evaluation", f"{case.id} has changed since it was approved; nothing is imported.")
    if now - command.reread_at > waits.reread_max_age:
        raise CommandRefused("reread_too_old", f"{case.id} was last read at {command.reread_at}; read it again.")
    window = case.evaluation.rules.change_window
    if window is not None and not window.is_open(now):
        raise CommandRefused("window_closed", window.said_at(now))
    started = events.ImportStarted(
        command.registry, case.round, command.worker, command.lease, command.reread_at, now + waits.lease
    )
    return (started,)


def may_start(case: Case, target: TargetCase) -> bool:
    """Whether an import of this target may be announced: approved, not there, and nothing of ours still under way."""
    idle = target.intent is None or target.intent.checks > 0
    approved = isinstance(case.state, states.Promoting) and target.wanted
    return approved and isinstance(target.state, states.Pending) and idle


def closed_window(case: Case, now: datetime) -> ChangeWindow | None:
    """The change window that an approved import waits for; None where none waits, and while it is open."""
    window = case.evaluation.rules.change_window if case.evaluation else None
    waits = any(may_start(case, target) for target in case.targets.values())
    return window if waits and window is not None and not window.is_open(now) else None


def leave_running(case: Case, command: commands.LeaveRunning) -> tuple[PromotionEvent, ...]:
    """Note that the import goes on without its worker; nothing if the lease is no longer the current one."""
    intent = _intent(case, command.registry, command.lease)
    return (events.ImportStillRunning(command.registry, command.lease),) if intent else ()


def judge_present(case: Case, command: commands.RecordPresent) -> tuple[PromotionEvent, ...]:
    """The target holds something before any import: ours if it is equal and carries our marker, else a conflict."""
    target = case.targets.get(command.registry)
    if target is None or not may_start(case, target):
        return ()
    found = command.found
    if isinstance(found, Different):
        return (events.ConflictFound(target.target, "other_content", found.explanation, found.found),)
    if command.ours:
        return (*_recovered(target), _promoted(target.target, case.round, found, adopted=True))
    explanation = f"{target.target} holds an equal model that carries no mark of this promotion: {found.asset_id}."
    return (events.ConflictFound(target.target, "not_ours", explanation, found.asset_id),)


def judge_claimed(case: Case, command: commands.RecordClaimed) -> tuple[PromotionEvent, ...]:
    """Another promotion claimed the place while this one had let it go: a person must look."""
    target = case.targets.get(command.registry)
    if target is None or not may_start(case, target):
        return ()
    explanation = f"{target.target} is claimed by promotion {command.holder}."
    return (events.ConflictFound(target.target, "claimed", explanation, command.holder),)


def read_back_at(intent: Intent, waits: Waits) -> datetime:
    """A target with an intent is read back at its lease's end, and once more later if that found nothing (R9)."""
    return intent.checked_at + waits.read_back_again if intent.checked_at else intent.ends_at


def judge_read_back(
    case: Case, command: commands.RecordReadBack, now: datetime, waits: Waits
) -> tuple[PromotionEvent, ...]:
    """Judge what an announced import left (R9); nothing if that intent is no longer the current one."""
    intent = _intent(case, command.registry, command.lease)
    if intent is None:
        return ()
    target = case.targets[command.registry]
    current = command.own and now < intent.ends_at and _is_still_meant(target, intent)
    match command.found:
        case Absent():
            early = intent.checks > 0 and now < read_back_at(intent, waits)  # two read it at once: that is one look
            return () if early else _absent(case, target, intent, command, now)
        case Different() as different:
            return (events.ConflictFound(intent.target, "other_content", different.explanation, different.found),)
        case Equal() as equal if is_promoting(case, target):
            return (*_recovered(target), _promoted(intent.target, case.round, equal, adopted=False))
        case Equal() as equal if current:
            return (*_recovered(target), _promoted(intent.target, intent.round, equal, adopted=False))
        case Equal() as equal:
            explanation = f"{intent.target} was imported, but its round had been stopped: {case.id} is {case.status}."
            return (events.ConflictFound(intent.target, "landed_late", explanation, equal.asset_id),)
        case _:
            assert_never(command.found)


def judged_by(case: Case, registry: str) -> int:
    """The round whose approved facts tell what a target must hold: the one that promotes, else that of the intent."""
    target = case.targets[registry]
    return case.round if target.intent is None or is_promoting(case, target) else target.intent.round


def is_promoting(case: Case, target: TargetCase) -> bool:
    """Whether the promotion still wants this target, and what was announced for it (R9)."""
    open_ = isinstance(target.state, states.Pending | states.Importing) and target.wanted
    announced = target.intent is None or _is_still_meant(target, target.intent)
    return isinstance(case.state, states.Promoting) and open_ and announced


def _is_still_meant(target: TargetCase, intent: Intent) -> bool:
    """Whether what it leaves can be this target: the same registration, under the name that the policy gives now."""
    return not intent.earlier and intent.target == target.target


def mark(case: Case, command: commands.RecordMark) -> tuple[PromotionEvent, ...]:
    """Record the provenance tags once."""
    target = case.targets.get(command.registry)
    if target is None or not isinstance(target.state, states.TargetPromoted) or target.state.mark != "due":
        return ()
    return (*_recovered(target), events.TargetMarked(command.registry, command.marked, command.explanation))


def error(case: Case, command: commands.RecordError) -> tuple[PromotionEvent, ...]:
    """Record trouble once, and again when it changes (R11)."""
    if command.registry is not None and command.registry not in case.targets:
        return ()  # the policy has dropped it meanwhile
    known = case.error if command.registry is None else case.targets[command.registry].error
    if known == command.code:
        return ()
    return (events.PromotionErrored(command.registry, command.code, command.explanation),)


def retry(case: Case, command: commands.RetryTarget) -> tuple[PromotionEvent, ...]:
    """An operator's wish to try a target again; while people are asked without it, they are asked anew.

    Raises:
        CommandRefused: `unknown_target`, `target_promoted`, `target_importing` or `target_left_out`.
    """
    target = _target(case, command.registry)
    _refuse_done(target)
    if isinstance(target.state, states.Importing):
        raise CommandRefused("target_importing", f"{target.target} is being imported; wait until its lease has ended.")
    if isinstance(case.state, states.Promoted) and not target.wanted:
        sentence = f"{case.id} was approved without {target.target}; register a new version to bring it there."
        raise CommandRefused("target_left_out", sentence)
    again = events.TargetRetryRequested(command.registry, command.by, command.comment)
    if target.given_up:
        return (*_asked_anew(case, f"{target.target} is wanted again by {command.by}."), again)
    return (again,)


def give_up(case: Case, command: commands.GiveUpTarget) -> tuple[PromotionEvent, ...]:
    """An operator's wish to leave a target out; while people are asked, they are asked anew about what is left.

    Raises:
        CommandRefused: `unknown_target`, `target_promoted` or `target_given_up`.
    """
    target = _target(case, command.registry)
    _refuse_done(target)
    if isinstance(target.state, states.GivenUp):
        raise CommandRefused("target_given_up", f"{target.target} was given up by {target.state.by} already.")
    given_up = events.TargetGivenUp(command.registry, command.by, command.comment)
    if target.given_up:
        return (given_up,)  # what was found there since has been seen: nothing changes for who is asked
    return (*_asked_anew(case, f"{target.target} was given up by {command.by}."), given_up)


def _asked_anew(case: Case, difference: str) -> tuple[events.RoundVoided, ...]:
    asked = isinstance(case.state, states.AwaitingApproval) and case.evaluation
    return (events.RoundVoided(case.round, asked.digest, (difference,)),) if asked else ()


def _refuse_done(target: TargetCase) -> None:
    if isinstance(target.state, states.TargetPromoted):
        raise CommandRefused("target_promoted", f"{target.target} holds the version already.")


def _absent(
    case: Case, target: TargetCase, intent: Intent, command: commands.RecordReadBack, now: datetime
) -> tuple[PromotionEvent, ...]:
    """Not landed so far; where the promotion was stopped, one more look follows (R9)."""
    if now < intent.ends_at:
        code, explanation = command.error or ("import_not_landed", "The import ended, but the target holds nothing.")
        return error(case, commands.RecordError(command.registry, code, explanation))
    final = is_promoting(case, target) or intent.checks > 0
    return (events.ImportNotLanded(command.registry, command.lease, final),)


def _promoted(held: Target, round_: int, found: Equal, *, adopted: bool) -> events.TargetPromoted:
    return events.TargetPromoted(held, round_, found.asset_id, adopted, found.compared)


def _recovered(target: TargetCase) -> tuple[PromotionEvent, ...]:
    return (events.PromotionRecovered(target.target.registry),) if target.error else ()


def _intent(case: Case, registry: str, lease: str) -> Intent | None:
    target = case.targets.get(registry)
    return target.intent if target and target.intent and target.intent.lease == lease else None


def _target(case: Case, registry: str) -> TargetCase:
    target = case.targets.get(registry)
    if target is None:
        known = ", ".join(sorted(case.targets)) or "none yet"
        raise CommandRefused("unknown_target", f"{case.id} has no target in {registry!r}; its targets are: {known}.")
    return target
