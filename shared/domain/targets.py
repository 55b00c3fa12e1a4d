"""Where a version goes: target templates of a policy, filled in for one promotion."""

from collections.abc import Iterator

from shared.domain.errors import InvalidId
from shared.domain.evaluation import GateResult
from shared.domain.gate_input import Gate, GateInput
from shared.domain.ids import LineId, PromotionId, Target
from shared.domain.policy import Policy, TargetRule


def targets_for(policy: Policy, promotion: PromotionId, given_up: frozenset[str]) -> tuple[Target, ...]:
    """The targets of a promotion, in the order of the policy, without the registries given up.

    A target whose name does not fit the grammar is left out here, and fails its own gate (`target_gates`).
    """
    rendered = (render(rule, promotion) for rule in policy.targets if rule.registry not in given_up)
    return tuple(target for target in rendered if isinstance(target, Target))


def champion_line(policy: Policy, promotion: PromotionId) -> LineId | None:
    """The line whose champion is compared with: that of the registry which a target names, else the first target's.

    A round compares with one champion, for all its targets; so whichever target names it, it names it for all.
    """
    by_registry = {rule.registry: rule for rule in policy.targets}
    first = policy.targets[0]
    named = next((rule.champion_from for rule in policy.targets if rule.champion_from), first.registry)
    target = render(by_registry.get(named, first), promotion)
    return target.line if isinstance(target, Target) else None


def first_release(policy: Policy, promotion: PromotionId) -> str:
    """The sentence for a comparison with nothing, where the line has no champion yet."""
    line = champion_line(policy, promotion)
    of = f" of {line.name} in {line.registry}" if line else ""
    return f"There is no champion yet to compare with: this would be the first release{of}."


def render(rule: TargetRule, promotion: PromotionId) -> Target | InvalidId:
    """Fill in a target's templates; the error is returned, for it is a finding about this version."""
    try:
        return Target(rule.registry, _filled(rule.name, promotion), _filled(rule.version, promotion))
    except InvalidId as fault:
        return fault


def target_gates(given: GateInput) -> Iterator[GateResult]:
    """A failed gate for each target that this version's name or version cannot be fitted into; none otherwise."""
    for rule in given.policy.targets:
        target = render(rule, given.promotion)
        if isinstance(target, InvalidId) and rule.registry not in given.given_up:
            expected, source = f"{rule.name}:{rule.version} fits the grammar of ids", f"the policy {given.policy.name}"
            gate = Gate(given, f"target:{rule.registry}", expected, source)
            yield gate.failed("it does not fit", f"No name in {rule.registry} can be made: {target}")


def _filled(template: str, promotion: PromotionId) -> str:
    # One pass by hand: what a name holds is never read as a template again.
    fields = {"workspace": promotion.workspace, "name": promotion.name, "version": promotion.version}
    parts = template.split("{")
    filled = [parts[0]]
    for part in parts[1:]:
        field, closed, rest = part.partition("}")
        filled.append(fields[field] + rest if closed and field in fields else "{" + part)
    return "".join(filled)
