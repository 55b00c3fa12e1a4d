"""`clearance policy check` and `clearance policy test`: what is wrong with files, and what their cases leave untried."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from shared.cli.main import app

OURS = Path(__file__).parents[2] / "policies"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(OURS, tmp_path / "policies")
    monkeypatch.chdir(tmp_path)
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
    change(folder / "plant-vision-north.test.yaml", "expect: {outcome: passed}", "expct: {outcome: passed}")
    change(folder / "directory" / "people.yaml", "name: Dana Osei", "nam: Dana Osei")
    checked = run("check", folder)
    assert checked.exit_code == 1
    for file in ("fraud.yaml:", "plant-vision-north.test.yaml:", "people.yaml:"):
        assert file in checked.stdout


def test_a_file_is_read_with_its_folder_for_faults_between_files_are_faults_too(folder: Path) -> None:
    shutil.copy(folder / "fraud.yaml", folder / "twin.yaml")
    for named in (folder / "plant-vision-north.yaml", folder / "directory" / "people.yaml", folder / "fraud.test.yaml"):
        checked = json.loads(run("check", named, "--json").stdout)
        assert not checked["ok"]
        assert [found["folder"] for found in checked["folders"]] == [str(folder)]
        assert any("twin.yaml" in fault["file"] for fault in checked["folders"][0]["faults"])


def test_an_exception_that_is_over_is_a_warning_and_no_fault(folder: Path) -> None:
    for file, until in (("fraud.yaml", "2020-12-31"), ("plant-vision-north.yaml", "9998-12-31")):
        models = "fraud-*" if file == "fraud.yaml" else "defects-north-*"
        listed = f"{{gate: 'tag:owner', models: ['{models}'], owner: a@contoso.com, reason: RISK-311, until: {until}}}"
        (folder / file).write_text((folder / file).read_text() + f"exceptions:\n  - {listed}\n")
    checked = run("check", folder)
    assert checked.exit_code == 0, checked.stdout
    (warning,) = [line for line in checked.stdout.splitlines() if "warning" in line]
    assert warning.startswith("- warning: policies/fraud.yaml:")
    assert warning.endswith("exceptions.0.until is over: tag:owner is enforced again, remove the exception.")
    (found,) = json.loads(run("check", folder, "--json").stdout)["folders"]
    assert len(found["warnings"]) == 1


def test_a_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    checked = run("check", tmp_path / "nowhere")
    assert checked.exit_code == 1
    assert "There is no such file or folder" in checked.stdout


def test_check_finds_what_is_misspelt_in_cases_once_and_where_it_stands(folder: Path) -> None:
    suite = folder / "plant-vision-north.test.yaml"
    change(suite, "policy: plant-vision-north", "policy: plant-vision")
    change(suite, "  job: train-3", "  jobb: train-3")
    change(suite, "but: {tags: {plant: south}}", "but: {tgs: {plant: south}}")
    checked = run("check", folder)
    assert checked.exit_code == 1
    faults = [line.partition(": ")[2] for line in checked.stdout.splitlines() if "north.test.yaml:" in line]
    assert [fault.split(" ")[0] for fault in faults] == ["policy", "evidence.jobb", "cases.8.but.tgs"]


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
            "place": f"policies/fraud.yaml:{line}:3",
            "add": 'to policies/fraud.test.yaml a case that it refuses: expect: {outcome: failed, gates: {"tag:team": failed}}'
            " (or unproven)",
        }
    ]
    assert all(case["ok"] for case in tested["cases"])
    shown = run("test", folder)
    assert shown.exit_code == 1
    assert f"policies/fraud.yaml:{line}:3: gate tag:team has no refusing case." in shown.stdout


def test_a_gate_without_a_passing_case_is_named(folder: Path) -> None:
    (folder / "fraud.test.yaml").unlink()
    untried = json.loads(run("test", folder, "--json").stdout)["untried"]
    assert {(each["gate"], each["lacks"]) for each in untried} >= {
        ("tag:owner", "passing"), ("tag:owner", "refusing"), ("metric:auc:champion", "refusing"),
        ("release_record", "passing"),
    }  # fmt: skip
    assert ("release_record", "refusing") not in {(each["gate"], each["lacks"]) for each in untried}


def test_a_case_that_does_not_hold_tries_nothing(folder: Path) -> None:
    """One lets the gate pass and expects otherwise; all others see it refuse, and none of them expects that."""
    change(folder / "fraud.yaml", "tags:\n", "tags:\n  team: {pattern: .+}\n")
    more = "  - case: of a team\n    but: {tags: {team: risk}}\n    expect: {outcome: unproven}\n"
    (folder / "fraud.test.yaml").write_text((folder / "fraud.test.yaml").read_text(encoding="utf-8") + more)
    tested = json.loads(run("test", folder, "--json").stdout)
    assert [case["ok"] for case in tested["cases"] if case["case"] == "of a team"] == [False]
    assert {each["lacks"] for each in tested["untried"] if each["gate"] == "tag:team"} == {"passing", "refusing"}


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


def test_a_bound_that_no_case_holds_on_one_side_is_told_with_the_case_to_add(folder: Path) -> None:
    suite = folder / "fraud.test.yaml"
    cases = suite.read_text(encoding="utf-8").split("  - case: ")
    suite.write_text("  - case: ".join(case for case in cases if not case.startswith("not quite fair enough")))
    shown = run("test", folder)
    assert shown.exit_code == 1
    told = "fraud.yaml:20:20: evidence.metrics.fairness_gap.max could be 0.0501 instead of 0.05, and no case would notice.\n"
    assert told in shown.stdout
    assert "fraud.test.yaml a case whose fairness_gap is exactly 0.0501\n" in shown.stdout
    assert shown.stdout.endswith("0 with faults, 1 missing.\n")
    answer = json.loads(run("test", folder, "--json").stdout)
    assert (answer["ok"], answer["untried"]) == (False, [])
    assert [bound["policy"] for bound in answer["open"]] == ["fraud"]
