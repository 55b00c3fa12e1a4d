"""Mend what stands beside the histories: rows that the worklist has lost, rows that are wrong in the catalog (R5, R6)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from shared.domain.fold import fold
from shared.domain.ids import PromotionId
from shared.domain.states import Case
from shared.ports import Head, PromotionFilter
from shared.workflow.outside import Outside
from shared.workflow.summaries import is_open, summarise

_PAGE = 1000  # rows: as many as the store gives at once


def put_back_what_is_lost(outside: Outside, heads: Sequence[Head]) -> tuple[str, ...]:
    """Make due what is open and on no worklist row; the promotions put back."""
    lost = [head.id for head in heads if isinstance(head.id, PromotionId) and _is_lost(outside, head, head.id)]
    for promotion in lost:
        outside.worklist.touch(promotion, outside.clock.now())
    return tuple(str(promotion) for promotion in lost)


def _is_lost(outside: Outside, head: Head, promotion: PromotionId) -> bool:
    """Open by its snapshot, or not yet relayed, and on no worklist row."""
    if outside.worklist.get(promotion) is not None:
        return False
    if head.snapshot.get("open", True):
        return True
    relayed = outside.histories.load(promotion).relay
    return any(relayed.get(sink, 0) < head.sequence for sink in ("tables", "topic"))


def list_anew_what_is_wrong(outside: Outside, heads: Sequence[Head]) -> tuple[str, ...]:
    """List anew what the catalog shows otherwise than its head, or twice; the promotions listed anew.

    In the catalog the last writer wins: a relay that was held up for long writes what was true before, and may be killed
    before it learns so.
    """
    listed = _listed(outside)
    wrong = [
        head.id
        for head in heads
        if isinstance(head.id, PromotionId)
        and head.id.workspace in outside.workspaces
        and listed.get(head.id) != [head.sequence]
    ]
    for promotion in wrong:
        list_anew(outside, fold(promotion, outside.histories.load(promotion).rows))
    return tuple(str(promotion) for promotion in wrong)


def _listed(outside: Outside) -> Mapping[PromotionId, list[int]]:
    """The last event that each row shows."""
    wanted = PromotionFilter(tuple(outside.workspaces))
    listed: dict[PromotionId, list[int]] = defaultdict(list)
    cursor = None
    while True:
        page = outside.read_models.promotions(wanted, _PAGE, cursor)
        for row in page.items:
            listed[row.promotion].append(row.sequence)
        cursor = page.cursor
        if cursor is None:
            return listed


def list_anew(outside: Outside, case: Case) -> None:
    """Write its catalog row, whatever raced before, and drop any other of it."""
    outside.read_models.apply((), summarise(case), not is_open(case))
