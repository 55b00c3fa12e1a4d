"""Claim a place in a registry; a claim that its holder needs no more hinders nobody (R7)."""

from shared.domain.claims import needs_claim
from shared.domain.fold import fold
from shared.domain.ids import Target
from shared.ports import Claim
from shared.workflow.outside import Outside


def claim_place(outside: Outside, target: Target, wanted: Claim) -> Claim:
    """Take the claim, also from a promotion that left it behind; returns the claim that holds now.

    A claim is taken before the append that asks people. Where that append never came (the worker died, or lost a
    race), no row of the holder's history tells that the claim ended, so whoever wants the place looks for itself.
    """
    holder = outside.claims.take(target, wanted)
    if holder.promotion == wanted.promotion or _is_needed(outside, target, holder):
        return holder
    outside.claims.release(target, holder.promotion, holder.round)
    return outside.claims.take(target, wanted)


def _is_needed(outside: Outside, target: Target, holder: Claim) -> bool:
    """By what the holder's history says; a claim for a round that it does not know yet may be in the making."""
    case = fold(holder.promotion, outside.histories.load(holder.promotion).rows)
    if holder.round > case.round and outside.worklist.get(holder.promotion) is not None:
        return True
    return needs_claim(case, target)
