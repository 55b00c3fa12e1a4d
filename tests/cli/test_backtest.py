"""`clearance policy backtest`: a proposed policy over recorded evidence, from an export and from the app."""

import gc
import json
import os
import pty
import shutil
import subprocess
import sys
import tracemalloc
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from shared import bootstrap
from shared.cli.main import app
from shared.domain.evidence import Evidence
from tests.cli.conftest import Shell
from tests.cli.exports import completed, export_of
from tests.domain.evidence_makers import NOW, a_model_version, a_promotion, a_run, passing_evidence, tags

ROOT = Path(__file__).parents[2]
EVIL = "`</td>|<script>@everyone\u202e"


def evidence(auc: str, version: str, **changes: str | None) -> Evidence:
    run = a_run(metrics={"auc": auc, "fairness_gap": "0.02"}, model=f"fraud-detector:{version}")
    return passing_evidence(version=a_model_version(tags=tags(**changes)), run=run)


@pytest.fixture
def proposed(tmp_path: Path) -> Path:
    """Our policies, with a stricter threshold; what was recorded below asked no job who had submitted it."""
    folder = tmp_path / "policies"
    shutil.copytree(ROOT / "policies", folder)
    fraud = folder / "fraud.yaml"
    text = fraud.read_text(encoding="utf-8").replace("min: 0.90", "min: 0.93").replace(", job_submitter", "")
    fraud.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Versions 1 to 4: strong, weak, strong with a hostile owner, and one without recorded evidence."""
    found = [
        completed("1", evidence("0.95", "1")),
        completed("2", evidence("0.91", "2")),
        completed("3", evidence("0.95", "3", owner=EVIL), tags={}),
        completed("4", evidence("0.91", "4"), evidence=None),
    ]
    file = tmp_path / "export.jsonl"
    file.write_text("".join(f"{line}\n" for line in export_of(found)), encoding="utf-8")
    return file


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["policy", "backtest", *map(str, arguments)])


def report(*arguments: str | Path) -> dict[str, object]:
    ran = run(*arguments, "--json")
    assert ran.exit_code == 0, ran.output
    found: dict[str, object] = json.loads(ran.stdout)
    return found


def test_it_names_whose_outcome_would_flip_and_through_which_gate(proposed: Path, export: Path) -> None:
    found = report("--from", "2026-03-01", "--folder", proposed, "--export", export)
    assert {name: found[name] for name in ("evaluations", "same", "would_be_held_back", "would_pass", "undecidable")} == {
        "evaluations": 4, "same": 1, "would_be_held_back": 2, "would_pass": 0, "undecidable": 1,
    }  # fmt: skip
    assert found["gates"] == {"metric:auc": 1, "tag:owner": 1}
    flips = found["flips"]
    assert isinstance(flips, list)
    assert [(flip["promotion"], flip["was"], flip["would_be"]) for flip in flips] == [
        ("risk-dev:fraud-detector:2", "passed", "failed"),
        ("risk-dev:fraud-detector:3", "passed", "failed"),
    ]
    assert flips[0]["through"] == [
        {
            "gate": "metric:auc",
            "was": "passed",
            "would_be": "failed",
            "sentence": "metric:auc failed: auc is 0.91, below the least allowed, 0.93.",
        }
    ]
    assert [each["promotion"] for each in found["undecided"]] == ["risk-dev:fraud-detector:4"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("since", "until", "evaluations"),
    [
        ("2026-03-01", None, 4),
        ("2026-03-02", None, 0),
        ("2026-03-01T13:00:00Z", None, 3),
        ("2026-03-01T13:00:00Z", "2026-03-01T15:00:00+01:00", 1),
        ("2026-01-01", "2026-03-01", 0),
    ],
)
def test_only_what_was_recorded_in_the_time_asked_for_counts(
    proposed: Path, export: Path, since: str, until: str | None, evaluations: int
) -> None:
    asked = ["--from", since, *(["--to", until] if until else [])]
    assert report(*asked, "--folder", proposed, "--export", export)["evaluations"] == evaluations


def test_people_read_it_at_80_columns(proposed: Path, export: Path) -> None:
    shown = run("--from", "2026-03-01", "--folder", proposed, "--export", export).stdout
    assert all(len(line) <= 80 for line in shown.splitlines())
    assert "risk-dev:fraud-detector:2 round 1 of 2026-03-01: passed, would be blocked" in shown
    assert "Nobody can say" in shown
    assert "\u202e" not in shown


def test_a_limit_names_fewer_and_counts_all(proposed: Path, export: Path) -> None:
    found = report("--from", "2026-03-01", "--folder", proposed, "--export", export, "--limit", "1")
    assert len(found["flips"]) == 1  # type: ignore[arg-type]
    assert (found["would_be_held_back"], found["not_listed"]) == (2, 1)
    shown = run("--from", "2026-03-01", "--folder", proposed, "--export", export, "--limit", "1").stdout
    assert "1 more are counted above and not listed" in shown


def test_markdown_is_a_comment_in_which_nothing_from_outside_is_rendered(proposed: Path, export: Path) -> None:
    text = run("--from", "2026-03-01", "--folder", proposed, "--export", export, "--markdown").stdout
    assert text.startswith("### Policy backtest: 2 of 4 recorded evaluations would come out otherwise\n")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert "| `metric:auc` | 1 |" in rows
    for row in rows:
        assert row.count("`") % 2 == 0
        outside = "".join(row.split("`")[::2])
        assert not {"<script", "@"} & {found for found in ("<script", "@") if found in outside}
    (hostile,) = [row for row in rows if "script" in row]
    assert hostile.replace("\\|", "").count("|") == 4
    assert "\u202e" not in text


def test_a_policy_with_faults_is_refused_with_all_of_them(proposed: Path, export: Path) -> None:
    (proposed / "fraud.yaml").write_text("policy: fraud\n", encoding="utf-8")
    ran = run("--from", "2026-03-01", "--folder", proposed, "--export", export)
    assert ran.exit_code == 1
    assert "fraud.yaml:1" in ran.stderr


def test_an_edited_export_is_refused(proposed: Path, export: Path) -> None:
    export.write_text(export.read_text(encoding="utf-8").replace('"auc":"0.91"', '"auc":"0.99"', 1), encoding="utf-8")
    ran = run("--from", "2026-03-01", "--folder", proposed, "--export", export)
    assert ran.exit_code == 1
    assert "does not hash to what it carries: it was edited" in ran.stderr
    assert "`clearance verify`" in ran.stderr


def test_what_is_no_line_of_an_export_is_refused(proposed: Path, export: Path) -> None:
    export.write_text("{}\n", encoding="utf-8")
    assert "Line 1" in run("--from", "2026-03-01", "--folder", proposed, "--export", export).stderr


CUT = "The head row is missing."
BEGINNING = "It does not begin with the line of an export"


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ([], BEGINNING),
        (range(1, 13), BEGINNING),
        (range(2), CUT),  # of a history its first row
        (range(6), CUT),  # the next one without its head
        ([0, 1, 3, 4, 5, 6], "Rows 2 to 2 are missing at the end."),
        ([0, 1, 2, 2, 3], "is there 2 times"),
        ([*range(7), 1, 2, 3], "do not stand together, or twice: those from line 8 on"),
        ([0, 1, 2, 4, 5, 6, 3], CUT),
        ([0, 3, 4, 5, 6], "Rows 1 to 2 are missing at the end."),
    ],
)
def test_an_export_of_which_lines_are_missing_or_come_twice_is_refused(
    proposed: Path, export: Path, kept: Iterable[int], told: str
) -> None:
    lines = export.read_text(encoding="utf-8").splitlines(keepends=True)
    export.write_text("".join(lines[number] for number in kept), encoding="utf-8")
    ran = run("--from", "2026-03-01", "--folder", proposed, "--export", export)
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert ran.stderr.startswith("The export is not valid:\n- ")
    assert told in ran.stderr


def test_an_export_of_another_schema_is_refused(proposed: Path, export: Path) -> None:
    export.write_text(export.read_text(encoding="utf-8").replace('"schema":1', '"schema":2', 1), encoding="utf-8")
    told = run("--from", "2026-03-01", "--folder", proposed, "--export", export)
    assert (told.exit_code, "It is of schema 2, this program reads 1." in told.stderr) == (1, True)


def test_a_body_that_was_left_out_is_undecidable(proposed: Path, export: Path) -> None:
    rows = [json.loads(line) for line in export.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        if row.get("type") == "EvaluationCompleted":
            row["body"] = None
    export.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    found = report("--from", "2026-03-01", "--folder", proposed, "--export", export)
    assert found["undecidable"] == 4
    assert run("--from", "2026-03-01", "--folder", proposed, "--export", export, "--markdown").exit_code == 0


def test_a_day_that_is_none_is_a_mistake_of_the_caller(proposed: Path, export: Path) -> None:
    ran = run("--from", "yesterday", "--folder", proposed, "--export", export)
    assert ran.exit_code == 2
    assert "a day such as 2026-11-23" in ran.stderr


# ------------------------------------------------------------------------------------------------ from the app


def test_without_an_export_it_asks_the_app_with_the_rights_of_a_reader(shell: Shell, proposed: Path) -> None:
    for version in ("7", "8"):
        shell.front.world.register(a_promotion(version))
        shell.front.world.work()
        shell.front.world.clock.advance(timedelta(hours=1))
    shell.front.world.catalog.put_run("risk-dev", a_run(metrics={"auc": "0.91", "fairness_gap": "0.02"}, model=None))
    shell.front.world.register(a_promotion("9"))
    shell.front.world.work()
    ran = shell.run("policy", "backtest", "--from", "2026-03-01", "--folder", str(proposed), "--json")
    assert ran.exit_code == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert (found["evaluations"], found["undecidable"]) == (3, 0)
    nobody = shell.run("policy", "backtest", "--from", "2026-03-01", "--folder", str(proposed), person=None)
    assert nobody.exit_code == 1


# ------------------------------------------------------------------------------------------------ thousands of them


def test_memory_does_not_grow_with_what_is_replayed(proposed: Path) -> None:
    """What is held after a thousand is what is held after a hundred; `make bench` holds ten thousand."""
    versions = map(str, range(1, 1_001))
    begins, *recorded = export_of(completed(version, evidence("0.91", version)) for version in versions)
    held = dict[int, int]()

    def lines() -> Iterator[str]:
        yield begins
        for number, line in enumerate(recorded, 1):  # of each evaluation three: two rows, and the head
            yield line
            if number in {300, 3_000}:
                gc.collect()
                held[number // 3] = tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        found = bootstrap.backtest_export(proposed, lines(), since=NOW, until=None, most=50)
    finally:
        tracemalloc.stop()
    assert (found.evaluations, found.would_be_held_back, len(found.flips)) == (1_000, 1_000, 50)
    assert held[1_000] < 1.5 * held[100] + 100_000


def test_a_terminal_shows_how_far_it_is(proposed: Path, export: Path) -> None:
    ours, theirs = pty.openpty()
    command = [
        sys.executable,
        "-c",
        "from shared.cli.main import app; app()",
        "policy",
        "backtest",
        "--from",
        "2026-03-01",
    ]
    told = [*command, "--folder", str(proposed), "--export", str(export)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"}
    ended = subprocess.run(told, stdout=subprocess.PIPE, stderr=theirs, env=environment, timeout=60, check=False)
    os.close(theirs)
    shown = os.read(ours, 65_536).decode()
    os.close(ours)
    assert ended.returncode == 0, shown
    assert "Replaying" in shown
    assert "100%" in shown
    assert b"Replaying" not in ended.stdout
