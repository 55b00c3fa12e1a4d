"""The gate of a rule in CEL: what it reads is there and usable, and what it requires is true."""

from shared.domain.evaluation import GateResult
from shared.domain.gate_input import Gate, GateInput
from shared.domain.policy import Path, Rule, Uncomputed
from shared.domain.rule_values import Absent, Unusable, Value, read, spoken
from shared.domain.visible import quoted, visible

Found = Value | Absent | Unusable


def rule(given: GateInput, rule: Rule) -> GateResult:
    """Judge one rule; where its `when` is false it passes, for it does not apply."""
    found = {path: read(given, path) for path in rule.reads}
    gate = Gate(given, f"rule:{rule.name}", _expected(rule), _source(rule))
    actual = _actual(found)
    unusable = [value for value in found.values() if isinstance(value, Unusable)]
    if unusable:
        say = gate.absent if all(value.late for value in unusable) else gate.unproven
        return say(actual, " ".join(value.why for value in unusable))
    values = {path: value for path, value in found.items() if not isinstance(value, Absent | Unusable)}
    applies = True if rule.when is None else rule.when.compute(values)
    if applies is False:
        return gate.passed(actual, "The rule does not apply: its condition is false.")
    holds = rule.require.compute(values) if applies is True else applies
    if isinstance(holds, Uncomputed):
        return _uncomputed(given, gate, actual, found, f"The rule cannot be judged: {holds.why}.")
    if not holds:
        return gate.failed(actual, f"The rule is not kept. {visible(rule.fix)}")
    return gate.passed(actual, "The rule is kept.")


def _source(rule: Rule) -> str:
    return ", ".join(map(spoken, rule.reads)) or "the rule alone"


def _expected(rule: Rule) -> str:
    # Whole, for it stands in the digest: what is required must not change unseen.
    when = f", when {rule.when.text}" if rule.when else ""
    return f"{rule.require.text}{when}"


def _actual(found: dict[Path, Found]) -> str:
    return ", ".join(f"{spoken(path)} {_shown(value)}" for path, value in found.items()) or "nothing read"


def _shown(value: Found) -> str:
    match value:
        case Absent():
            return "absent"
        case Unusable():
            return "unusable"
        case str():
            return quoted(value)
        case tuple():
            return f"[{', '.join(map(quoted, value))}]"
    return str(value)


def _uncomputed(given: GateInput, gate: Gate, actual: str, found: dict[Path, Found], why: str) -> GateResult:
    missing = {path: value for path, value in found.items() if isinstance(value, Absent)}
    if not missing:
        return gate.unproven(actual, why)
    tag = next((path[1] for path in missing if path[0] == "tags"), None)
    command = given.tag_command(tag, f"<{tag}>") if tag else ""
    sentence = f"{why} Missing: {', '.join(map(spoken, missing))}."
    late = any(value.late for value in missing.values())
    return gate.absent(actual, sentence, command) if late else gate.unproven(actual, sentence, command)
