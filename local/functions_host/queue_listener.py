"""A queue trigger: receives, invokes, and deletes, retries or poisons (queues: QueueListener.cs, QueueProcessor.cs)."""

import asyncio
import functools
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, TypeVar

from azure.core.exceptions import AzureError, HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.storage.queue import QueueClient, QueueMessage

from local.functions_host.backoff import Backoff
from local.functions_host.functions import Function
from local.functions_host.host_json import QueueOptions
from local.functions_host.invocation import InvocationFailed, Invoker
from local.functions_host.queue_messages import Undecodable, message_datum, message_metadata

DEFAULT_LEASE = 600.0  # QueueProcessor's 10 minutes: how long a received message is hidden, renewed at half
_LONGEST_QUEUE_NAME = 63
_POISON = "-poison"
_T = TypeVar("_T")
_log = logging.getLogger(__name__)


def poison_name(queue_name: str) -> str | None:
    """The poison queue's name; None where the host keeps none: beside a poison queue, and where it would be too long."""
    name = queue_name + _POISON
    return None if queue_name.endswith(_POISON) or len(name) > _LONGEST_QUEUE_NAME else name


class QueueListener:
    """Reads one queue for one function until it is stopped.

    Args:
        function: the function that the messages trigger.
        queue: its queue; made if it does not exist, where the real host would wait for somebody to make it.
        poison: where messages go that failed too often; None for none.
        options: of host.json.
        invoker: runs the function.
        io: threads for storage calls.
        lease: seconds that a received message is hidden, renewed at half while the function runs.
    """

    def __init__(
        self,
        function: Function,
        queue: QueueClient,
        poison: QueueClient | None,
        options: QueueOptions,
        invoker: Invoker,
        io: Executor,
        lease: float = DEFAULT_LEASE,
    ) -> None:
        self._function = function
        self._queue = queue
        self._poison = poison
        self._options = options
        self._invoker = invoker
        self._io = io
        self._lease = lease
        self._stopping = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()

    def stop(self) -> None:
        """Receive nothing more; what has been received is worked off."""
        self._stopping.set()

    async def run(self) -> None:
        """Read the queue until stopped and until every message received has been dealt with."""
        backoff = Backoff(self._options.max_polling_interval)
        while not self._stopping.is_set():
            messages = await self._receive()
            for message in messages:
                self._start(message)
            await self._room_for_a_batch()
            if not messages:
                await _wait(self._stopping, backoff.next_delay(found=False))
            else:
                backoff.next_delay(found=True)
        if self._running:
            await asyncio.wait(self._running)

    def _start(self, message: QueueMessage) -> None:
        task = asyncio.create_task(self._deal_with(message))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _room_for_a_batch(self) -> None:
        while len(self._running) > self._options.new_batch_threshold and self._running:
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)

    async def _receive(self) -> list[QueueMessage]:
        try:
            return await self._call(self._receive_page)
        except ResourceNotFoundError:
            await self._try("made its queue", self._queue.create_queue)
        except AzureError as error:
            _log.warning("%s: queue %s cannot be read: %s", self._function.name, self._queue.queue_name, _brief(error))
        return []

    def _receive_page(self) -> list[QueueMessage]:
        count, hidden = self._options.batch_size, max(1, round(self._lease))
        pages = self._queue.receive_messages(messages_per_page=count, visibility_timeout=hidden).by_page()
        return list(next(pages, iter(())))

    async def _deal_with(self, message: QueueMessage) -> None:
        count = message.dequeue_count or 1
        if self._poison is not None and count > self._options.max_dequeue_count:
            await self._put_away(message)
        elif await self._run_function(message):
            await self._try("deleted a message", self._queue.delete_message, message.id, message.pop_receipt)
        elif self._poison is None:
            _log.warning("%s: a message failed; no poison queue takes it, so it stays hidden", self._function.name)
        elif count >= self._options.max_dequeue_count:
            await self._put_away(message)
        else:
            await self._hide(message, self._options.visibility_timeout)

    async def _run_function(self, message: QueueMessage) -> bool:
        """Whether the function succeeded; its message is kept hidden meanwhile."""
        done = asyncio.Event()
        renewal = asyncio.create_task(self._renew(message, done))
        try:
            datum = message_datum(message.content, base64_text=self._options.base64)
            await self._invoker.invoke(self._function, datum, message_metadata(message))
        except Undecodable as error:
            _log.error("%s: %s", self._function.name, error)
            return False
        except InvocationFailed:
            return False
        finally:
            done.set()
            await renewal
        return True

    async def _renew(self, message: QueueMessage, done: asyncio.Event) -> None:
        while not await _wait(done, self._lease / 2):
            await self._hide(message, self._lease)

    async def _hide(self, message: QueueMessage, seconds: float) -> None:
        """Hide a message anew, or show it at 0; its pop receipt changes with it."""
        hide = functools.partial(self._queue.update_message, visibility_timeout=round(seconds))
        updated = await self._try("hid a message", hide, message.id, message.pop_receipt)
        if updated is not None:
            message.pop_receipt = updated.pop_receipt

    async def _put_away(self, message: QueueMessage) -> None:
        """Copy to the poison queue, then delete: killed in between, the message is in both."""
        poison = self._poison
        assert poison is not None
        _log.error(
            "%s: a message failed %s times: moved to %s", self._function.name, message.dequeue_count, poison.queue_name
        )
        try:
            await self._call(functools.partial(_send_creating, poison, message.content))
        except AzureError as error:
            _log.error("%s: queue %s cannot be written: %s", self._function.name, poison.queue_name, _brief(error))
            return
        await self._try("deleted a message", self._queue.delete_message, message.id, message.pop_receipt)

    async def _call(self, call: Callable[..., _T], *arguments: Any) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._io, call, *arguments)

    async def _try(self, what: str, call: Callable[..., _T], *arguments: Any) -> _T | None:
        """Call storage; a failure is logged, for the message comes back by itself."""
        try:
            return await self._call(call, *arguments)
        except AzureError as error:
            _log.warning("%s: could not have %s: %s", self._function.name, what, _brief(error))
            return None


def _send_creating(queue: QueueClient, content: str) -> None:
    try:
        queue.send_message(content)
    except ResourceNotFoundError:
        create_queue(queue)
        queue.send_message(content)


def create_queue(queue: QueueClient) -> None:
    """Make the queue unless it exists. Blocks."""
    try:
        queue.create_queue()
    except ResourceExistsError:
        return


async def _wait(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event came within `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False


def _brief(error: AzureError) -> str:
    """The error without the request's details, which can hold what a message says."""
    status = error.status_code if isinstance(error, HttpResponseError) else None
    return f"{type(error).__name__}{f' (HTTP {status})' if status else ''}"
