"""What is read about a version: what its policy asks for, and nothing else."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from shared.adapters.event_codec import CODEC
from shared.domain.canonical import canonical, sha256_hex
from shared.domain.errors import CommandRefused
from shared.domain.evaluation import Outcome
from shared.domain.events import EvaluationCompleted
from shared.domain.evidence import Run, Series
from shared.domain.policy import DocumentRule, MetricRule, Mode, Policy, ResultsRule
from shared.workflow.receive_model_event import ask_for_look
from tests.domain.evidence_makers import a_policy, a_rule, a_run, an_approval_rule, an_evidence_rule
from tests.workflow.world import World


def a_policy_on(**metrics: MetricRule) -> Policy:
    return a_policy(evidence=an_evidence_rule(metrics=metrics))


def test_all_values_of_a_metric_are_read_only_where_the_policy_asks_for_them() -> None:
    best = MetricRule(min=Decimal("0.90"), use="best")
    world = World(a_policy_on(auc=best, fairness_gap=MetricRule(max=Decimal("0.05")), never_logged=best))
    world.catalog.put_series("risk-dev", "evaluate-7", "auc", Series(("0.99", "0.94")))
    world.register()
    world.work()
    assert world.catalog.series_read == [("evaluate-7", "auc")]
    evaluation = world.case().evaluation
    assert evaluation is not None
    assert evaluation.facts.metrics == {"auc": "0.99", "fairness_gap": "0.02"}
    assert evaluation.facts.taken == {"auc": "best", "never_logged": "best"}


def test_a_rule_reads_a_metric_as_the_policy_takes_it_though_no_gate_bounds_it() -> None:
    policy = replace(
        a_policy_on(auc=MetricRule(min=Decimal("0.90"), use="best"), recall=MetricRule(from_results=True)),
        rules=(a_rule("metrics.auc > 0.98 && metrics.recall > 0.5"),),
        modes={"metric:*": "off", "evidence:results": "off"},
    )
    policy = replace(policy, evidence=replace(policy.evidence or an_evidence_rule(), results=RESULTS))
    world = World(policy)
    world.catalog.put_series("risk-dev", "evaluate-7", "auc", Series(("0.99", "0.94")))
    world.catalog.put_file("risk-dev", "evaluate-7", RESULTS.path, CONTENT.replace(b"auc", b"recall"))
    world.register()
    world.work()
    evaluation = world.case().evaluation
    assert evaluation is not None
    assert evaluation.facts.metrics == {"auc": "0.99", "recall": "0.97"}
    assert next(gate for gate in evaluation.gates if gate.gate == "rule:plants").outcome is Outcome.PASSED


def test_what_was_taken_from_the_run_is_recorded_with_its_sha256_and_can_be_made_again() -> None:
    best = MetricRule(min=Decimal("0.90"), use="best")
    world = World(a_policy_on(auc=best))
    world.catalog.put_series("risk-dev", "evaluate-7", "auc", Series(("0.99", "0.94")))
    world.register()
    world.work()
    (completed,) = world.events(EvaluationCompleted)
    body = CODEC.encode(completed).body
    (source,) = body["evaluation"]["facts"]["sources"]
    assert (source["kind"], source["run"], source["path"]) == ("run", "evaluate-7", None)
    seen = body["seen"]["evidence"]
    taken = {name: value for name, value in seen["run"].items() if name != "tags"} | {"series": seen["series"]}
    assert source["sha256"] == sha256_hex(canonical(taken)) == seen["run_sha256"]


def test_another_sha256_of_the_run_alone_voids_nothing() -> None:
    world = World()
    version = world.register()
    world.work()
    approved = world.digest()
    world.catalog.put_run("risk-dev", a_run(submitter="Dana Osei", metrics={**a_run().metrics, "loss": "7"}))
    world.clock.advance(timedelta(seconds=1))
    ask_for_look(world.outside, version)
    world.work()
    assert (world.digest(), world.happened().count("EvaluationCompleted")) == (approved, 1)


def a_run_that_goes_on() -> Run:
    return a_run(ended_at=None, status="RUNNING")


def test_values_of_a_run_that_goes_on_are_not_read() -> None:
    world = World(a_policy_on(auc=MetricRule(min=Decimal("0.90"), use="best")))
    version = world.register(announce=False)
    world.catalog.put_run("risk-dev", a_run_that_goes_on())
    ask_for_look(world.outside, version)
    world.work()
    assert world.catalog.series_read == []


def test_a_policy_that_asks_for_none_of_it_costs_no_call_more() -> None:
    world = World()
    world.register()
    world.work()
    assert (world.catalog.series_read, world.catalog.files_read, world.catalog.code_read) == ([], [], [])


RESULTS = ResultsRule("evaluation/results.json", "clearance")
AUC = MetricRule(min=Decimal("0.90"), from_results=True)
CONTENT = (
    b'{"producer": "evaluate.py", "created_at": "2026-02-28T12:00:00Z", "dataset": "holdout-2025q3",'
    b' "metrics": {"auc": 0.97}}'
)


def test_a_file_of_results_is_read_from_the_run_and_recorded_with_its_source() -> None:
    world = World(a_policy(evidence=an_evidence_rule(results=RESULTS, metrics={"auc": AUC})))
    world.catalog.put_file("risk-dev", "evaluate-7", RESULTS.path, CONTENT)
    world.register()
    world.work()
    assert world.happened()[-1] == "ApprovalRequested"
    evaluation = world.case().evaluation
    assert evaluation is not None
    facts = evaluation.facts
    assert (facts.metrics, facts.taken, facts.dataset) == ({"auc": "0.97"}, {"auc": "results"}, "holdout-2025q3")
    assert [(source.kind, source.producer, source.run, source.path) for source in facts.sources] == [
        ("run", "dana.submitter@contoso.com", "evaluate-7", None),
        ("results", "evaluate.py", "evaluate-7", RESULTS.path),
    ]
    assert facts.sources[1].sha256 == hashlib.sha256(CONTENT).hexdigest()


def test_other_bytes_after_the_approval_void_it_and_are_shown() -> None:
    world = World(a_policy(evidence=an_evidence_rule(results=RESULTS, metrics={"auc": AUC})))
    world.catalog.put_file("risk-dev", "evaluate-7", RESULTS.path, CONTENT)
    version = world.register()
    world.work()
    world.catalog.put_file("risk-dev", "evaluate-7", RESULTS.path, CONTENT + b" ")
    world.approve(version)
    world.work()
    assert "RoundVoided" in world.happened()
    assert world.promoted_registries() == set()


def test_a_file_that_gates_which_are_off_would_look_at_is_not_read() -> None:
    rule = an_evidence_rule(results=RESULTS, metrics={}, code_version=True)
    off: dict[str, Mode] = {"evidence:results": "off", "evidence:code_version": "off"}
    world = World(replace(a_policy(evidence=rule), modes=off))
    world.register()
    world.work()
    assert (world.catalog.files_read, world.catalog.code_read) == ([], [])


def test_results_of_a_run_that_goes_on_are_not_read() -> None:
    world = World(a_policy(evidence=an_evidence_rule(results=RESULTS)))
    version = world.register(announce=False)
    world.catalog.put_run("risk-dev", a_run_that_goes_on())
    ask_for_look(world.outside, version)
    world.work()
    assert world.catalog.files_read == []


def test_a_run_without_the_file_is_waited_for() -> None:
    world = World(a_policy(evidence=an_evidence_rule(results=RESULTS)))
    world.register()
    world.work()
    assert world.case().status == "waiting"


def code_of(world: World) -> str | None:
    world.work()
    evaluation = world.case().evaluation
    assert evaluation is not None
    return evaluation.facts.code


def test_the_commit_is_that_of_the_job_the_version_came_from() -> None:
    world = World(a_policy(evidence=an_evidence_rule(code_version=True)))
    world.catalog.put_code("risk-dev", "train-7", "1f" * 20)
    world.register()
    assert code_of(world) == "1f" * 20
    assert world.catalog.code_read == ["train-7"]


@pytest.mark.parametrize("job", [None, "evaluate-7"])
def test_where_the_run_says_it_already_no_call_more_is_made(job: str | None) -> None:
    rule = an_evidence_rule(code_version=True, run_or_job=False)
    world = World(a_policy(evidence=rule, job_required=False, job_status=None))
    version = world.register(announce=False, job=job)
    world.catalog.put_run("risk-dev", a_run(tags={"mlflow.source.git.commit": "2e" * 20}))
    ask_for_look(world.outside, version)
    assert code_of(world) == "2e" * 20
    assert world.catalog.code_read == []


def test_without_job_and_run_there_is_no_commit() -> None:
    rule = an_evidence_rule(code_version=True, run_or_job=False, run_tag="another_tag")
    world = World(a_policy(evidence=rule, job_required=False, job_status=None))
    world.register(job=None)
    assert code_of(world) is None


def test_documents_are_read_with_the_results_in_one_reading_and_recorded_with_their_source() -> None:
    scan = DocumentRule("modelscan", "scans/modelscan.json")
    world = World(a_policy(evidence=an_evidence_rule(results=RESULTS, documents=(scan,))))
    world.catalog.put_file("risk-dev", "evaluate-7", scan.path, b"{}")
    world.register()
    world.work()
    assert world.catalog.files_read == [("evaluate-7", RESULTS.path), ("evaluate-7", scan.path)]
    evaluation = world.case().evaluation
    assert evaluation is not None
    assert [(source.kind, source.path) for source in evaluation.facts.sources] == [
        ("run", None),
        ("modelscan", scan.path),
    ]
    assert evaluation.outcome is Outcome.UNPROVEN


def test_the_job_is_asked_who_submitted_it_where_that_person_may_not_approve() -> None:
    approval = an_approval_rule(exclude=("registrant", "run_submitter", "job_submitter"))
    world = World(a_policy(approval=approval, job_status=None))
    world.register()
    world.catalog.put_job("risk-dev", "train-7", "Completed", "Amir Haddad")
    world.work()

    with pytest.raises(CommandRefused, match="amir") as refused:
        world.answer("amir.approver")

    assert refused.value.code == "self_approval"


def test_where_the_run_is_the_job_its_submitter_is_known_without_another_call() -> None:
    approval = an_approval_rule(exclude=("registrant", "job_submitter"))
    world = World(a_policy(approval=approval, evidence=an_evidence_rule(run_tag=None)))
    world.register()
    world.catalog.put_run("risk-dev", a_run(id="train-7", submitter="Amir Haddad"))
    world.work()

    evaluation = world.case().evaluation
    assert evaluation is not None
    assert "amir.approver" in evaluation.rules.excluded


def test_a_rule_reads_the_status_of_a_job_that_no_gate_asks_about() -> None:
    policy = a_policy(job_required=False, job_status=None, rules=(a_rule('job.status == "Completed"'),))
    world = World(policy)
    world.register()
    world.catalog.put_job("risk-dev", "train-7", "Completed", "Amir Haddad")
    world.work()

    evaluation = world.case().evaluation
    assert evaluation is not None
    assert next(gate for gate in evaluation.gates if gate.gate == "rule:plants").outcome is Outcome.PASSED
    [seen] = [event.seen for event in world.events(EvaluationCompleted)]
    assert "job train-7" in seen.readings


def test_nobody_asks_a_job_that_no_policy_asks_about() -> None:
    world = World(a_policy(job_status=None))
    world.register()
    world.catalog.put_job("risk-dev", "train-7", "Failed", "Mallory")
    world.work()

    [seen] = [event.seen for event in world.events(EvaluationCompleted)]
    assert (seen.evidence.lineage_status, seen.evidence.job_submitter) == (None, None)
