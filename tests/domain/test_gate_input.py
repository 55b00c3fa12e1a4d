"""What gates look at together, and what is kept of a policy between two looks."""

from dataclasses import replace
from typing import Any

from shared.domain.evaluation import Outcome
from shared.domain.gate_input import GateInput
from shared.domain.gates import all_gates
from shared.domain.policy import Policy
from tests.domain.evidence_makers import (
    ADDRESS,
    NOW,
    a_policy,
    a_promotion,
    a_run,
    an_evidence_rule,
    passing_evidence,
    people,
)


def look(policy: Policy, **changes: Any) -> GateInput:
    return GateInput(policy, a_promotion(), passing_evidence(**changes), None, people(), ADDRESS, NOW)


def names(given: GateInput) -> set[str]:
    return {gate.gate for gate in all_gates(given)}


def test_a_run_is_told_by_its_id_or_by_what_would_name_it() -> None:
    assert look(a_policy()).run_source == "the run evaluate-7"
    assert look(a_policy(), run=None).run_source == "a run named by the tag evaluation_run or the job"
    assert look(a_policy(evidence=None), run=None).run_source == "no run"


def test_another_run_is_named_by_its_tag_else_by_another_version() -> None:
    assert "--set 'tags.evaluation_run=<run id>'" in look(a_policy()).another_run
    by_job = look(a_policy(evidence=an_evidence_rule(run_tag=None)))
    assert by_job.another_run == by_job.another_version
    assert look(a_policy(evidence=None)).another_run.startswith("az ml model create")


def test_the_values_of_a_run_count_only_where_it_proves_the_version() -> None:
    assert look(a_policy()).proven
    for run in (None, a_run(ended_at=None), a_run(status="FAILED"), a_run(model="fraud-detector:6")):
        assert not look(a_policy(), run=run).proven


def test_a_changed_policy_is_judged_by_as_it_is_now() -> None:
    """Gates, modes and metrics are kept with a policy; another one of the same name keeps its own."""
    policy = a_policy()
    assert "metric:auc" in names(look(policy))
    assert "auc" in policy.metrics
    without = replace(policy, modes={"metric:*": "off"})
    assert not any(name.startswith("metric:") for name in names(look(without)))
    assert (without.metrics, without.mode_of("metric:auc")) == ({}, "off")
    assert "metric:auc" in names(look(policy))
    assert policy != without
    assert hash(policy) == hash(without) == hash(a_policy())


def test_what_one_look_worked_out_is_not_taken_for_the_next() -> None:
    policy = a_policy()
    values = [look(policy, run=a_run(metrics={"auc": auc, "fairness_gap": "0.02"})) for auc in ("0.94", "0.5")]
    outcomes = [{gate.gate: gate.outcome for gate in all_gates(given)}["metric:auc"] for given in values]
    assert outcomes == [Outcome.PASSED, Outcome.FAILED]


def test_results_of_gates_are_values() -> None:
    result, same = (all_gates(look(a_policy()))[0] for _ in range(2))
    assert result == same
    assert result is not same
    assert hash(result) == hash(same)
    assert replace(result, absent=True) != result
    assert not hasattr(result, "__dict__")


def test_a_metric_that_no_gate_looks_at_is_not_taken() -> None:
    given = look(a_policy(), run=a_run(metrics={"auc": "0.94", "other": "1"}))
    assert {name: taken.text for name, taken in given.taken.items()} == {"auc": "0.94", "fairness_gap": None}
