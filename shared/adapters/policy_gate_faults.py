"""Faults of what a policy says about its own gates: a name that none of them bears, a gate that nothing may weaken."""

import difflib
from collections.abc import Callable, Iterator

from shared.adapters.strict_yaml import Place
from shared.domain.gates import gates_of
from shared.domain.policy import ALWAYS_ENFORCED, Policy

_MOST_NAMED = 20  # gates that one sentence offers

Say = Callable[[Place, str], str]


def gate_faults(policy: Policy, say: Say) -> list[str]:
    """Every fault of `modes`. `say` puts file, line and place before a sentence."""
    names = [name for name, _ in gates_of(policy)]
    kinds = [f"{kind}:*" for kind in dict.fromkeys(_kind(name) for name in names if ":" in name)]
    return [say(("modes", key), fault) for key in policy.modes for fault in _faults(key, names + kinds)]


def _faults(key: str, known: list[str]) -> Iterator[str]:
    if _kind(key) in ALWAYS_ENFORCED:
        yield "is enforced whatever a policy says: remove it"
    elif key not in known:
        free = [name for name in known if _kind(name) not in ALWAYS_ENFORCED]
        near = difflib.get_close_matches(key, free, n=1)
        yield f"names no gate of this policy: write {near[0] if near else 'one of ' + ', '.join(free[:_MOST_NAMED])}, or remove it"


def _kind(name: str) -> str:
    return name.partition(":")[0]
