from datetime import timedelta

import pytest

from shared.domain.evaluation import Outcome
from shared.domain.gates import gates_of
from shared.domain.ids import LineId
from shared.domain.policy import Mode, TargetRule
from shared.domain.targets import champion_line
from tests.domain.evidence_makers import (
    NOW,
    a_champion,
    a_model_version,
    a_policy,
    a_promotion,
    a_run,
    an_approval_rule,
    an_evaluation,
    an_evidence_rule,
    gate_of,
    passing_evidence,
    tags,
)


def test_a_version_that_keeps_every_rule_passes() -> None:
    evaluation = an_evaluation(champion=a_champion())
    assert evaluation.outcome is Outcome.PASSED
    assert evaluation.not_passed == ()
    assert evaluation.promotion == "risk-dev:fraud-detector:7"
    assert evaluation.champion == a_champion()
    assert evaluation.policy_build == 1


def test_what_failed_comes_before_what_is_unproven_and_all_is_named() -> None:
    evidence = passing_evidence(
        version=a_model_version(tags=tags(owner=None)), run=a_run(metrics={"auc": "0.7", "fairness_gap": "0.2"})
    )
    evaluation = an_evaluation(evidence=evidence)
    assert evaluation.outcome is Outcome.FAILED
    assert [gate.gate for gate in evaluation.not_passed] == ["metric:auc", "metric:fairness_gap", "tag:owner"]


def test_unproven_gates_alone_leave_it_unproven() -> None:
    evidence = passing_evidence(version=a_model_version(tags=tags(owner=None)))
    assert an_evaluation(evidence=evidence).outcome is Outcome.UNPROVEN


@pytest.mark.parametrize("mode", ["warn", "shadow"])
def test_a_policy_that_enforces_nothing_judges_and_does_not_block(mode: Mode) -> None:
    evidence = passing_evidence(version=a_model_version(tags={}), run=a_run(metrics={}))
    evaluation = an_evaluation(policy=a_policy(mode=mode), evidence=evidence)
    assert evaluation.outcome is Outcome.PASSED
    assert gate_of(evaluation, "metric:auc").mode == mode
    assert gate_of(evaluation, "metric:auc").outcome is Outcome.UNPROVEN
    assert gate_of(evaluation, "metric:auc").warns == (mode == "warn")


@pytest.mark.parametrize("mode", ["warn", "shadow", "off"])
def test_no_mode_weakens_separation_of_duties_or_targets(mode: Mode) -> None:
    """Invariant 4: whoever made a version must be known, whatever else a policy lets pass."""
    unfit = TargetRule("contoso-shared", "{name}" * 20)
    weak = {"separation_of_duties": mode, "target:*": mode, "target:contoso-shared": mode}
    policy = a_policy(mode=mode, modes=weak, targets=(unfit,))
    evidence = passing_evidence(version=a_model_version(registrant="nobody known"))
    evaluation = an_evaluation(policy=policy, evidence=evidence)
    assert {gate.gate for gate in evaluation.not_passed} == {"separation_of_duties", "target:contoso-shared"}


def test_the_mode_of_a_gate_is_its_own_then_its_kinds_then_the_policys() -> None:
    policy = a_policy(mode="warn", modes={"metric:*": "shadow", "metric:auc": "enforce"})
    modes = {gate.gate: gate.mode for gate in an_evaluation(policy=policy).gates}
    assert (modes["metric:auc"], modes["metric:auc:champion"], modes["metric:fairness_gap"]) == (
        "enforce", "shadow", "shadow",
    )  # fmt: skip
    assert modes["tag:owner"] == "warn"


def test_a_gate_that_is_off_is_not_judged_and_what_it_named_is_no_fact() -> None:
    off: dict[str, Mode] = dict.fromkeys(("tag:owner", "metric:auc", "lineage:*", "evidence:same_dataset"), "off")
    policy = a_policy(modes=off, release_record=())
    evaluation = an_evaluation(policy=policy)
    assert {gate.gate for gate in evaluation.gates} == {
        "tag:data_window", "tag:classification", "evidence:run", "evidence:max_age", "metric:auc:champion",
        "metric:fairness_gap", "separation_of_duties",
    }  # fmt: skip
    assert "owner" not in evaluation.facts.tags
    assert (evaluation.facts.job_status, evaluation.facts.dataset) == (None, None)
    assert evaluation.facts.metrics.keys() == {"auc", "fairness_gap"}
    without = an_evaluation(policy=a_policy(modes={"metric:auc": "off", "metric:auc:champion": "off"}))
    assert without.facts.metrics.keys() == {"fairness_gap"}


def test_every_gate_is_listed_under_the_name_that_its_result_bears() -> None:
    assert [name for name, _ in gates_of(a_policy())] == [gate.gate for gate in an_evaluation().gates]


def test_late_evidence_is_waited_for_until_grace_is_over() -> None:
    evaluation = an_evaluation(evidence=passing_evidence(version=a_model_version(tags=tags(owner=None))))
    assert evaluation.grace_ends_at == NOW + timedelta(minutes=20)
    assert evaluation.may_wait(NOW)
    assert not evaluation.may_wait(NOW + timedelta(minutes=20))


def test_what_is_there_and_wrong_is_not_waited_for() -> None:
    assert not an_evaluation(evidence=passing_evidence(run=a_run(metrics={}, model="x:1"))).may_wait(NOW)


def test_facts_are_those_that_gates_name() -> None:
    evidence = passing_evidence(
        version=a_model_version(tags=tags(note="not named")),
        run=a_run(metrics={"auc": "0.94", "fairness_gap": "0.02", "loss": "1"}),
    )
    facts = an_evaluation(evidence=evidence).facts
    assert "note" not in facts.tags
    assert facts.tags["evaluation_run"] == "evaluate-7"
    assert facts.metrics == {"auc": "0.94", "fairness_gap": "0.02"}
    assert (facts.job, facts.job_status, facts.run, facts.dataset) == (
        "train-7", "Completed", "evaluate-7", "holdout-2025q3",
    )  # fmt: skip


def test_what_no_gate_names_is_no_fact() -> None:
    policy = a_policy(job_required=False, job_status=None, evidence=None, approval=an_approval_rule(exclude=()))
    facts = an_evaluation(policy=policy).facts
    assert (facts.job, facts.job_status, facts.run, facts.run_status, facts.dataset) == (None,) * 5
    assert facts.metrics == {}


def test_a_data_set_that_is_not_compared_is_no_fact() -> None:
    rule = an_evidence_rule(same_dataset_as_champion=False)
    assert an_evaluation(policy=a_policy(evidence=rule)).facts.dataset is None


def test_files_that_cannot_be_listed_are_told_from_no_files() -> None:
    unlisted = an_evaluation(evidence=passing_evidence(version=a_model_version(artifacts=None)))
    empty = an_evaluation(evidence=passing_evidence(version=a_model_version(artifacts=())))
    assert unlisted.facts.artifacts is None
    assert empty.facts.artifacts == ()
    assert unlisted.digest != empty.digest


def test_the_release_record_holds_what_tags_state() -> None:
    evidence = passing_evidence(version=a_model_version(tags=tags(scope=None, rollback_path="")))
    evaluation = an_evaluation(evidence=evidence)
    assert evaluation.missing_record == ("scope", "rollback_path")
    assert evaluation.release_record["owner"] == "dana.submitter@contoso.com"


def test_targets_are_the_templates_filled_in_without_those_given_up() -> None:
    targets = [str(target) for target in an_evaluation().targets]
    assert targets == ["contoso-shared:fraud-detector:7", "contoso-eu:risk-dev-fraud-detector:7"]
    left = an_evaluation(given_up=frozenset({"contoso-shared"})).targets
    assert [target.registry for target in left] == ["contoso-eu"]


def test_a_template_knows_its_three_fields_and_reads_nothing_twice() -> None:
    rule = TargetRule("contoso-shared", "{name.__class__}", "{version}-of-{workspace}")
    evaluation = an_evaluation(
        policy=a_policy(targets=(rule, TargetRule("contoso-eu", version="{version}-{workspace")))
    )
    assert evaluation.targets == ()
    assert {gate.gate for gate in evaluation.not_passed} == {"target:contoso-shared", "target:contoso-eu"}
    rule = TargetRule("contoso-shared", version="{version}-of-{workspace}")
    assert an_evaluation(policy=a_policy(targets=(rule,))).targets[0].version == "7-of-risk-dev"


def test_the_champion_is_sought_in_the_first_targets_line_unless_a_target_names_another() -> None:
    assert champion_line(a_policy(), a_promotion()) == LineId("contoso-shared", "fraud-detector")
    first, second = a_policy().targets
    named = a_policy(targets=(TargetRule(first.registry, champion_from="contoso-eu"), second))
    assert champion_line(named, a_promotion()) == LineId("contoso-eu", "risk-dev-fraud-detector")
    itself = a_policy(targets=(first, TargetRule("contoso-eu", "{workspace}-{name}", champion_from="contoso-eu")))
    assert champion_line(itself, a_promotion()) == LineId("contoso-eu", "risk-dev-fraud-detector")
    unfit = a_policy(targets=(TargetRule("contoso-shared", "{name}" * 20),))
    assert champion_line(unfit, a_promotion()) is None
