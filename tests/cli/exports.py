"""Exports of recorded evaluations, as `clearance export` writes them."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from shared.adapters.history_rows import new_rows
from shared.domain.chain import Row, Tip
from shared.domain.events import EvaluationCompleted, Registered
from shared.domain.evidence import Evidence
from shared.domain.export import export_lines
from shared.domain.seen import see
from shared.ports import History, NewEvent
from tests.domain.evidence_makers import NOW, a_policy, a_promotion, an_evaluation, people


def completed(version: str, found: Evidence, at: datetime = NOW, **changes: object) -> EvaluationCompleted:
    """One evaluation by the usual policy, with what it saw; `changes` are the policy's."""
    policy, promotion = a_policy(**changes), a_promotion(version)
    evaluation = an_evaluation(policy=policy, promotion=promotion, evidence=found, now=at)
    seen = see(policy, promotion=promotion, evidence=found, people=people(), given_up=frozenset(), at=at)
    return EvaluationCompleted(1, evaluation, seen)


def export_of(evaluations: Iterable[EvaluationCompleted], first: datetime = NOW) -> Iterator[str]:
    """Each in a history of its own, an hour after the one before; lines without line ends."""
    histories = (
        (rows, Tip(rows[-1].history, rows[-1].sequence, rows[-1].hash)) for rows in _histories(evaluations, first)
    )
    return export_lines(histories, first, "0.1.0")


def _histories(evaluations: Iterable[EvaluationCompleted], first: datetime) -> Iterator[tuple[Row, ...]]:
    for number, each in enumerate(evaluations):
        version = each.evaluation.promotion.rpartition(":")[2]
        registered = Registered(each.evaluation.incarnation, "Dana Osei")
        new = [NewEvent(event, f"operation-{number}", "clearance") for event in (registered, each)]
        yield new_rows(History(a_promotion(version)), new, first + timedelta(hours=number))
