"""Promotions that someone should look at, and the messages that failed again and again."""

import logging

import azure.functions as func

from functions.log_line import log_line
from functions.storage import CONNECTION
from shared import bootstrap
from shared.domain.errors import InvalidId
from shared.domain.ids import PromotionId
from shared.workflow.advance import advance
from shared.workflow.quarantine_poison import quarantine_poison

triggers = func.Blueprint()
_log = logging.getLogger(__name__)


@triggers.function_name("advance_promotion")
@triggers.queue_trigger(arg_name="message", queue_name="promotions", connection=CONNECTION)
def advance_promotion(message: func.QueueMessage) -> None:
    """Look at the promotion that the message names; a message that names none is set aside, never tried again."""
    outside, body = bootstrap.outside(), message.get_body()
    try:
        promotion = PromotionId.parse(body.decode("utf-8", "replace").strip())
    except InvalidId as fault:
        kept = outside.quarantine.put("promotions", str(fault), body, outside.clock.now())
        _log.warning(log_line("message_quarantined", source="promotions", id=kept))
        return
    advance(outside, promotion)
    _log.info(log_line("promotion_advanced", promotion=str(promotion)))


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
