"""Makers of legal policies, people and evidence: a test overrides the one thing it is about."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from shared.adapters.cel import expression
from shared.domain.evaluate import evaluate
from shared.domain.evaluation import Evaluation, GateResult
from shared.domain.evidence import Artifact, Champion, Evidence, ModelVersion, Run
from shared.domain.ids import Incarnation, PromotionId, Target
from shared.domain.mending import WorkspaceAddress
from shared.domain.people import People, Person
from shared.domain.policy import ApprovalRule, EvidenceRule, MetricRule, Policy, Rule, TagRule, TargetRule

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TENANT = "72f988bf-0000-4000-8000-000000000001"
ADDRESS = WorkspaceAddress("00000000-0000-4000-8000-0000000000aa", "risk-rg", "risk-dev-ws")


def a_promotion(version: str = "7", name: str = "fraud-detector", workspace: str = "risk-dev") -> PromotionId:
    return PromotionId(workspace, name, version)


def an_approval_rule(**changes: Any) -> ApprovalRule:
    rule = ApprovalRule(
        quorum=2,
        rejections=1,
        groups=("ml-approvers", "risk-officers"),
        required_groups=("risk-officers",),
        exclude=("registrant", "run_submitter"),
        expires_after=timedelta(days=7),
    )
    return replace(rule, **changes)


def an_evidence_rule(**changes: Any) -> EvidenceRule:
    rule = EvidenceRule(
        run_tag="evaluation_run",
        run_or_job=True,
        max_age=timedelta(days=30),
        same_dataset_as_champion=True,
        metrics={
            "auc": MetricRule(min=Decimal("0.90"), no_worse_than_champion_by=Decimal("0.01")),
            "fairness_gap": MetricRule(max=Decimal("0.05")),
        },
    )
    return replace(rule, **changes)


def a_rule(require: str = 'tags.plant == "north"', when: str | None = None, **changes: Any) -> Rule:
    """A rule in CEL."""
    rule = Rule("plants", expression(require), "Ask the plant.", None if when is None else expression(when))
    return replace(rule, **changes)


def a_policy(**changes: Any) -> Policy:
    """The policy of design section 7, as values."""
    policy = Policy(
        name="fraud",
        workspaces=("risk-dev",),
        models=("fraud-*",),
        opt_in_tag=None,
        owner="risk-platform@contoso.com",
        grace=timedelta(minutes=30),
        release_record=("owner", "scope", "rollback_path", "monitoring_signal"),
        tags={
            "owner": TagRule(pattern=r"[^@]+@contoso\.com"),
            "data_window": TagRule(type="date_range"),
            "classification": TagRule(one_of=("internal", "restricted")),
        },
        job_required=True,
        job_status="Completed",
        evidence=an_evidence_rule(),
        approval=an_approval_rule(),
        targets=(TargetRule("contoso-shared"), TargetRule("contoso-eu", "{workspace}-{name}")),
        mode="enforce",
    )
    return replace(policy, **changes)


def tags(**changes: str | None) -> dict[str, str]:
    """Tags that pass; None takes one away."""
    stated: Mapping[str, str | None] = {
        "owner": "dana.submitter@contoso.com",
        "data_window": "2025-01-01/2025-09-30",
        "classification": "internal",
        "evaluation_run": "evaluate-7",
        "scope": "card payments",
        "rollback_path": "version 6",
        "monitoring_signal": "chargebacks",
    }
    return {name: value for name, value in {**stated, **changes}.items() if value is not None}


def a_model_version(**changes: Any) -> ModelVersion:
    version = ModelVersion(
        incarnation=Incarnation("azureml:/risk-dev/fraud-detector/7", NOW - timedelta(minutes=10)),
        registrant="Dana Osei",
        tags=tags(),
        properties={},
        job="train-7",
        asset_type="mlflow_model",
        flavors=("python_function", "sklearn"),
        artifacts=(Artifact("MLmodel", 512, "bWxtb2RlbA=="), Artifact("model.pkl", 40_960, None)),
    )
    return replace(version, **changes)


def a_run(**changes: Any) -> Run:
    run = Run(
        id="evaluate-7",
        status="FINISHED",
        metrics={"auc": "0.94", "fairness_gap": "0.02"},
        submitter="dana.submitter@contoso.com",
        ended_at=NOW - timedelta(days=2),
        dataset="holdout-2025q3",
        model="fraud-detector:7",
    )
    return replace(run, **changes)


def passing_evidence(**changes: Any) -> Evidence:
    evidence = Evidence(version=a_model_version(), run=a_run(), lineage_status="Completed")
    return replace(evidence, **changes)


def a_champion(**changes: Any) -> Champion:
    champion = Champion(
        promotion="risk-dev:fraud-detector:6",
        target=Target("contoso-shared", "fraud-detector", "6"),
        round=1,
        digest="6" * 64,
        metrics={"auc": "0.945", "fairness_gap": "0.03"},
        dataset="holdout-2025q3",
    )
    return replace(champion, **changes)


def a_person(id_: str, name: str, *groups: str, **changes: Any) -> Person:
    return replace(Person(id_, name, None, None, (name, f"{id_}@contoso.com"), groups), **changes)


def people(*more: Person) -> People:
    everyone = (
        a_person(
            "dana.submitter", "Dana Osei", "data-scientists", tid=TENANT, oid="da4a0000-0000-4000-8000-000000000011"
        ),
        a_person("amir.approver", "Amir Haddad", "ml-approvers"),
        a_person("rosa.risk", "Rosa Lind", "risk-officers"),
        a_person("olu.operator", "Olu Adeyemi", "platform-team"),
        a_person("ana.auditor", "Ana Petrova", "internal-audit"),
        a_person("svc-train", "Training pipeline", service_principal=True, accountable=("dana.submitter",)),
    )
    return People((*everyone, *more), "d" * 64)


def an_evaluation(**changes: Any) -> Evaluation:
    """Evaluate passing evidence against the policy above; any argument of `evaluate` may be overridden."""
    arguments: dict[str, Any] = {
        "policy": a_policy(),
        "policy_build": 1,
        "promotion": a_promotion(),
        "evidence": passing_evidence(),
        "champion": None,
        "people": people(),
        "given_up": frozenset(),
        "address": ADDRESS,
        "now": NOW,
    }
    policy = changes.pop("policy", arguments.pop("policy"))
    return evaluate(policy, **{**arguments, **changes})


def gate_of(evaluation: Evaluation, name: str) -> GateResult:
    """The result of one gate, by name."""
    return next(gate for gate in evaluation.gates if gate.gate == name)
