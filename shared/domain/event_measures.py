"""What is measured of events as they are recorded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.domain import events
from shared.domain.events import Recorded
from shared.domain.measures import (
    CONFLICTS,
    DECISION_AGE,
    EVALUATIONS,
    GATES,
    PROMOTION_DURATION,
    TARGET_ERRORS,
    Measure,
)

SOURCE = "source"
"""Stands for the registry where it was the version itself that could not be read."""


def measures_of(rows: Sequence[Recorded], position: int) -> tuple[Measure, ...]:
    """What the events after `position` say.

    Args:
        rows: the whole history of one promotion.
        position: the last sequence that was measured already.
    """
    so_far = _SoFar()
    found: list[Measure] = []
    for row in rows:
        so_far.take(row)
        if row.sequence > position:
            found += so_far.measured(row)
    return tuple(found)


@dataclass(slots=True)
class _SoFar:
    """What a measure needs of the events before it."""

    policy: str = ""
    registered_at: datetime | None = None
    asked_at: datetime | None = None

    def take(self, row: Recorded) -> None:
        match row.event:
            case events.Registered() | events.Reregistered():
                self.registered_at = row.at
            case events.EvaluationCompleted():
                self.policy = row.event.evaluation.policy
            case events.ApprovalRequested():
                self.asked_at = row.at
            case _:
                pass

    def measured(self, row: Recorded) -> Iterator[Measure]:
        match row.event:
            case events.EvaluationCompleted(evaluation=judged):
                yield EVALUATIONS.of(1, policy=judged.policy, outcome=judged.outcome)
                for gate in judged.gates:
                    yield GATES.of(1, policy=judged.policy, gate=gate.gate, outcome=gate.outcome, mode=gate.mode)
            case events.DecisionRecorded(decision=decision):
                yield from self._answered(row, decision.verdict)
            case events.Expired():
                yield from self._answered(row, "expired")
            case events.TargetPromoted(target=target):
                if self.registered_at is not None:
                    took = (row.at - self.registered_at).total_seconds()
                    yield PROMOTION_DURATION.of(took, policy=self.policy, registry=target.registry)
            case events.PromotionErrored():
                yield TARGET_ERRORS.of(1, registry=row.event.registry or SOURCE, code=row.event.code)
            case events.ConflictFound():
                yield CONFLICTS.of(1, kind=row.event.kind)
            case _:
                pass

    def _answered(self, row: Recorded, verdict: str) -> Iterator[Measure]:
        if self.asked_at is not None:
            yield DECISION_AGE.of((row.at - self.asked_at).total_seconds(), policy=self.policy, verdict=verdict)
