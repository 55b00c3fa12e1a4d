import shutil
from pathlib import Path

import pytest

from shared.adapters.case_files import read_cases
from shared.adapters.policy_cases import run_cases
from shared.adapters.policy_trial import untried
from shared.domain.errors import DocumentInvalid

OURS = Path(__file__).parents[2] / "policies"

CASES = """
policy: plant-vision-north
evidence:
  workspace: risk-dev
  name: defects-north-classifier
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
    (folder / "plant-vision-north.test.yaml").write_text(content)
    (result,) = run_cases(folder)
    assert result.ok is (not result.faults)
    return result.faults


def test_every_policy_of_ours_has_cases_and_all_of_them_hold() -> None:
    results = run_cases(OURS)
    assert [result for result in results if not result.ok] == []
    assert {result.policy for result in results} == {
        path.stem for path in OURS.glob("*.yaml") if ".test" not in path.name
    }
    assert all(f"/{result.policy}.test.yaml:" in result.of.place for result in results)


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
        ("but: {}", "but: {name: fraud-x}", "expected policy plant-vision-north, but fraud governs this version."),
        (
            "passed}",
            "passed, modes: {'metric:accuracy': warn}}",
            "metric:accuracy: expected mode warn, came out enforce.",
        ),
        ("passed}", "passed, modes: {'tag:x': warn}}", "expects gate tag:x, which the policy does not have"),
        ("passed}", "passed, quorum: 2}", "quorum: expected 2, came out 1."),
        ("passed}", "passed, rejections: 2}", "rejections: expected 2, came out 1."),
        (
            "passed}",
            "passed, groups: [a, ml-approvers]}",
            "groups: expected [a, ml-approvers], came out [ml-approvers].",
        ),
        ("passed}", "passed, required_groups: [a]}", "required_groups: expected [a], came out []."),
        ("passed}", "passed, excluded: []}", "excluded: expected [], came out [dana.submitter]."),
        ("passed}", "passed, expires_after: 7d}", "expires_after: expected 7d, came out 14d."),
        (
            "passed}",
            "passed, missing_record: [scope]}",
            "missing_record: expected [scope], came out [monitoring_signal, rollback_path, scope].",
        ),
        (
            "passed}",
            "passed, targets: ['contoso-plant-south:defects-north-classifier:3']}",
            "targets: expected [contoso-plant-south:defects-north-classifier:3], came out [contoso-plant-north:defects",
        ),
        ("passed}", "passed, exceptions: ['tag:owner']}", "exceptions: expected [tag:owner], came out []."),
        ("passed}", "passed, waits: true}", "waits: expected true, came out false."),
        (
            "but: {}\n    expect: {outcome: passed}",
            "but: {name: churn}\n    expect: {outcome: no_policy, quorum: 2}",
            "expects quorum, but there is no evaluation: No policy names this workspace and model.",
        ),
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
    path = folder / "plant-vision-north.yaml"
    path.write_text(
        path.read_text().replace('models: ["defects-north-*"]', 'models: ["defects-north-*"], opt_in_tag: govern')
    )
    assert faults_of(folder, CASES.replace("passed}", "not_opted_in}")) == ()
    (fault,) = faults_of(folder, CASES)
    assert "asks for the tag govern" in fault


def test_a_case_is_judged_on_its_day_so_that_an_exception_can_be_seen_to_end(folder: Path) -> None:
    path = folder / "plant-vision-north.yaml"
    excepted = "{gate: 'metric:accuracy', models: ['defects-north-*'], owner: a@contoso.com, reason: RISK-311, until: 2026-06-30}"
    path.write_text(path.read_text() + f"exceptions: [{excepted}]\n")
    weak = CASES.replace("accuracy: 0.97", "accuracy: 0.5")
    let_through = weak.replace("{outcome: passed}", "{outcome: passed, gates: {'metric:accuracy': failed}}")
    enforced = let_through.replace("outcome: passed", "outcome: failed")
    assert faults_of(folder, let_through) == ()
    assert faults_of(folder, let_through.replace("but: {}", "but: {day: 2026-06-30}")) == ()
    assert faults_of(folder, enforced.replace("but: {}", "but: {day: 2026-07-01}")) == ()
    excepted = let_through.replace("outcome: passed", "outcome: passed, exceptions: ['metric:accuracy']")
    assert faults_of(folder, excepted.replace("but: {}", "but: {day: 2026-06-30}")) == ()
    assert faults_of(folder, excepted.replace("but: {}", "but: {day: 2026-07-01}"))[-1] == (
        "exceptions: expected [metric:accuracy], came out []."
    )


@pytest.mark.parametrize("day", ["2000-01-01", "9998-12-31"])
def test_the_longest_durations_lead_to_no_day_that_is_none(folder: Path, day: str) -> None:
    policy = folder / "plant-vision-north.yaml"
    until = f"exceptions: [{{gate: tag:camera, models: ['*'], owner: a, reason: b, until: {day}}}]\n"
    policy.write_text(policy.read_text().replace("grace: 30m\n", "") + f"grace: 99999d\n{until}")
    old = CASES.replace("  workspace:", f"  day: {day}\n  registered: 99999d\n  workspace:")
    (folder / "plant-vision-north.test.yaml").write_text(old.replace("age: 1d", "age: 99999d"))
    results = run_cases(folder)
    assert len(results) == 1
    assert untried(folder, results)[1]


def test_a_policy_that_is_off_can_be_expected(folder: Path) -> None:
    path = folder / "plant-vision-north.yaml"
    path.write_text(path.read_text().replace("mode: enforce", "mode: off"))
    assert faults_of(folder, CASES.replace("passed}", "policy_off}")) == ()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "plant-vision-north.test.yaml:1:1: The file is empty"),
        ("a: &x 1", "The anchor &x is not read"),
        (CASES.replace("cases:", "casses:"), "casses is no key known here: write cases, or remove it."),
    ],
)
def test_a_file_of_cases_that_cannot_be_read_is_refused(folder: Path, content: str, fault: str) -> None:
    (folder / "plant-vision-north.test.yaml").write_text(content)
    with pytest.raises(DocumentInvalid) as caught:
        run_cases(folder)
    assert any(fault in told for told in caught.value.faults), caught.value.faults


def told(folder: Path, content: str) -> tuple[str, ...]:
    """The faults of a file of cases, each from its line on."""
    (folder / "plant-vision-north.test.yaml").write_text(content)
    with pytest.raises(DocumentInvalid) as caught:
        read_cases(folder)
    return tuple(fault.partition(".test.yaml:")[2] for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("job_status:", "job_stats:", "9:3: evidence.job_stats is no key known here: write job_status, or remove it."),
        ('version: "3"', "version: 3", "5:3: evidence.version must be text: put it in quotes."),
        ("name: defects-north-classifier", "name: a/b", "4:3: evidence.name 'a/b' is no name: expected "),
        ("accuracy: 0.97", "accuracy: true", "10:63: evidence.run.metrics.accuracy must be text: put it in quotes."),
        ("age: 1d", "age: soon", "10:22: evidence.run.age is no duration: write minutes, hours or days, such as "),
        ("but: {}", "but: {run: {agee: 1d}}", "13:17: cases.0.but.run.agee is no key known here: write age, or "),
        ("but: {}", "but: {run: {id: null}}", "13:17: cases.0.but.run.id is missing: add it."),
        ("but: {}", "but: {name: a/b}", "13:11: cases.0.but.name 'a/b' is no name: expected "),
        ("but: {}", "but: {day: soon}", "13:11: cases.0.but.day is no day: write it as 2026-12-31."),
        (
            "but: {}",
            "but: {day: 0001-01-01}",
            "13:11: cases.0.but.day is not within the years 2000 to 9998: write a day",
        ),
        (
            "but: {}",
            "but: {day: 9999-01-01}",
            "13:11: cases.0.but.day is not within the years 2000 to 9998: write a day",
        ),
        (
            "  job: train-3",
            "  champion:\n  job: train-3",
            "8:3: evidence.champion holds nothing: write it, or remove it.",
        ),
        (
            "outcome: passed",
            "outcome: passed, targets: null",
            "14:31: cases.0.expect.targets holds nothing: write it, or",
        ),
        (
            "but: {}",
            "but: {documents: {modelscan: {findings: {hihg: 3}}}}",
            "13:46: cases.0.but.documents.modelscan.findings.hihg is \"hihg\"; write 'low', 'medium', 'high' or 'critical'.",
        ),
        (
            "but: {}",
            "but: {documents: {modelscan: {findings: {high: 0}}}}",
            '13:46: cases.0.but.documents.modelscan.findings.high is "0"; write 1 or more.',
        ),
        ("but: {}", "but: {tags: north}", "13:11: cases.0.but.tags must hold keys and values."),
        ("outcome: passed", "outcome: fine", "14:14: cases.0.expect.outcome is "),
        (
            "policy: plant-vision-north",
            "policy: plant-vision",
            "1:1: policy is plant-vision, which no policy here is called: write one of fraud, plant-vision-north, plant-v",
        ),
    ],
)
def test_what_is_wrong_with_a_file_of_cases_is_told_once_and_where_it_stands(
    folder: Path, old: str, new: str, fault: str
) -> None:
    assert old in CASES
    more = "  - case: two\n    but: {tags: {plant: south}}\n    expect: {outcome: failed}\n"
    (found,) = told(folder, CASES.replace(old, new, 1) + more)
    assert found.startswith(fault)


def test_everything_that_is_wrong_with_a_file_of_cases_is_told_at_once(folder: Path) -> None:
    broken = (
        CASES.replace("job_status:", "job_stats:")
        .replace("but: {}", "but: {run: {agee: 1d}}")
        .replace("policy: p", "policy: q")
    )
    found = told(folder, broken + "  - case: two\n    but: {run: {ag: 1d}}\n    expect: {outcome: failed, quorm: 2}\n")
    assert [fault.split(" ")[1] for fault in found] == [
        "policy",
        "evidence.job_stats",
        "cases.0.but.run.agee",
        "cases.1.but.run.ag",
        "cases.1.expect.quorm",
    ]


def test_a_case_states_flavors_asset_type_and_properties(folder: Path) -> None:
    policy = folder / "plant-vision-north.yaml"
    rule = 'rules:\n  - {name: sklearn, require: \'"sklearn" in model.flavors && model.type == "mlflow_model"\', fix: Log it.}\n'
    policy.write_text(policy.read_text() + rule)
    made = CASES.replace("job: train-3\n", "job: train-3\n  flavors: [python_function, sklearn]\n")
    refused = made.replace("{outcome: passed}", "{outcome: failed, gates: {'rule:sklearn': failed}}")
    assert faults_of(folder, made) == ()
    assert faults_of(folder, refused.replace("but: {}", "but: {flavors: [onnx]}")) == ()
    assert faults_of(folder, refused.replace("but: {}", "but: {type: custom_model}")) == ()
    forged = made.replace("{outcome: passed}", "{outcome: failed, gates: {reserved_tags: failed}}")
    assert faults_of(folder, forged.replace("but: {}", "but: {properties: {clearance_digest: x}}")) == ()


def test_a_case_states_the_tags_of_its_run(folder: Path) -> None:
    named = CASES.replace("but: {}", "but: {run: {tags: {evaluated_model: 'defects-north-classifier:4'}}}")
    (first, *_) = faults_of(folder, named)
    assert first == "expected passed, came out unproven."
    assert faults_of(folder, named.replace("classifier:4", "classifier:3")) == ()
    forged = CASES.replace("but: {}", "but: {run: {tags: {clearance_digest: x}}}")
    assert (
        faults_of(folder, forged.replace("{outcome: passed}", "{outcome: failed, gates: {reserved_tags: failed}}"))
        == ()
    )


def test_a_run_is_read_only_where_the_policy_would_read_it(folder: Path) -> None:
    (first, *others) = faults_of(folder, CASES.replace("but: {}", "but: {run: {id: evaluate-3}}"))
    assert first == "expected passed, came out unproven."
    assert any("There is no run that proves this version" in fault for fault in others)


def test_what_a_run_holds_is_not_read_before_it_ends(folder: Path) -> None:
    policy = folder / "plant-vision-north.yaml"
    asks = "evidence:\n  results: {path: results.json, format: clearance}\n"
    policy.write_text(policy.read_text().replace("evidence:\n", asks))
    stated = CASES.replace("job: train-3\n", "results: {age: 1d}\n  job: train-3\n")
    assert faults_of(folder, stated) == ()
    goes_on = faults_of(folder, stated.replace("but: {}", "but: {run: {status: RUNNING, age: null}}"))
    assert any("gate evidence:results: expected passed, came out unproven" in fault for fault in goes_on)


def test_a_case_says_whether_late_evidence_is_waited_for(folder: Path) -> None:
    late = CASES.replace("but: {}", "but: {registered: 29m, tags: {owner: null}}")
    waits = late.replace("{outcome: passed}", "{outcome: unproven, waits: true, gates: {'tag:owner': unproven}}")
    assert faults_of(folder, waits) == ()
    assert faults_of(folder, waits.replace("29m", "30m")) == ("waits: expected true, came out false.",)


def test_a_case_states_all_values_of_a_metric(folder: Path) -> None:
    policy = folder / "plant-vision-north.yaml"
    policy.write_text(policy.read_text().replace("accuracy: {min: 0.95", "accuracy: {use: best, min: 0.95"))
    series = CASES.replace(
        "metrics: {accuracy: 0.97, worst", "series: {accuracy: [0.97, .nan, 0.5]}, metrics: {accuracy: 0.5, worst"
    )
    assert faults_of(folder, series) == ()
    assert faults_of(folder, series.replace("[0.97, .nan, 0.5]", "[0.5]")) != ()


def test_a_case_states_results_and_a_code_version(folder: Path) -> None:
    policy = folder / "plant-vision-north.yaml"
    asks = "evidence:\n  results: {path: results.json, format: clearance}\n  code_version: required\n"
    changed = policy.read_text().replace("evidence:\n", asks).replace("{min: 0.95}", "{min: 0.95, from: results}")
    policy.write_text(changed)
    stated = f"results: {{age: 1d, metrics: {{accuracy: 0.97}}}}\n  code: {'1f' * 20}\n  job: train-3\n"
    assert faults_of(folder, CASES.replace("job: train-3\n", stated)) == ()
    (fault, *_) = faults_of(folder, CASES.replace("job: train-3\n", stated.replace("0.97", "0.9")))
    assert "expected passed, came out failed" in fault


def test_a_case_states_documents_and_the_files_that_they_are_about(folder: Path) -> None:
    policy = folder / "plant-vision-north.yaml"
    asks = "evidence:\n  documents: [{kind: modelscan, path: m.json, max_age: 30d}]\n"
    policy.write_text(policy.read_text().replace("evidence:\n", asks))
    files = "{model.pkl: bWQ1}"
    stated = (
        f"job: train-3\n  files: {files}\n  documents: {{modelscan: {{age: 1d, files: {files}, named: [model.pkl]}}}}\n"
    )
    assert faults_of(folder, CASES.replace("job: train-3\n", stated)) == ()
    assert faults_of(folder, CASES.replace("job: train-3\n", stated.replace("named: [model.pkl]", "named: []"))) != ()
