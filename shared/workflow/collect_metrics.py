"""Collect what is true of the estate now, for whoever watches it: one reading of every gauge."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from functools import partial

from shared.domain.errors import ClearanceError
from shared.domain.measures import CHECKPOINT_AGE, DEAD_LETTERS, ERRORED, OLDEST, PROMOTIONS, QUEUE_DEPTH, Measure
from shared.domain.states import STATUS
from shared.ports import PromotionFilter, Summary, every
from shared.workflow.daily_checkpoint import checkpointed_at
from shared.workflow.outside import Outside

STATUSES = tuple(status for status in STATUS.values() if status != "unseen")
"""Each is told of in every reading, with 0 where there is none: a line that only ends looks like an outage."""

_PAGE = 1000


def collect_metrics(outside: Outside) -> tuple[str, ...]:
    """Read and hand over every gauge; sentences about those that could not be read, which stop none of the others."""
    now, unread = outside.clock.now(), []
    for read in (_backlog, _promotions, _checkpoint):
        try:
            outside.telemetry.measure(tuple(read(outside, now)))
        except ClearanceError as error:
            unread.append(str(error))
    return tuple(unread)


def _backlog(outside: Outside, now: datetime) -> Iterator[Measure]:  # noqa: ARG001 - as its fellows
    for queue, depth in outside.backlog.queue_depths().items():
        yield QUEUE_DEPTH.of(depth, queue=queue)
    yield DEAD_LETTERS.of(outside.backlog.dead_letters())


def _promotions(outside: Outside, now: datetime) -> Iterator[Measure]:
    statuses: Counter[str] = Counter(dict.fromkeys(STATUSES, 0))
    named = (target.registry for policy in outside.policy_source.policies() for target in policy.targets)
    errored: Counter[str] = Counter(dict.fromkeys(named, 0))
    oldest = dict.fromkeys(STATUSES, now)
    for summary in _open_promotions(outside):
        statuses[summary.status] += 1
        errored.update({registry: status == "errored" for registry, status in summary.targets.items()})
        oldest[summary.status] = min(oldest[summary.status], summary.changed_at)
    for status, count in statuses.items():
        yield PROMOTIONS.of(count, status=status)
        yield OLDEST.of((now - oldest[status]).total_seconds(), status=status)
    for registry, count in errored.items():
        yield ERRORED.of(count, registry=registry)


def _open_promotions(outside: Outside) -> Iterator[Summary]:
    wanted = PromotionFilter(tuple(outside.workspaces), open=True)
    return every(partial(outside.read_models.promotions, wanted, _PAGE))


def _checkpoint(outside: Outside, now: datetime) -> Iterator[Measure]:
    name = outside.checkpoints.newest()
    if name is not None:
        yield CHECKPOINT_AGE.of((now - checkpointed_at(name)).total_seconds())
