"""Which message of the quarantine is which: content is its name, and the time it first came is its place."""

from datetime import datetime

from shared.adapters.read_model_keys import newest_first
from shared.domain.canonical import sha256_hex
from shared.domain.errors import CommandRefused

_LONGEST_REASON = 4000


def quarantine_id(source: str, body: bytes) -> str:
    """The SHA-256 of source and body, with a zero byte between, so that no two pairs are one text."""
    return sha256_hex(source.encode() + b"\x00" + body)


def quarantine_key(first_at: datetime, message: str) -> str:
    """The place of a message in the listing: newest first."""
    return f"{newest_first(first_at)}:{message}"


def shortened(reason: str) -> str:
    """A reason, cut where it is longer than people read."""
    return reason if len(reason) <= _LONGEST_REASON else f"{reason[:_LONGEST_REASON]}… ({len(reason)} characters)"


def no_such_message(message: str) -> CommandRefused:
    """What to raise for an id that names nothing."""
    return CommandRefused("unknown_quarantined", f"There is no message {message[:80]!r} in the quarantine.")
