"""Once a day: protect every history by a checkpoint, then mend what the indexes beside them have lost (invariant 7)."""

from collections.abc import Iterator
from dataclasses import dataclass

from shared.domain.chain import Tip
from shared.domain.instants import instant_text
from shared.domain.merkle import make_checkpoint
from shared.ports import Head
from shared.workflow.mend import list_anew_what_is_wrong, put_back_what_is_lost
from shared.workflow.outside import Outside


@dataclass(frozen=True, slots=True)
class Protected:
    """What one run did: the checkpoint's name, how many histories it covers.

    `put_back` went back on the worklist; `listed_anew` had another row in the catalog than their last event says.
    """

    checkpoint: str
    histories: int
    put_back: tuple[str, ...]
    listed_anew: tuple[str, ...]


def daily_checkpoint(outside: Outside) -> Protected:
    """Page over all heads once, write the checkpoint, then compare the heads with worklist and catalog."""
    heads = tuple(_heads(outside))
    at = outside.clock.now()
    name = instant_text(at).replace(":", "").replace("-", "")
    tips = [Tip(head.id.partition, head.sequence, head.hash) for head in heads]
    outside.checkpoints.write(name, make_checkpoint(at, outside.version, tips))
    return Protected(name, len(tips), put_back_what_is_lost(outside, heads), list_anew_what_is_wrong(outside, heads))


def _heads(outside: Outside) -> Iterator[Head]:
    cursor = None
    while True:
        page = outside.histories.heads(cursor)
        yield from page.items
        cursor = page.cursor
        if cursor is None:
            return
