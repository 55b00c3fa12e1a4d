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


def held_places(case: Case) -> tuple[tuple[Target, int], ...]:
    """Each place that its history says it holds a claim on, with the round that the claim is for (R7).

    A target in conflict holds none beyond that of its intent: it is taken again when the target is tried again.
    """
    places: dict[Target, int] = {}
    for known in case.targets.values():
        if known.intent is not None:
            places[known.intent.target] = known.intent.round
        if not isinstance(known.state, states.TargetConflict):
            places[known.target] = known.state.round if isinstance(known.state, states.TargetPromoted) else case.round
    return tuple((target, number) for target, number in places.items() if needs_claim(case, target))


_OPEN = states.AwaitingApproval | states.Promoting | states.Conflict
