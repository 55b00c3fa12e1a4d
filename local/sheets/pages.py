"""docs/costs.md and docs/scale.md: prose that stands there, with tables and sentences that are written between marks."""

import re
from collections.abc import Mapping
from pathlib import Path
from textwrap import wrap

from local.sheets.demand import Demand
from local.sheets.footprint import Footprint
from local.sheets.report import LOADS, all_tables, sentences

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = ("costs.md", "scale.md")
_MARKED = re.compile(r"<!-- sheet: ([a-z-]+) -->\n.*?<!-- end of sheet -->", re.DOTALL)


def parts(footprint: Footprint) -> Mapping[str, str]:
    """What is written between the marks of each name."""
    demand = Demand()
    tables = {name: table.markdown() for name, table in all_tables(demand, footprint, LOADS).items()}
    words = {name: "\n".join(wrap(said, 120)) for name, said in sentences(demand, footprint).items()}
    return {**words, **tables}


def filled(page: str, written: Mapping[str, str]) -> str:
    """A page with what stands between its marks written anew.

    Raises:
        ValueError: a mark names nothing that is written; the text says all of these.
    """
    unknown = sorted({name for name in _MARKED.findall(page) if name not in written})
    if unknown:
        raise ValueError(f"Nothing is written for the marks {', '.join(unknown)}; there are {', '.join(written)}.")
    return _MARKED.sub(lambda mark: f"<!-- sheet: {mark[1]} -->\n{written[mark[1]]}\n<!-- end of sheet -->", page)


def marks(page: str) -> list[str]:
    """The names of the marks of a page."""
    return _MARKED.findall(page)


def write_pages(footprint: Footprint) -> None:
    """Write both pages anew."""
    written = parts(footprint)
    for name in PAGES:
        path = DOCS / name
        path.write_text(filled(path.read_text("utf-8"), written), "utf-8")
