"""`make bench`: measure, print tables, write build/bench.json; 1 where a limit is broken, 2 where nothing was measured."""

import argparse
import json
import logging
import os
import sys
import time
import warnings
from pathlib import Path

from local.azurite import AzuriteMissing
from local.bench import backtesting, cold_start, evaluating, first_pages, footprints, tables, throughput
from local.bench.call_sites import SitedRoundTrips
from local.bench.footprints import Uneven
from local.bench.laboratory import ROOT, laboratory
from local.bench.lane import NotPromoted
from local.bench.replaying import NotReplayed
from local.bench.results import Results
from local.bench.round_trips import count_promotions, largest
from local.bench.sizes import FULL, SMALL, Sizes
from local.processes import ChildFailed, exit_on_signals

PARTS = ("evaluation", "backtest", "cold-start", "round-trips", "throughput", "history", "footprint")


def main(arguments: list[str] | None = None) -> int:
    """Measure; returns the exit code."""
    options = _parser().parse_args(arguments)
    _hush()
    results, began = Results(), time.perf_counter()
    try:
        with exit_on_signals():
            _measure(results, SMALL if options.small else FULL, options.only or PARTS)
    except (AzuriteMissing, ChildFailed, NotPromoted, NotReplayed, Uneven) as error:
        print(f"the benchmark cannot go on: {error}", file=sys.stderr)
        return 2
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(results.as_json(), indent=2) + "\n", "utf-8")
    _title(f"held to, after {time.perf_counter() - began:.0f} s, load {os.getloadavg()[0]:.1f}")
    print(tables.verdicts(results.verdicts()))
    print(f"\nwritten to {options.out}")
    return 0 if results.within_limits else 1


def _measure(results: Results, sizes: Sizes, parts: tuple[str, ...]) -> None:
    if "evaluation" in parts:
        _title(f"gates over {evaluating.METRICS} metrics, and reading the JSON of their evidence")
        results.evaluation = evaluating.measure(sizes.evaluations)
        print(tables.evaluation(results.evaluation))
    if "backtest" in parts:
        _title(f"clearance policy backtest: {sizes.recorded} recorded evaluations, and a tenth of them")
        results.backtest = backtesting.measure(sizes.recorded)
        print(tables.backtest(results.backtest))
    if "cold-start" in parts:
        _title(f"cold start: {sizes.starts} fresh processes of each kind")
        results.cold_start = cold_start.measure(sizes.starts)
        print(tables.cold_start(results.cold_start))
    if "round-trips" in parts or "throughput" in parts:
        _measure_promotions(results, sizes, parts)
    if "history" in parts:
        _title("first pages of the timeline and of the inbox, while they grow")
        with laboratory(SitedRoundTrips()) as fresh:
            results.first_pages = first_pages.measure(fresh, sizes, _progress)
        print(tables.first_pages(results.first_pages))
    if "footprint" in parts:
        _title("what each kind of work asks for and leaves")
        results.footprint = footprints.measure()
        print(tables.footprint(results.footprint))


def _measure_promotions(results: Results, sizes: Sizes, parts: tuple[str, ...]) -> None:
    with laboratory(SitedRoundTrips()) as platform:
        if "round-trips" in parts:
            _title(f"round trips of {sizes.counted} promotions: two registries, quorum two")
            counted = count_promotions(platform, sizes.counted)
            results.round_trips = largest(counted)
            print(tables.round_trips(counted, results.round_trips))
        if "throughput" in parts:
            _title("throughput: promotions, and their storage and Azure ML operations alone")
            trace = throughput.record_trace(platform)
            for in_flight, blocks in sizes.blocks.items():
                _progress(f"{in_flight} in flight")
                results.throughput[in_flight] = throughput.measure(platform, trace, in_flight, blocks, _progress)
            print(tables.throughput(results.throughput))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.bench", description=__doc__)
    parser.add_argument("--only", action="append", choices=PARTS, help="this part alone; may be repeated")
    parser.add_argument("--small", action="store_true", help="sizes that show that it works, and measure nothing")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "bench.json", help="where the numbers go")
    return parser


def _hush() -> None:
    """azure-ai-ml announces every import as experimental, and speaks of deprecations of its own making."""
    warnings.simplefilter("ignore")
    logging.getLogger("azure.ai.ml._utils._experimental").setLevel(logging.ERROR)


def _title(text: str) -> None:
    print(f"\n== {text}", flush=True)


def _progress(text: str) -> None:
    print(f"  {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
