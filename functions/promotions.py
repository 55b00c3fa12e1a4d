"""Promotions that someone should look at, and the messages that failed again and again."""

import logging

import azure.functions as func

from functions.invocation import invoked
from functions.log_line import log_line
from functions.storage import CONNECTION
from shared import bootstrap
from shared.domain.errors import InvalidId
from shared.domain.ids import PromotionId
from shared.domain.traces import trace_id
from shared.workflow.advance import advance
from shared.workflow.quarantine_poison import quarantine_poison
from shared.workflow.set_aside import set_aside

triggers = func.Blueprint()
_log = logging.getLogger(__name__)


@triggers.function_name("advance_promotion")
@triggers.queue_trigger(arg_name="message", queue_name="promotions", connection=CONNECTION)
def advance_promotion(message: func.QueueMessage, context: func.Context) -> None:
    """Look at the promotion that the message names; a message that names none is set aside, never tried again."""
    outside, body = bootstrap.outside(), message.get_body()
    try:
        promotion = PromotionId.parse(body.decode("utf-8", "replace").strip())
    except InvalidId as fault:
        kept = set_aside(outside, "promotions", str(fault), body)
        _log.warning(log_line("message_quarantined", source="promotions", id=kept))
        return
    with invoked(outside, context):
        advance(outside, promotion)
    _log.info(log_line("promotion_advanced", promotion=promotion, trace=trace_id(promotion)))


@triggers.function_name("quarantine_model_event")
@triggers.queue_trigger(arg_name="message", queue_name="model-events-poison", connection=CONNECTION)
def quarantine_model_event(message: func.QueueMessage) -> None:
    """Keep what could not be taken in."""
    _quarantine(message, "model-events-poison")


@triggers.function_name("quarantine_promotion")
@triggers.queue_trigger(arg_name="message", queue_name="promotions-poison", connection=CONNECTION)
def quarantine_promotion(message: func.QueueMessage) -> None:
    """Keep what could not be advanced."""
    _quarantine(message, "promotions-poison")


def _quarantine(message: func.QueueMessage, source: str) -> None:
    kept = quarantine_poison(bootstrap.outside(), message.get_body(), source)
    _log.warning(log_line("message_quarantined", source=source, id=kept))
