import shutil
from pathlib import Path

import pytest

from shared.adapters.policy_cases import run_cases
from shared.domain.errors import DocumentInvalid

OURS = Path(__file__).parents[2] / "policies"

CASES = """
policy: plant-vision
evidence:
  workspace: risk-dev
  name: defects-classifier
  version: "3"
  registrant: Dana Osei
  tags: {owner: dana.submitter@contoso.com, plant: north, camera: cam-07}
  job: train-3
  job_status: Completed
  run: {id: train-3, age: 1d, submitter: Dana Osei, metrics: {accuracy: 0.97, worst_class_recall: 0.94}}
cases:
  - case: one
    but: {}
    expect: {outcome: passed}
""".lstrip()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(OURS, tmp_path / "policies")
    for path in (tmp_path / "policies").glob("*.test.yaml"):
        path.unlink()
    return tmp_path / "policies"


def faults_of(folder: Path, content: str) -> tuple[str, ...]:
    (folder / "plant-vision.test.yaml").write_text(content)
    (result,) = run_cases(folder)
    assert result.ok is (not result.faults)
    return result.faults


def test_every_policy_of_ours_has_cases_and_all_of_them_hold() -> None:
    results = run_cases(OURS)
    assert [result for result in results if not result.ok] == []
    assert {result.policy for result in results} == {
        path.stem for path in OURS.glob("*.yaml") if ".test" not in path.name
    }
    assert all(result.place.startswith(f"{result.policy}.test.yaml:") for result in results)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("passed}", "failed}", "expected failed, came out passed."),
        (
            "but: {}",
            "but: {run: {metrics: {accuracy: 0.5}}}",
            "gate metric:accuracy: expected passed, came out failed: acc",
        ),
        ("passed}", "passed, gates: {'tag:x': failed}}", "expects gate tag:x, which the policy does not have"),
        ("passed}", "passed, gates: {'tag:owner': failed}}", "gate tag:owner: expected failed, came out passed"),
        ("but: {}", "but: {name: churn}", "expected passed, but No policy names this workspace and model."),
        ("but: {}", "but: {name: fraud-x}", "expected policy plant-vision, but fraud governs this version."),
        ("but: {}", "but: {name: a/b}", "cases.0 cannot be run: 'a/b' is no name"),
        ("but: {}", "but: {run: {agee: 1d}}", "run.agee is no key known here: write age, or remove it."),
        ("accuracy: 0.97", "accuracy: true", "run.metrics.accuracy must be text"),
    ],
)
def test_a_case_that_comes_out_otherwise_says_how(folder: Path, old: str, new: str, fault: str) -> None:
    assert old in CASES
    faults = faults_of(folder, CASES.replace(old, new, 1))
    assert any(fault in told for told in faults), faults


@pytest.mark.parametrize("metric", ["1", "0.97", "'0.97'"])
def test_a_metric_may_be_written_as_number_or_text(folder: Path, metric: str) -> None:
    assert faults_of(folder, CASES.replace("accuracy: 0.97", f"accuracy: {metric}")) == ()


@pytest.mark.parametrize("metric", [".nan", ".inf", "-.inf", "Infinity"])
def test_a_metric_that_is_not_finite_is_unproven(folder: Path, metric: str) -> None:
    (fault, other) = faults_of(folder, CASES.replace("accuracy: 0.97", f"accuracy: {metric}"))
    assert fault == "expected passed, came out unproven."
    assert "which is not finite" in other


def test_a_version_that_has_not_opted_in_can_be_expected(folder: Path) -> None:
    path = folder / "plant-vision.yaml"
    path.write_text(path.read_text().replace('models: ["defects-*"]', 'models: ["defects-*"], opt_in_tag: govern'))
    assert faults_of(folder, CASES.replace("passed}", "not_opted_in}")) == ()
    (fault,) = faults_of(folder, CASES)
    assert "asks for the tag govern" in fault


def test_a_case_is_judged_on_its_day_so_that_an_exception_can_be_seen_to_end(folder: Path) -> None:
    path = folder / "plant-vision.yaml"
    excepted = (
        "{gate: 'metric:accuracy', models: ['defects-*'], owner: a@contoso.com, reason: RISK-311, until: 2026-06-30}"
    )
    path.write_text(path.read_text() + f"exceptions: [{excepted}]\n")
    weak = CASES.replace("accuracy: 0.97", "accuracy: 0.5")
    let_through = weak.replace("{outcome: passed}", "{outcome: passed, gates: {'metric:accuracy': failed}}")
    enforced = let_through.replace("outcome: passed", "outcome: failed")
    assert faults_of(folder, let_through) == ()
    assert faults_of(folder, let_through.replace("but: {}", "but: {day: 2026-06-30}")) == ()
    assert faults_of(folder, enforced.replace("but: {}", "but: {day: 2026-07-01}")) == ()
    (fault,) = faults_of(folder, enforced.replace("but: {}", "but: {day: soon}"))
    assert "day is no day: write it as 2026-12-31." in fault


def test_a_policy_that_is_off_can_be_expected(folder: Path) -> None:
    path = folder / "plant-vision.yaml"
    path.write_text(path.read_text().replace("mode: enforce", "mode: off"))
    assert faults_of(folder, CASES.replace("passed}", "policy_off}")) == ()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "plant-vision.test.yaml:1:1: The file is empty"),
        ("a: &x 1", "The anchor &x is not read"),
        (CASES.replace("cases:", "casses:"), "casses is no key known here: write cases, or remove it."),
    ],
)
def test_a_file_of_cases_that_cannot_be_read_is_refused(folder: Path, content: str, fault: str) -> None:
    (folder / "plant-vision.test.yaml").write_text(content)
    with pytest.raises(DocumentInvalid) as caught:
        run_cases(folder)
    assert any(fault in told for told in caught.value.faults), caught.value.faults


def test_a_case_states_all_values_of_a_metric(folder: Path) -> None:
    policy = folder / "plant-vision.yaml"
    policy.write_text(policy.read_text().replace("accuracy: {min: 0.95", "accuracy: {use: best, min: 0.95"))
    series = CASES.replace(
        "metrics: {accuracy: 0.97, worst", "series: {accuracy: [0.97, .nan, 0.5]}, metrics: {accuracy: 0.5, worst"
    )
    assert faults_of(folder, series) == ()
    assert faults_of(folder, series.replace("[0.97, .nan, 0.5]", "[0.5]")) != ()


def test_a_case_states_results_and_a_code_version(folder: Path) -> None:
    policy = folder / "plant-vision.yaml"
    asks = "evidence:\n  results: {path: results.json, format: clearance}\n  code_version: required\n"
    changed = policy.read_text().replace("evidence:\n", asks).replace("{min: 0.95}", "{min: 0.95, from: results}")
    policy.write_text(changed)
    stated = f"results: {{age: 1d, metrics: {{accuracy: 0.97}}}}\n  code: {'1f' * 20}\n  job: train-3\n"
    assert faults_of(folder, CASES.replace("job: train-3\n", stated)) == ()
    (fault, *_) = faults_of(folder, CASES.replace("job: train-3\n", stated.replace("0.97", "0.9")))
    assert "expected passed, came out failed" in fault


def test_a_case_states_documents_and_the_files_that_they_are_about(folder: Path) -> None:
    policy = folder / "plant-vision.yaml"
    asks = "evidence:\n  documents: [{kind: modelscan, path: m.json, max_age: 30d}]\n"
    policy.write_text(policy.read_text().replace("evidence:\n", asks))
    files = "{model.pkl: bWQ1}"
    stated = (
        f"job: train-3\n  files: {files}\n  documents: {{modelscan: {{age: 1d, files: {files}, named: [model.pkl]}}}}\n"
    )
    assert faults_of(folder, CASES.replace("job: train-3\n", stated)) == ()
    assert faults_of(folder, CASES.replace("job: train-3\n", stated.replace("named: [model.pkl]", "named: []"))) != ()
