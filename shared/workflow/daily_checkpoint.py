"""Once a day: protect every history by a checkpoint, then mend what the indexes beside them have lost (invariant 7)."""

from dataclasses import dataclass
from datetime import UTC, datetime

from shared.domain.chain import Tip
from shared.domain.errors import InvalidId
from shared.domain.instants import instant_text
from shared.domain.measures import CHECKPOINTS
from shared.domain.merkle import make_checkpoint
from shared.ports import Head, every
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
    try:
        heads = tuple(every(outside.histories.heads))
        name = _written(outside, heads)
    except Exception:
        outside.telemetry.measure([CHECKPOINTS.of(1, outcome="failed")])
        raise
    outside.telemetry.measure([CHECKPOINTS.of(1, outcome="written")])
    return Protected(name, len(heads), put_back_what_is_lost(outside, heads), list_anew_what_is_wrong(outside, heads))


def checkpoint_name(at: datetime) -> str:
    """The instant without what may not stand in a name everywhere, so that names sort by time."""
    return instant_text(at).replace(":", "").replace("-", "")


def checkpointed_at(name: str) -> datetime:
    """When a checkpoint of this name was written; raises `InvalidId` for the name of something else."""
    try:
        return datetime.strptime(name, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise InvalidId("checkpoint", name, "an instant as 20250101T000000.000000Z") from error


def _written(outside: Outside, heads: tuple[Head, ...]) -> str:
    at = outside.clock.now()
    name = checkpoint_name(at)
    tips = [Tip(head.id.partition, head.sequence, head.hash) for head in heads]
    outside.checkpoints.write(name, make_checkpoint(at, outside.version, tips))
    return name
