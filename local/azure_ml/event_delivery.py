"""One attempt to deliver one event to one subscriber."""

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from local.azure_ml.config import StorageQueueSubscriber, WebhookSubscriber
from local.azure_ml.event_shapes import WorkspaceEvent

if TYPE_CHECKING:
    from azure.storage.queue import QueueClient

WEBHOOK_TIMEOUT_SECONDS = 30.0  # Event Grid waits this long for a response
NOT_RETRIED = frozenset({400, 401, 403, 413})
SUCCESS = frozenset({200, 201, 202, 203, 204})


class Refused(Exception):
    """The endpoint answered so that Event Grid gives up at once."""


class Undelivered(Exception):
    """The endpoint could not be reached, or answered so that Event Grid tries again."""


def describe(subscriber: StorageQueueSubscriber | WebhookSubscriber) -> str:
    """Name a subscriber without any secret of its address."""
    if isinstance(subscriber, StorageQueueSubscriber):
        return f"queue {subscriber.queue}"
    parts = urlsplit(subscriber.url)
    return f"webhook {parts.scheme}://{parts.netloc}{parts.path}"


def deliver(event: WorkspaceEvent, subscriber: StorageQueueSubscriber | WebhookSubscriber) -> Exception | None:
    """Try once; return what went wrong, or ``None``."""
    try:
        if isinstance(subscriber, StorageQueueSubscriber):
            _send_message(event, subscriber)
        else:
            _post(event, subscriber)
    except (Refused, Undelivered) as error:
        return error
    return None


def _send_message(event: WorkspaceEvent, subscriber: StorageQueueSubscriber) -> None:
    from azure.core.exceptions import AzureError

    text = json.dumps(event.as_json(subscriber.schema))
    try:
        with _queue_client(subscriber) as queue:
            queue.send_message(text, time_to_live=-1)
    except AzureError as error:
        raise Undelivered(f"{type(error).__name__}: {str(error).splitlines()[0]}") from error


def _queue_client(subscriber: StorageQueueSubscriber) -> "QueueClient":
    """Return a client that tries once, for the feed itself retries."""
    from azure.storage.queue import QueueClient, TextBase64EncodePolicy

    policy = TextBase64EncodePolicy() if subscriber.encoding == "base64" else None
    if subscriber.connection_string:
        return QueueClient.from_connection_string(
            subscriber.connection_string, subscriber.queue, message_encode_policy=policy, retry_total=0
        )
    return QueueClient.from_queue_url(subscriber.queue_url, message_encode_policy=policy, retry_total=0)


def _post(event: WorkspaceEvent, subscriber: WebhookSubscriber) -> None:
    body = event.as_json(subscriber.schema)
    plain = subscriber.schema == "eventgrid"
    content_type = "application/json; charset=utf-8" if plain else "application/cloudevents+json; charset=utf-8"
    headers = {"aeg-event-type": "Notification", "content-type": content_type}
    try:  # Event Grid sends its own schema as an array of one, CloudEvents as a single object
        answer = httpx.post(
            subscriber.url,
            content=json.dumps([body] if plain else body),
            headers=headers,
            timeout=WEBHOOK_TIMEOUT_SECONDS,
        )
    except httpx.HTTPError as error:
        raise Undelivered(f"{type(error).__name__}: {error}") from error
    if answer.status_code in NOT_RETRIED:
        raise Refused(f"HTTP {answer.status_code}, which Event Grid does not retry")
    if answer.status_code not in SUCCESS:
        raise Undelivered(f"HTTP {answer.status_code}")
