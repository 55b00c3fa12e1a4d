"""The gate of a rule in CEL: what it reads is there and usable, and what it requires is true."""

from collections.abc import Sequence

from shared.domain.evaluation import GateResult
from shared.domain.gate_input import Gate, GateInput
from shared.domain.policy import Path, Rule, Uncomputed
from shared.domain.rule_values import Absent, Unusable, Value, read, spoken
from shared.domain.run_gates import not_comparable, proving_run
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
        return say(actual, " ".join(value.why for value in unusable), proving_run(given))
    values = {path: value for path, value in found.items() if not isinstance(value, Absent | Unusable)}
    applies = True if rule.when is None else rule.when.compute(values)
    if applies is False:
        return gate.passed(actual, "The rule does not apply: its condition is false.")
    holds = rule.require.compute(values) if applies is True else applies
    if isinstance(holds, Uncomputed):
        return _uncomputed(given, gate, actual, found, f"The rule cannot be judged: {holds.why}.")
    if not holds:
        return gate.failed(actual, f"The rule is not kept. {visible(rule.fix)}", _other_values(given, rule.reads))
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
    sentence = f"{why} Missing: {', '.join(map(spoken, missing))}."
    if all(path[0] == "champion" for path in missing):
        return not_comparable(gate, actual, sentence)
    tags = [path for path in missing if path[0] == "tags"]
    command = _other_values(given, tags) if tags else given.another_run
    late = any(value.late for value in missing.values())
    return gate.absent(actual, sentence, command) if late else gate.unproven(actual, sentence, command)


def _other_values(given: GateInput, paths: Sequence[Path]) -> str:
    """The commands that change what a rule reads, one a line: its tags, and everything else by another version."""
    tags = [given.tag_command(path[1], f"<{path[1]}>") for path in paths if path[0] == "tags"]
    others = [path for path in paths if path[0] != "tags"]
    return "\n".join([*tags, *([given.another_version] if others or not tags else [])])
