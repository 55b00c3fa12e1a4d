import shlex
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.decimals import number
from shared.domain.evaluation import GateResult, Outcome
from shared.domain.evidence import Champion, Evidence, Series
from shared.domain.policy import EvidenceRule, MetricRule, Policy, TagRule, TargetRule
from shared.domain.run_gates import run_id_for, spelled_duration
from tests.domain.evidence_makers import (
    NOW,
    a_champion,
    a_model_version,
    a_person,
    a_policy,
    a_promotion,
    a_run,
    an_approval_rule,
    an_evaluation,
    an_evidence_rule,
    gate_of,
    passing_evidence,
    people,
    tags,
)

PASSED, FAILED, UNPROVEN = Outcome.PASSED, Outcome.FAILED, Outcome.UNPROVEN


def judged(
    gate: str, *, evidence: Evidence | None = None, champion: Champion | None = None, **changes: Any
) -> GateResult:
    """The result of one gate; what is not given is in order."""
    return gate_of(an_evaluation(evidence=evidence or passing_evidence(), champion=champion, **changes), gate)


def with_tags(**changes: str | None) -> Evidence:
    return passing_evidence(version=a_model_version(tags=tags(**changes)))


def with_run(**changes: Any) -> Evidence:
    return passing_evidence(run=a_run(**changes))


def with_metric(text: str) -> Evidence:
    return with_run(metrics={"auc": text, "fairness_gap": "0.02"})


# ------------------------------------------------------------------------------------------------ release record


def test_the_release_record_never_blocks_and_names_what_a_decision_must_state() -> None:
    result = judged("release_record", evidence=with_tags(scope=None, rollback_path=""))
    assert result.outcome is PASSED
    assert result.explanation == "To be stated with the decision: rollback_path, scope."
    assert result.actual == "tags state monitoring_signal, owner"


def test_a_release_record_stated_whole_needs_nothing_more() -> None:
    assert judged("release_record").explanation == "The tags state the whole release record."


def test_a_release_record_that_no_tag_states_is_left_to_the_decision() -> None:
    result = judged("release_record", policy=a_policy(release_record=("scope",)), evidence=with_tags(scope=None))
    assert (result.outcome, result.actual) == (PASSED, "tags state nothing")


# ------------------------------------------------------------------------------------------------ tags


def test_an_absent_tag_is_unproven_by_absence_with_the_command_that_sets_it() -> None:
    result = judged("tag:owner", evidence=with_tags(owner=None))
    assert (result.outcome, result.absent) == (UNPROVEN, True)
    assert shlex.split(result.command)[:10] == [
        *("az", "ml", "model", "update", "--name", "fraud-detector", "--version", "7"),
        *("--set", "tags.owner=<owner>"),
    ]


@pytest.mark.parametrize(
    ("tag", "value", "outcome"),
    [
        ("owner", "dana.submitter@contoso.com", PASSED),
        ("owner", "dana@contoso.com.evil.example", FAILED),
        ("owner", "x\ndana@contoso.com\n", FAILED),
        ("owner", "", FAILED),
        ("owner", "\ud800@contoso.com", FAILED),
        ("classification", "restricted", PASSED),
        ("classification", "Restricted", FAILED),
        ("data_window", "2025-01-01/2025-01-01", PASSED),
        ("data_window", "2025-01-02/2025-01-01", FAILED),
        ("data_window", "2025-02-29/2025-03-01", FAILED),
        ("data_window", "2025-01-01", FAILED),
        ("data_window", "\u0662\u0660\u0662\u0665-01-01/2025-01-01", FAILED),
    ],
)
def test_a_tag_is_judged_by_its_value(tag: str, value: str, outcome: Outcome) -> None:
    result = judged(f"tag:{tag}", evidence=with_tags(**{tag: value}))
    assert (result.outcome, result.absent) == (outcome, False)


@pytest.mark.parametrize(
    ("tag", "placeholder"),
    [
        ("classification", "tags.classification=<internal|restricted>"),
        ("data_window", "tags.data_window=<YYYY-MM-DD/YYYY-MM-DD>"),
    ],
)
def test_the_command_says_what_to_fill_in(tag: str, placeholder: str) -> None:
    assert placeholder in shlex.split(judged(f"tag:{tag}", evidence=with_tags(**{tag: "x"})).command)


def test_a_workspace_without_known_address_leaves_its_flags_to_the_defaults_of_az() -> None:
    result = judged("tag:owner", evidence=with_tags(owner=None), address=None)
    assert "--workspace-name" not in result.command


def test_a_hostile_pattern_costs_no_time() -> None:
    policy = a_policy(tags={"owner": TagRule(pattern="(a*)*b")})
    assert judged("tag:owner", policy=policy, evidence=with_tags(owner="a" * 50_000)).outcome is FAILED


@given(st.text(max_size=300))
def test_no_text_in_a_tag_raises_or_shows_raw(text: str) -> None:
    evaluation = an_evaluation(evidence=with_tags(owner=text, data_window=text, classification=text))
    for gate in evaluation.gates:
        assert gate.actual.isprintable()
        assert gate.explanation.isprintable()
    assert len(evaluation.digest) == 64


# ------------------------------------------------------------------------------------------------ lineage


def test_a_version_must_name_its_job() -> None:
    assert judged("lineage:job").outcome is PASSED
    result = judged("lineage:job", evidence=passing_evidence(version=a_model_version(job=None, asset_type="")))
    assert (result.outcome, result.absent) == (UNPROVEN, True)
    assert "az ml model create --name fraud-detector --type custom_model" in result.command


@pytest.mark.parametrize(
    ("status", "outcome", "absent"),
    [
        ("Completed", PASSED, False),
        ("Failed", FAILED, False),
        ("Canceled", FAILED, False),
        ("Running", UNPROVEN, True),
        (None, UNPROVEN, True),
    ],
)
def test_a_job_must_have_ended_as_the_policy_says(status: str | None, outcome: Outcome, absent: bool) -> None:
    result = judged("lineage:job_status", evidence=passing_evidence(lineage_status=status))
    assert (result.outcome, result.absent) == (outcome, absent)


# ------------------------------------------------------------------------------------------------ the run


@pytest.mark.parametrize(
    ("rule", "version", "run"),
    [
        (an_evidence_rule(), a_model_version(), "evaluate-7"),
        (an_evidence_rule(), a_model_version(tags={}), "train-7"),
        (an_evidence_rule(run_or_job=False), a_model_version(tags={}), None),
        (an_evidence_rule(run_tag=None), a_model_version(), "train-7"),
        (an_evidence_rule(), a_model_version(tags={}, job=None), None),
    ],
)
def test_the_run_is_the_one_that_the_tag_names_else_the_job(rule: EvidenceRule, version: Any, run: str | None) -> None:
    assert run_id_for(rule, version) == run


@pytest.mark.parametrize(
    ("evidence", "outcome", "absent"),
    [
        (passing_evidence(), PASSED, False),
        (with_run(model=None), PASSED, False),
        (with_run(status="Completed"), PASSED, False),
        (passing_evidence(run=None), UNPROVEN, True),
        (with_run(ended_at=None, status="RUNNING"), UNPROVEN, True),
        (with_run(model="fraud-detector:6"), UNPROVEN, False),
        (with_run(model="fraud-detector:70"), UNPROVEN, False),
        (with_run(status="KILLED"), FAILED, False),
    ],
)
def test_a_run_proves_a_version_when_it_ended_well_and_is_about_it(
    evidence: Evidence, outcome: Outcome, absent: bool
) -> None:
    result = judged("evidence:run", evidence=evidence)
    assert (result.outcome, result.absent) == (outcome, absent)


def test_a_missing_run_is_named_by_a_tag() -> None:
    assert "tags.evaluation_run=<run id>" in judged("evidence:run", evidence=passing_evidence(run=None)).command


def test_where_no_tag_names_the_run_a_version_from_another_job_mends_it() -> None:
    policy = a_policy(evidence=an_evidence_rule(run_tag=None))
    result = judged("evidence:run", policy=policy, evidence=passing_evidence(run=None))
    assert result.command.startswith("az ml model create --name fraud-detector")
    assert result.expected == "an ended run about this version, named by the job"


@pytest.mark.parametrize(
    ("evidence", "outcome", "absent"),
    [
        (with_run(ended_at=NOW - timedelta(days=30)), PASSED, False),
        (with_run(ended_at=NOW - timedelta(days=30, seconds=1)), UNPROVEN, False),
        (with_run(ended_at=NOW + timedelta(minutes=5)), PASSED, False),
        (with_run(ended_at=NOW + timedelta(minutes=6)), UNPROVEN, False),
        (with_run(ended_at=None), UNPROVEN, True),
        (passing_evidence(run=None), UNPROVEN, True),
    ],
)
def test_evidence_may_be_as_old_as_the_policy_says(evidence: Evidence, outcome: Outcome, absent: bool) -> None:
    result = judged("evidence:max_age", evidence=evidence)
    assert (result.outcome, result.absent) == (outcome, absent)


@pytest.mark.parametrize(
    ("seconds", "spelling"), [(30 * 86400, "30 d"), (43200, "12 h"), (5400, "90 min"), (45, "45 s")]
)
def test_a_duration_is_spelled_in_its_largest_unit(seconds: int, spelling: str) -> None:
    assert spelled_duration(timedelta(seconds=seconds)) == spelling


@pytest.mark.parametrize(
    ("champion", "dataset", "outcome", "absent"),
    [
        (None, None, PASSED, False),
        (a_champion(), "holdout-2025q3", PASSED, False),
        (a_champion(), "holdout-2024q4", FAILED, False),
        (a_champion(), None, UNPROVEN, True),
        (a_champion(dataset=None), "holdout-2025q3", UNPROVEN, False),
    ],
)
def test_candidate_and_champion_share_a_data_set(
    champion: Champion | None, dataset: str | None, outcome: Outcome, absent: bool
) -> None:
    result = judged("evidence:same_dataset", champion=champion, evidence=with_run(dataset=dataset))
    assert (result.outcome, result.absent) == (outcome, absent)


def test_without_a_run_there_is_no_data_set_to_compare() -> None:
    result = judged("evidence:same_dataset", champion=a_champion(), evidence=passing_evidence(run=None))
    assert (result.outcome, result.absent) == (UNPROVEN, True)


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


# ------------------------------------------------------------------------------------------------ separation of duties


def test_who_made_the_version_never_counts() -> None:
    evaluation = an_evaluation(evidence=with_run(submitter="Amir Haddad"))
    assert evaluation.rules.excluded == ("amir.approver", "dana.submitter")
    assert gate_of(evaluation, "separation_of_duties").outcome is PASSED


def test_who_answers_for_a_service_principal_never_counts_either() -> None:
    evidence = passing_evidence(version=a_model_version(registrant="svc-train"))
    assert an_evaluation(evidence=evidence).rules.excluded == ("dana.submitter", "svc-train")


def test_a_registrant_whom_nobody_knows_leaves_the_gate_unproven_with_the_entry_to_add() -> None:
    evidence = passing_evidence(version=a_model_version(registrant='D. "Evil" Osei\n'))
    result = judged("separation_of_duties", evidence=evidence)
    assert (result.outcome, result.absent) == (UNPROVEN, False)
    assert "is nobody in policies/directory/people.yaml" in result.explanation
    entry = (
        '- {id: <id>, name: "D. \\"Evil\\" Osei\\\\u{000A}", spellings: ["D. \\"Evil\\" Osei\\\\u{000A}"], groups: []}'
    )
    assert result.command == entry


def test_a_name_that_fits_two_leaves_the_gate_unproven() -> None:
    result = judged("separation_of_duties", people=people(a_person("dana.second", "Dana Osei")))
    assert (result.outcome, result.command) == (UNPROVEN, "")
    assert "fits more than one person" in result.explanation
    assert "dana.second, dana.submitter" in result.explanation


@pytest.mark.parametrize(
    ("evidence", "absent"),
    [
        (passing_evidence(version=a_model_version(registrant=None)), False),
        (with_run(submitter=None), False),
        (passing_evidence(run=None), True),
        (passing_evidence(version=a_model_version(registrant=None), run=None), False),
    ],
)
def test_somebody_not_known_at_all_leaves_the_gate_unproven(evidence: Evidence, absent: bool) -> None:
    result = judged("separation_of_duties", evidence=evidence)
    assert (result.outcome, result.absent) == (UNPROVEN, absent)


def test_only_the_roles_that_the_policy_excludes_are_looked_up() -> None:
    policy = a_policy(approval=an_approval_rule(exclude=("registrant",)))
    evaluation = an_evaluation(policy=policy, evidence=with_run(submitter="Mallory"))
    assert evaluation.rules.excluded == ("dana.submitter",)
    assert gate_of(evaluation, "separation_of_duties").expected == "the registrant resolved to a person"


# ------------------------------------------------------------------------------------------------ targets


def test_a_name_that_no_registry_takes_fails_a_gate_of_its_own() -> None:
    policy = a_policy(targets=(TargetRule("contoso-shared", "{name}-" + "x" * 250), TargetRule("contoso-eu")))
    evaluation = an_evaluation(policy=policy)
    assert gate_of(evaluation, "target:contoso-shared").outcome is FAILED
    assert [target.registry for target in evaluation.targets] == ["contoso-eu"]
    left = an_evaluation(policy=policy, given_up=frozenset({"contoso-shared"}))
    assert left.outcome is PASSED


# ------------------------------------------------------------------------------------------------ all gates


def bare(**changes: Any) -> Policy:
    """A policy that asks for nothing but approval."""
    nothing = a_policy(release_record=(), tags={}, job_required=False, job_status=None, evidence=None)
    return replace(nothing, approval=an_approval_rule(exclude=()), **changes)


def test_a_policy_without_rules_has_no_gates() -> None:
    assert an_evaluation(policy=bare()).gates == ()


@pytest.mark.parametrize(
    ("policy", "gates"),
    [
        (bare(evidence=an_evidence_rule(max_age=None, same_dataset_as_champion=False)), 4),
        (bare(evidence=an_evidence_rule()), 6),
        (bare(job_required=True), 1),
        (bare(job_status="Completed"), 1),
        (bare(tags={"owner": TagRule(pattern=".+")}), 1),
        (bare(release_record=("owner",)), 1),
    ],
)
def test_each_rule_has_its_gate(policy: Policy, gates: int) -> None:
    assert len(an_evaluation(policy=policy).gates) == gates


@pytest.mark.parametrize("reverse", [sorted, lambda names: sorted(names, reverse=True)])
def test_the_order_of_gates_is_not_the_order_of_the_file(reverse: Callable[[Any], list[str]]) -> None:
    usual = a_policy()
    metrics = an_evidence_rule().metrics
    shuffled = a_policy(
        tags={name: usual.tags[name] for name in reverse(usual.tags)},
        evidence=an_evidence_rule(metrics={name: metrics[name] for name in reverse(metrics)}),
    )
    assert an_evaluation(policy=shuffled) == an_evaluation()


def test_every_gate_is_judged_even_when_the_first_fails() -> None:
    evidence = Evidence(a_model_version(tags={}, job=None, registrant=None), None, None)
    evaluation = an_evaluation(evidence=evidence)
    assert len(evaluation.gates) == len(an_evaluation().gates)
    assert all(gate.command or gate.outcome is PASSED for gate in evaluation.gates if gate.gate.startswith("tag:"))
