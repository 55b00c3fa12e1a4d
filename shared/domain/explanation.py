"""Evaluations in plain sentences, the same on a page, on the command line and in events."""

from shared.domain.evaluation import Evaluation, GateResult, Outcome
from shared.domain.visible import visible

_MARKS = {Outcome.PASSED: "passed", Outcome.FAILED: "failed", Outcome.UNPROVEN: "unproven"}


def explain_gate(result: GateResult) -> str:
    """One sentence on one gate: rule, outcome, why."""
    standing = f" ({note})" if (note := standing_note(result)) else ""
    return f"{visible(result.gate)} {_MARKS[result.outcome]}{standing}: {result.explanation}"


def standing_note(result: GateResult) -> str:
    """Why a gate that did not pass does not block; empty where it passed, and where it blocks."""
    if result.blocks or result.outcome is Outcome.PASSED:
        return ""
    if result.exception:
        owner, reason = visible(result.exception.owner), visible(result.exception.reason)
        return f"exception until {result.exception.until}, {owner}: {reason}"
    return "warning, it does not block" if result.mode == "warn" else "shadow: would have blocked"


def explain_evaluation(evaluation: Evaluation) -> tuple[str, ...]:
    """Lines for people: a headline, then for each gate that did not pass its rule, actual, expected and command."""
    held = evaluation.not_passed
    lines = [_headline(evaluation, len(held))]
    for gate in held + tuple(gate for gate in evaluation.gates if standing_note(gate)):
        lines.extend(_gate_lines(gate))
    if evaluation.missing_record:
        lines.append(f"To be stated with a decision: {', '.join(sorted(evaluation.missing_record))}.")
    return tuple(lines)


def _headline(evaluation: Evaluation, held: int) -> str:
    total = len(evaluation.gates)
    judged = f"{visible(evaluation.promotion)} by policy {visible(evaluation.policy)}"
    if not held:
        return f"{judged}: nothing stands against it ({total} rules looked at)."
    return f"{judged}: {held} of {total} rules did not pass."


def _gate_lines(gate: GateResult) -> list[str]:
    lines = [explain_gate(gate), f"  actual:   {visible(gate.actual)}", f"  expected: {visible(gate.expected)}"]
    return [*lines, *(f"  to mend:  {line}" for line in gate.command.splitlines())]
