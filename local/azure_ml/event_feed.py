"""From registrations and ended runs to subscribers: duplicates, disorder and losses on request, retries as Event Grid makes them.

Delivery runs on a thread of its own and never delays a request. Rules of retry:
learn.microsoft.com/azure/event-grid/delivery-and-retry, with the waits shortened to fractions of a second.
"""

import heapq
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field

from local.azure_ml.config import StorageQueueSubscriber, WebhookSubscriber
from local.azure_ml.config_values import STRICT
from local.azure_ml.event_delivery import Refused, deliver, describe
from local.azure_ml.event_shapes import WorkspaceEvent
from local.azure_ml.timestamps import sas_time

BACKOFF_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)
MOST_ATTEMPTS = 30  # Event Grid's default

Target = StorageQueueSubscriber | WebhookSubscriber


@dataclass(frozen=True, slots=True)
class Mode:
    """How the next events are mistreated.

    Attributes:
        copies: deliveries of each event, 1 or more.
        hold: keep events back until this many have gathered, then let all go; 0 holds nothing.
        shuffle: let the held go in a random order drawn from ``seed``; otherwise in reverse order.
        drop: lose this many of the next events.
    """

    copies: Annotated[int, Field(ge=1, le=100)] = 1
    hold: Annotated[int, Field(ge=0)] = 0
    shuffle: bool = False
    seed: int = 0
    drop: Annotated[int, Field(ge=0)] = 0
    __pydantic_config__ = STRICT


@dataclass(slots=True)
class Delivery:
    """One copy of one event on its way to one subscriber."""

    event: WorkspaceEvent
    subscriber: Target
    status: Literal["pending", "delivered", "dead_lettered"] = "pending"
    attempts: int = 0
    last_error: str | None = None
    ended: str | None = None


@dataclass(slots=True)
class EventFeed:
    """All deliveries of one emulator."""

    subscribers: Sequence[Target]
    _mode: Mode = field(default_factory=Mode)
    _held: list[WorkspaceEvent] = field(default_factory=list)
    _dropped: list[WorkspaceEvent] = field(default_factory=list)
    _deliveries: list[Delivery] = field(default_factory=list)
    _due: list[tuple[float, int, Delivery]] = field(default_factory=list)
    _wake: threading.Condition = field(default_factory=threading.Condition)
    _thread: threading.Thread | None = None
    _stopping: bool = False
    _order: int = 0

    def start(self) -> None:
        """Begin to deliver."""
        self._thread = threading.Thread(target=self._run, name="emulator-events", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the delivery under way; what is pending is lost, as the emulator keeps no outbox."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def publish(self, event: WorkspaceEvent) -> None:
        """Hand over one event; returns at once."""
        with self._wake:
            if self._mode.drop:
                self._dropped.append(event)
                self._mode = Mode(**{**asdict(self._mode), "drop": self._mode.drop - 1})
                return
            self._held.append(event)
            if len(self._held) >= self._mode.hold:
                self._release()

    def set_mode(self, mode: Mode) -> None:
        """Mistreat the next events in another way; held ones stay held until enough gathered."""
        with self._wake:
            self._mode = mode

    def reset(self) -> None:
        """Go back to plain delivery and let held events go."""
        with self._wake:
            self._release()
            self._mode = Mode()

    def as_json(self) -> dict[str, Any]:
        """Return mode, held, dropped and delivered events."""
        with self._wake:
            return {
                "mode": asdict(self._mode),
                "held": [event.subject for event in self._held],
                "dropped": [event.subject for event in self._dropped],
                "deliveries": [_describe(delivery) for delivery in self._deliveries],
            }

    def tally(self, workspace: str) -> list[tuple[str, str, int]]:
        """Return hour, name of the metric of Azure Monitor, and number, of what became of a workspace's events."""
        with self._wake:
            return [
                (f"{each.ended[:13]}:00:00Z", metric, number)
                for each in self._deliveries
                if each.event.workspace == workspace and each.ended is not None
                for metric, number in _metrics(each)
            ]

    def _release(self) -> None:
        events = self._held
        self._held = []
        if self._mode.shuffle:
            random.Random(self._mode.seed).shuffle(events)
        elif self._mode.hold:
            events.reverse()
        for event in events:
            for _ in range(self._mode.copies):
                self._enqueue(event)

    def _enqueue(self, event: WorkspaceEvent) -> None:
        for subscriber in self.subscribers:
            if subscriber.workspaces is None or event.workspace in subscriber.workspaces:
                delivery = Delivery(event, subscriber)
                self._deliveries.append(delivery)
                self._schedule(delivery, 0.0)

    def _schedule(self, delivery: Delivery, wait: float) -> None:
        self._order += 1
        heapq.heappush(self._due, (time.monotonic() + wait, self._order, delivery))
        self._wake.notify()

    def _run(self) -> None:
        while True:
            delivery = self._next()
            if delivery is None:
                return
            self._attempt(delivery)

    def _next(self) -> Delivery | None:
        with self._wake:
            while not self._stopping:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._due)[2]
                self._wake.wait(wait)
            return None

    def _attempt(self, delivery: Delivery) -> None:
        error = deliver(delivery.event, delivery.subscriber)
        with self._wake:
            delivery.attempts += 1
            delivery.last_error = str(error) if error else None
            delivery.ended = sas_time()
            if error is None:
                delivery.status = "delivered"
            elif isinstance(error, Refused) or delivery.attempts >= MOST_ATTEMPTS:
                delivery.status = "dead_lettered"
            else:
                self._schedule(delivery, BACKOFF_SECONDS[min(delivery.attempts, len(BACKOFF_SECONDS)) - 1])


def _metrics(delivery: Delivery) -> list[tuple[str, int]]:
    delivered, lost = delivery.status == "delivered", delivery.status == "dead_lettered"
    counts = [("DeliverySuccessCount", int(delivered)), ("DeadLetteredCount", int(lost))]
    return [*counts, ("DeliveryAttemptFailCount", delivery.attempts - delivered)]


def _describe(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.event.event_id,
        "subject": delivery.event.subject,
        "subscriber": describe(delivery.subscriber),
        "status": delivery.status,
        "attempts": delivery.attempts,
        "last_error": delivery.last_error,
    }
