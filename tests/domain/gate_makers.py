"""One gate of one look, judged by the policy and the evidence of `evidence_makers` unless a test says otherwise."""

from typing import Any

from shared.domain.evaluation import GateResult, Outcome
from shared.domain.evidence import Champion, Evidence
from tests.domain.evidence_makers import (
    a_model_version,
    a_run,
    an_evaluation,
    gate_of,
    passing_evidence,
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
