"""Standard Webhooks signatures: who sent these bytes, and when (github.com/standard-webhooks/standard-webhooks, spec).

`webhook-signature` holds `v1,<base64>` one or more times: HMAC-SHA256 over `<webhook-id>.<webhook-timestamp>.<body>`.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

# No full stop: it parts what is signed, and an id with one could be read in two ways.
_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_SECONDS = re.compile(r"[0-9]{1,11}")
_MOST_SIGNATURES = 16
_SHORTEST_KEY = 16
_NOBODYS_KEY = b"a key that nobody has, so that an unknown sender takes the same path"

HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


@dataclass(frozen=True, slots=True)
class Received:
    """A request as far as its signature speaks of it. `headers` have lower-case names; `body` is as it came."""

    headers: Mapping[str, str]
    body: bytes


def decode_key(secret: str) -> bytes:
    """Read a shared secret, `whsec_` and base64 (with or without the prefix and the padding).

    Raises:
        ValueError: not base64, or fewer than 16 bytes. The sentence does not hold the secret.
    """
    text = secret.strip().removeprefix("whsec_")
    try:
        key = base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("A webhook secret is `whsec_` followed by base64; this one is not.") from None
    if len(key) < _SHORTEST_KEY:
        raise ValueError(f"A webhook secret has at least {_SHORTEST_KEY} bytes; this one has {len(key)}.")
    return key


def sign(key: bytes, id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers that prove `body` to come from who holds `key`.

    Raises:
        ValueError: the id has other characters than letters, digits, `_` and `-`, or more than 128.
    """
    if not _ID.fullmatch(id):
        raise ValueError(f"{id[:40]!r} is no webhook id: 1 to 128 letters, digits, `_` and `-`.")
    seconds = str(int(at.timestamp()))
    return dict(zip(HEADERS, (id, seconds, f"v1,{_signature(key, id, seconds, body)}"), strict=True))


def verified_id(received: Received, keys: Sequence[bytes], now: datetime, tolerance: timedelta) -> str | None:
    """The webhook id, if a live key signed these bytes at a time within the tolerance; else None, without a reason.

    Args:
        received: headers and raw body.
        keys: the sender's live keys; none for a sender nobody knows.
        now: the time here.
        tolerance: how much older or newer than now the signature may be.
    """
    webhook, seconds, given = (received.headers.get(name, "") for name in HEADERS)
    if not (_ID.fullmatch(webhook) and _SECONDS.fullmatch(seconds)):
        return None
    signed = _signed_by_any(keys or (_NOBODYS_KEY,), webhook, seconds, received.body, given)
    timely = abs(now.timestamp() - int(seconds)) <= tolerance.total_seconds()
    return webhook if signed and timely and keys else None


def _signed_by_any(keys: Sequence[bytes], id: str, seconds: str, body: bytes, given: str) -> bool:
    """Compare every signature with every key, never stopping early, so that time tells nothing."""
    candidates = [text.encode() for text in given.split(" ")[:_MOST_SIGNATURES]]
    fits = False
    for key in keys:
        expected = f"v1,{_signature(key, id, seconds, body)}".encode()
        for candidate in candidates:
            fits |= hmac.compare_digest(candidate, expected)
    return fits


def _signature(key: bytes, id: str, seconds: str, body: bytes) -> str:
    return base64.b64encode(hmac.digest(key, f"{id}.{seconds}.".encode() + body, hashlib.sha256)).decode()
