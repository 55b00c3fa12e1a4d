"""What the sections counted, as the document `build/faults.json`, as a table, and as a judgement."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from local.faults.options import Figures

# Where each section's figures go: races of threads and of processes are one thing to a reader, and so are guards that a
# test misses and guards that a section on real parts misses.
SECTIONS: Mapping[str, str] = {
    "crash": "crash",
    "storage": "storage",
    "azure_ml": "azure_ml",
    "races": "races",
    "two_processes": "races",
    "hostile_input": "hostile_input",
    "simulator": "simulator",
    "mutations": "mutations",
    "controls": "mutations",
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

HOW_MANY = frozenset({"points", "runs", "rounds", "seeds", "cases", "guards", "caught"})
"""Figures that say how much was tried; every other one counts what went wrong."""
_WIDTH = 78

Report = Mapping[str, Any]


def document(figures: Mapping[str, Figures], seed: int, seconds: int) -> Report:
    """The document; figures of one place are summed.

    Raises:
        ValueError: a section has not counted just what it is there for; nothing counted would read as zero.
    """
    places: dict[str, Counter[str]] = {}
    for section, counted in figures.items():
        if set(counted) != set(SHAPE[SECTIONS[section]]):
            raise ValueError(f"{section} counted {', '.join(counted)}, not {', '.join(SHAPE[SECTIONS[section]])}")
        places.setdefault(SECTIONS[section], Counter()).update(counted)
    found = {place: {name: places[place][name] for name in SHAPE[place]} for place in SHAPE if place in places}
    return {**found, "seed": seed, "seconds": seconds}


def broken_promises(report: Report, *, missing: Sequence[str] = ()) -> list[str]:
    """What is not zero and ought to be, and what was not tried though it ought to have been.

    Args:
        report: what was counted.
        missing: sections that left no figures.
    """
    found = [f"{section}: this section did not come to its end." for section in missing]
    for place in SHAPE:
        counted = report.get(place, {})
        found += [f"{place}: {name} is {n}, not 0." for name, n in counted.items() if n and name not in HOW_MANY]
        found += [f"{place}: nothing was tried." for name, n in counted.items() if name in HOW_MANY and not n]
        if counted.get("guards") != counted.get("caught"):
            found.append(f"{place}: {counted['caught']} of {counted['guards']} guards were caught when switched off.")
    return found


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
