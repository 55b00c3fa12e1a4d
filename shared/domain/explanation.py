"""Evaluations in plain sentences: the only words on gates that the API, the command, pages and events have."""

from dataclasses import dataclass, replace

from shared.domain.evaluation import Evaluation, GateException, GateResult, Outcome
from shared.domain.visible import visible

_LONGEST_COMMAND = 4000


@dataclass(frozen=True, slots=True)
class GateWords:
    """One gate for people, every text made visible.

    `note` is why one that did not pass does not block, empty else. `sentence` says rule, outcome and why; `why` is its
    last part alone. `source` is where `actual` came from; `command` mends it, several lines or empty.
    """

    gate: str
    mode: str
    blocks: bool
    warns: bool
    outcome: Outcome
    note: str
    exception: GateException | None
    sentence: str
    why: str
    actual: str
    expected: str
    source: str
    command: str

    @property
    def lines(self) -> tuple[str, ...]:
        """The gate whole: its sentence, and below it actual, expected, where it came from, and what mends it."""
        below = [("actual:  ", self.actual), ("expected:", self.expected), ("from:    ", self.source)]
        told = [(name, text) for name, text in below if text]
        told += [("to mend: ", line) for line in self.command.splitlines()]
        return (self.sentence, *(f"  {name} {text}" for name, text in told))


@dataclass(frozen=True, slots=True)
class Explanation:
    """An evaluation for people: a headline, the gates that hold it back, the others, what a decision must state."""

    headline: str
    held: tuple[GateWords, ...]
    others: tuple[GateWords, ...]
    record: str

    @property
    def gates(self) -> tuple[GateWords, ...]:
        """Every gate, those that passed last."""
        return self.held + self.others

    @property
    def lines(self) -> tuple[str, ...]:
        """The headline, the lines of each gate that did not pass, and what a decision must state."""
        told = [line for gate in self.gates if gate.outcome is not Outcome.PASSED for line in gate.lines]
        return (self.headline, *told, *filter(None, [self.record]))


def explain(evaluation: Evaluation) -> Explanation:
    """Turn an evaluation into sentences."""
    held = evaluation.not_passed
    others = sorted((gate for gate in evaluation.gates if not gate.blocks), key=_order)
    missing = ", ".join(sorted(map(visible, evaluation.missing_record)))
    return Explanation(
        headline=_headline(evaluation, len(held)),
        held=tuple(map(_words, held)),
        others=tuple(map(_words, others)),
        record=f"To be stated with a decision: {missing}." if missing else "",
    )


def _order(gate: GateResult) -> tuple[bool, bool]:
    return gate.outcome is Outcome.PASSED, not gate.warns


def _words(result: GateResult) -> GateWords:
    note, name = _note(result), visible(result.gate)
    why = visible(result.explanation, _LONGEST_COMMAND)
    return GateWords(
        gate=name,
        mode=result.mode,
        blocks=result.blocks,
        warns=result.warns,
        outcome=result.outcome,
        note=note,
        exception=_shown(result.exception) if result.exception else None,
        sentence=f"{name} {result.outcome}{f' ({note})' if note else ''}: {why}",
        why=why,
        actual=visible(result.actual),
        expected=visible(result.expected),
        source=visible(result.source),
        command="\n".join(visible(line, _LONGEST_COMMAND) for line in result.command.splitlines()),
    )


def _note(result: GateResult) -> str:
    if result.blocks or result.outcome is Outcome.PASSED:
        return ""
    if result.exception:
        owner, reason = visible(result.exception.owner), visible(result.exception.reason)
        return f"exception until {result.exception.until}, {owner}: {reason}"
    return "warning, it does not block" if result.mode == "warn" else "shadow: would have blocked"


def _shown(exception: GateException) -> GateException:
    return replace(exception, owner=visible(exception.owner), reason=visible(exception.reason))


def _headline(evaluation: Evaluation, held: int) -> str:
    total = len(evaluation.gates)
    judged = f"{visible(evaluation.promotion)} by policy {visible(evaluation.policy)}"
    if not held:
        return f"{judged}: nothing stands against it ({total} gates looked at)."
    return f"{judged}: {held} of {total} gates did not pass."
