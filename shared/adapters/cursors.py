"""Cursors: where a listing goes on, as one opaque word that is checked before it is believed."""

import base64
import json
from typing import Any

from shared.domain.errors import DocumentInvalid

_LONGEST = 4096


def make_cursor(position: Any) -> str:
    """One word of letters, digits, `-` and `_` for a JSON value."""
    return base64.urlsafe_b64encode(json.dumps(position, separators=(",", ":")).encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> Any:
    """The JSON value behind a cursor. It came from outside: its caller checks what it says.

    Raises:
        DocumentInvalid: it is no cursor.
    """
    try:
        padded = cursor[:_LONGEST].encode("ascii") + b"=" * (-len(cursor) % 4)
        return json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError) as error:
        raise bad_cursor() from error


def read_token(cursor: str) -> dict[str, str]:
    """The server's continuation token behind a cursor that holds nothing else.

    Raises:
        DocumentInvalid: it is no cursor.
    """
    token = read_cursor(cursor)
    if not is_token(token):
        raise bad_cursor()
    return dict(token)


def is_token(value: Any) -> bool:
    """Whether a value has the form of Table Storage's continuation token."""
    return (
        isinstance(value, dict)
        and set(value) == {"PartitionKey", "RowKey"}
        and all(part is None or (isinstance(part, str) and part.isprintable()) for part in value.values())
    )


def bad_cursor() -> DocumentInvalid:
    """What to raise for a cursor that was not made by this listing."""
    return DocumentInvalid("The cursor", ["It was not made by this listing: start again without one."])
