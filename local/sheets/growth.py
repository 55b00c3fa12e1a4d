"""What grows, and at how many histories a timer that reads it whole stops fitting. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from local.sheets import costs, ours
from local.sheets.work import Work

_FREE_MEMORY = 1800.0
"""MB of an instance of 2 GB that are left: the app takes 80 MB (docs/performance.md), the rest is margin."""

_MOST_HISTORIES = 1e10


@dataclass(frozen=True, slots=True)
class Size:
    """Something that grows: how large it is after `demand.years`."""

    name: str
    amount: float
    unit: str
    driver: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Something that a timer reads whole.

    Attributes:
        name: the work.
        reads: what it does, without a subject.
        unit: of `allowed` and of what `takes` says.
        allowed: what it may take.
        takes: what it takes, which never falls as histories add up.
        then: what happens beyond.
        turn: what to do.
    """

    name: str
    reads: str
    unit: str
    allowed: float
    takes: Callable[[Work], float]
    then: str
    turn: str


@dataclass(frozen=True, slots=True)
class Edge:
    """Where a reading ends, at one demand.

    Attributes:
        reading: the work.
        now: what it takes after `demand.years`.
        histories: at how many it no longer fits; None where their number does not matter.
        after_days: when that is; None where never.
    """

    reading: Reading
    now: float
    histories: float | None
    after_days: float | None


def sizes(work: Work) -> tuple[Size, ...]:
    """What lies there after so long."""
    demand, promoted = work.demand, work.promoted
    promotions = demand.promotions * demand.days
    lines = work.footprint.promoted(demand.registries, demand.decisions)
    line_bytes = work.line_rows * lines.line_bytes / demand.registries if demand.registries else 0.0
    month = demand.promotions * 30 * (promoted.month_rows + demand.blocked * work.footprint.blocked.month_rows)
    return (
        Size("tables", costs.table_bytes(work) / costs.GB, "GB", "promotions"),
        Size("all checkpoints", costs.checkpoint_bytes(work) / costs.GB, "GB", "the square of the time"),
        Size("one checkpoint", work.nightly.document_bytes / 1e6, "MB", "histories"),
        Size("timeline, a month's partition", month, "rows", "promotions of a month"),
        Size("catalog, settled partition", demand.versions, "rows", "histories"),
        Size("claims", promotions * demand.registries, "rows", "promotions; they stay for ever (R7)"),
        Size(
            "worklist", work.worklist_rows, "rows", "what is open, blocked within a week, or settled within 10 minutes"
        ),
        Size("one line", work.line_rows, "rows", "promotions of its model, each of which reads it whole"),
        Size("one line", line_bytes / 1e6, "MB", "the same"),
    )


def edges(work: Work) -> tuple[Edge, ...]:
    """What timers read whole, and where that ends."""
    return tuple(_edge(reading, work) for reading in READINGS)


def _edge(reading: Reading, work: Work) -> Edge:
    registered = work.demand.registered
    fits = _fits(lambda histories: reading.takes(_with(work, histories)), reading.allowed) if registered else None
    return Edge(reading, reading.takes(work), fits, fits / registered if fits is not None else None)


def _fits(takes: Callable[[float], float], allowed: float) -> float | None:
    """The most histories with which it takes no more than is allowed; None where that is any number, or none."""
    low, high = 0.0, _MOST_HISTORIES
    if (takes(low) <= allowed) is (takes(high) <= allowed):
        return None
    while high - low > max(1.0, low * 1e-6):
        middle = (low + high) / 2
        low, high = (middle, high) if takes(middle) <= allowed else (low, middle)
    return low


def _with(work: Work, histories: float) -> Work:
    """The same at so many histories: after as many years as they take."""
    years = histories / work.demand.registered / 365
    return replace(work, demand=replace(work.demand, years=years))


READINGS = (
    Reading(
        "nightly comparison",
        "looks through them again for what each sink took, and compares that with worklist and catalog",
        "s",
        float(ours.TIMEOUT_SECONDS),
        lambda work: work.nightly.wanted_seconds,
        "the host stops it. The checkpoint stands, but a row that the worklist lost, or that is wrong in the catalog, stays so",
        "in code: heads and relay rows in partitions of their own",
    ),
    Reading(
        "checkpoint, time",
        "looks through the rows of all histories for their heads, and writes one document over these",
        "s",
        float(ours.TIMEOUT_SECONDS),
        lambda work: work.nightly.writing_seconds,
        "no checkpoint is written; the alert checkpoint-age tells",
        "in code: heads in a partition of their own, or a checkpoint for each workspace",
    ),
    Reading(
        "checkpoint, memory",
        "holds all heads and that document",
        "MB",
        _FREE_MEMORY,
        lambda work: work.nightly.memory_bytes / 1e6,
        "the process is killed before it writes; the alert checkpoint-age tells",
        "4096 for `instanceMemoryMB` of `infra/modules/app.bicep` doubles it; in code: a checkpoint for each workspace",
    ),
    Reading(
        "pass over workspaces",
        "lists every version that is not archived, and reads the head of each",
        "h",
        24.0,
        lambda work: 24 * work.listing.pass_days,
        "a registration whose event never came is found more than a day later",
        "archive models that are done with: they are not listed",
    ),
    Reading(
        "a day of lost events, done in",
        f"asks for {ours.FOUND_A_RUN} versions a run, {ours.FOUND_A_RUN * ours.COMPARISONS:,} a day, if no event came",
        "h",
        24.0,
        lambda work: 24 * work.demand.registered / (ours.FOUND_A_RUN * ours.COMPARISONS),
        "what is registered meanwhile waits behind it",
        "in code: `_MOST_NEW` of `shared/workflow/find_missed_registrations.py`",
    ),
)
