"""Intake: make what a message announces durable, then ask for a look (R3). What says nothing is quarantined."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.domain.errors import DocumentInvalid
from shared.domain.ids import PromotionId
from shared.domain.model_events import NotUnderstood, RunEnded, read_model_events, reasons_in
from shared.domain.traces import Step
from shared.workflow.outside import Outside
from shared.workflow.set_aside import set_aside


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of a message: promotions to be looked at, and ids of what was quarantined."""

    promotions: tuple[PromotionId, ...]
    quarantined: tuple[str, ...]


def receive_model_event(outside: Outside, body: bytes, source: str) -> Intake:
    """Take a message as Event Grid delivers it. Returning means that everything in it is durable (invariant 1).

    Args:
        outside: the ports.
        body: the message's bytes, as they came.
        source: "model-events" (the queue) or "push".

    Raises:
        Unreadable: nothing could be stored; the message must be delivered again.
    """
    try:
        read = read_model_events(body, outside.topics)
    except DocumentInvalid as fault:
        read = (NotUnderstood(str(fault)),)
    promotions = announced(outside, read)
    for promotion in promotions:
        ask_for_look(outside, promotion)
    reasons = reasons_in(read)
    quarantined = (set_aside(outside, source, reasons, body),) if reasons else ()
    return Intake(promotions, quarantined)


def announced(outside: Outside, events: Iterable[PromotionId | RunEnded | NotUnderstood]) -> tuple[PromotionId, ...]:
    """The promotions that events ask to look at: the versions registered, and those that wait for a run that ended."""
    found: dict[PromotionId, None] = {}
    for event in events:
        if isinstance(event, PromotionId):
            found[event] = None
        elif isinstance(event, RunEnded):
            found.update(dict.fromkeys(outside.awaited_runs.waiting(event.workspace, event.run)))
    return tuple(found)


def ask_for_look(outside: Outside, promotion: PromotionId) -> None:
    """Put a promotion on the worklist, asked now, and send its message: in this order, so that it is never lost."""
    with outside.telemetry.step(Step.INTAKE, promotion):
        now = outside.clock.now()
        outside.worklist.ask(promotion, now, now + outside.waits.work_due)
        outside.queue.send(promotion)
