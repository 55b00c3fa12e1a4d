"""The benchmark at sizes that measure nothing: it runs through, says what it must, and fails where a limit breaks."""

import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from local.bench import backtesting, heads, tables
from local.bench.asked import of_azure_ml, of_storage
from local.bench.backtesting import Backtesting
from local.bench.candidates import Candidate
from local.bench.cold_start import ColdStart, Start, probe
from local.bench.evaluating import METRICS, Evaluating, asking, evidence_of, judged, measure, run_answer
from local.bench.filling import BATCH, transactions
from local.bench.first_pages import FirstPages, Reading
from local.bench.footprints import Uneven, each_of, parts_of
from local.bench.laboratory import ROOT
from local.bench.recording import Operation
from local.bench.replaying import Trace
from local.bench.results import Results
from local.bench.stored import Stored
from local.bench.throughput import Block, Throughput, percentile
from local.sheets.amounts import NAMES, Amounts
from local.sheets.footprint import Footprint
from local.sheets.measured import read_measured
from shared.adapters.table_limits import check_transaction
from shared.domain.evaluation import Outcome

LIGHT = Start(0.2, 36.0, ())
QUICK = Throughput(
    ((Block(1.0, [0.4, 0.6], 0.9), Block(0.8, cpu=0.8)), (Block(1.2, [0.5, 0.7], 0.9), Block(1.2, cpu=0.8)))
)


def numbers(amounts: Any) -> Any:
    return amounts if isinstance(amounts, int) else {n: v for n, v in amounts.items() if not n.endswith("bytes")}


def sizes(amounts: Any) -> dict[str, float]:
    """Of every amount, 0 where there is none of it: a reading of one digit more is no other size."""
    if isinstance(amounts, int):
        return {}
    return {name: amounts.get(name, 0) for name in NAMES if name.endswith("bytes")}


def measured(
    table: int = 44,
    queue: int = 14,
    heavy: tuple[str, ...] = (),
    trips: int = 2,
    judging: float = 2.5,
    whole_mb: float = 48.0,
) -> Results:
    return Results(
        evaluation=Evaluating(
            52, 1.0, reading_metrics=0.8, json_alone=0.7, judging=judging, refusing=2.9, evaluation=5.5
        ),
        backtest=Backtesting(10_000, Start(14.0, whole_mb, ()), Start(1.9, 47.5, ())),
        round_trips={"table": table, "queue": queue, "blob": 0, "azure_ml": 45},
        throughput={1: QUICK},
        cold_start=ColdStart(Start(0.2, 36.0, heavy), LIGHT, LIGHT),
        first_pages={
            100: FirstPages(Reading(2, 8.0), Reading(1, 4.0)),
            50_000: FirstPages(Reading(trips, 9.0), Reading(1, 5.0)),
        },
    )


@pytest.fixture(scope="module")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], list[str]]:
    """What a small run wrote, and the lines that it printed but for the one that names the file."""
    out = tmp_path_factory.mktemp("bench") / "bench.json"
    done = subprocess.run(
        [sys.executable, "-m", "local.bench", "--small", "--out", str(out)],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(out.read_text()), [line for line in done.stdout.splitlines() if str(out) not in line]


@pytest.mark.slow
def test_a_small_run_goes_through_and_writes_what_was_measured(small_run: tuple[dict[str, Any], list[str]]) -> None:
    found, printed = small_run
    assert set(found["evaluation"]) == {
        "gates",
        "gates_over_reading",
        "gates_over_reading_metrics",
        "gates_over_json",
        "refusing_over_reading",
        "evaluation_over_reading",
    }
    assert set(found["backtest"]) == {"evaluations", "cpu_ms_each", "rss_mb", "rss_mb_after_a_tenth", "growth"}
    assert set(found["round_trips"]) == {"table", "queue", "blob", "azure_ml"}
    assert set(found["throughput"]) == {"1", "2"}
    assert set(found["throughput"]["1"]) == {"promotions_per_second", "p50_ms", "p95_ms", "floor_ratio"}
    assert set(found["cold_start"]) == {"cpu_ratio", "rss_mb", "heavy_modules_loaded"}
    assert set(found["footprint"]) == set(read_measured().as_json())
    assert set(found["history"]["102"]) == {"round_trips", "p50_ms"}
    assert max(len(line) for line in printed) <= 80


@pytest.mark.slow
def test_the_sheets_stand_on_what_is_counted_now(small_run: tuple[dict[str, Any], list[str]]) -> None:
    """Where a change of the app changes its round trips, CONTRIBUTING.md says how to commit them (make sheets)."""
    counted, committed = Footprint.from_json(small_run[0]["footprint"]).as_json(), read_measured().as_json()
    head, standing = counted.pop("head"), committed.pop("head")
    assert {name: numbers(each) for name, each in counted.items()} == {
        name: numbers(each) for name, each in committed.items()
    }
    for name, each in counted.items():
        assert sizes(each) == pytest.approx(sizes(committed[name]), rel=0.02, abs=64), name
    assert head["document_bytes"] == standing["document_bytes"]
    assert head["memory_bytes"] == pytest.approx(standing["memory_bytes"], rel=0.5)  # Pythons differ in it


@pytest.mark.slow
def test_a_promotion_is_the_sum_of_its_parts(small_run: tuple[dict[str, Any], list[str]]) -> None:
    found = Footprint.from_json(small_run[0]["footprint"]).promoted(registries=2, decisions=2)
    polls = 2 * 2  # how often an import is asked about: as the emulator's takes no time, twice each
    calls = found.arm_reads + found.arm_writes + found.registry_calls + found.run_calls + found.file_calls
    counted = {
        "table": found.table_requests,
        "queue": found.queue_requests,
        "blob": found.blob_requests,
        "azure_ml": calls + polls,
    }
    assert counted == small_run[0]["round_trips"]


def test_all_is_well_within_goals_and_limits() -> None:
    assert measured().within_limits
    assert all(verdict.holds for verdict in measured().verdicts())


def test_a_missed_goal_is_shown_and_breaks_nothing() -> None:
    results = measured(table=58)
    assert results.within_limits
    assert "missed" in tables.verdicts(results.verdicts())


@pytest.mark.parametrize(
    "broken",
    [
        measured(table=61),
        measured(queue=17),
        measured(heavy=("fastapi",)),
        measured(trips=3),
        measured(judging=3.1),
        measured(whole_mb=53.0),
    ],
    ids=["table operations", "queue operations", "heavy modules", "growing round trips", "gates", "growing memory"],
)
def test_a_broken_limit_fails_the_run(broken: Results) -> None:
    assert not broken.within_limits
    assert "BROKEN" in tables.verdicts(broken.verdicts())


def test_the_ratio_is_the_median_of_neighbours() -> None:
    assert QUICK.floor_ratio == pytest.approx((1.25 + 1.0) / 2)
    assert QUICK.as_json()["promotions_per_second"] == pytest.approx(4 / 2.2, abs=0.01)


@pytest.mark.parametrize(("percent", "value"), [(50, 5), (95, 10), (100, 10)])
def test_a_percentile_is_a_value_that_was_measured(percent: int, value: int) -> None:
    assert percentile(range(1, 11), percent) == value


def test_filled_rows_are_transactions_of_one_partition_that_the_service_would_take() -> None:
    newest = datetime(2026, 11, 23, 6, 14, tzinfo=UTC)
    for first in range(0, 2_000, BATCH):
        for _, entities in transactions(first, newest):
            check_transaction([("upsert", entity) for entity in entities])
            assert len(entities) == BATCH
            assert len({entity["RowKey"] for entity in entities}) == BATCH


def test_a_replay_renames_everything_that_was_the_recorded_promotions_own() -> None:
    recorded, other = Candidate("fraud-000001", "1", "run-a"), Candidate("fraud-000002", "1", "run-b")
    names = Trace(recorded, (Operation("table", "history", "get_entity", (), {}),)).names_for(other)
    assert names["fraud-000001"] == "fraud-000002"
    assert all(len(old) == len(new) for old, new in names.items())


def test_a_heavy_module_is_noticed() -> None:
    assert probe("import jinja2").heavy == ("jinja2",)
    assert probe("import json").heavy == ()


def test_every_part_of_an_evaluation_is_measured() -> None:
    found = measure(1)
    assert found.gates >= METRICS == 50
    parts = (found.reading, found.reading_metrics, found.json_alone, found.judging, found.refusing, found.evaluation)
    assert min(parts) > 0


@pytest.mark.parametrize(("least", "refused"), [("0.9", 0), ("0.99", METRICS)])
def test_each_metric_of_the_measured_run_has_a_gate_that_passes_or_refuses(least: str, refused: int) -> None:
    evidence = evidence_of(run_answer())
    outcomes = Counter(gate.outcome for gate in judged(asking(Decimal(least)), evidence))
    assert evidence.run
    assert len(evidence.run.metrics) == METRICS
    assert outcomes[Outcome.FAILED] == refused
    assert outcomes[Outcome.PASSED] == outcomes.total() - refused


def test_the_command_replays_all_that_was_recorded_and_says_what_it_held() -> None:
    found = backtesting.measure(40)
    assert found.evaluations == 40
    assert min(found.whole.cpu, found.whole.rss_mb, found.part.rss_mb, found.growth) > 0


def test_a_part_that_is_no_equal_share_is_refused() -> None:
    assert each_of(Amounts(table_requests=6, measures=1, telemetry_bytes=301), 3).table_requests == 2
    with pytest.raises(Uneven, match="table_requests"):
        each_of(Amounts(table_requests=7), 3)
    with pytest.raises(Uneven):
        each_of(Amounts(table_requests=7), 0)


def test_two_registries_and_two_persons_must_take_what_one_of_each_says() -> None:
    shapes = {(1, 1): 10.0, (2, 1): 14.0, (1, 2): 13.0, (2, 2): 17.0}
    counted = {shape: Amounts(table_requests=number) for shape, number in shapes.items()}
    assert [part.table_requests for part in parts_of(counted)] == [3, 4, 3]
    with pytest.raises(Uneven, match="table_requests"):
        parts_of({**counted, (2, 2): Amounts(table_requests=18)})


def test_what_lies_there_since_is_told_by_kind() -> None:
    before = Stored({("history", "promotion:a", "head"): 10}, {"a": 1})
    rows = {
        ("history", "promotion:a", "head"): 12,
        ("history", "promotion:a", "e1"): 100,
        ("history", "line:r:m", "e1"): 7,
        ("history", "claim:r:m", "1"): 5,
        ("timeline", "all:202603", "1"): 20,
        ("timeline", "model:w:m", "1"): 20,
        ("catalog", "settled", "1"): 30,
    }
    found = Stored(rows, {"a": 1, "b": 9}).since(before).as_amounts()
    assert found.as_json() == {
        "history_rows": 1,
        "history_bytes": 100,
        "line_rows": 1,
        "line_bytes": 7,
        "claim_rows": 1,
        "claim_bytes": 5,
        "timeline_rows": 2,
        "timeline_bytes": 40,
        "catalog_bytes": 30,
        "evidence_blobs": 1,
        "evidence_bytes": 9,
    }


def test_rows_are_counted_by_the_partition_that_they_crowd() -> None:
    def asked(place: str, method: str, *arguments: Any) -> Operation:
        return Operation("table", place, method, arguments, {})

    month, model = ({"PartitionKey": key, "RowKey": "1"} for key in ("all:202603", "model:w:m"))
    found = of_storage(
        {"tables": 6, "queues": 1},
        [
            asked("worklist", "get_entity", "work", "a"),
            asked("worklist", "upsert_entity", {"PartitionKey": "bookmark", "RowKey": "a"}),
            asked("history", "query_entities", "PartitionKey eq @pk"),
            asked("timeline", "submit_transaction", [("upsert", month), ("upsert", {**month, "RowKey": "2"})]),
            asked("timeline", "submit_transaction", [("upsert", model)]),
            asked("webhookids", "delete_entity", "bench", "a"),
            Operation("queue", "promotions", "send_message", ("a",), {}),
        ],
    )
    assert found.as_json() == {
        "table_requests": 6,
        "table_writes": 4,
        "work_rows": 1,
        "month_rows": 2,
        "sender_rows": 1,
        "queue_requests": 1,
        "messages": 1,
    }


def test_calls_to_azure_ml_are_told_by_who_answers_them() -> None:
    def call(method: str, path: str, operation: str) -> dict[str, Any]:
        return {"method": method, "path": path, "operation": operation}

    found = of_azure_ml(
        [
            call("GET", "/subscriptions/s/workspaces/w", "workspace_read"),
            call("POST", "/subscriptions/s/workspaces/w/listSecrets", "workspace_read"),
            call("GET", "/mlflow/v2.0/subscriptions/s", "mlflow"),
            call("GET", "/blob/a/c", "blob"),
            call("POST", "/mferp/subscriptions/s/import", "import"),
            call("GET", "/mferp/subscriptions/s/operations", "poll"),
        ]
    )
    assert found.as_json() == {
        "arm_reads": 1,
        "arm_writes": 1,
        "registry_calls": 1,
        "run_calls": 1,
        "file_calls": 1,
        "imports": 1,
    }


def test_a_head_takes_the_bytes_that_its_document_gains() -> None:
    found = heads.measure(20)
    assert found.document_bytes > 64 + len("promotion:risk-dev:fraud-000001:1")
    assert found.memory_bytes > found.document_bytes


def test_tables_stand_in_columns() -> None:
    assert (
        tables.table(("what", "number"), [("a", 1), ("longer", 12)])
        == "  what    number\n  a            1\n  longer      12"
    )
