"""Since when a workspace is governed: its first start, kept once and for all (R12)."""

from datetime import datetime, timedelta

from shared.domain.instants import instant_text, parse_instant
from shared.workflow.outside import Outside

# What makes a fresh deployment start is often the event of a registration, and events are minutes late.
_HEARD_OF_WITHIN = timedelta(minutes=5)


def governed_from(outside: Outside, workspace: str) -> datetime:
    """The instant before which registrations are shown and counted, never evaluated until someone asks.

    The first call for a workspace fixes it, unless settings name an instant for it; the sweep calls within a minute of
    the first start. Five minutes are allowed for the event that woke the app to have come late.
    """
    configured = outside.governed_from.get(workspace)
    if configured is not None:
        return configured
    first = {"at": instant_text(outside.clock.now() - _HEARD_OF_WITHIN)}
    kept = outside.bookmarks.put_first(f"governed_from:{workspace}", first)
    return parse_instant(str(kept["at"]))
