"""The scale sheet: which limit is met first and what to turn, what timers read whole and where that ends."""

from collections.abc import Mapping, Sequence

from local.sheets.ceilings import CEILINGS
from local.sheets.cost_sheet import loads
from local.sheets.growth import Edge, edges
from local.sheets.meeting import Met, first, met, next_full
from local.sheets.numbers import amount, days, rounded, share
from local.sheets.table import Table
from local.sheets.work import Work


def scale_tables(works: Sequence[Work]) -> Mapping[str, Table]:
    """Every table by the name that the page knows it by; a column or row for each of `works`."""
    return {"first": _first(works), "limits": _limits(works), "edges": _edges(works)}


def scale_sentences(work: Work) -> str:
    """What breaks first, in words."""
    found = met(work)
    growing = next_full(found)
    said = (
        f"**What is met first as promotions grow is {growing.ceiling.name}**: the busiest minutes fill it from "
        f"{rounded(growing.full_at)} promotions a day, and the whole day from {rounded(growing.always_at)}."
    )
    ends = [each for each in edges(work) if each.after_days is not None]
    if not ends:
        return said
    soonest = min(ends, key=lambda each: each.after_days or 0.0)
    return (
        f"{said} **What stops fitting first as histories add up is the {soonest.reading.name}**, at "
        f"{rounded(soonest.histories)} histories: at {amount(work.demand.promotions)} promotions a day, after "
        f"{days(soonest.after_days)}."
    )


def _first(works: Sequence[Work]) -> Table:
    found = [first(met(work)) for work in works]
    rows = [
        [load, at.ceiling.name, f"{amount(at.load)}{at.ceiling.unit}", _allowed(at), share(at.used)]
        for load, at in zip(loads(works), found, strict=True)
    ]
    heading = ["promotions a day", "limit most used", "load", "of", "used"]
    return Table(heading, rows, ["to turn"], [[at.ceiling.turn] for at in found])


def _limits(works: Sequence[Work]) -> Table:
    found = [{each.ceiling.name: each for each in met(work)} for work in works]
    order = [each.ceiling.name for each in met(works[-1])]
    rows = [
        [name, _allowed(found[0][name]), *(share(each[name].used) for each in found), _full(found[0][name])]
        for name in order
    ]
    by_name = {each.name: each for each in CEILINGS}
    noted = [["it waits" if by_name[name].waits else "errors, tried again", by_name[name].turn] for name in order]
    return Table(["used, at promotions a day", "of", *loads(works), "full at"], rows, ["beyond it", "to turn"], noted)


def _allowed(at: Met) -> str:
    return f"{at.allowed:,.0f}{at.ceiling.unit}" if at.allowed is not None else "?"


def _full(at: Met) -> str:
    return rounded(at.full_at) if at.allowed is not None else "?"


def _edges(works: Sequence[Work]) -> Table:
    found = [edges(work) for work in works]
    rows = [_edge(each) for each in zip(*found, strict=True)]
    heading = ["fits for, at promotions a day", "histories", *loads(works)]
    noted = [[_takes(each), each.reading.then, each.reading.turn] for each in found[0]]
    return Table(heading, rows, ["what it does", "beyond it", "to turn"], noted)


def _takes(edge: Edge) -> str:
    return f"{edge.reading.reads}; it may take {amount(edge.reading.allowed)} {edge.reading.unit}"


def _edge(each: Sequence[Edge]) -> list[str]:
    unit = each[0].reading.unit
    ends = [days(edge.after_days) if edge.histories is not None else f"{amount(edge.now)} {unit}" for edge in each]
    fits = next((rounded(edge.histories) for edge in each if edge.histories is not None), "")
    return [each[0].reading.name, fits, *ends]
