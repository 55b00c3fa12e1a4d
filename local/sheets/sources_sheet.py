"""Where the numbers come from: list prices, limits, and what is assumed."""

from collections.abc import Mapping
from dataclasses import fields

from local.sheets import stated
from local.sheets.demand import Demand, option
from local.sheets.stated import Price
from local.sheets.table import Table


def source_tables(demand: Demand) -> Mapping[str, Table]:
    """Every table by the name that the pages know it by."""
    return {"assumptions": _assumptions(demand), "prices": _prices(), "sources": _limits()}


def _prices() -> Table:
    rows = [[each.name, _dollars(each.dollars), _units(each.per, each.unit), _free(each)] for each in stated.PRICES]
    noted = [[each.region, each.source] for each in stated.PRICES]
    return Table(["list price", "dollars", "for", "free a month"], rows, ["region", "read in"], noted)


def _dollars(value: float) -> str:
    return f"{value:.6f}".rstrip("0") if value < 0.01 else f"{value:.4g}"


def _units(number: float, unit: str) -> str:
    plural = "" if number == 1 or unit.endswith(("s", "B")) else "s"
    many = "million" if number == 1e6 else f"{number:,.0f}"
    return f"{many} {unit}{plural}"


def _free(price: Price) -> str:
    return _units(price.free, price.unit) if price.free else ""


def _assumptions(demand: Demand) -> Table:
    rows = [
        [f"`{option(each.name)}`", f"{getattr(demand, each.name):,g}", each.metadata["unit"]] for each in fields(Demand)
    ]
    return Table(
        ["option", "is", "unit"], rows, ["what it is"], [[each.metadata["meaning"]] for each in fields(Demand)]
    )


def _limits() -> Table:
    rows = [[each.name, "" if each.value is None else f"{each.value:,g}{each.unit}"] for each in stated.LIMITS]
    return Table(["limit", "is"], rows, ["read in"], [[each.source] for each in stated.LIMITS])
