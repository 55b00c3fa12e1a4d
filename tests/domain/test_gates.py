import shlex
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.evaluation import Outcome
from shared.domain.evidence import Champion, Evidence
from shared.domain.policy import EvidenceRule, Policy, TagRule, TargetRule
from shared.domain.run_gates import run_id_for, spelled_duration
from tests.domain.evidence_makers import (
    NOW,
    a_champion,
    a_model_version,
    a_person,
    a_policy,
    an_approval_rule,
    an_evaluation,
    an_evidence_rule,
    gate_of,
    passing_evidence,
    people,
)
from tests.domain.gate_makers import FAILED, PASSED, UNPROVEN, judged, with_run, with_tags

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
    assert (result.outcome, result.absent, result.source) == (outcome, absent, "the job train-7")


def test_a_version_without_a_job_has_no_job_whose_status_could_be_told() -> None:
    version = a_model_version(job=None)
    result = judged("lineage:job_status", evidence=passing_evidence(version=version, lineage_status=None))
    assert result.source == "the job that the version should name"


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


NAMED = a_policy(evidence=an_evidence_rule(run_names_version=True))


@pytest.mark.parametrize(
    ("evidence", "outcome"),
    [
        (passing_evidence(), PASSED),
        (with_run(model=None), UNPROVEN),  # anybody's run: the tag that names it is the submitter's
        (with_run(model="fraud-detector:6"), UNPROVEN),
        (with_run(model=None, id="train-7"), PASSED),  # the version's own job
        (with_run(model="fraud-detector:6", id="train-7"), UNPROVEN),
    ],
)
def test_where_the_policy_asks_a_run_says_itself_what_it_evaluated(evidence: Evidence, outcome: Outcome) -> None:
    assert judged("evidence:run", policy=NAMED, evidence=evidence).outcome is outcome
    assert judged("metric:auc", policy=NAMED, evidence=evidence).outcome is outcome


def test_a_run_that_does_not_say_is_told_with_the_tag_to_log() -> None:
    result = judged("evidence:run", policy=NAMED, evidence=with_run(model=None))

    assert (result.actual, result.explanation) == (
        "a run about no version that it names",
        'The run "evaluate-7" does not say what it evaluated: log it with the tag evaluated_model=fraud-detector:7.',
    )
    assert "its tag evaluated_model" in result.expected


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
    assert result.explanation == "There is no run that states a data set."
    assert "--set 'tags.evaluation_run=<run id>'" in result.command


@pytest.mark.parametrize(
    ("logged", "explanation", "actual"),
    [
        ((), 'The run "evaluate-7" states no data set.', "no data set stated"),
        (
            ("a1", "b2"),
            'The run "evaluate-7" logs 2 data sets, and does not say which one it is judged on.',
            'data sets "a1", "b2"',
        ),
    ],
)
def test_a_run_that_does_not_say_its_data_set_comes_with_the_command_that_tags_it(
    logged: tuple[str, ...], explanation: str, actual: str
) -> None:
    evidence = with_run(dataset=None, datasets=logged)
    result = judged("evidence:same_dataset", champion=a_champion(), evidence=evidence)
    assert (result.outcome, result.explanation, result.actual) == (UNPROVEN, explanation, actual)
    python, flag, script = shlex.split(result.command)
    assert (python, flag) == ("python", "-c")
    assert script == "import mlflow; mlflow.MlflowClient().set_tag('evaluate-7', 'dataset', '<data set>')"


@pytest.mark.parametrize(
    ("gate", "changes"),
    [
        ("evidence:same_dataset", {"dataset": None}),
        ("metric:auc:champion", {"metrics": {}}),
        ("metric:auc:champion", {"taken": {"auc": "best"}}),
    ],
)
def test_what_the_champion_lacks_is_mended_in_the_policy_and_the_next_champion_has_it(
    gate: str, changes: dict[str, Any]
) -> None:
    blocked = an_evaluation(champion=a_champion(**changes))
    assert [each.gate for each in blocked.not_passed] == [gate]
    result = gate_of(blocked, gate)
    assert "Put this gate in shadow in policy fraud until a version judged by it is the champion." in result.explanation
    (modes,) = yaml.safe_load(result.command).values()
    let_through = an_evaluation(policy=a_policy(modes=modes), champion=a_champion(**changes))
    assert let_through.outcome is PASSED
    assert (let_through.facts.dataset, let_through.facts.metrics["auc"]) == ("holdout-2025q3", "0.94")


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


TRAINED = a_policy(approval=an_approval_rule(exclude=("registrant", "run_submitter", "job_submitter")))


def test_who_trained_it_never_counts_where_the_policy_says_so() -> None:
    evaluation = an_evaluation(policy=TRAINED, evidence=passing_evidence(job_submitter="Amir Haddad"))

    assert evaluation.rules.excluded == ("amir.approver", "dana.submitter")


@pytest.mark.parametrize("nobody", [None, "Mallory"])
def test_a_trainer_whom_nobody_knows_leaves_the_gate_unproven(nobody: str | None) -> None:
    result = judged("separation_of_duties", policy=TRAINED, evidence=passing_evidence(job_submitter=nobody))

    assert (result.outcome, result.absent) == (UNPROVEN, False)
    assert "The job's submitter" in result.explanation


@pytest.mark.parametrize(("hours", "told"), [(0, "0 h"), (47, "47 h"), (48, "2 d"), (71, "2 d")])
def test_up_to_two_days_the_age_of_a_run_is_told_in_hours(hours: int, told: str) -> None:
    result = judged("evidence:max_age", evidence=with_run(ended_at=NOW - timedelta(hours=hours)))
    assert result.explanation == f"The run ended {told} ago."


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
