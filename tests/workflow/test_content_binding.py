"""What people decided on is what is promoted: any change of it voids the decisions, and says what changed (R16)."""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.domain import events
from shared.domain.errors import CommandRefused
from shared.domain.evidence import Artifact, Series
from shared.domain.policy import DocumentRule, MetricRule, Policy, ResultsRule, Rule, TagRule, TargetRule
from shared.workflow.receive_model_event import ask_for_look
from tests.domain.evidence_makers import (
    a_model_version,
    a_person,
    a_policy,
    a_promotion,
    a_rule,
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

# ------------------------------------------------------------------------------------------------ evidence asked for

RESULTS, SCAN = ResultsRule("results.json", "clearance"), DocumentRule("modelscan", "scans/modelscan.json")
RULE, OTHER_RULE = 'tags.plant == "north" && metrics.auc > 0.5', 'tags.plant != "south" && metrics.auc > 0.5'
MD5 = base64.b64encode(hashlib.md5(b"mlmodel", usedforsecurity=False).digest()).decode()
WIDE = a_policy(
    evidence=an_evidence_rule(
        metrics={
            "auc": MetricRule(min=Decimal("0.90"), use="best"),
            "gap": MetricRule(max=Decimal("0.05"), use="mean"),
            "kappa": MetricRule(min=Decimal("0.90"), from_results=True),
        },
        results=RESULTS,
        documents=(SCAN,),
        code_version=True,
    ),
    rules=(a_rule(RULE),),
)
"""Asks for all that can be asked for: results, a scanner's report, the commit, all values of a metric, a rule in CEL."""


def series(metric: str, *values: str) -> Change:
    return lambda world: world.catalog.put_series("risk-dev", "evaluate-7", metric, Series(values))


def commit(named: str) -> Change:
    return lambda world: world.catalog.put_code("risk-dev", "train-7", named)


def file(path: str, document: Any) -> Change:
    return lambda world: world.catalog.put_file("risk-dev", "evaluate-7", path, json.dumps(document).encode())


def results(kappa: float, day: int = 28) -> Change:
    made = f"2026-02-{day}T12:00:00Z"
    return file(RESULTS.path, {"producer": "evaluate.py", "created_at": made, "metrics": {"kappa": kappa}})


def report(*severities: str, day: int = 28, md5: str = MD5) -> Change:
    counted = {severity.upper(): severities.count(severity) for severity in severities}
    summary = {
        "total_issues_by_severity": counted,
        "modelscan_version": "0.8.5",
        "timestamp": f"2026-02-{day}T12:00:00",
        "scanned": {"scanned_files": ["model.pkl"]},
    }
    issues = [{"severity": severity.upper()} for severity in severities]
    wrapped = {"tool": "modelscan", "tool_version": "0.8.5", "created_at": f"2026-02-{day}T12:00:00Z"}
    scanned = {"files": {"model.pkl": {"md5": md5}}, "report": {"summary": summary, "issues": issues, "errors": []}}
    return file(SCAN.path, wrapped | scanned)


def rules(*changed: Rule) -> Change:
    return policy(replace(WIDE, rules=changed))


WIDER: dict[str, tuple[Change, str]] = {
    "another report of a scanner": (report(day=27), "The file of modelscan was"),
    "a finding of a scanner": (report("critical"), 'Gate document:modelscan was "passed", is "failed".'),
    "a report about other files": (report(md5=MD5[::-1]), 'Gate document:modelscan was "passed", is "unproven".'),
    "what a scanner may find": (
        policy(replace(WIDE, evidence=replace(WIDE.evidence or an_evidence_rule(), documents=()))),
        "Gate document:modelscan is gone",
    ),
    "other results": (results(0.97), 'Metric kappa was "0.95", is "0.97".'),
    "the same results in another file": (results(0.95, day=27), "The file of results was"),
    "the commit": (commit("2e" * 20), f'The commit was "{"1f" * 20}", is "{"2e" * 20}".'),
    "a commit with files changed since": (
        commit("1f" * 20 + "-dirty"),
        'Gate evidence:code_version was "passed", is "unproven".',
    ),
    "a better value among all": (series("auc", "0.99", "0.94"), 'Metric auc was "0.97", is "0.99".'),
    "a value more in a mean": (series("gap", "0.02", "0.03"), 'Metric gap was "0.02", is "0.025".'),
    "how a metric is taken": (
        policy(replace(WIDE, evidence=replace(WIDE.evidence or an_evidence_rule(), metrics={}))),
        "The way of taking metric auc is gone",
    ),
    "a tag that a rule reads": (tag(plant="south"), 'Tag plant was "north", is "south".'),
    "a metric that a rule alone reads": (
        rules(a_rule("metrics.fairness_gap < 0.1")),
        'Metric fairness_gap is new: "0.02".',
    ),
    "what a rule requires": (rules(a_rule(OTHER_RULE)), "What is expected by gate rule:plants was"),
    "when a rule applies": (
        rules(a_rule(RULE, when='tags.plant != "east"')),
        "What is expected by gate rule:plants was",
    ),
    "a rule in CEL more": (rules(*WIDE.rules, a_rule("true", name="more")), "Gate rule:more is new"),
    "a rule in CEL less": (rules(), "Gate rule:plants is gone"),
}
"""The same of evidence and rules that only some policies ask for, under `WIDE`."""


UNNAMED: dict[str, Change] = {
    "a tag that nothing names": tag(note="for the record"),
    "a property of the service": version(properties={"azureml.noise": "1"}),
    "a metric that nothing names": run(metrics={"auc": "0.94", "fairness_gap": "0.02", "loss": "7"}),
    "a tag of the run": run(tags={"mlflow.note.content": "done"}),
    "the policy's owner": policy(a_policy(owner="somebody.else@contoso.com")),
}

UNNAMED_WIDER: dict[str, Change] = {
    "a value that is not the best": series("auc", "0.97", "0.20"),
    "values of the same mean": series("gap", "0.01", "0.03"),
    "what a rule that is not kept is mended by": rules(a_rule(RULE, fix="Ask somebody else.")),
    "where a report that nobody asks for lies": file("scans/picklescan.json", {}),
}


def judged(kind: str) -> World:
    """A version that people are asked about, under the policy that asks for what is to change."""
    world = World(*([WIDE] if kind in WIDER or kind in UNNAMED_WIDER else []))
    stated: dict[str, Any] = {"tags": tags(plant="north"), "artifacts": (Artifact("model.pkl", 7, MD5),)}
    for change in (results(0.95), report(), commit("1f" * 20), series("auc", "0.97", "0.94"), series("gap", "0.02")):
        change(world)
    world.register(announce=False, **(stated if world.policies.loaded == (WIDE,) else {}))
    world.catalog.put_run("risk-dev", a_run(metrics={"auc": "0.94", "fairness_gap": "0.02", "gap": "0.02"}))
    ask_for_look(world.outside, a_promotion())
    world.work()
    assert world.case().status == "awaiting_approval"
    return world


@pytest.mark.parametrize("kind", [*CHANGES, *WIDER])
def test_a_change_after_a_decision_voids_it_and_is_shown(kind: str) -> None:
    change, told = {**CHANGES, **WIDER}[kind]
    world = judged(kind)
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


@pytest.mark.parametrize("kind", [*CHANGES, *WIDER])
def test_a_change_after_the_quorum_is_found_before_anything_is_imported(kind: str) -> None:
    change, told = {**CHANGES, **WIDER}[kind]
    world = judged(kind)
    world.approve()
    change(world)
    world.work()
    (voided,) = world.events(events.RoundVoided)
    assert any(sentence.startswith(told) for sentence in voided.difference), voided.difference
    assert world.registry.imports == []
    assert world.case().status in {"awaiting_approval", "blocked", "waiting"}


@pytest.mark.parametrize("kind", [*UNNAMED, *UNNAMED_WIDER])
def test_what_nothing_names_may_change(kind: str) -> None:
    world = judged(kind)
    world.answer("amir.approver")
    {**UNNAMED, **UNNAMED_WIDER}[kind](world)
    world.clock.advance(timedelta(seconds=1))
    ask_for_look(world.outside, a_promotion())
    world.answer("rosa.risk")
    world.work()
    assert world.events(events.RoundVoided) == []
    assert world.case().status == "promoted"
