"""When a promotion needs the place it claimed in a registry (R7)."""

from shared.domain import states
from shared.domain.ids import Target
from shared.domain.states import Case


def needs_claim(case: Case, target: Target) -> bool:
    """Whether its version stands at `target`, is being moved there, or is to be moved there once people agree."""
    known = case.targets.get(target.registry)
    if known is None:
        return False
    if known.intent is not None and known.intent.target == target:
        return True
    if known.target != target or isinstance(known.state, states.GivenUp):
        return False
    return isinstance(known.state, states.TargetPromoted) or (known.wanted and isinstance(case.state, _OPEN))


_OPEN = states.AwaitingApproval | states.Promoting | states.Conflict
