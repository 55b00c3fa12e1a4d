"""Queues as the Functions host uses them, and a count of messages on their way, so that an empty queue is never asked."""

from collections.abc import Callable
from dataclasses import dataclass

from azure.core.exceptions import ResourceExistsError
from azure.storage.queue import QueueClient, QueueMessage

from shared.adapters.round_trips import RoundTrips
from shared.domain.ids import PromotionId
from shared.ports import Queue

_HIDDEN = 600  # seconds that the host hides what it received


class MessageMissing(Exception):
    """A queue is empty where a message was sent."""


@dataclass(slots=True)
class CountedQueue:
    """The port Queue; `waiting` is how many of its messages nobody has taken."""

    queue: Queue
    waiting: int = 0

    def send(self, promotion: PromotionId, delay_seconds: int = 0) -> None:
        """Send one."""
        self.queue.send(promotion, delay_seconds)
        self.waiting += 1

    def ping(self) -> None:
        """Ask for a sign of life."""
        self.queue.ping()


def take_message(queue: QueueClient, round_trips: RoundTrips, handle: Callable[[QueueMessage], None]) -> None:
    """Receive one message, handle it, delete it: two operations.

    Raises:
        MessageMissing: there is none.
    """
    message = queue.receive_message(visibility_timeout=_HIDDEN)
    if message is None:
        raise MessageMissing(f"{queue.queue_name} is empty where a message was sent")
    round_trips.count("queues")
    handle(message)
    queue.delete_message(message.id, message.pop_receipt)
    round_trips.count("queues")


def queue_client(connection_string: str, name: str) -> QueueClient:
    """A client of a queue, which is made if it is missing."""
    client = QueueClient.from_connection_string(connection_string, name)
    try:
        client.create_queue()
    except ResourceExistsError:
        return client
    return client
