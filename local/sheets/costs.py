"""What a month costs, meter by meter. Pure, from a day's work and list prices."""

from collections.abc import Iterator
from dataclasses import dataclass

from local.sheets import ours, stated
from local.sheets.demand import Demand
from local.sheets.spent import busy_seconds
from local.sheets.stated import Price
from local.sheets.work import DAY, Work

MONTH = 30
GB = 1e9
"""As Log Analytics and storage are billed, decimal."""

_STATUSES, _SOURCES = (
    4,
    4,
)  # that an alert may tell apart: infra/monitoring/queries, oldest-pending and quarantine-growth


@dataclass(frozen=True, slots=True)
class Item:
    """One meter of a month."""

    price: Price
    units: float

    @property
    def dollars(self) -> float:
        """What it costs, the free grant taken off."""
        return self.price.of(self.units)


def monthly(work: Work) -> tuple[Item, ...]:
    """Every meter, with what a month of 30 days takes of it."""
    return tuple(Item(price, units) for price, units in _units(work))


def total(items: tuple[Item, ...]) -> float:
    """Dollars of all meters."""
    return sum(item.dollars for item in items)


def _units(work: Work) -> Iterator[tuple[Price, float]]:
    a_day, demand = work.a_day, work.demand
    yield stated.EXECUTION, MONTH * busy_seconds(work) * ours.INSTANCE_GB
    yield stated.EXECUTIONS, MONTH * _invocations(work)
    yield stated.TABLE_REQUESTS, MONTH * a_day.table_requests
    yield stated.TABLE_GB, table_bytes(work) / GB
    yield stated.QUEUE_REQUESTS, MONTH * (a_day.queue_requests + ours.QUEUES * DAY / demand.host_polls)
    yield (
        stated.BLOB_REQUESTS,
        MONTH * (a_day.blob_requests + demand.host_blobs * work.timer_runs),
    )
    yield stated.BLOB_GB, (checkpoint_bytes(work) + evidence_bytes(work)) / GB
    yield stated.EVENTS, MONTH * events(work)
    yield stated.LOGS, MONTH * (app_log_bytes(work) + audit_log_bytes(work)) / GB
    yield stated.LOGS_KEPT, _months_kept(demand.retention_days) * MONTH * audit_log_bytes(work) / GB
    yield stated.ALERTS, ours.ALERT_RULES
    yield stated.SERIES, _series(work)
    yield stated.SECRETS, MONTH * demand.secret_reads
    yield stated.ENDPOINTS, demand.private * ours.PRIVATE_ENDPOINTS
    yield stated.ZONES, demand.private * ours.PRIVATE_ENDPOINTS


def _invocations(work: Work) -> float:
    return work.versions_a_day.invocations + work.timer_runs


def table_bytes(work: Work) -> float:
    """Of all tables, after so long."""
    promoted, blocked = work.promoted.table_bytes, work.blocked.table_bytes
    return work.demand.days * work.demand.promotions * (promoted + work.demand.blocked * blocked)


def checkpoint_bytes(work: Work) -> float:
    """Of all checkpoints, one a night over what there was then: it grows with the square of the time."""
    return work.nightly.document_bytes * work.demand.days / 2


def evidence_bytes(work: Work) -> float:
    """Of evidence too large for a row."""
    return work.demand.days * work.demand.promotions * work.promoted.evidence_bytes


def events(work: Work) -> float:
    """Operations of Event Grid a day: each event comes in, and goes out to each that subscribed."""
    demand = work.demand
    of_workspaces = 2 * (demand.registered + demand.runs * demand.promotions)
    return of_workspaces + work.versions_a_day.events * (1 + demand.subscribers)


def app_log_bytes(work: Work) -> float:
    """A day, in the tables of Application Insights: our steps and readings, the host's requests and lines."""
    lines = app_lines(work.demand) * _invocations(work)
    return work.a_day.telemetry_bytes + lines * work.demand.line_bytes


def audit_log_bytes(work: Work) -> float:
    """A day, in other tables: a line for each write to a table of ours."""
    return work.a_day.table_writes * work.demand.line_bytes


def app_lines(demand: Demand) -> float:
    """Of one invocation, in Application Insights: its request, the host's lines and ours."""
    return 1 + demand.host_lines + 1


def _months_kept(retention_days: float) -> float:
    """Beyond the 31 days that cost nothing; those of Application Insights cost nothing for 90."""
    return max(0.0, retention_days - 31) / MONTH


def _series(work: Work) -> float:
    """Of the rules that tell statuses, registries, sources, workspaces and queues apart; the first of each is the rule."""
    counts = (_STATUSES, work.demand.registries, _SOURCES, work.demand.workspaces, ours.QUEUES)
    return sum(max(0.0, count - 1) for count in counts)
