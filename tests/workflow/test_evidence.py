"""What is read about a version: what its policy asks for, and nothing else."""

import hashlib
from dataclasses import replace
from decimal import Decimal

import pytest

from shared.domain.evaluation import Outcome
from shared.domain.evidence import Run, Series
from shared.domain.policy import DocumentRule, MetricRule, Mode, Policy, ResultsRule
from shared.workflow.receive_model_event import ask_for_look
from tests.domain.evidence_makers import a_policy, a_run, an_evidence_rule
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
