"""The whole report of one command: tables for people, or a document for programs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from local.sheets import costs
from local.sheets.cost_sheet import cost_sentences, cost_tables
from local.sheets.demand import Demand
from local.sheets.footprint import Footprint
from local.sheets.growth import edges, sizes
from local.sheets.meeting import Met, met
from local.sheets.scale_sheet import scale_sentences, scale_tables
from local.sheets.sources_sheet import source_tables
from local.sheets.spent import function_time
from local.sheets.table import Table, paragraph
from local.sheets.work import Work

LOADS = (10.0, 1000.0, 100_000.0)
"""Promotions a day that the pages show."""

_TITLES = {
    "monthly": "what a month costs",
    "time": "where function time goes",
    "promotion": "what one promotion asks for",
    "growth": "what grows",
    "first": "the limit most used",
    "limits": "every limit, in the busiest minutes",
    "edges": "what timers read whole, and when that ends",
    "assumptions": "what is assumed",
    "prices": "list prices",
    "sources": "limits",
}


def works(demand: Demand, footprint: Footprint, promotions: Sequence[float]) -> tuple[Work, ...]:
    """The same demand at several numbers of promotions a day."""
    return tuple(Work(replace(demand, promotions=each), footprint) for each in promotions)


def all_tables(demand: Demand, footprint: Footprint, promotions: Sequence[float]) -> Mapping[str, Table]:
    """Every table by name; a column for each number of promotions, and one of the idle deployment for costs."""
    asked = works(demand, footprint, promotions)
    [idle] = works(demand, footprint, [0])
    return {**cost_tables(idle, asked), **scale_tables(asked), **source_tables(demand)}


def sentences(demand: Demand, footprint: Footprint) -> Mapping[str, str]:
    """The results in words, by name."""
    idle, work = works(demand, footprint, [0, demand.promotions])
    return {"cost-words": cost_sentences(idle, work), "scale-words": scale_sentences(work)}


def text(demand: Demand, footprint: Footprint, promotions: Sequence[float], *, with_sources: bool) -> str:
    """All of it for a terminal of 80 columns."""
    return "\n".join(_lines(demand, footprint, promotions, with_sources=with_sources))


def _lines(demand: Demand, footprint: Footprint, promotions: Sequence[float], *, with_sources: bool) -> Iterator[str]:
    for said in sentences(demand, footprint).values():
        yield f"{paragraph(said)}\n"
    sources = source_tables(demand)
    for name, table in all_tables(demand, footprint, promotions).items():
        if with_sources or name not in sources:
            yield f"== {_TITLES[name]}\n{table.text()}\n"


def document(work: Work) -> dict[str, Any]:
    """All of it for programs, at one number of promotions a day. Bytes, seconds and dollars, unrounded."""
    items = costs.monthly(work)
    return {
        "demand": asdict(work.demand),
        "dollars_a_month": costs.total(items),
        "monthly": {item.price.name: {"units": item.units, "dollars": item.dollars} for item in items},
        "function_seconds_a_day": dict(function_time(work)),
        "limits": [_limit(each) for each in met(work)],
        "timers": [
            {"name": e.reading.name, "takes": e.now, "may_take": e.reading.allowed, "unit": e.reading.unit}
            | {"histories": e.histories, "after_days": e.after_days, "turn": e.reading.turn}
            for e in edges(work)
        ],
        "sizes": [asdict(size) for size in sizes(work)],
    }


def _limit(at: Met) -> dict[str, Any]:
    said = {"name": at.ceiling.name, "load": at.load, "allowed": at.allowed, "used": at.used}
    return said | {"full_at": at.full_at, "always_at": at.always_at, "turn": at.ceiling.turn}
