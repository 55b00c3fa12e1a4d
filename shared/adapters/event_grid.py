"""The port EventPublisher on an Event Grid custom topic that takes CloudEvents 1.0."""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from threading import Lock
from typing import Any

from azure.core import PipelineClient
from azure.core.credentials import TokenCredential
from azure.core.messaging import CloudEvent
from azure.core.pipeline.policies import ProxyPolicy, UserAgentPolicy
from azure.core.rest import HttpRequest, HttpResponse
from azure.eventgrid import EventGridPublisherClient

from shared.adapters.azure_errors import by_status, translated
from shared.adapters.round_trips import RoundTrips
from shared.domain.errors import Refused
from shared.version import __version__

SCOPE = "https://eventgrid.azure.net/.default"
LARGEST_BATCH = 900_000
"""Bytes of JSON in one request; Event Grid takes 1 MiB (learn.microsoft.com/azure/event-grid/quotas-limits)."""

_log = logging.getLogger(__name__)


class EventGridTopic:
    """EventPublisher, safe between threads. Publishing is repeated by whoever keeps the position, so not here.

    Args:
        endpoint: the topic's URL, `https://<topic>.<region>-1.eventgrid.azure.net/api/events`.
        credential: of an identity with the role EventGrid Data Sender.
        round_trips: counts what is sent.
        timeout: seconds to wait for one answer.
    """

    def __init__(
        self,
        endpoint: str,
        credential: TokenCredential,
        round_trips: RoundTrips | None = None,
        timeout: float = 20.0,
    ) -> None:
        self._endpoint = endpoint
        self._credential = credential
        self._waits: dict[str, Any] = {"connection_timeout": min(5.0, timeout), "read_timeout": timeout}
        # The client of a custom topic drops the options of its constructor and takes them with each request instead,
        # where its serializer warns of every one of them, for every event.
        self._options: dict[str, Any] = {**self._waits, "retry_total": 0, "permit_redirects": False}
        logging.getLogger("azure.eventgrid._legacy._generated._serialization").setLevel(logging.ERROR)
        if round_trips:
            self._options["raw_request_hook"] = round_trips.hook("event_grid")
        self._client = EventGridPublisherClient(endpoint, credential)
        self._plain: PipelineClient[HttpRequest, HttpResponse] = PipelineClient(
            endpoint, policies=[UserAgentPolicy(f"clearance/{__version__}"), ProxyPolicy()]
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
        self._plain.close()

    def publish(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Send CloudEvents as JSON objects, in order, in as few requests as Event Grid's limit allows.

        Raises:
            Refused: the topic takes no such event (400, 413).
            Unreadable: whether they arrived is not known.
        """
        for batch in _batches(events):
            with translated("event_topic", f"Publishing {len(batch)} event(s)", may_refuse=True):
                self._client.send([_cloud_event(event) for event in batch], **self._options)

    def ping(self) -> None:
        """Get a token for Event Grid, and any answer from the topic: it has nothing that could be read."""
        what = "Asking the event topic for a sign of life"
        with translated("event_topic", what):
            self._credential.get_token(SCOPE)
            response = self._plain.send_request(HttpRequest("OPTIONS", self._endpoint), **self._waits)
        if response.status_code >= 500:
            raise by_status("event_topic", what, response.status_code)


class UnpublishedEvents:
    """EventPublisher where no topic is configured: says so aloud, and publishes nothing.

    The history keeps every event; whoever configures a topic later gets those that come from then on.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """How many events were not published since the start."""
        return self._dropped

    def publish(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Drop them; the first time with a warning."""
        with self._lock:
            first, self._dropped = self._dropped == 0, self._dropped + len(events)
        if first and events:
            _log.warning("No event topic is configured: events stay in the history and are published to nobody.")

    def ping(self) -> None:
        """There is nothing to reach."""


def _batches(events: Sequence[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    batch: list[Mapping[str, Any]] = []
    size = 0
    for event in events:
        length = len(json.dumps(event)) + 1
        if batch and size + length > LARGEST_BATCH:
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += length
    if batch:
        yield batch


def _cloud_event(event: Mapping[str, Any]) -> CloudEvent[Any]:
    try:
        return CloudEvent.from_dict(dict(event))
    except ValueError as error:
        raise Refused("event_topic_refused", f"Event {event.get('id')!r} is no CloudEvent: {error}") from error
