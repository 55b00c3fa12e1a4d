"""Canonical JSON (RFC 8785): the same value is the same bytes, whoever writes it."""

import hashlib
from typing import Any

import rfc8785

from shared.domain.errors import DocumentInvalid


def canonical(value: Any, what: str = "The document") -> bytes:
    """Write a JSON value in the form of RFC 8785, as UTF-8.

    Raises:
        DocumentInvalid: it holds what that form has no place for: a number that is not finite or an integer beyond
            2^53, half of a surrogate pair, or something that is no JSON.
    """
    try:
        return rfc8785.dumps(value)
    except rfc8785.CanonicalizationError as error:
        raise DocumentInvalid(what, [f"It cannot be written as canonical JSON: {error}."]) from error


def sha256_hex(content: bytes) -> str:
    """SHA-256 as 64 lower-case hex digits."""
    return hashlib.sha256(content).hexdigest()
