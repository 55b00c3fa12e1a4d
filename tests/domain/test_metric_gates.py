"""Gates on what was measured, and from where it was made: metrics, all their values, results, the code version."""

import shlex
import time
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.decimals import number
from shared.domain.evaluation import GateResult, Outcome
from shared.domain.evidence import Evidence, Results, Series, Source
from shared.domain.lineage_gates import commit_of
from shared.domain.mending import log_file
from shared.domain.policy import MetricRule, ResultsRule, TargetRule
from tests.domain.evidence_makers import (
    NOW,
    a_champion,
    a_model_version,
    a_policy,
    a_promotion,
    a_rule,
    a_run,
    an_evaluation,
    an_evidence_rule,
    passing_evidence,
    tags,
)
from tests.domain.gate_makers import FAILED, PASSED, UNPROVEN, judged, with_metric, with_run

# ------------------------------------------------------------------------------------------------ metrics


@pytest.mark.parametrize(
    ("gate", "metrics", "outcome"),
    [
        ("metric:auc", {"auc": "0.90", "fairness_gap": "0"}, PASSED),
        ("metric:auc", {"auc": "0.8999999999999999999999999999999999999", "fairness_gap": "0"}, FAILED),
        ("metric:fairness_gap", {"auc": "0.95", "fairness_gap": "0.05"}, PASSED),
        ("metric:fairness_gap", {"auc": "0.95", "fairness_gap": "5.1e-2"}, FAILED),
    ],
)
def test_a_metric_lies_within_its_bounds(gate: str, metrics: dict[str, str], outcome: Outcome) -> None:
    assert judged(gate, evidence=with_run(metrics=metrics)).outcome is outcome


def test_both_bounds_are_one_gate() -> None:
    rule = an_evidence_rule(metrics={"rate": MetricRule(min=Decimal("0.1"), max=Decimal("0.20"))})
    result = judged("metric:rate", policy=a_policy(evidence=rule), evidence=with_run(metrics={"rate": "0.15"}))
    assert (result.outcome, result.expected) == (PASSED, "at least 0.1 and at most 0.2")


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "True", "", "1" * 65, "9" * 400, "0.95 ", "1e9999"])
@pytest.mark.parametrize("gate", ["metric:auc", "metric:auc:champion"])
def test_what_is_no_finite_number_never_passes(text: str, gate: str) -> None:
    result = judged(gate, champion=a_champion(), evidence=with_metric(text))
    assert (result.outcome, result.absent) == (UNPROVEN, False)


@given(st.one_of(st.text(max_size=80), st.booleans().map(str), st.floats().map(repr), st.integers().map(str)))
def test_only_numbers_within_the_bounds_pass(text: str) -> None:
    passes = judged("metric:auc", evidence=with_metric(text)).outcome is PASSED
    assert not passes or Decimal(text) >= Decimal("0.9")


@pytest.mark.parametrize(
    ("evidence", "absent"),
    [
        (passing_evidence(run=None), True),
        (with_run(ended_at=None), True),
        (with_run(metrics={}), True),
        (with_run(model="fraud-detector:6"), False),
        (with_run(status="FAILED"), False),
    ],
)
def test_without_a_run_that_proves_it_a_metric_is_unproven(evidence: Evidence, absent: bool) -> None:
    result = judged("metric:auc", evidence=evidence)
    assert (result.outcome, result.absent) == (UNPROVEN, absent)


@pytest.mark.parametrize(("value", "outcome"), [("0.935", PASSED), ("0.99", PASSED), ("0.9349999999999999", FAILED)])
def test_more_is_better_where_the_metric_has_a_least_value(value: str, outcome: Outcome) -> None:
    assert judged("metric:auc:champion", champion=a_champion(), evidence=with_metric(value)).outcome is outcome


@pytest.mark.parametrize(("value", "outcome"), [("0.04", PASSED), ("0.0401", FAILED)])
def test_less_is_better_where_the_metric_has_a_most_value_alone(value: str, outcome: Outcome) -> None:
    metric = MetricRule(max=Decimal("0.05"), no_worse_than_champion_by=Decimal("0.01"))
    policy = a_policy(evidence=an_evidence_rule(metrics={"fairness_gap": metric}))
    evidence = with_run(metrics={"fairness_gap": value})
    result = judged("metric:fairness_gap:champion", policy=policy, evidence=evidence, champion=a_champion())
    assert result.outcome is outcome


def test_without_a_champion_there_is_nothing_to_be_worse_than() -> None:
    result = judged("metric:auc:champion")
    assert (result.outcome, result.actual) == (PASSED, "no champion yet")


@pytest.mark.parametrize("metrics", [{}, {"auc": "NaN"}])
def test_a_champion_without_the_metric_proves_nothing(metrics: dict[str, str]) -> None:
    result = judged("metric:auc:champion", champion=a_champion(metrics=metrics))
    assert (result.outcome, result.absent) == (UNPROVEN, False)
    assert "Put this gate in shadow in policy fraud until a version judged by it is the champion." in result.explanation
    assert result.command == 'modes: {"metric:auc:champion": shadow}'


def test_the_first_release_of_a_line_is_said_to_be_one() -> None:
    for gate in ("metric:auc:champion", "evidence:same_dataset"):
        assert judged(gate).explanation == (
            "There is no champion yet to compare with: "
            "this would be the first release of fraud-detector in contoso-shared."
        )
    nameless = a_policy(targets=(TargetRule("contoso-shared", "{name}-" + "x" * 250), TargetRule("contoso-eu")))
    assert judged("metric:auc:champion", policy=nameless).explanation.endswith("would be the first release.")


@pytest.mark.parametrize(("better", "outcome"), [("higher", PASSED), ("lower", FAILED)])
def test_between_two_bounds_the_policy_says_what_is_better(better: str, outcome: Outcome) -> None:
    bounds = MetricRule(Decimal("0.1"), Decimal(1), Decimal("0.01"), better=better)
    policy = a_policy(evidence=an_evidence_rule(metrics={"auc": bounds}))
    result = judged("metric:auc:champion", policy=policy, champion=a_champion(), evidence=with_metric("0.99"))
    assert result.outcome is outcome
    assert result.expected == f"at most 0.01 worse than the champion, {better} being better"


# ------------------------------------------------------------------------------------------------ all values of a metric


def of_all(use: str, *values: str, metric: MetricRule | None = None, whole: bool = True, **rest: Any) -> GateResult:
    """The gate on `auc`, judged by all the values that its run logged."""
    rule = replace(metric or MetricRule(min=Decimal("0.90")), use=use)
    evidence = replace(with_metric(values[-1] if values else "0.1"), series={"auc": Series(values, whole)})
    gate = rest.pop("gate", "metric:auc")
    return judged(gate, policy=a_policy(evidence=an_evidence_rule(metrics={"auc": rule})), evidence=evidence, **rest)


@pytest.mark.parametrize(
    ("use", "values", "outcome", "actual"),
    [
        ("best", ("0.95", "0.2", "0.1"), PASSED, "0.95"),
        ("last", ("0.95", "0.2", "0.1"), FAILED, "0.1"),
        ("mean", ("0.95", "0.97", "0.93"), PASSED, "0.95"),
        ("mean", ("1", "0.5"), FAILED, "0.75"),
        ("best", ("NaN", "Infinity", "0.91"), PASSED, "0.91"),
        ("best", ("NaN", "Infinity", "0.5"), FAILED, "0.5"),
        ("best", ("NaN", "Infinity", "-Infinity"), UNPROVEN, "no value"),
        ("best", (), UNPROVEN, "no value"),
        ("mean", (), UNPROVEN, "no value"),
        ("mean", ("0.99", "NaN"), UNPROVEN, '"NaN"'),
        ("mean", ("0.99", "Infinity"), UNPROVEN, '"Infinity"'),
    ],
)
def test_a_policy_says_which_value_of_a_run_counts(
    use: str, values: tuple[str, ...], outcome: Outcome, actual: str
) -> None:
    result = of_all(use, *values)
    assert (result.outcome, result.actual) == (outcome, actual)


def test_the_best_value_is_the_least_where_less_is_better() -> None:
    loss = MetricRule(max=Decimal("0.2"))
    result = of_all("best", "0.9", "0.1", "NaN", metric=loss)
    assert (result.outcome, result.actual) == (PASSED, "0.1")
    assert result.explanation == "auc is 0.1 (the best of 3 values, 1 that are no numbers passed over)."
    assert result.expected == "at most 0.2 by the best value that the run logged"


@pytest.mark.parametrize("use", ["best", "mean"])
def test_too_many_values_prove_nothing(use: str) -> None:
    result = of_all(use, "0.99", whole=False)
    assert (result.outcome, result.absent) == (UNPROVEN, False)
    assert "more values of auc than are read" in result.explanation


def test_a_metric_never_logged_is_absent_however_it_is_taken() -> None:
    rule = an_evidence_rule(metrics={"auc": MetricRule(min=Decimal("0.90"), use="best")})
    result = judged("metric:auc", policy=a_policy(evidence=rule), evidence=with_run(metrics={}))
    assert (result.outcome, result.absent) == (UNPROVEN, True)


@pytest.mark.parametrize(("taken", "outcome"), [({"auc": "best"}, PASSED), ({}, UNPROVEN), ({"auc": "mean"}, UNPROVEN)])
def test_the_best_value_is_compared_with_a_best_value_alone(taken: dict[str, str], outcome: Outcome) -> None:
    metric = MetricRule(min=Decimal("0.90"), no_worse_than_champion_by=Decimal("0.01"))
    champion = a_champion(taken=taken)
    result = of_all("best", "0.94", "0.93", metric=metric, champion=champion, gate="metric:auc:champion")
    assert (result.outcome, result.absent) == (outcome, False)


@given(st.lists(st.one_of(st.floats().map(repr), st.text(max_size=70)), max_size=30), st.sampled_from(["best", "mean"]))
def test_a_value_taken_from_all_passes_only_where_a_number_does(values: list[str], use: str) -> None:
    numbers = [value for value in map(number, values) if value is not None]
    result = of_all(use, *values)
    assert result.outcome is not PASSED or max(numbers) >= Decimal("0.9")
    assert result.explanation.isprintable()


def test_a_promotion_is_never_its_own_champion() -> None:
    itself = a_champion(promotion=str(a_promotion()), metrics={"auc": "1"})
    assert judged("metric:auc:champion", champion=itself).actual == "no champion yet"


# ------------------------------------------------------------------------------------------------ the file of results

RESULTS = ResultsRule("evaluation/results.json", "clearance")


def made_results(age: timedelta | None = timedelta(days=2), **changes: Any) -> Results:
    made = None if age is None else NOW - age
    source = Source("results", "evaluate-7", "evaluate.py", made, RESULTS.path, "5" * 64)
    return replace(Results(source, {"auc": "0.95"}, "holdout-2025q3"), **changes)


def by_results(found: Results | None, gate: str = "evidence:results", **changes: Any) -> GateResult:
    """The result of a gate under a policy that takes `auc` from the run's file of results."""
    auc = MetricRule(min=Decimal("0.90"), no_worse_than_champion_by=Decimal("0.01"), from_results=True)
    rule = an_evidence_rule(results=RESULTS, metrics={"auc": auc}, **changes.pop("rule", {}))
    evidence = passing_evidence(**{"results": found, **changes.pop("evidence", {})})
    return judged(gate, policy=a_policy(evidence=rule), evidence=evidence, **changes)


@pytest.mark.parametrize(
    ("found", "outcome", "absent"),
    [
        (made_results(), PASSED, False),
        (made_results(None), PASSED, False),
        (made_results(timedelta(days=30)), PASSED, False),
        (made_results(timedelta(days=30, seconds=1)), UNPROVEN, False),
        (made_results(timedelta(minutes=-6)), UNPROVEN, False),
        (made_results(metrics={}, fault="It is not JSON."), UNPROVEN, False),
        (None, UNPROVEN, True),
    ],
)
def test_a_file_of_results_is_there_readable_and_young_enough(
    found: Results | None, outcome: Outcome, absent: bool
) -> None:
    result = by_results(found)
    assert (result.outcome, result.absent) == (outcome, absent)
    assert result.expected == "a file evaluation/results.json in the format clearance, at most 30 d old"


def test_results_of_any_age_do_where_the_policy_names_none() -> None:
    assert by_results(made_results(timedelta(days=900)), rule={"max_age": None}).outcome is PASSED


def test_a_missing_file_of_results_is_mended_by_logging_it() -> None:
    assert by_results(None).command == (
        "mlflow artifacts log-artifact --run-id evaluate-7 --local-file results.json --artifact-path evaluation"
    )
    assert "'<run id>'" in by_results(None, evidence={"run": None}).command
    assert by_results(None, evidence={"run": a_run(status="FAILED")}).absent is False
    assert log_file("r", "top.json").endswith("--local-file top.json")


def test_a_value_of_the_results_is_told_with_the_file_that_holds_it() -> None:
    told = by_results(made_results(metrics={"auc": "0.91"}), "metric:auc")
    assert (told.outcome, told.explanation) == (PASSED, "auc is 0.91 (in evaluation/results.json).")


def test_a_file_too_large_has_no_digest() -> None:
    found = made_results(fault="It has 10000000 bytes.", source=Source("results", "evaluate-7", path=RESULTS.path))
    assert by_results(found).actual == "a file too large"


@pytest.mark.parametrize(
    ("found", "outcome", "absent"),
    [
        (made_results(), PASSED, False),
        (made_results(metrics={"auc": "0.5"}), FAILED, False),
        (made_results(metrics={"auc": '"0.95"'}), UNPROVEN, False),
        (made_results(metrics={}), UNPROVEN, True),
        (made_results(metrics={"auc": "0.95"}, fault="It is not JSON."), UNPROVEN, True),
        (None, UNPROVEN, True),
    ],
)
def test_a_metric_may_be_taken_from_the_results_alone(found: Results | None, outcome: Outcome, absent: bool) -> None:
    result = by_results(found, "metric:auc")
    assert (result.outcome, result.absent) == (outcome, absent)
    assert result.expected == "at least 0.9 by the file of results"


@pytest.mark.parametrize(("taken", "outcome"), [({"auc": "results"}, PASSED), ({}, UNPROVEN)])
def test_a_value_of_results_is_compared_with_one_of_results_alone(taken: dict[str, str], outcome: Outcome) -> None:
    assert by_results(made_results(), "metric:auc:champion", champion=a_champion(taken=taken)).outcome is outcome


@pytest.mark.parametrize(
    ("run", "results", "outcome"),
    [
        ("holdout-2025q3", "holdout-2025q3", PASSED),
        (None, "holdout-2025q3", PASSED),
        ("holdout-2025q3", None, PASSED),
        ("holdout-2025q3", "other", UNPROVEN),
        (None, "other", FAILED),
    ],
)
def test_run_and_results_must_not_contradict_each_other(run: str | None, results: str | None, outcome: Outcome) -> None:
    evidence = {"run": a_run(dataset=run)}
    found = made_results(dataset=results)
    result = by_results(found, "evidence:same_dataset", champion=a_champion(), evidence=evidence)
    assert result.outcome is outcome


def test_data_sets_that_contradict_each_other_come_with_a_command_for_either() -> None:
    found = made_results(dataset="other")
    result = by_results(found, "evidence:same_dataset", evidence={"run": a_run(dataset="holdout-2025q3")})
    assert result.explanation.endswith('data sets, "holdout-2025q3" and "other": correct the one that is wrong.')
    tag, file = result.command.splitlines()
    assert "set_tag('evaluate-7', 'dataset', '<data set>')" in shlex.split(tag)[2]
    assert file.startswith("mlflow artifacts log-artifact --run-id evaluate-7 --local-file ")


@pytest.mark.parametrize("gate", ["evidence:run", "metric:auc", "metric:auc:champion", "rule:plants"])
def test_a_run_that_only_does_not_say_what_it_evaluated_is_mended_by_its_tag(gate: str) -> None:
    """By naming it again it would say no more."""
    version = a_model_version(job="train-1")
    asked = a_policy(evidence=an_evidence_rule(run_names_version=True), rules=(a_rule("metrics.auc > 0.5"),))
    result = judged(
        gate, policy=asked, champion=a_champion(), evidence=passing_evidence(version=version, run=a_run(model=None))
    )
    assert result.outcome is UNPROVEN
    (_, _, script) = shlex.split(result.command)
    assert script == "import mlflow; mlflow.MlflowClient().set_tag('evaluate-7', 'evaluated_model', 'fraud-detector:7')"
    proven = passing_evidence(version=version, run=a_run(model="fraud-detector:7"))
    assert judged(gate, policy=asked, champion=a_champion(), evidence=proven).outcome is PASSED


@pytest.mark.parametrize(
    "changes", [{"model": "fraud-detector:6"}, {"model": None, "status": "FAILED"}, {"model": None, "ended_at": None}]
)
def test_a_run_that_can_never_prove_a_version_is_mended_by_naming_another(changes: dict[str, Any]) -> None:
    asked = a_policy(evidence=an_evidence_rule(run_names_version=True))
    evidence = passing_evidence(version=a_model_version(job="train-1"), run=a_run(**changes))
    assert "tags.evaluation_run=<run id>" in judged("metric:auc", policy=asked, evidence=evidence).command


# ------------------------------------------------------------------------------------------------ the code version


@pytest.mark.parametrize(
    ("code", "outcome", "absent"),
    [
        ("1f" * 20, PASSED, False),
        ("1f" * 32, PASSED, False),
        ("1F" * 20, UNPROVEN, False),
        ("main", UNPROVEN, False),
        (f"{'1f' * 20}-dirty", UNPROVEN, False),
        (None, UNPROVEN, True),
    ],
)
def test_a_code_version_is_a_whole_git_commit_with_nothing_changed_since(
    code: str | None, outcome: Outcome, absent: bool
) -> None:
    policy = a_policy(evidence=an_evidence_rule(code_version=True))
    result = judged("evidence:code_version", policy=policy, evidence=passing_evidence(code=code))
    assert (result.outcome, result.absent) == (outcome, absent)


@pytest.mark.parametrize(
    ("stated", "commit"),
    [
        ({"mlflow.source.git.commit": "a1"}, "a1"),
        ({"mlflow.source.git.commit": "a1", "azureml.git.commit": "b2"}, "b2"),
        ({"azureml.git.commit": "b2", "azureml.git.dirty": "True"}, "b2-dirty"),
        ({"azureml.git.commit": "b2", "azureml.git.dirty": "False"}, "b2"),
        ({"azureml.git.dirty": "True"}, None),
        ({"azureml.git.commit": ""}, None),
    ],
)
def test_the_commit_is_the_one_that_tags_or_properties_name(stated: dict[str, str], commit: str | None) -> None:
    assert commit_of(stated) == commit


def test_ten_thousand_tags_and_metrics_with_hostile_names_cost_little_time() -> None:
    many = {f"{number}\u202e'<script>": "NaN" for number in range(10_000)}
    evidence = passing_evidence(
        version=a_model_version(tags={**tags(), **many}),
        run=a_run(metrics={**many, "auc": "0.94", "fairness_gap": "0"}),
    )
    begun = time.process_time()
    evaluation = an_evaluation(evidence=evidence)
    assert time.process_time() - begun < 1
    assert evaluation.digest == an_evaluation(evidence=with_run(metrics={"auc": "0.94", "fairness_gap": "0"})).digest
