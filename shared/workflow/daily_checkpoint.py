"""Once a day: protect every history by a checkpoint, and put back what the worklist has lost (R6, invariant 7)."""

from collections.abc import Iterator
from dataclasses import dataclass

from shared.domain.chain import Tip
from shared.domain.ids import PromotionId
from shared.domain.instants import instant_text
from shared.domain.merkle import make_checkpoint
from shared.ports import Head
from shared.workflow.outside import Outside


@dataclass(frozen=True, slots=True)
class Protected:
    """What one run did: the checkpoint's name, how many histories it covers, what went back on the worklist."""

    checkpoint: str
    histories: int
    put_back: tuple[str, ...]


def daily_checkpoint(outside: Outside) -> Protected:
    """Page over all heads once, then write the checkpoint."""
    tips, put_back = [], []
    for head in _heads(outside):
        tips.append(Tip(head.id.partition, head.sequence, head.hash))
        if isinstance(head.id, PromotionId) and _is_lost(outside, head, head.id):
            outside.worklist.touch(head.id, outside.clock.now())
            put_back.append(str(head.id))
    at = outside.clock.now()
    name = instant_text(at).replace(":", "").replace("-", "")
    outside.checkpoints.write(name, make_checkpoint(at, outside.version, tips))
    return Protected(name, len(tips), tuple(put_back))


def _heads(outside: Outside) -> Iterator[Head]:
    cursor = None
    while True:
        page = outside.histories.heads(cursor)
        yield from page.items
        cursor = page.cursor
        if cursor is None:
            return


def _is_lost(outside: Outside, head: Head, promotion: PromotionId) -> bool:
    """Open by its snapshot, or not yet relayed, and on no worklist row."""
    if outside.worklist.get(promotion) is not None:
        return False
    if head.snapshot.get("open", True):
        return True
    relayed = outside.histories.load(promotion).relay
    return any(relayed.get(sink, 0) < head.sequence for sink in ("tables", "topic"))
