"""Sweep: wake what is due, remove what is settled, forget old webhook ids (R6, R12)."""

from dataclasses import dataclass
from datetime import timedelta

from shared.domain.fold import fold
from shared.domain.measures import SWEEP_LAG
from shared.domain.next_action import Settled, next_action
from shared.ports import Work
from shared.workflow.governed_from import governed_from
from shared.workflow.mend import list_anew
from shared.workflow.outside import Outside

_MOST = 500  # rows of one run; the next run takes the rest
_WEBHOOK_IDS_KEPT = timedelta(minutes=30)  # six times the window in which an id can be sent again


@dataclass(frozen=True, slots=True)
class Swept:
    """What one run did. `lag` is how late it found what was due longest, in seconds; 0 where nothing was."""

    lag: float
    woken: int
    removed: int
    forgotten_webhook_ids: int


def sweep(outside: Outside) -> Swept:
    """One run. A row is removed only when its promotion is settled, relayed, and was left alone for a while."""
    now = outside.clock.now()
    for workspace in outside.workspaces:
        governed_from(outside, workspace)  # the first run after the first start fixes it
    woken = removed = 0
    due = outside.worklist.due(now, _MOST)
    lag = max((now - work.due for work in due), default=timedelta()).total_seconds()
    outside.telemetry.measure([SWEEP_LAG.of(lag)])
    for work in due:
        if _is_finished(outside, work):
            removed += outside.worklist.remove(work)
        else:
            outside.queue.send(work.promotion)
            woken += 1
    return Swept(lag, woken, removed, outside.replay_ids.forget(now - _WEBHOOK_IDS_KEPT))


def _is_finished(outside: Outside, work: Work) -> bool:
    now = outside.clock.now()
    if now - work.touched < outside.waits.settled_for or work.looks.look_is_asked:
        return False
    history = outside.histories.load(work.promotion)
    relayed = all(history.relay.get(sink, 0) == history.sequence for sink in ("tables", "topic"))
    case = fold(work.promotion, history.rows)
    settled = isinstance(next_action(case, work.looks, now, outside.waits), Settled)
    if settled and relayed and history.sequence:  # the last word in the catalog, whatever raced before
        list_anew(outside, case)
    return settled and relayed
