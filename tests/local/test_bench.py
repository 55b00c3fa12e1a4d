"""The benchmark at sizes that measure nothing: it runs through, says what it must, and fails where a limit breaks."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local.bench import tables
from local.bench.candidates import Candidate
from local.bench.cold_start import ColdStart, Start, probe
from local.bench.evaluating import METRICS, Evaluating, measure
from local.bench.filling import BATCH, transactions
from local.bench.first_pages import FirstPages, Reading
from local.bench.laboratory import ROOT
from local.bench.recording import Operation
from local.bench.replaying import Trace
from local.bench.results import Results
from local.bench.throughput import Block, Throughput, percentile
from shared.adapters.table_limits import check_transaction

LIGHT = Start(0.2, 36.0, ())
QUICK = Throughput(
    ((Block(1.0, [0.4, 0.6], 0.9), Block(0.8, cpu=0.8)), (Block(1.2, [0.5, 0.7], 0.9), Block(1.2, cpu=0.8)))
)


def measured(
    table: int = 44, queue: int = 14, heavy: tuple[str, ...] = (), trips: int = 2, judging: float = 2.5
) -> Results:
    return Results(
        evaluation=Evaluating(53, reading=1.0, json_alone=0.3, judging=judging, evaluation=8.0),
        round_trips={"table": table, "queue": queue, "blob": 0, "azure_ml": 45},
        throughput={1: QUICK},
        cold_start=ColdStart(Start(0.2, 36.0, heavy), LIGHT, LIGHT),
        first_pages={
            100: FirstPages(Reading(2, 8.0), Reading(1, 4.0)),
            50_000: FirstPages(Reading(trips, 9.0), Reading(1, 5.0)),
        },
    )


@pytest.mark.slow
def test_a_small_run_goes_through_and_writes_what_was_measured(tmp_path: Path) -> None:
    out = tmp_path / "bench.json"
    done = subprocess.run(
        [sys.executable, "-m", "local.bench", "--small", "--out", str(out)],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(out.read_text())
    assert set(found["evaluation"]) == {"gates", "gates_over_reading", "gates_over_json", "evaluation_over_reading"}
    assert set(found["round_trips"]) == {"table", "queue", "blob", "azure_ml"}
    assert set(found["throughput"]) == {"1", "2"}
    assert set(found["throughput"]["1"]) == {"promotions_per_second", "p50_ms", "p95_ms", "floor_ratio"}
    assert set(found["cold_start"]) == {"cpu_ratio", "rss_mb", "heavy_modules_loaded"}
    assert set(found["history"]["102"]) == {"round_trips", "p50_ms"}
    assert max(len(line) for line in done.stdout.splitlines() if str(out) not in line) <= 80


def test_all_is_well_within_goals_and_limits() -> None:
    assert measured().within_limits
    assert all(verdict.holds for verdict in measured().verdicts())


def test_a_missed_goal_is_shown_and_breaks_nothing() -> None:
    results = measured(table=58)
    assert results.within_limits
    assert "missed" in tables.verdicts(results.verdicts())


@pytest.mark.parametrize(
    "broken",
    [measured(table=61), measured(queue=17), measured(heavy=("fastapi",)), measured(trips=3), measured(judging=3.1)],
    ids=["table operations", "queue operations", "heavy modules", "growing round trips", "gates"],
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


def test_all_gates_of_the_measured_policy_pass_and_there_are_as_many_as_are_asked_for() -> None:
    found = measure(1)
    assert found.gates >= METRICS == 50
    assert min(found.reading, found.json_alone, found.judging, found.evaluation) > 0


def test_tables_stand_in_columns() -> None:
    assert (
        tables.table(("what", "number"), [("a", 1), ("longer", 12)])
        == "  what    number\n  a            1\n  longer      12"
    )
