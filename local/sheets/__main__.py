"""`make sheets`: what a deployment costs and which limit it meets first, for the numbers that you give."""

import argparse
import json
import sys
from dataclasses import fields
from pathlib import Path

from local.sheets.demand import Demand, option
from local.sheets.measured import COMMITTED, NotMeasured, read_measured, write_measured
from local.sheets.pages import PAGES, write_pages
from local.sheets.report import LOADS, document, text
from local.sheets.work import Work


def main(arguments: list[str] | None = None) -> int:
    """Print the sheets, or write the pages; returns 0, or 2 for numbers or files that cannot be used."""
    options = _parser().parse_args(arguments)
    given = {each.name: getattr(options, each.name) for each in fields(Demand) if hasattr(options, each.name)}
    try:
        footprint, demand = read_measured(options.measured), Demand(**given)
    except (NotMeasured, ValueError) as fault:
        print(fault, file=sys.stderr)
        return 2
    if options.write and given:
        print("--write is for the numbers that the pages stand for: leave the other options out.", file=sys.stderr)
        return 2
    if options.write:
        write_measured(footprint)
        write_pages(footprint)
        print("\n".join(f"wrote docs/{name}" for name in PAGES))
    elif options.json:
        print(json.dumps(document(Work(demand, footprint)), indent=2))
    else:
        loads = [demand.promotions] if "promotions" in given else list(LOADS)
        print(text(demand, footprint, loads, with_sources=options.sources))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.sheets", description=__doc__)
    for each in fields(Demand):
        unit = f" ({each.metadata['unit']})" if each.metadata["unit"] else ""
        meaning = f"{each.metadata['meaning'].replace('`', '')}{unit}; {each.default:g}"
        parser.add_argument(option(each.name), type=float, metavar="N", default=argparse.SUPPRESS, help=meaning)
    parser.add_argument(
        "--measured", type=Path, default=COMMITTED, help="what was measured: build/bench.json in place of the committed"
    )
    parser.add_argument("--sources", action="store_true", help="list prices, limits and assumptions too")
    parser.add_argument("--json", action="store_true", help="one document, with nothing rounded")
    parser.add_argument(
        "--write", action="store_true", help="write docs/costs.md and docs/scale.md, and commit --measured"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
