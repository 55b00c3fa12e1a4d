"""What is read about a version: what its policy asks for, and nothing else."""

from decimal import Decimal

from shared.domain.evidence import Run, Series
from shared.domain.policy import MetricRule, Policy
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


def test_a_policy_that_asks_for_last_values_costs_no_call_more() -> None:
    world = World()
    world.register()
    world.work()
    assert world.catalog.series_read == []
