"""Look at every target before anybody is asked: is the place free, and is it ours to fill (R7)?"""

from shared.domain import states
from shared.domain.commands import Different, TargetFinding
from shared.domain.errors import Unreadable
from shared.domain.evaluation import Evaluation
from shared.domain.evidence import RegistryVersion
from shared.domain.ids import Target
from shared.domain.provenance import compare, is_ours
from shared.domain.states import Case
from shared.ports import Claim
from shared.workflow.claim_place import claim_place
from shared.workflow.outside import Outside


def find_obstacles(outside: Outside, case: Case, evaluation: Evaluation) -> tuple[TargetFinding, ...]:
    """One finding for each target still to do; claims are taken for those that nothing stands in the way of."""
    return tuple(
        _find(outside, case, evaluation, target) for target in evaluation.targets if not _is_done(case, target)
    )


def _is_done(case: Case, target: Target) -> bool:
    known = case.targets.get(target.registry)
    return known is not None and known.target == target and isinstance(known.state, states.TargetPromoted)


def _find(outside: Outside, case: Case, evaluation: Evaluation, target: Target) -> TargetFinding:
    unchecked = None
    try:
        held = outside.registry.read(target)
    except Unreadable as error:
        unchecked = TargetFinding(target, unchecked=True, explanation=str(error))
    else:
        if held is not None and not _is_expected(case, evaluation, target, held):
            return _in_the_way(evaluation, target, held)
    return _claimed(outside, case, evaluation, target) or unchecked or TargetFinding(target)


def _is_expected(case: Case, evaluation: Evaluation, target: Target, held: RegistryVersion) -> bool:
    """Our own copy, marked or still being judged: the read before the import decides on it."""
    if isinstance(compare(target, evaluation.facts, held), Different):
        return False
    known = case.targets.get(target.registry)
    under_way = known is not None and known.intent is not None and known.intent.target == target
    return under_way or is_ours(held.marker, case.id, evaluation.incarnation)


def _in_the_way(evaluation: Evaluation, target: Target, held: RegistryVersion) -> TargetFinding:
    found = compare(target, evaluation.facts, held)
    if isinstance(found, Different):
        return TargetFinding(target, "other_content", explanation=found.explanation, found=found.found)
    explanation = f"{target} holds an equal model that carries no mark of this promotion."
    return TargetFinding(target, "not_ours", explanation=explanation, found=held.asset_id)


def _claimed(outside: Outside, case: Case, evaluation: Evaluation, target: Target) -> TargetFinding | None:
    wanted = Claim(case.id, evaluation.incarnation, case.round + 1)
    holder = claim_place(outside, target, wanted)
    if holder.promotion == case.id:
        return None
    explanation = f"{target} is claimed by promotion {holder.promotion}."
    return TargetFinding(target, "claimed", explanation=explanation, found=str(holder.promotion))
