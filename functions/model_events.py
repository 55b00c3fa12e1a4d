"""Registered versions, as Event Grid tells of them: through a storage queue, or pushed (off by default)."""

import logging

import azure.functions as func

from functions.event_json import event_json
from functions.log_line import log_line
from functions.storage import CONNECTION
from shared import bootstrap
from shared.workflow.receive_model_event import receive_model_event

triggers = func.Blueprint()
_log = logging.getLogger(__name__)


@triggers.function_name("model_events")
@triggers.queue_trigger(arg_name="message", queue_name="model-events", connection=CONNECTION)
def model_events(message: func.QueueMessage) -> None:
    """Take in a message of the queue; returning deletes it, so everything in it is durable then."""
    _receive(message.get_body(), "model-events")


@triggers.function_name("model_event_push")
@triggers.event_grid_trigger(arg_name="event")
def model_event_push(event: func.EventGridEvent) -> None:
    """Take in one pushed event; raising makes Event Grid push it again."""
    _receive(event_json(event), "push")


def _receive(body: bytes, source: str) -> None:
    intake = receive_model_event(bootstrap.outside(), body, source)
    promotions = [str(promotion) for promotion in intake.promotions]
    _log.info(log_line("model_event", source=source, promotions=promotions, quarantined=intake.quarantined))
