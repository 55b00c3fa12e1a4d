"""The cost sheet: what a month costs, what one promotion asks for, where function time goes, what grows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from local.sheets import costs, ours, stated
from local.sheets.amounts import Amounts
from local.sheets.ceilings import busy_instances
from local.sheets.growth import sizes
from local.sheets.numbers import amount, dollars, share
from local.sheets.spent import busy_seconds, function_time, in_flight, shared
from local.sheets.stated import Price
from local.sheets.table import Table
from local.sheets.work import Work


def cost_tables(idle: Work, works: Sequence[Work]) -> Mapping[str, Table]:
    """Every table by the name that the page knows it by; a column for each of `works`."""
    return {
        "monthly": _monthly((idle, *(work for work in works if work.demand.promotions))),
        "time": _time(works),
        "promotion": _promotion(works[-1]),
        "growth": _growth(works),
    }


def cost_sentences(idle: Work, work: Work) -> str:
    """What it costs, in words."""
    nobody = f"**An idle deployment costs about ${costs.total(costs.monthly(idle)):,.0f} a month**"
    if not work.demand.promotions:
        return f"{nobody}."
    items = costs.monthly(work)
    most = max(items, key=lambda item: item.dollars)
    seconds = costs.MONTH * work.demand.promotions * work.demand.registries / shared(work)
    second = seconds * ours.INSTANCE_GB * stated.EXECUTION.dollars
    return (
        f"{nobody}, **one of {amount(work.demand.promotions)} promotions a day about ${costs.total(items):,.0f}**, "
        f"{share(most.dollars / costs.total(items))} of it for {most.price.name}. Each second that an import takes more "
        f"or less is {dollars(second)} a month."
    )


def loads(works: Sequence[Work]) -> list[str]:
    """Headings of their columns: promotions a day."""
    return [amount(work.demand.promotions) for work in works]


def _monthly(works: Sequence[Work]) -> Table:
    months = [costs.monthly(work) for work in works]
    rows = [
        [items[0].price.name, *(dollars(item.dollars) for item in items)]
        for items in zip(*months, strict=True)
        if any(item.units for item in items)
    ]
    totals = ["all", *(dollars(costs.total(items)) for items in months)]
    return Table(["dollars a month, at promotions a day", *loads(works)], [*rows, totals])


def _time(works: Sequence[Work]) -> Table:
    spent = [function_time(work) for work in works]
    rows = [
        [name, *(share(each[name] / busy_seconds(work)) for each, work in zip(spent, works, strict=True))]
        for name in spent[0]
    ]
    hours = ["hours a day", *(amount(busy_seconds(work) / 3600) for work in works)]
    mean = ["messages worked on at once, mean", *(amount(in_flight(work)) for work in works)]
    busiest = ["instances in the busiest minutes", *(amount(busy_instances(work)) for work in works)]
    return Table(["function time, at promotions a day", *loads(works)], [*rows, hours, mean, busiest])


def _growth(works: Sequence[Work]) -> Table:
    found = [sizes(work) for work in works]
    rows = [
        [f"{each[0].name}, {each[0].unit}", *(amount(size.amount) for size in each)]
        for each in zip(*found, strict=True)
    ]
    years = works[0].demand.years
    heading = "after a year" if years == 1 else f"after {amount(years)} years"
    return Table(
        [f"{heading}, at promotions a day", *loads(works)], rows, ["grows with"], [[e.driver] for e in found[0]]
    )


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of operation: how much some amounts are of it, and what pays for it; `units` of the price are one."""

    name: str
    of: Callable[[Work, Amounts], float]
    price: Price
    units: float = 1


def _seconds(work: Work, part: Amounts) -> float:
    return work.demand.seconds(part) + work.import_seconds * part.imports


def _lines(work: Work, part: Amounts) -> float:
    """KB of them."""
    lines = costs.app_lines(work.demand) * part.invocations + part.table_writes
    return lines * work.demand.line_bytes / 1e3


def _calls(asked: Amounts) -> float:
    return asked.arm_reads + asked.arm_writes + asked.registry_calls + asked.run_calls + asked.file_calls


_KINDS = (
    _Kind("seconds of function time", _seconds, stated.EXECUTION, ours.INSTANCE_GB),
    _Kind("invocations", lambda _, part: part.invocations, stated.EXECUTIONS),
    _Kind("table requests", lambda _, part: part.table_requests, stated.TABLE_REQUESTS),
    _Kind("queue requests", lambda _, part: part.queue_requests, stated.QUEUE_REQUESTS),
    _Kind("blob requests", lambda _, part: part.blob_requests, stated.BLOB_REQUESTS),
    _Kind("calls to Azure ML", lambda _, part: _calls(part), Price("", 0, "", 1, "", "")),
    _Kind("events out", lambda _, part: part.events, stated.EVENTS, 2),
    _Kind("telemetry, KB", lambda _, part: part.telemetry_bytes / 1e3, stated.LOGS, 1e-6),
    _Kind("log lines, KB", _lines, stated.LOGS, 1e-6),
    _Kind("kept in tables, KB, for a year", lambda _, part: part.table_bytes / 1e3, stated.TABLE_GB, 12e-6),
)


def _promotion(work: Work) -> Table:
    """Operations of one promotion times list prices, free grants left out."""
    each = work.footprint
    parts = (work.promoted, each.registry, each.decision, work.blocked)
    rows = [[kind.name, *(amount(kind.of(work, part)) for part in parts), _thousand(work, kind)] for kind in _KINDS]
    return Table(["", "all", "registry", "person", "blocked", "1,000 cost"], rows)


def _thousand(work: Work, kind: _Kind) -> str:
    price = kind.price
    return dollars(1000 * kind.of(work, work.promoted) * kind.units * price.dollars / price.per)
