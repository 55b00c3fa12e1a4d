"""What the sections counted, as the document `build/faults.json`, as a table, and as a judgement."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from local.faults.options import Figures

# Where each section's figures go: races between threads and between processes are one thing to a reader.
SECTIONS: Mapping[str, str] = {
    "crash": "crash",
    "storage": "storage",
    "azure_ml": "azure_ml",
    "races": "races",
    "two_processes": "races",
    "simulator": "simulator",
    "hostile_input": "hostile_input",
    "mutations": "mutations",
}
SHAPE: Mapping[str, tuple[str, ...]] = {
    "crash": ("points", "runs", "lost_acknowledged", "double_imports", "stuck", "broken_histories"),
    "storage": ("runs", "not_converged", "broken_histories"),
    "azure_ml": ("runs", "not_converged", "voided_by_machinery", "broken_histories"),
    "races": ("rounds", "double_winners", "winners_told_lost"),
    "simulator": ("seeds", "violations"),
    "hostile_input": ("cases", "crashed", "hung"),
    "mutations": ("guards", "caught"),
}
"""The exact shape of the document, besides `seed` and `seconds`."""

_HOW_MANY = frozenset({"points", "runs", "rounds", "seeds", "cases", "guards", "caught"})
_WIDTH = 78

Report = Mapping[str, Any]


def document(figures: Mapping[str, Figures], seed: int, seconds: int) -> Report:
    """The document; figures of one place are summed."""
    places: dict[str, Counter[str]] = {}
    for section, counted in figures.items():
        places.setdefault(SECTIONS[section], Counter()).update(counted)
    found = {place: {name: places[place][name] for name in SHAPE[place]} for place in SHAPE if place in places}
    return {**found, "seed": seed, "seconds": seconds}


def broken_promises(report: Report, *, complete: bool) -> list[str]:
    """What is not zero and ought to be, guards that nobody missed, and, of a complete run, what is not there."""
    missing = [f"{place}: this section did not run." for place in SHAPE if place not in report] if complete else []
    found = []
    for place in SHAPE:
        counted = report.get(place, {})
        found += [f"{place}: {name} is {n}, not 0." for name, n in counted.items() if n and name not in _HOW_MANY]
        found += [f"{place}: nothing was tried." for name, n in counted.items() if name in _HOW_MANY and not n]
        if counted.get("guards") != counted.get("caught"):
            found.append(f"{place}: {counted['caught']} of {counted['guards']} guards were caught when switched off.")
    return missing + found


def table(report: Report) -> str:
    """For a terminal of 80 columns."""
    lines = [f"{'section':<15}{'figures':<63}".rstrip(), "-" * _WIDTH]
    for place in SHAPE:
        if place in report:
            lines += _rows(place, [f"{name} {count}" for name, count in report[place].items()])
    return "\n".join([*lines, "-" * _WIDTH, f"seed {report['seed']}, {report['seconds']} s"])


def _rows(place: str, figures: list[str]) -> list[str]:
    rows = [""]
    for figure in figures:
        joined = f"{rows[-1]}, {figure}" if rows[-1] else figure
        if len(joined) > _WIDTH - 15:
            rows.append(figure)
        else:
            rows[-1] = joined
    return [f"{name:<15}{row}" for name, row in zip([place, *[""] * len(rows)], rows, strict=False)]
