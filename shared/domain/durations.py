"""Spans of time as policies write them."""

from datetime import timedelta


def spelled_span(span: timedelta) -> str:
    """A span of whole minutes in the largest unit that holds it: `30m`, `12h`, `7d`."""
    minutes = int(span.total_seconds()) // 60
    for unit, length in (("d", 24 * 60), ("h", 60)):
        if minutes and minutes % length == 0:
            return f"{minutes // length}{unit}"
    return f"{minutes}m"
