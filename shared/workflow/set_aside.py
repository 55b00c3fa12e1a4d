"""Set a message aside: kept with its reason, counted, to be replayed once somebody has mended it (invariant 10)."""

from shared.domain.measures import QUARANTINED
from shared.workflow.outside import Outside


def set_aside(outside: Outside, source: str, reason: str, body: bytes) -> str:
    """Quarantine a message; returns its id there.

    Args:
        outside: the ports.
        source: where it came from, as in `Quarantined`.
        reason: a sentence for people.
        body: the message's bytes, as they came.

    Raises:
        Unreadable: it could not be stored; the message must be delivered again.
    """
    kept = outside.quarantine.put(source, reason, body, outside.clock.now())
    outside.telemetry.measure([QUARANTINED.of(1, source=source)])
    return kept
