"""What is to be done for a promotion now, or when to look again: pure, from state, looks and the time (R1)."""

from dataclasses import dataclass
from datetime import datetime

from shared.domain import states
from shared.domain.change_window import SEARCHED
from shared.domain.evaluation import Evaluation
from shared.domain.imports import may_start, read_back_at
from shared.domain.looks import Looks
from shared.domain.states import Case, TargetCase
from shared.domain.waits import Waits


@dataclass(frozen=True, slots=True)
class Look:
    """Read the version whole, and judge it where the state asks for that."""


@dataclass(frozen=True, slots=True)
class LetExpire:
    """Nobody answered in time."""


@dataclass(frozen=True, slots=True)
class Import:
    """Move the version into one registry (R8)."""

    registry: str


@dataclass(frozen=True, slots=True)
class ReadBack:
    """Judge what an ended lease left (R9)."""

    registry: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Write provenance tags (R8.6)."""

    registry: str


Action = Look | LetExpire | Import | ReadBack | Mark


@dataclass(frozen=True, slots=True)
class Do:
    """There is something to do now."""

    action: Action


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """Nothing to do before `at`."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Settled:
    """Nothing is due until somebody asks."""


Next = Do | WaitUntil | Settled
_Due = tuple[datetime, Action]


def next_action(case: Case, looks: Looks, now: datetime, waits: Waits) -> Next:
    """The first of what is due, in this order: read-backs, expiry, a look, marks, imports; else the earliest later."""
    due = [
        *_read_backs(case, looks, waits),
        *_expiry(case),
        *_looks(case, looks, now, waits),
        *_marks(case, looks, now),
        *_imports(case, looks, now),
    ]
    for at, action in due:
        if at <= now:
            return Do(action)
    return WaitUntil(min(at for at, _ in due)) if due else Settled()


def _later(at: datetime, looks: Looks, registry: str) -> datetime:
    next_try = looks.of_target(registry).next_try
    return max(at, next_try) if next_try else at


def _read_backs(case: Case, looks: Looks, waits: Waits) -> list[_Due]:
    return [
        (_later(read_back_at(target.intent, waits), looks, registry), ReadBack(registry))
        for registry, target in case.targets.items()
        if target.intent
    ]


def _expiry(case: Case) -> list[_Due]:
    return [(case.state.expires_at, LetExpire())] if isinstance(case.state, states.AwaitingApproval) else []


def _looks(case: Case, looks: Looks, now: datetime, waits: Waits) -> list[_Due]:
    at = now if looks.look_is_asked else _look_of_state(case, looks, now, waits)
    if at is None:
        return []
    return [(max(at, looks.source.next_try) if looks.source.next_try else at, Look())]


def _look_of_state(case: Case, looks: Looks, now: datetime, waits: Waits) -> datetime | None:
    """When the state itself asks for a look (R14, R17)."""
    match case.state:
        case states.Received():
            return now
        case states.Unseen() if case.sequence:
            return now
        case states.Waiting():
            return min(case.state.until, looks.looked + waits.relook) if looks.looked else now
        case states.AwaitingApproval() | states.Promoting() if case.evaluation:
            return _end_of_exceptions(case.evaluation, looks)
        case states.Blocked():
            longest_ago = now - waits.relook_slow  # a lost row means looking sooner, never later (R1)
            return _relook(case.state.since, looks.looked or longest_ago, waits)
        case _:
            return None


def _end_of_exceptions(evaluation: Evaluation, looks: Looks) -> datetime | None:
    """An ended exception is enforced again: nobody is to answer on it, or wait for it, without knowing."""
    ends_at = evaluation.exceptions_end_at
    return None if ends_at is None or (looks.looked and looks.looked >= ends_at) else ends_at


def _relook(since: datetime, looked: datetime, waits: Waits) -> datetime | None:
    if looked + waits.relook <= since + waits.relook_for:
        return looked + waits.relook
    later = looked + waits.relook_slow
    return later if later <= since + waits.relook_slow_for else None


def _marks(case: Case, looks: Looks, now: datetime) -> list[_Due]:
    return [
        (_later(now, looks, registry), Mark(registry)) for registry, target in case.targets.items() if _mark_due(target)
    ]


def _mark_due(target: TargetCase) -> bool:
    return isinstance(target.state, states.TargetPromoted) and target.state.mark == "due"


def _imports(case: Case, looks: Looks, now: datetime) -> list[_Due]:
    return [
        (_opening(case, _later(now, looks, registry)), Import(registry))
        for registry, target in case.targets.items()
        if may_start(case, target) and target.wanted
    ]


def _opening(case: Case, at: datetime) -> datetime:
    """When an import due at `at` may start; where the change window does not open in sight, when to see again."""
    window = case.evaluation.rules.change_window if case.evaluation else None
    return at if window is None else window.next_opening(at) or at + SEARCHED
