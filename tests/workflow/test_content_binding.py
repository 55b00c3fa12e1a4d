"""What people decided on is what is promoted: any change of it voids the decisions, and says what changed (R16)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.domain import events
from shared.domain.errors import CommandRefused
from shared.domain.evidence import Artifact
from shared.domain.policy import MetricRule, Policy, TagRule, TargetRule
from shared.workflow.receive_model_event import ask_for_look
from tests.domain.evidence_makers import (
    a_model_version,
    a_person,
    a_policy,
    a_promotion,
    a_run,
    an_approval_rule,
    an_evidence_rule,
    people,
    tags,
)
from tests.workflow.world import World

Change = Callable[[World], None]


def version(**changes: Any) -> Change:
    return lambda world: world.catalog.change(a_promotion(), **changes)


def tag(**changes: str | None) -> Change:
    return version(tags=tags(**changes))


def run(**changes: Any) -> Change:
    return lambda world: world.catalog.put_run("risk-dev", a_run(**changes))


def another_run(world: World) -> None:
    run(id="evaluate-8")(world)
    tag(evaluation_run="evaluate-8")(world)


def job_status(world: World) -> None:
    world.catalog.put_job("risk-dev", "train-7", "Failed")


def policy(changed: Policy) -> Change:
    def load(world: World) -> None:
        world.policies.loaded = (changed,)

    return load


def approval(**changes: Any) -> Change:
    return policy(a_policy(approval=an_approval_rule(**changes)))


def metrics(**changes: Any) -> Change:
    rule = an_evidence_rule()
    return policy(a_policy(evidence=replace(rule, metrics={**rule.metrics, **changes})))


def directory(world: World) -> None:
    """Amir turns out to answer for the pipeline that registered the version."""
    world.directory.everyone = people(
        a_person("bot", "Dana Osei's pipeline", service_principal=True, accountable=("amir.approver",))
    )
    version(registrant="Dana Osei's pipeline")(world)


AUC = MetricRule(min=Decimal("0.91"), no_worse_than_champion_by=Decimal("0.01"))

CHANGES: dict[str, tuple[Change, str]] = {
    "a tag that a gate names": (
        tag(classification="restricted"),
        'Tag classification was "internal", is "restricted".',
    ),
    "a tag taken away": (tag(owner=None), "Tag owner is gone"),
    "a tag of the release record": (tag(scope="all payments"), 'Tag scope was "card payments", is "all payments".'),
    "a tag forged": (tag(clearance_approved_at="2026-01-01"), "Gate reserved_tags is new"),
    "a property forged": (version(properties={"clearance_digest": "0"}), "Property clearance_digest is new"),
    "a tag of the run forged": (run(tags={"clearance_round": "9"}), "Tag of the run clearance_round is new"),
    "a metric": (run(metrics={"auc": "0.95", "fairness_gap": "0.02"}), 'Metric auc was "0.94", is "0.95".'),
    "a metric gone": (run(metrics={"auc": "0.94"}), "Metric fairness_gap is gone"),
    "a metric not finite": (run(metrics={"auc": "NaN", "fairness_gap": "0.02"}), "Metric auc was"),
    "another run": (another_run, 'The run was "evaluate-7", is "evaluate-8".'),
    "the run's status": (run(status="FAILED"), 'The run\'s status was "FINISHED", is "FAILED".'),
    "what the run evaluated": (run(model="fraud-detector:6"), 'Gate evidence:run was "passed", is "unproven".'),
    "the data set": (run(dataset="other"), 'The data set was "holdout-2025q3", is "other".'),
    "the age of the run": (run(ended_at=None), 'Gate evidence:max_age was "passed", is "unproven".'),
    "who submitted the run": (run(submitter="Amir Haddad"), "The list of people who never count was"),
    "who registered the version": (directory, "The list of people who never count was"),
    "the job": (version(job="train-8"), 'The job was "train-7", is "train-8".'),
    "the job's status": (job_status, 'The job\'s status was "Completed", is "Failed".'),
    "the type": (version(asset_type="custom_model"), 'The asset type was "mlflow_model", is "custom_model".'),
    "the flavors": (version(flavors=("sklearn",)), "The list of flavors was"),
    "a file changed": (version(artifacts=(Artifact("MLmodel", 513, None),)), "File MLmodel was"),
    "a file more": (version(artifacts=(*(a_model_version().artifacts or ()), Artifact("x", 1, None))), "File x is new"),
    "the quorum": (approval(quorum=3), 'The number of approvals needed was "2", is "3".'),
    "the rejections": (approval(rejections=2), 'The number of rejections that end a round was "1", is "2".'),
    "the groups": (approval(groups=("risk-officers",)), "The list of groups that may approve was"),
    "the required groups": (approval(required_groups=()), "The list of groups that must approve was"),
    "the time to answer": (
        approval(expires_after=timedelta(days=1)),
        "The number of seconds until approval expires was",
    ),
    "a threshold": (metrics(auc=AUC), "What is expected by gate metric:auc was"),
    "a rule more": (metrics(recall=MetricRule(min=Decimal("0.5"))), "Gate metric:recall is new"),
    "a rule less": (policy(a_policy(job_status=None)), "Gate lineage:job_status is gone"),
    "a pattern": (
        policy(a_policy(tags={**a_policy().tags, "owner": TagRule(pattern=".*@contoso.com")})),
        "What is expected by gate tag:owner was",
    ),
    "the release record asked for": (policy(a_policy(release_record=("owner",))), "The release record asked for was"),
    "a target less": (policy(a_policy(targets=a_policy().targets[:1])), "The list of targets was"),
    "a target more": (
        policy(a_policy(targets=(*a_policy().targets, TargetRule("contoso-us")))),
        "The list of targets was",
    ),
    "a target's name": (policy(a_policy(targets=(TargetRule("contoso-shared", "x"),))), "The list of targets was"),
}
"""Every kind of fact and rule that an evaluation is made of, how it changes behind our back, and what is said of it."""


@pytest.mark.parametrize("kind", CHANGES)
def test_a_change_after_a_decision_voids_it_and_is_shown(kind: str) -> None:
    change, told = CHANGES[kind]
    world = World()
    world.register()
    world.work()
    approved = world.digest()
    world.answer("amir.approver")
    change(world)
    world.clock.advance(timedelta(seconds=1))
    ask_for_look(world.outside, a_promotion())
    world.work()
    (voided,) = world.events(events.RoundVoided)
    assert (voided.round, voided.digest) == (1, approved)
    assert any(sentence.startswith(told) for sentence in voided.difference), voided.difference
    with pytest.raises(CommandRefused) as refused:
        world.answer("rosa.risk", digest=approved)
    assert refused.value.code in {"stale_evaluation", "not_awaiting_approval"}
    assert world.registry.imports == []


@pytest.mark.parametrize("kind", CHANGES)
def test_a_change_after_the_quorum_is_found_before_anything_is_imported(kind: str) -> None:
    change, told = CHANGES[kind]
    world = World()
    world.register()
    world.work()
    world.approve()
    change(world)
    world.work()
    (voided,) = world.events(events.RoundVoided)
    assert any(sentence.startswith(told) for sentence in voided.difference), voided.difference
    assert world.registry.imports == []
    assert world.case().status in {"awaiting_approval", "blocked", "waiting"}


UNNAMED: dict[str, Change] = {
    "a tag that nothing names": tag(note="for the record"),
    "a property of the service": version(properties={"azureml.noise": "1"}),
    "a metric that nothing names": run(metrics={"auc": "0.94", "fairness_gap": "0.02", "loss": "7"}),
    "a tag of the run": run(tags={"mlflow.note.content": "done"}),
    "the policy's owner": policy(a_policy(owner="somebody.else@contoso.com")),
}


@pytest.mark.parametrize("kind", UNNAMED)
def test_what_nothing_names_may_change(kind: str) -> None:
    world = World()
    world.register()
    world.work()
    world.answer("amir.approver")
    UNNAMED[kind](world)
    world.clock.advance(timedelta(seconds=1))
    ask_for_look(world.outside, a_promotion())
    world.answer("rosa.risk")
    world.work()
    assert world.events(events.RoundVoided) == []
    assert world.case().status == "promoted"
