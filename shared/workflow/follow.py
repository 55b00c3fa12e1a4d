"""What must follow the history besides lists: lines gain their champion, claims are let go, awaited runs are noted."""

from shared.domain import events
from shared.domain.awaited_runs import awaited_runs
from shared.domain.claims import needs_claim
from shared.domain.errors import HistoryClash, Unreadable
from shared.domain.events import PromotionEvent
from shared.domain.evidence import Champion
from shared.domain.fold import evolve, fold
from shared.domain.line import champion_of, champions_before, promote
from shared.domain.states import Case, TargetCase
from shared.ports import NewEvent
from shared.workflow.handling import MACHINERY, Handling
from shared.workflow.summaries import line_snapshot
from shared.workflow.timeline import event_id

_TRIES = 8


def follow_lines(handling: Handling, position: int) -> None:
    """Tell the line of each target promoted after `position`; the operation is that event's id, so twice is once."""
    for row in handling.history.rows[position:]:
        if isinstance(row.event, events.TargetPromoted):
            _promote_in_line(handling, row.event, event_id(handling.promotion, row.sequence))


def _promote_in_line(handling: Handling, promoted: events.TargetPromoted, operation: str) -> None:
    """By the evaluation that people approved: another round may have begun since."""
    outside, evaluation = handling.outside, handling.evaluation_of(promoted.round)
    for _ in range(_TRIES):
        line = outside.histories.load(promoted.target.line)
        if line.through(operation) is not None:
            return
        champion = champion_of(line.rows)
        earlier = _earlier(handling, champion, evaluation.champion)
        event = promote(champion, evaluation, promoted.target, promoted.round, earlier)
        new = [NewEvent(event, operation, MACHINERY)]
        try:
            outside.histories.append(line, new, outside.clock.now(), line_snapshot(event))
        except HistoryClash:
            continue
        return
    raise Unreadable("line_busy", f"Too many promotions are writing to line {promoted.target.line}.", 1)


def _earlier(handling: Handling, champion: Champion | None, compared: Champion | None) -> frozenset[str]:
    """Who was champion before the one compared with; looked up only where this line points at somebody else."""
    if champion is None or compared is None or champion.promotion == compared.promotion:
        return frozenset()
    return champions_before(handling.outside.histories.load(compared.target.line).rows, compared)


def follow_claims(handling: Handling, position: int) -> None:
    """Release the claims of rounds that ended after `position` (R7)."""
    before = fold(handling.promotion, handling.history.rows[:position])
    for after, row in cases_after(handling, position):
        for registry in _let_go(before, after, row.event):
            _release(handling, before.targets.get(registry), after.round)
        before = after


def _let_go(before: Case, after: Case, event: events.Event) -> tuple[str, ...]:
    """The registries in which a claim may have ended."""
    match event:
        case events.TargetGivenUp(registry=registry) | events.ImportNotLanded(registry=registry, final=True):
            return (registry,)
        case events.ConflictFound(target=target) if _was_judged(before, after, target.registry):
            return (target.registry,)
        case event if isinstance(event, _ENDS_A_ROUND) or (isinstance(event, _HOLDS_NONE) and after.round > 1):
            return tuple(before.targets)
        case _:
            return ()


def _was_judged(before: Case, after: Case, registry: str) -> bool:
    """Whether this says the last word on an import that was announced."""
    known, now = before.targets.get(registry), after.targets.get(registry)
    return known is not None and known.intent is not None and now is not None and now.intent is None


_ENDS_A_ROUND = events.Rejected | events.RejectionStands | events.Expired | events.Withdrawn | events.RoundVoided
_HOLDS_NONE = events.Blocked | events.EvidenceAwaited | events.Ignored  # an earlier round may have held claims


def _release(handling: Handling, known: TargetCase | None, round_: int) -> None:
    """Let go of what is needed no more: the target's place, and the one that an import was announced for.

    A claim names the round it was taken for: the one that ended, or the one before where a conflict held it. What
    the newest state needs is kept: a target that was given up may be wanted again when this comes to be told.
    """
    if known is None:
        return
    places = {(known.target, round_), (known.target, max(round_ - 1, 1))}
    if known.intent is not None:
        places.add((known.intent.target, known.intent.round))
    for target, claimed in sorted(places):
        if not needs_claim(handling.case, target):
            handling.outside.claims.release(target, handling.promotion, claimed)


def follow_runs(handling: Handling, position: int) -> None:
    """Have the end of each run that the promotion waits for now wake it, and of no other that it waited for."""
    before = awaited_runs(fold(handling.promotion, handling.history.rows[:position]))
    awaited = awaited_runs(handling.case)
    waited = before.union(*(awaited_runs(case) for case, _ in cases_after(handling, position)))
    index, promotion = handling.outside.awaited_runs, handling.promotion
    for run in sorted(awaited):
        index.add(promotion.workspace, run, promotion)
    for run in sorted(waited - awaited):
        index.remove(promotion.workspace, run, promotion)


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
