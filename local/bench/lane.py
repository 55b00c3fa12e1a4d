"""One promotion in flight, through the front door: messages as the Functions host takes them, decisions as signed webhooks."""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import httpx
from azure.storage.queue import QueueClient, QueueMessage

from local.bench.candidates import Candidate, approvals
from local.bench.laboratory import APPROVERS, REGISTRIES, SENDER, Laboratory
from local.bench.queues import CountedQueue, queue_client, take_message
from shared import bootstrap
from shared.adapters.storage_account import StorageAccount
from shared.adapters.storage_queue import StorageQueue
from shared.domain.ids import PromotionId
from shared.web.signatures import sign
from shared.workflow.advance import advance
from shared.workflow.outside import Outside
from shared.workflow.receive_model_event import receive_model_event


class NotPromoted(Exception):
    """The app did not do what is measured; the text says where the promotion stands."""


@dataclass(slots=True)
class _Listener:
    """The port EventPublisher: whoever listens, here the approvers' tool, remembers what it was told."""

    told: list[Mapping[str, Any]] = field(default_factory=list)
    batches: list[Sequence[Mapping[str, Any]]] = field(default_factory=list)

    def publish(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Remember."""
        self.told.extend(events)
        self.batches.append(events)

    def ping(self) -> None:
        """There is nothing to reach."""

    def last(self, type_: str, promotion: PromotionId) -> Mapping[str, Any]:
        """The last event of a type."""
        mine = [event for event in self.told if event["subject"] == promotion.subject]
        found = [event for event in mine if event["type"] == f"Clearance.{type_}"]
        if not found:
            said = f"{mine[-1]['data']['status']}; {mine[-1]['data']['summary']}" if mine else "nothing was told of it"
            raise NotPromoted(f"{promotion} never came to {type_}: {said}")
        return dict(found[-1]["data"])


class Lane:
    """Promotions one after the other, on queues of their own, so that what is timed is work and not standing in line.

    Args:
        laboratory: the platform.
        number: of the lane; lanes of different numbers may run at once.
    """

    def __init__(self, laboratory: Laboratory, number: int = 0) -> None:
        connection = laboratory.connection_string
        account = StorageAccount(connection_string=connection, round_trips=laboratory.round_trips)
        self._laboratory = laboratory
        self._events = queue_client(connection, f"model-events-{number}")
        self._promotions = queue_client(connection, f"promotions-{number}")
        self._sent = CountedQueue(StorageQueue(account, f"promotions-{number}"))
        self._listener = _Listener()
        self._outside: Outside = replace(laboratory.outside, queue=self._sent, publisher=self._listener)
        self._web = bootstrap.web_app(laboratory.settings, self._outside)
        self._loop = asyncio.new_event_loop()
        self.step = ""
        self._seconds = 0.0
        self.invocations = 0

    @property
    def outside(self) -> Outside:
        """The app's ports, with this lane's queue and listener."""
        return self._outside

    @property
    def published(self) -> Sequence[Sequence[Mapping[str, Any]]]:
        """What the topic was told so far, as it was told."""
        return self._listener.batches

    def close(self) -> None:
        """Let go of the event loop."""
        self._loop.close()

    def announce(self, candidate: Candidate) -> None:
        """What Event Grid does, before anything of ours begins."""
        self.tell(candidate.event)

    def tell(self, event: str) -> None:
        """Put any event there."""
        self._events.send_message(event)

    def ask(self, candidate: Candidate) -> str:
        """From the registration's message to the approvers; returns the digest they are asked about.

        Raises:
            NotPromoted: the app took another way.
        """
        self.look()
        return str(self._listener.last("ApprovalRequested", candidate.promotion)["evaluation"])

    def take_in(self) -> None:
        """The oldest message of Event Grid."""
        with self._step("intake"):
            self._take(self._events, self._intake)

    def look(self) -> None:
        """From the registration's message to what the first look at the version comes to."""
        self.take_in()
        self.advance_all()

    def promote(self, candidate: Candidate, approvers: Sequence[str] = APPROVERS) -> float:
        """From the registration's message to every registry; returns the seconds that the app took.

        Raises:
            NotPromoted: the app took another way.
        """
        self._seconds = 0.0
        digest = self.ask(candidate)
        for number, (webhook, body) in enumerate(approvals(candidate, digest, approvers), 1):
            with self._step(f"decision {number}"):
                self._decide(webhook, body)
            with self._step(f"after decision {number}"):
                self._advance_all()
        self._check(candidate)
        return self._seconds

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        self.step, began = name, time.perf_counter()
        yield
        self._seconds += time.perf_counter() - began
        self.step = ""

    def _check(self, candidate: Candidate) -> None:
        promoted = self._listener.last("Promoted", candidate.promotion)
        if promoted["status"] != "promoted" or len(self._listener.told) < len(REGISTRIES):
            raise NotPromoted(f"{candidate.promotion} is {promoted['status']}: {promoted['summary']}")
        self._listener.told.clear()

    def _intake(self, message: QueueMessage) -> None:
        receive_model_event(self._outside, message.content.encode(), "model-events")

    def _advance(self, message: QueueMessage) -> None:
        advance(self._outside, PromotionId.parse(message.content))

    def advance_all(self) -> None:
        """Every message that was sent."""
        with self._step("look"):
            self._advance_all()

    def _advance_all(self) -> None:
        while self._sent.waiting:
            self._sent.waiting -= 1
            self._take(self._promotions, self._advance)

    def _take(self, queue: QueueClient, handle: Any) -> None:
        self.invocations += 1
        take_message(queue, self._laboratory.round_trips, handle)

    def _decide(self, webhook: str, body: bytes) -> None:
        self.invocations += 1
        headers = sign(self._laboratory.webhook_key, webhook, datetime.now(UTC), body)
        answer = self._loop.run_until_complete(self._post(body, headers))
        if answer.status_code != 200:
            raise NotPromoted(f"the webhook answered {answer.status_code}: {answer.text}")

    async def _post(self, body: bytes, headers: dict[str, str]) -> httpx.Response:
        transport = httpx.ASGITransport(self._web)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:7071", trust_env=False) as client:
            typed = {**headers, "content-type": "application/json"}
            return await client.post(f"/api/webhooks/decisions/{SENDER}", content=body, headers=typed)
