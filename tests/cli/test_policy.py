"""`clearance policy check` and `clearance policy test`: what is wrong with files, and what their cases leave untried."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from shared.cli.main import app

OURS = Path(__file__).parents[2] / "policies"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(OURS, tmp_path / "policies")
    return tmp_path / "policies"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["policy", *map(str, arguments)])


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


# ------------------------------------------------------------------------------------------------ check


def test_our_own_policies_have_no_faults() -> None:
    checked = run("check", OURS)
    assert checked.exit_code == 0, checked.stdout
    assert checked.stdout.endswith("faults 0.\n")


def test_every_fault_of_policies_people_and_cases_is_told_at_once(folder: Path) -> None:
    change(folder / "fraud.yaml", "quorum: 2", "quorum: 0")
    change(folder / "plant-vision.test.yaml", "expect: {outcome: passed}", "expct: {outcome: passed}")
    change(folder / "directory" / "people.yaml", "name: Dana Osei", "nam: Dana Osei")
    checked = run("check", folder)
    assert checked.exit_code == 1
    for file in ("fraud.yaml:", "plant-vision.test.yaml:", "people.yaml:"):
        assert file in checked.stdout


def test_a_file_is_read_with_its_folder_for_faults_between_files_are_faults_too(folder: Path) -> None:
    shutil.copy(folder / "fraud.yaml", folder / "twin.yaml")
    for named in (folder / "plant-vision.yaml", folder / "directory" / "people.yaml", folder / "fraud.test.yaml"):
        checked = json.loads(run("check", named, "--json").stdout)
        assert not checked["ok"]
        assert [found["folder"] for found in checked["folders"]] == [str(folder)]
        assert any("twin.yaml" in fault for fault in checked["folders"][0]["faults"])


def test_an_exception_that_is_over_is_a_warning_and_no_fault(folder: Path) -> None:
    for file, until in (("fraud.yaml", "2020-12-31"), ("plant-vision.yaml", "9998-12-31")):
        models = "fraud-*" if file == "fraud.yaml" else "defects-*"
        listed = f"{{gate: 'tag:owner', models: ['{models}'], owner: a@contoso.com, reason: RISK-311, until: {until}}}"
        (folder / file).write_text((folder / file).read_text() + f"exceptions:\n  - {listed}\n")
    checked = run("check", folder)
    assert checked.exit_code == 0, checked.stdout
    (warning,) = [line for line in checked.stdout.splitlines() if "warning" in line]
    assert warning.startswith("- warning: fraud.yaml:")
    assert warning.endswith("exceptions.0.until is over: tag:owner is enforced again, remove the exception.")
    (found,) = json.loads(run("check", folder, "--json").stdout)["folders"]
    assert len(found["warnings"]) == 1


def test_a_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    checked = run("check", tmp_path / "nowhere")
    assert checked.exit_code == 1
    assert "There is no such folder" in checked.stdout


def test_check_runs_no_cases(folder: Path) -> None:
    change(folder / "fraud.test.yaml", "expect: {outcome: passed}", "expect: {outcome: failed}")
    assert run("check", folder).exit_code == 0
    assert run("test", folder).exit_code == 1


# ------------------------------------------------------------------------------------------------ test


def test_our_own_suites_hold_and_try_every_gate_both_ways() -> None:
    tested = run("test", OURS)
    assert tested.exit_code == 0, tested.stdout
    assert tested.stdout.endswith("0 with faults, 0 missing.\n")


def test_a_gate_without_a_refusing_case_is_named_with_its_line_and_what_to_add(folder: Path) -> None:
    change(folder / "fraud.yaml", "tags:\n", "tags:\n  team: {pattern: .+}\n")
    change(folder / "fraud.test.yaml", "  tags:\n", "  tags:\n    team: risk\n")
    tested = json.loads(run("test", folder, "--json").stdout)
    line = (folder / "fraud.yaml").read_text(encoding="utf-8").splitlines().index("  team: {pattern: .+}") + 1
    assert not tested["ok"]
    assert tested["untried"] == [
        {
            "policy": "fraud",
            "gate": "tag:team",
            "lacks": "refusing",
            "place": f"fraud.yaml:{line}:3",
            "add": 'to fraud.test.yaml a case that it refuses: expect: {outcome: failed, gates: {"tag:team": failed}}'
            " (or unproven)",
        }
    ]
    assert all(case["ok"] for case in tested["cases"])
    shown = run("test", folder)
    assert shown.exit_code == 1
    assert f"fraud.yaml:{line}:3: gate tag:team has no refusing case." in shown.stdout


def test_a_gate_without_a_passing_case_is_named(folder: Path) -> None:
    (folder / "fraud.test.yaml").unlink()
    untried = json.loads(run("test", folder, "--json").stdout)["untried"]
    assert {(each["gate"], each["lacks"]) for each in untried} >= {
        ("tag:owner", "passing"), ("tag:owner", "refusing"), ("metric:auc:champion", "refusing"),
        ("release_record", "passing"),
    }  # fmt: skip
    assert ("release_record", "refusing") not in {(each["gate"], each["lacks"]) for each in untried}


def test_a_gate_that_is_off_needs_no_case(folder: Path) -> None:
    (folder / "fraud.test.yaml").unlink()
    change(folder / "fraud.yaml", "mode: enforce", 'mode: enforce\nmodes: {"metric:*": off}')
    untried = json.loads(run("test", folder, "--json").stdout)["untried"]
    assert "metric:auc" not in {each["gate"] for each in untried}
    assert "tag:owner" in {each["gate"] for each in untried}


@pytest.mark.parametrize(
    ("gate", "stated"),
    [
        ("lineage:job", "lineage:"),
        ("metric:auc", "auc: {min"),
        ("metric:auc:champion", "auc: {min"),
        ("evidence:run", "run: {tag"),
        ("evidence:max_age", "max_age:"),
        ("evidence:same_dataset", "same_dataset_as_champion:"),
        ("separation_of_duties", "exclude:"),
        ("tag:classification", "classification:"),
    ],
)
def test_a_gate_is_shown_where_the_policy_states_it(folder: Path, gate: str, stated: str) -> None:
    (folder / "fraud.test.yaml").unlink()
    untried = json.loads(run("test", folder, "--json").stdout)["untried"]
    (place,) = {each["place"] for each in untried if each["gate"] == gate}
    assert stated in (folder / "fraud.yaml").read_text(encoding="utf-8").splitlines()[int(place.split(":")[1]) - 1]
