"""Whether the run of a version proves anything about it: it ended well, and it is about this version."""

from shared.domain.evidence import Evidence, Run
from shared.domain.ids import PromotionId
from shared.domain.policy import EvidenceRule, Policy

# MLflow's RunStatus and Azure ML's JobStatus spell success differently.
_ENDED_WELL = frozenset({"finished", "completed"})


def proves(policy: Policy, promotion: PromotionId, evidence: Evidence) -> bool:
    """Whether the values of the run say anything about this version."""
    run = evidence.run
    return (
        run is not None and run.ended_at is not None and ended_well(run) and is_about(policy, promotion, evidence, run)
    )


def ended_well(run: Run) -> bool:
    """Whether its status is one of success."""
    return run.status.casefold() in _ENDED_WELL


def is_about(policy: Policy, promotion: PromotionId, evidence: Evidence, run: Run) -> bool:
    """Whether the run names this version, or may leave that out.

    It may as the version's own job, and where the policy does not ask: whoever names it by a tag may name anybody's.
    """
    if run.model is not None:
        return run.model == f"{promotion.name}:{promotion.version}"
    asked = policy.evidence is not None and policy.evidence.run_names_version
    return not asked or run.id == evidence.version.job


def named_by(rule: EvidenceRule) -> str:
    """How a run is named, in words."""
    ways = ([f"the tag {rule.run_tag}"] if rule.run_tag else []) + (["the job"] if rule.run_or_job else [])
    return " or ".join(ways)
