"""Where function time goes: seconds a day that an instance is busy, which is what Flex Consumption bills. Pure."""

from collections.abc import Mapping

from local.sheets import ours
from local.sheets.work import DAY, Work


def busy_seconds(work: Work) -> float:
    """Seconds a day that an instance is busy."""
    return sum(function_time(work).values())


def function_time(work: Work) -> Mapping[str, float]:
    """The same by what it is spent on. Each invocation counts for a second at least, as it is billed."""
    share, demand = shared(work), work.demand
    return {
        "waiting for imports": _imports(work) / share,
        "promotions, but for that": _handlings(work) / share,
        "blocked versions": _looks(work) / share,
        "runs that end": demand.runs * demand.promotions,
        "find_missed_registrations": work.listing.runs_a_day * max(1.0, work.listing.seconds),
        "sweep": max(float(ours.SWEEPS), ours.SWEEPS * work.worklist_rows / demand.scan_rows),
        "collect_metrics": float(ours.COLLECTIONS),
        "daily_checkpoint": max(1.0, work.nightly.seconds),
    }


def shared(work: Work) -> float:
    """How many messages an instance works on together.

    The host takes the next batch when the last message of one has ended (`newBatchThreshold` 0), and starts another
    instance meanwhile: each is alone on its own, until there may be no further instance.
    """
    return min(float(ours.BATCH), max(1.0, in_flight(work) / work.demand.instances))


def in_flight(work: Work) -> float:
    """Messages of the queue of promotions that are worked on at once, on the mean of the day."""
    return (_imports(work) + _handlings(work) + _looks(work)) / DAY


def _imports(work: Work) -> float:
    return work.import_seconds * work.demand.promotions * work.demand.registries


def _handlings(work: Work) -> float:
    """Requests one after the other and CPU, or a second for each invocation."""
    taken = work.demand.seconds(work.promoted) + work.demand.cpu_seconds
    return work.demand.promotions * max(work.promoted.invocations, taken)


def _looks(work: Work) -> float:
    taken = work.demand.seconds(work.blocked) + work.demand.cpu_seconds * (1 + ours.looks_again())
    return work.blocked_a_day * max(work.blocked.invocations, taken)
