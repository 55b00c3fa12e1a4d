"""Exceptions from gates: a day until which a gate that does not pass is let through, and who answers for that."""

from datetime import datetime

from shared.domain.evaluation import GateException
from shared.domain.policy import ALWAYS_ENFORCED, Policy
from shared.domain.policy_match import fits


def exception_for(policy: Policy, gate: str, model: str, now: datetime) -> GateException | None:
    """The exception from a gate that is active for a model now; of several the one that lasts longest."""
    if gate.partition(":")[0] in ALWAYS_ENFORCED:
        return None
    active = (
        GateException(rule.owner, rule.reason, rule.until)
        for rule in policy.exceptions
        if rule.gate == gate and any(fits(pattern, model) for pattern in rule.models)
    )
    return max(
        (found for found in active if now < found.ends_at),
        key=lambda found: (found.until, found.owner, found.reason),
        default=None,
    )
