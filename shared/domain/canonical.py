"""Canonical JSON (RFC 8785): the same value is the same bytes, whoever writes it."""

import hashlib
import json
import re
from typing import Any

import rfc8785

from shared.domain.errors import DocumentInvalid

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)
_NOT_OF_16_BITS = re.compile("[\ud800-\udfff\U00010000-\U0010ffff]")


def canonical(value: Any, what: str = "The document") -> bytes:
    """Write a JSON value in the form of RFC 8785, as UTF-8.

    Raises:
        DocumentInvalid: it holds what that form has no place for: a number that is not finite or an integer beyond
            2^53, half of a surrogate pair, or something that is no JSON.
    """
    try:
        return rfc8785.dumps(value)
    except (
        rfc8785.CanonicalizationError,
        UnicodeEncodeError,
    ) as error:  # the latter of a key, which it sorts by UTF-16
        raise DocumentInvalid(what, [f"It cannot be written as canonical JSON: {error}."]) from error


def canonical_without_numbers(value: Any) -> bytes:
    """As `canonical`, for a value that holds no number, at a tenth of the cost: Python's own encoder writes it.

    That one escapes what RFC 8785 escapes. It sorts keys by code point and not by UTF-16 unit, which is another order
    only where some character needs more than 16 bits; such a value, and one with half of a surrogate pair, is left to
    `canonical`.
    """
    text = _ENCODER.encode(value)
    return text.encode() if text.isascii() or not _NOT_OF_16_BITS.search(text) else canonical(value)


def sha256_hex(content: bytes) -> str:
    """SHA-256 as 64 lower-case hex digits."""
    return hashlib.sha256(content).hexdigest()
