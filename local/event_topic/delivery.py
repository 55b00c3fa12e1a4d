"""Delivery of the topic's events to webhook subscribers, as Event Grid delivers CloudEvents.

Sources: learn.microsoft.com/azure/event-grid/end-point-validation-cloud-events-schema (handshake) and
learn.microsoft.com/azure/event-grid/delivery-and-retry (waits, statuses that are not retried).
"""

import asyncio
import logging
import ssl
from dataclasses import asdict, dataclass, field
from typing import Any

import httpx
from pydantic import ConfigDict
from pydantic.dataclasses import dataclass as checked_dataclass

from local.event_topic.topic import ReceivedEvent, Topic

_ORIGIN = "eventgrid.azure.net"
_WAITS = (10, 30, 60, 300, 600, 1800, 3600, 10800, 21600, 43200)  # seconds between tries, the last for ever after
_NEVER_RETRIED = (400, 401, 403, 413)
_ANSWER_WITHIN = 30.0
_log = logging.getLogger(__name__)


class HandshakeRefused(Exception):
    """The endpoint did not allow deliveries; the text says what it answered."""


@checked_dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class Subscription:
    """A webhook that wants events.

    Attributes:
        name: goes into the header `aeg-subscription-name`.
        endpoint: URL to post to.
        headers: sent with every delivery.
        event_types: only these; empty for all.
        wait_scale: factor on Event Grid's waits between tries; 0.01 makes 10 s 0.1 s.
        max_tries: after so many the event is dead-lettered, 30 as Event Grid's default.
    """

    name: str
    endpoint: str
    headers: dict[str, str] = field(default_factory=dict)
    event_types: list[str] = field(default_factory=list)
    wait_scale: float = 1.0
    max_tries: int = 30


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that could not be delivered, and why."""

    subscription: str
    reason: str
    tries: int
    event: dict[str, Any]


class Deliveries:
    """The subscriptions of one topic and what became of their events; used from one event loop.

    Args:
        topic: whose events are delivered, from the moment of subscribing on.
        tls: context with which https endpoints are reached.
    """

    def __init__(self, topic: Topic, tls: ssl.SSLContext) -> None:
        self._topic = topic
        self._tls = tls
        self._running: dict[str, asyncio.Task[None]] = {}
        self.dead_letters: list[DeadLetter] = []

    async def subscribe(self, subscription: Subscription) -> None:
        """Start to deliver, after the handshake; a subscription of the same name is replaced.

        Raises:
            HandshakeRefused: the endpoint does not want events, or cannot be reached.
        """
        async with self._client() as client:
            await _shake_hands(client, subscription)
        if (earlier := self._running.pop(subscription.name, None)) is not None:
            earlier.cancel()
        follow = self._follow(subscription, len(self._topic.events))
        self._running[subscription.name] = asyncio.create_task(follow)

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(verify=self._tls, timeout=_ANSWER_WITHIN, trust_env=False)

    async def _follow(self, subscription: Subscription, delivered: int) -> None:
        async with self._client() as client, asyncio.TaskGroup() as tries:
            while True:
                arrived = self._topic.arrived
                for received in self._topic.after(delivered):
                    delivered = received.sequence
                    if not subscription.event_types or received.event["type"] in subscription.event_types:
                        tries.create_task(self._deliver(client, subscription, received))
                await arrived.wait()

    async def _deliver(self, client: httpx.AsyncClient, subscription: Subscription, received: ReceivedEvent) -> None:
        for count in range(1, subscription.max_tries + 1):
            status = await _post(client, subscription, received.event, count)
            if status is not None and 200 <= status <= 204:
                return
            _log.info("%s: try %d of event %d: %s", subscription.name, count, received.sequence, status or "no answer")
            if status in _NEVER_RETRIED:
                break
            await asyncio.sleep(_WAITS[min(count, len(_WAITS)) - 1] * subscription.wait_scale)
        reason = f"HTTP {status}" if status else "no answer"
        self.dead_letters.append(DeadLetter(subscription.name, reason, count, received.event))

    def as_json(self) -> dict[str, Any]:
        """What `GET /_topic/dead-letters` shows."""
        return {"dead_letters": [asdict(letter) for letter in self.dead_letters]}


async def _shake_hands(client: httpx.AsyncClient, subscription: Subscription) -> None:
    try:
        answer = await client.options(
            subscription.endpoint, headers={**subscription.headers, "WebHook-Request-Origin": _ORIGIN}
        )
    except httpx.HTTPError as error:
        raise HandshakeRefused(f"{subscription.name}: the endpoint cannot be reached: {error}") from error
    allowed = answer.headers.get("webhook-allowed-origin", "")
    if answer.status_code != 200 or allowed not in ("*", _ORIGIN):
        raise HandshakeRefused(
            f"{subscription.name}: the endpoint answered the OPTIONS handshake with {answer.status_code} and "
            f"WebHook-Allowed-Origin {allowed!r}; expected 200 and {_ORIGIN!r} or '*'"
        )


async def _post(client: httpx.AsyncClient, subscription: Subscription, event: dict[str, Any], count: int) -> int | None:
    """The status of one try, None if there was no answer in time."""
    headers = {
        **subscription.headers,
        "aeg-event-type": "Notification",
        "aeg-subscription-name": subscription.name.upper(),
        "aeg-delivery-count": str(count - 1),
        "content-type": "application/cloudevents+json; charset=utf-8",
    }
    try:
        answer = await client.post(subscription.endpoint, json=event, headers=headers)
    except httpx.HTTPError:
        return None
    return answer.status_code
