"""What must follow the history besides lists: lines gain their champion, ended rounds let go of their claims."""

from shared.domain import events, states
from shared.domain.errors import HistoryClash, Unreadable
from shared.domain.events import PromotionEvent
from shared.domain.fold import evolve, fold
from shared.domain.line import champion_of, promote
from shared.domain.states import Case
from shared.ports import NewEvent
from shared.workflow.handling import MACHINERY, Handling
from shared.workflow.timeline import event_id

_TRIES = 8


def follow_lines(handling: Handling, position: int) -> None:
    """Tell the line of each target promoted after `position`; the operation is that event's id, so twice is once."""
    for after, row in cases_after(handling, position):
        if isinstance(row.event, events.TargetPromoted):
            _promote_in_line(handling, after, row.event, event_id(handling.promotion, row.sequence))


def _promote_in_line(handling: Handling, case: Case, promoted: events.TargetPromoted, operation: str) -> None:
    outside = handling.outside
    if case.evaluation is None:
        raise ValueError(f"{case.id} was promoted without an evaluation.")
    for _ in range(_TRIES):
        line = outside.histories.load(promoted.target.line)
        if line.through(operation) is not None:
            return
        event = promote(champion_of(line.rows), case.evaluation, promoted.target, promoted.round)
        snapshot = {"champion": case.evaluation.promotion} if isinstance(event, events.ChampionChanged) else {}
        try:
            outside.histories.append(line, [NewEvent(event, operation, MACHINERY)], outside.clock.now(), snapshot)
        except HistoryClash:
            continue
        return
    raise Unreadable("line_busy", f"Too many promotions are writing to line {promoted.target.line}.", 1)


def follow_claims(handling: Handling, position: int) -> None:
    """Release the claims of rounds that ended after `position` (R7)."""
    for after, row in cases_after(handling, position):
        if isinstance(row.event, events.TargetGivenUp):
            _release(handling, after, row.event.registry)
        elif isinstance(row.event, events.ImportNotLanded) and row.event.final:
            stopped = not isinstance(after.state, states.Promoting)
            if stopped:
                _release(handling, after, row.event.registry)
        elif isinstance(row.event, _ENDS_A_ROUND) or (isinstance(row.event, _HOLDS_NONE) and after.round > 1):
            for registry in after.targets:
                _release(handling, after, registry)


_ENDS_A_ROUND = events.Rejected | events.RejectionStands | events.Expired | events.Withdrawn | events.RoundVoided
_HOLDS_NONE = events.Blocked | events.EvidenceAwaited | events.Ignored  # an earlier round may have held claims


def _release(handling: Handling, case: Case, registry: str) -> None:
    """A promoted target's claim stays for ever; a started import's stays until it was judged for good.

    A claim names the round it was taken for: the one that ended, or the one before where a conflict held it.
    """
    target = case.targets.get(registry)
    if target is None or target.intent is not None or isinstance(target.state, states.TargetPromoted):
        return
    for round_ in {case.round, max(case.round - 1, 1)}:
        handling.outside.claims.release(target.target, handling.promotion, round_)


def cases_after(handling: Handling, position: int) -> list[tuple[Case, events.Recorded]]:
    """Each event after `position`, with the case as it left it."""
    rows = handling.history.rows
    case = fold(handling.promotion, rows[:position])
    after = []
    for row in rows[position:]:
        case = evolve(case, promotion_event(row), row.at)
        after.append((case, row))
    return after


def promotion_event(row: events.Recorded) -> PromotionEvent:
    """The event of a promotion's row.

    Raises:
        TypeError: the row holds a line's event.
    """
    if isinstance(row.event, events.LineEvent):
        raise TypeError(f"{type(row.event).__name__} belongs to a line, not to a promotion.")
    return row.event
