"""Mend what stands beside the histories: rows that the worklist has lost, rows that are wrong in the catalog (R5, R6)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from shared.domain.fold import fold
from shared.domain.ids import PromotionId
from shared.domain.states import Case
from shared.ports import Head, PromotionFilter, every
from shared.workflow.outside import Outside
from shared.workflow.summaries import is_open, summarise

_PAGE = 1000  # rows: as many as the store gives at once


def put_back_what_is_lost(outside: Outside, heads: Sequence[Head]) -> tuple[str, ...]:
    """Make due what is open and on no worklist row; the promotions put back.

    One by one: after a restore that is all of them, and a run that is cut off must leave less to the next.
    """
    return tuple(_put_back(outside, heads))


def _put_back(outside: Outside, heads: Sequence[Head]) -> Iterator[str]:
    known = outside.worklist.promotions()
    relayed = {relay.id: _taken(relay.positions) for relay in every(outside.histories.relays)}
    for head in heads:
        promotion = head.id
        if not isinstance(promotion, PromotionId) or promotion in known:
            continue
        if _is_unfinished(outside, head, promotion, relayed.get(promotion, 0)):
            outside.worklist.touch(promotion, outside.clock.now())
            yield str(promotion)


def _is_unfinished(outside: Outside, head: Head, promotion: PromotionId, relayed: int) -> bool:
    """Open by its snapshot, or not yet relayed though its workspace is governed: else it would only be set aside."""
    if head.snapshot.get("open", True):
        return True
    return promotion.workspace in outside.workspaces and relayed < head.sequence


def _taken(positions: Mapping[str, int]) -> int:
    """The last sequence that every sink took."""
    return min(positions.get(sink, 0) for sink in ("tables", "topic"))


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
    for row in every(partial(outside.read_models.promotions, wanted, _PAGE)):
        listed[row.promotion].append(row.sequence)
    return listed


def list_anew(outside: Outside, case: Case) -> None:
    """Write its catalog row, whatever raced before, and drop any other of it."""
    outside.read_models.apply((), summarise(case), not is_open(case))
