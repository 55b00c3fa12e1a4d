"""Faults of what a policy says about its own gates: a name that none of them bears, a gate that nothing may weaken."""

import difflib
from collections.abc import Iterator, Sequence

from shared.adapters.policy_scopes import MOST_COMPARED, weight_of
from shared.adapters.readable import Finding, finding
from shared.adapters.strict_yaml import Place
from shared.domain.gates import gates_of
from shared.domain.policy import ALWAYS_ENFORCED, ExceptionRule, Policy
from shared.domain.policy_match import meeting

_MOST_NAMED = 20  # gates that one sentence offers
_OF_JOBS = {"job": "job_required", "job_status": "job_status"}


def gate_findings(policy: Policy, exceptions: Sequence[ExceptionRule], models: Sequence[str]) -> Iterator[Finding]:
    """Every fault of `modes` and `exceptions`.

    Args:
        policy: with what the organisation asks for in force, whose gates may be named too.
        exceptions: those of the policy's own file.
        models: the patterns of `match` that could be read.
    """
    names = [name for name, _ in gates_of(policy) if _kind(name) not in ALWAYS_ENFORCED]
    kinds = [f"{kind}:*" for kind in dict.fromkeys(_kind(name) for name in names if ":" in name)]
    for key in policy.modes:
        yield from _name_findings(key, names + kinds, ("modes", key))
    for index, rule in enumerate(exceptions):
        yield from _name_findings(rule.gate, names, ("exceptions", index, "gate"))
    weight = sum(map(weight_of, (*models, *(pattern for rule in exceptions for pattern in rule.models))))
    if exceptions and weight > MOST_COMPARED:
        fault = f"and match.models have {weight} patterns and wildcards, too many to compare"
        yield finding(("exceptions",), fault, "list fewer")
        return
    for index, rule in enumerate(exceptions):
        yield from _model_findings(rule, models, ("exceptions", index, "models"))


def champion_findings(policy: Policy) -> Iterator[Finding]:
    """A target that says whose champion is compared with, in a policy that compares with none."""
    for index, target in enumerate(policy.targets):
        if target.champion_from and not _compares(policy):
            at: Place = ("targets", index, "champion_from")
            fault, fix = "names a champion that nothing here is compared with", "add a comparison, or remove it"
            yield finding(at, fault, fix, at, ("evidence",), ("rules",))


def _compares(policy: Policy) -> bool:
    evidence = policy.evidence
    by_rules = any(path[0] == "champion" for rule in policy.rules for path in rule.reads)
    if evidence is None or by_rules:
        return by_rules
    bounds = (metric.no_worse_than_champion_by for metric in evidence.metrics.values())
    return evidence.same_dataset_as_champion or any(bound is not None for bound in bounds)


def stated_at(gate: str) -> Place:
    """The place whose value makes a gate of that name, or the list whose items do; the whole file for any other name."""
    kind, _, rest = gate.partition(":")
    name, _, more = rest.partition(":")
    places: dict[str, Place] = {
        "release_record": ("release_record",),
        "tag": ("tags", name),
        "lineage": ("lineage", _OF_JOBS.get(name, name)),
        "evidence": ("evidence", "same_dataset_as_champion" if name == "same_dataset" else name),
        "metric": ("evidence", "metrics", name, *(["no_worse_than_champion_by"] if more else [])),
        "document": ("evidence", "documents"),
        "rule": ("rules",),
    }
    return places.get(kind, ())


def _name_findings(name: str, known: list[str], place: Place) -> Iterator[Finding]:
    if _kind(name) in ALWAYS_ENFORCED:
        yield finding(place, "is enforced whatever a policy says", "remove it")
    elif name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        offered = near[0] if near else "one of " + ", ".join(known[:_MOST_NAMED])
        stated = stated_at(name)
        needs = [place, *([stated] if stated else [])]
        yield finding(place, "names no gate of this policy", f"write {offered}, or remove it", *needs)


def _model_findings(rule: ExceptionRule, governed: Sequence[str], place: Place) -> Iterator[Finding]:
    for pattern in rule.models:
        if all(meeting(pattern, each) is None for each in governed):
            fault = f"names {pattern}, but this policy governs {', '.join(governed[:_MOST_NAMED])}"
            yield finding(place, fault, "write one that fits these, or remove it", place, ("match", "models"))


def _kind(name: str) -> str:
    return name.partition(":")[0]
