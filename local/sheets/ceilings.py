"""The limits that a deployment can meet: what is allowed, what its busiest minutes ask for, and what moves either. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from local.sheets import ours, stated
from local.sheets.work import Work


@dataclass(frozen=True, slots=True)
class Ceiling:
    """One limit.

    Attributes:
        name: what meets it.
        unit: of load and limit: `/s`, `/min`, or none where they are instances.
        allowed: the limit; None where none is published.
        load: in the busiest minutes.
        turn: what moves the limit, or the load.
        waits: whether work merely waits above it, since a queue or a row of the worklist holds it.
    """

    name: str
    unit: str
    allowed: Callable[[Work], float | None]
    load: Callable[[Work], float]
    turn: str
    waits: bool


def busy_instances(work: Work) -> float:
    """That work off the queue of promotions: four messages each, since a queue stands at each in such minutes."""
    promoting = work.peak_rate * work.promotion_seconds
    return (promoting + work.looks_a_second * work.look_seconds) / ours.BATCH


def _at_peak(work: Work, name: str) -> float:
    """Of one amount a second: promotions at their peak, looks at blocked versions spread over the week."""
    each, demand = work.footprint, work.demand
    first_looks = work.peak_rate * demand.blocked * getattr(each.blocked, name)
    again = work.looks_a_second * getattr(each.look_again, name)
    runs = work.peak_rate * demand.runs * getattr(each.run_ended, name)
    return float(work.peak_rate * getattr(work.promoted, name) + first_looks + again + runs)


def _listing(work: Work) -> float:
    """Reads of Resource Manager a second while versions are listed: one call after the other."""
    return 1000 / work.demand.azure_ml_ms if work.demand.azure_ml_ms and work.demand.workspaces else 0.0


def _worklist(work: Work) -> float:
    """Rows a second: those that handlings touch, and all of them once a minute, for the sweep's filter is no key."""
    return _at_peak(work, "work_rows") + work.worklist_rows / 60


def _catalog(work: Work) -> float:
    """Rows a second: those written, and those that are open every five minutes."""
    return _at_peak(work, "list_rows") + work.open_promotions / 300


def _swept(work: Work) -> float:
    """Rows that a sweep has to deal with: those that are settled, and those that are looked at again."""
    return 60 * (work.peak_rate * (1 + work.demand.blocked) + work.looks_a_second)


def _account(work: Work) -> float:
    return sum(_at_peak(work, name) for name in ("table_requests", "queue_requests", "blob_requests"))


def _told(work: Work) -> float:
    """Events a second, or KB of them where these are more: 5,000 of either are allowed."""
    return max(_at_peak(work, "events"), _at_peak(work, "event_bytes") / 1000)


def _fixed(limit: stated.Limit) -> Callable[[Work], float | None]:
    return lambda _: limit.value


CEILINGS = (
    Ceiling(
        "instances of `advance_promotion`",
        "",
        lambda work: work.demand.instances,
        busy_instances,
        "`maximumInstanceCount`, up to the quota of the subscription",
        waits=True,
    ),
    Ceiling(
        "instances of the subscription",
        "",
        _fixed(stated.CORES),
        busy_instances,
        "a quota request to Azure; another region or subscription",
        waits=True,
    ),
    Ceiling(
        "Resource Manager, reads",
        "/s",
        _fixed(stated.ARM_READS),
        lambda work: _at_peak(work, "arm_reads") + _listing(work),
        "`CLEARANCE_RELOOK_SLOW_SECONDS` up; workspaces in several subscriptions",
        waits=True,
    ),
    Ceiling(
        "Resource Manager, writes",
        "/s",
        _fixed(stated.ARM_WRITES),
        lambda work: _at_peak(work, "arm_writes"),
        "`CLEARANCE_RELOOK_SLOW_SECONDS` up; workspaces in several subscriptions; `readFiles=false` ends them",
        waits=True,
    ),
    Ceiling(
        "rows of a sweep",
        "/min",
        lambda _: float(ours.SWEPT_A_RUN),
        _swept,
        "`CLEARANCE_RELOOK_SLOW_SECONDS` up; in code `_MOST` of `shared/workflow/sweep.py`",
        waits=True,
    ),
    Ceiling(
        "worklist, one partition",
        "/s",
        _fixed(stated.PARTITION),
        _worklist,
        "`CLEARANCE_RELOOK_SLOW_FOR_SECONDS` and `expires_after` down; in code a partition for each due hour",
        waits=False,
    ),
    Ceiling(
        "timeline, a month's partition",
        "/s",
        _fixed(stated.PARTITION),
        lambda work: _at_peak(work, "month_rows"),
        "in code a partition for each day",
        waits=False,
    ),
    Ceiling(
        "catalog, two partitions",
        "/s",
        _fixed(stated.PARTITION),
        _catalog,
        "in code a partition for each workspace",
        waits=False,
    ),
    Ceiling(
        "webhook ids, a partition each",
        "/s",
        _fixed(stated.PARTITION),
        lambda work: _at_peak(work, "sender_rows"),
        "a sender of its own for each tool, in `CLEARANCE_SENDERS`",
        waits=False,
    ),
    Ceiling(
        "storage account",
        "/s",
        _fixed(stated.ACCOUNT),
        _account,
        "a deployment for each group of workspaces",
        waits=False,
    ),
    Ceiling(
        "queue of promotions",
        "/s",
        _fixed(stated.QUEUE),
        lambda work: _at_peak(work, "messages"),
        "a deployment for each group of workspaces",
        waits=False,
    ),
    Ceiling(
        "topic of events out, KB",
        "/s",
        _fixed(stated.TOPIC),
        _told,
        "a deployment for each group of workspaces",
        waits=True,
    ),
    Ceiling(
        "front ends of registries",
        "/s",
        _fixed(stated.REGISTRY),
        lambda work: _at_peak(work, "registry_calls"),
        "no limit is published: a 429 is waited out as it says; fewer registries",
        waits=True,
    ),
)
