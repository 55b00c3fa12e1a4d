"""Registered versions, as Event Grid tells of them: through a storage queue, or pushed (off by default)."""

import logging

import azure.functions as func

from functions.event_json import event_json
from functions.invocation import invoked
from functions.log_line import log_line
from functions.storage import CONNECTION
from shared import bootstrap
from shared.domain.traces import trace_id
from shared.workflow.receive_model_event import receive_model_event

triggers = func.Blueprint()
_log = logging.getLogger(__name__)


@triggers.function_name("model_events")
@triggers.queue_trigger(arg_name="message", queue_name="model-events", connection=CONNECTION)
def model_events(message: func.QueueMessage, context: func.Context) -> None:
    """Take in a message of the queue; returning deletes it, so everything in it is durable then."""
    _receive(message.get_body(), "model-events", context)


@triggers.function_name("model_event_push")
@triggers.event_grid_trigger(arg_name="event")
def model_event_push(event: func.EventGridEvent, context: func.Context) -> None:
    """Take in one pushed event; raising makes Event Grid push it again."""
    _receive(event_json(event), "push", context)


def _receive(body: bytes, source: str, context: func.Context) -> None:
    outside = bootstrap.outside()
    with invoked(outside, context):
        intake = receive_model_event(outside, body, source)
    for promotion in intake.promotions:
        _log.info(log_line("model_event", source=source, promotion=promotion, trace=trace_id(promotion)))
    for kept in intake.quarantined:
        _log.warning(log_line("message_quarantined", source=source, id=kept))
