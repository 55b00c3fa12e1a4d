"""The results as tables for a terminal of 80 columns."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from local.bench.backtesting import PART, Backtesting
from local.bench.cold_start import ColdStart
from local.bench.evaluating import Evaluating
from local.bench.first_pages import FirstPages
from local.bench.results import Verdict
from local.bench.round_trips import Counted
from local.bench.throughput import Throughput
from local.sheets.amounts import Amounts
from local.sheets.footprint import Footprint

Row = Sequence[object]


def table(heading: Row, rows: Sequence[Row]) -> str:
    """Columns as wide as they must be: the first to the left, numbers to the right."""
    shown = [[str(cell) for cell in row] for row in (heading, *rows)]
    widths = [max(len(row[column]) for row in shown) for column in range(len(heading))]
    return "\n".join(_line(row, widths) for row in shown)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        cell.ljust(width) if _is_text(cell) else cell.rjust(width) for cell, width in zip(row, widths, strict=True)
    ]
    return ("  " + "  ".join(cells)).rstrip()


def _is_text(cell: str) -> bool:
    return not cell[:1].isdigit()


def evaluation(found: Evaluating) -> str:
    """CPU of each part, and over that of reading the evidence."""
    rows = {
        "the run's answer read": found.reading,
        "one with its metrics alone": found.reading_metrics,
        "the whole one, by Python's parser alone": found.json_alone,
        f"all gates ({found.gates})": found.judging,
        "all gates, where each metric is too low": found.refusing,
        "the evaluation, with facts and digest": found.evaluation,
    }
    shown = [(name, f"{1e6 * cpu:.0f}", f"{cpu / found.reading:.2f}") for name, cpu in rows.items()]
    return table(("what", "CPU us", "ratio"), shown)


def backtest(found: Backtesting) -> str:
    """CPU and peak memory of the command, over all of them and over a tenth."""
    rows = ((found.evaluations // PART, found.part), (found.evaluations, found.whole))
    return table(("replayed", "CPU s", "peak MB"), [(n, f"{s.cpu:.1f}", f"{s.rss_mb:.1f}") for n, s in rows])


def round_trips(counted: Sequence[Counted], most: Mapping[str, int]) -> str:
    """The maximum, the minimum, and where the operations of the last promotion went."""
    least = {service: min(each.by_service[service] for each in counted) for service in most}
    summary = table(("service", "max", "min"), [(service, most[service], least[service]) for service in most])
    calls = table(("calls to Azure ML", "number"), sorted(counted[-1].azure_ml.items()))
    return "\n\n".join((summary, _by_step(counted[-1]), _by_use(counted[-1]), calls))


def _by_step(counted: Counted) -> str:
    steps: dict[str, Counter[str]] = {}
    for (step, _, method), number in counted.sites.items():
        steps.setdefault(step, Counter())[method.partition(" ")[0]] += number
    return table(
        ("step", "tables", "queues"), [(step, found["tables"], found["queues"]) for step, found in steps.items()]
    )


def _by_use(counted: Counted) -> str:
    uses: Counter[tuple[str, str]] = Counter()
    for (_, use_case, method), number in counted.sites.items():
        if method.startswith("tables "):
            uses[use_case, method.removeprefix("tables ")] += number
    return table(("table operations by use case", "adapter", "number"), [(*use, n) for use, n in uses.most_common()])


def throughput(found: Mapping[int, Throughput]) -> str:
    """One row for each number in flight."""
    heading = ("in flight", "promotions/s", "p50 ms", "p95 ms", "time/floor", "min", "max", "CPU/floor")
    return table(heading, [_throughput(number, each) for number, each in found.items()])


def _throughput(number: int, each: Throughput) -> Row:
    timed = [f"{each.percentile_ms(percent):.0f}" for percent in (50, 95)]
    least, most = each.spread
    ratios = [f"{ratio:.2f}" for ratio in (each.floor_ratio, least, most, each.cpu_ratio)]
    return (number, f"{each.promotions_per_second:.2f}", *timed, *ratios)


def cold_start(found: ColdStart) -> str:
    """The app beside the SDKs alone."""
    kinds = {
        "the SDKs alone": found.sdks,
        "function_app": found.app,
        "function_app, ports built": found.first_message,
    }
    rows = [(name, f"{s.cpu:.2f}", f"{s.cpu / found.sdks.cpu:.2f}", f"{s.rss_mb:.0f}") for name, s in kinds.items()]
    return table(("fresh process", "CPU s", "ratio", "peak MB"), rows)


def first_pages(found: Mapping[int, FirstPages]) -> str:
    """Round trips and time of both lists at every size."""
    heading = ("promotions", "timeline trips", "p50 ms", "inbox trips", "p50 ms")
    return table(heading, [(size, *_reading(each)) for size, each in found.items()])


def _reading(each: FirstPages) -> Iterator[object]:
    for reading in (each.timeline, each.inbox):
        yield reading.round_trips
        yield f"{reading.p50_ms:.1f}"


def footprint(found: Footprint) -> str:
    """Requests, steps and bytes of each kind of work."""
    kinds = {
        "a promotion, by two into two": found.promoted(2, 2),
        "each registry more": found.registry,
        "each person more": found.decision,
        "taken off the worklist": found.removed,
        "blocked, first look": found.blocked,
        "blocked, each later look": found.look_again,
        "a run that nobody waits for": found.run_ended,
        "sweep, nothing due": found.sweep,
        "collect_metrics": found.collect_metrics,
        "find_missed_registrations": found.find_missed,
        "each version it knows": found.listed_version,
        "daily_checkpoint": found.daily_checkpoint,
        "each settled promotion in it": found.settled_head,
    }
    heading = ("kind of work", "table", "queue", "blob", "ARM", "calls", "spans", "bytes")
    return table(heading, [(name, *_asked(each)) for name, each in kinds.items()])


def _asked(each: Amounts) -> tuple[str, ...]:
    calls = each.registry_calls + each.run_calls + each.file_calls
    arm = each.arm_reads + each.arm_writes
    numbers = (each.table_requests, each.queue_requests, each.blob_requests, arm, calls, each.spans)
    return tuple(f"{number:g}" for number in (*numbers, each.table_bytes + each.evidence_bytes))


def verdicts(found: Sequence[Verdict]) -> str:
    """What is held, missed and broken."""
    heading = ("measured", "found", "wanted", "", "")
    return table(heading, [(each.what, each.found, each.wanted, _kind(each), _said(each)) for each in found])


def _kind(each: Verdict) -> str:
    return "limit" if each.limit else "goal"


def _said(each: Verdict) -> str:
    return "ok" if each.holds else "BROKEN" if each.limit else "missed"
