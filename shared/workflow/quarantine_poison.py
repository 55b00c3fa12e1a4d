"""Drain a poison queue: what failed five times is kept with its reason, and can be replayed (invariant 10)."""

from shared.workflow.outside import Outside
from shared.workflow.set_aside import set_aside

REASONS = {
    "model-events-poison": "The message failed again and again while it was taken in; see the logs of model_events.",
    "promotions-poison": "The promotion failed again and again while it was advanced; the sweep goes on trying.",
}


def quarantine_poison(outside: Outside, body: bytes, source: str) -> str:
    """Keep one message of a poison queue; returns its id in the quarantine.

    Args:
        outside: the ports.
        body: the message as it lay in the queue.
        source: "model-events-poison" or "promotions-poison".
    """
    return set_aside(outside, source, REASONS[source], body)
