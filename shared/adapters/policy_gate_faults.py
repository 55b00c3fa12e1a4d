"""Faults of what a policy says about its own gates: a name that none of them bears, a gate that nothing may weaken."""

import difflib
from collections.abc import Callable, Iterator

from shared.adapters.strict_yaml import Place
from shared.domain.gates import gates_of
from shared.domain.policy import ALWAYS_ENFORCED, ExceptionRule, Policy
from shared.domain.policy_match import meeting

_MOST_NAMED = 20  # gates that one sentence offers

Say = Callable[[Place, str], str]


def gate_faults(policy: Policy, say: Say) -> list[str]:
    """Every fault of `modes` and `exceptions`. `say` puts file, line and place before a sentence."""
    names = [name for name, _ in gates_of(policy) if _kind(name) not in ALWAYS_ENFORCED]
    kinds = [f"{kind}:*" for kind in dict.fromkeys(_kind(name) for name in names if ":" in name)]
    faults = [say(("modes", key), fault) for key in policy.modes for fault in _name_faults(key, names + kinds)]
    for index, rule in enumerate(policy.exceptions):
        place: Place = ("exceptions", index)
        faults += [say((*place, "gate"), fault) for fault in _name_faults(rule.gate, names)]
        faults += [say((*place, "models"), fault) for fault in _model_faults(policy, rule)]
    return faults


def _name_faults(name: str, known: list[str]) -> Iterator[str]:
    if _kind(name) in ALWAYS_ENFORCED:
        yield "is enforced whatever a policy says: remove it"
    elif name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        offered = near[0] if near else "one of " + ", ".join(known[:_MOST_NAMED])
        yield f"names no gate of this policy: write {offered}, or remove it"


def _model_faults(policy: Policy, rule: ExceptionRule) -> Iterator[str]:
    for pattern in rule.models:
        if all(meeting(pattern, governed) is None for governed in policy.models):
            governed = ", ".join(policy.models[:_MOST_NAMED])
            yield f"names {pattern}, but this policy governs {governed}: write one that fits these, or remove it"


def _kind(name: str) -> str:
    return name.partition(":")[0]
