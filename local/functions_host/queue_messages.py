"""Queue messages on their way to a function: text decoded as host.json says, and the metadata that goes along."""

import base64
import binascii
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from azure.functions.meta import Datum
from azure.storage.queue import QueueMessage


class Undecodable(Exception):
    """The text is not base64 though host.json asks for it: the function never gets to see the message."""


def message_datum(content: str, *, base64_text: bool) -> Datum:
    """The body as the function gets it: text, or bytes if it is no UTF-8.

    Raises:
        Undecodable: see there.
    """
    if not base64_text:
        return Datum(content, "string")
    try:
        body = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Undecodable(f"the message is not base64, which messageEncoding asks for: {error}") from error
    try:
        return Datum(body.decode(), "string")
    except UnicodeDecodeError:
        return Datum(body, "bytes")


def message_metadata(message: QueueMessage) -> dict[str, Datum]:
    """What stands beside the body of a received message."""
    return _metadata(
        message.id,
        message.pop_receipt or "",
        message.dequeue_count or 0,
        (message.inserted_on, message.expires_on, message.next_visible_on),
    )


def made_up_metadata() -> dict[str, Datum]:
    """The same for a message that never was in a queue, as `POST /admin/functions/...` makes one."""
    now = datetime.now(UTC)
    return _metadata(str(uuid4()), "", 1, (now, now + timedelta(days=7), now))


def _metadata(
    message_id: str, receipt: str, count: int, times: tuple[datetime | None, datetime | None, datetime | None]
) -> dict[str, Datum]:
    inserted, expires, visible = (Datum(json.dumps(time.isoformat() if time else ""), "json") for time in times)
    return {
        "Id": Datum(message_id, "string"),
        "PopReceipt": Datum(receipt, "string"),
        "DequeueCount": Datum(json.dumps(count), "json"),
        "InsertionTime": inserted,
        "ExpirationTime": expires,
        "NextVisibleTime": visible,
    }
