"""`clearance policy` on paths that are no folder of policies, and faults as objects for programs."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from shared.cli.main import app
from tests.cli.exports import export_of
from tests.cli.test_policy import OURS, change, run


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with our policies in `policies`."""
    shutil.copytree(OURS, tmp_path / "policies")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def checked(*paths: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("check", *paths, "--json").stdout)
    return found


def test_faults_are_objects_with_the_path_from_the_working_folder(here: Path) -> None:
    change(here / "policies" / "fraud.yaml", "quorum: 2", "quorum: 0")
    (here / "policies" / "organisation.yml").touch()
    found = checked()
    assert not found["ok"]
    line = (here / "policies" / "fraud.yaml").read_text().splitlines().index("  quorum: 0") + 1
    assert found["folders"][0]["faults"] == [
        {
            "file": "policies/organisation.yml",
            "line": None,
            "column": None,
            "place": "",
            "fault": "Only *.yaml is read",
            "fix": "rename it to organisation.yaml",
        },
        {
            "file": "policies/fraud.yaml",
            "line": line,
            "column": 3,
            "place": "approval.quorum",
            "fault": 'is "0"',
            "fix": "write 1 or more",
        },
    ]
    assert f'- policies/fraud.yaml:{line}:3: approval.quorum is "0"; write 1 or more.\n' in run("check").stdout


def test_every_fault_that_is_told_has_a_fix_and_a_place(here: Path) -> None:
    """Of all kinds of files, of values and between them."""
    folder = here / "policies"
    change(folder / "fraud.yaml", "min: 0.90", "min: .nan")
    change(folder / "fraud.yaml", "grace: 30m", "grace: *x")
    change(folder / "fraud.yaml", "targets:", "modes: {'tag:own': warn}\ntargets:")
    change(folder / "fraud.test.yaml", "expect: {outcome: passed}", "expct: {outcome: passed}")
    change(folder / "directory" / "people.yaml", "name: Dana Osei", "name: 7")
    (folder / "organisation.yaml").write_text("organisation: a\nowner: b\napproval: {quorum: 3}\n")
    (folder / "empty.yaml").touch()
    faults = checked()["folders"][0]["faults"]
    assert {fault["file"].removeprefix("policies/") for fault in faults} >= {
        "fraud.yaml", "fraud.test.yaml", "directory/people.yaml", "empty.yaml",
    }  # fmt: skip
    for fault in faults:
        assert fault["line"], fault
        assert fault["column"], fault
        assert fault["fault"], fault
        assert fault["fix"], fault


def test_warnings_are_objects_too(here: Path) -> None:
    (here / "policies" / "organisation.yaml").write_text(
        "organisation: a\nowner: b\nevidence: {metrics: {recall: {min: 0}}}\n"
    )
    found = checked()
    assert found["ok"]
    warnings = found["folders"][0]["warnings"]
    assert {warning["fault"] for warning in warnings} == {
        "does not judge recall, but policies/organisation.yaml:3:22 has a floor"
    }
    assert "- warning: policies/fraud.yaml:" in run("check").stdout


@pytest.mark.parametrize("path", ["policies/fraud.yaml", "policies/fraud.test.yaml", "policies/directory/people.yaml"])
def test_a_file_stands_for_its_folder_wherever_policies_are_named(here: Path, path: str) -> None:
    tested = run("test", path)
    assert tested.exit_code == 0, tested.output
    assert tested.output == run("test", "policies").output
    assert replay(here, "--from", "2026-01-01", "--folder", path).exit_code == 0


@pytest.mark.parametrize("command", ["check", "test"])
@pytest.mark.parametrize("path", ["nowhere", "nofile.yaml", "policies/nofile.yaml"])
def test_a_path_that_leads_nowhere_is_named_and_nothing_else_is_told(here: Path, command: str, path: str) -> None:
    told = run(command, path)
    assert told.exit_code == 1
    assert told.stdout.splitlines()[0] == f"- {path}: There is no such file or folder: create it, or name another."
    assert told.stdout.count("\n- ") == 0
    assert "people.yaml" not in told.output


def test_a_path_that_is_neither_file_nor_folder_is_told_so(here: Path) -> None:
    os.mkfifo(here / "pipe.yaml")
    assert "pipe.yaml: This is no file, but a pipe" in run("check", "pipe.yaml").stdout


@pytest.mark.parametrize("command", ["check", "test"])
@pytest.mark.parametrize("name", ["directory/people.yaml", "fraud.test.yaml", "fraud.yaml", "organisation.yaml"])
def test_a_folder_in_the_place_of_a_file_is_told_so(here: Path, command: str, name: str) -> None:
    path = here / "policies" / name
    path.unlink(missing_ok=True)
    path.mkdir()
    told = run(command)
    assert told.exit_code == 1
    assert f"- policies/{name}: This is a folder: put a file in its place, or remove it.\n" in told.stdout


def test_cases_are_not_run_where_files_have_faults_and_all_of_them_are_told(here: Path) -> None:
    change(here / "policies" / "fraud.yaml", "quorum: 2", "quorum: 0")
    change(here / "policies" / "directory" / "people.yaml", "name: Dana Osei", "name: 7")
    told = run("test")
    assert told.exit_code == 1
    assert "policies/fraud.yaml:" in told.stdout
    assert "policies/directory/people.yaml:" in told.stdout
    assert told.stdout.splitlines()[-1] == "No case was run, faults 2."
    document = json.loads(run("test", "--json").stdout)
    assert (document["ok"], document["cases"], len(document["faults"])) == (False, [], 2)
    assert document["faults"][0]["fix"]


@pytest.mark.parametrize("until", ["2026-02-28", "2026-03-01", "2026-03-01T00:00:00Z", "2026-03-01T00:30:00+01:00"])
def test_a_backtest_to_before_its_beginning_is_no_question(here: Path, until: str) -> None:
    told = replay(here, "--from", "2026-03-01", "--to", until)
    assert told.exit_code == 2
    assert "Nothing is recorded between the two" in told.output


def test_a_backtest_of_one_instant_and_more_is_one(here: Path) -> None:
    assert replay(here, "--from", "2026-03-01", "--to", "2026-03-01T00:00:01Z").exit_code == 0


@pytest.mark.parametrize("json_", [["--json"], ["--output", "json"], ["-o", "json"]])
def test_a_report_is_markdown_or_json(here: Path, json_: list[str]) -> None:
    told = replay(here, "--from", "2026-03-01", "--markdown", *json_)
    assert told.exit_code == 2
    assert "Markdown or JSON" in told.output


def replay(here: Path, *arguments: str) -> Result:
    """A backtest of an export that holds nothing."""
    (here / "recorded.jsonl").write_text("".join(f"{line}\n" for line in export_of([])))
    return CliRunner().invoke(app, ["policy", "backtest", "--export", "recorded.jsonl", *arguments])
