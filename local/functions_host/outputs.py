"""Output bindings: what a function returned or set, encoded by azure.functions and sent to where it belongs."""

import base64
import json
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import azure.functions as func
from azure.core.exceptions import ResourceNotFoundError
from azure.functions.meta import Datum
from azure.storage.queue import QueueClient

from local.functions_host.app_settings import expand
from local.functions_host.functions import Binding
from local.functions_host.storage import queue_service

_T = TypeVar("_T")


class OutValue(func.Out[_T], Generic[_T]):
    """The `func.Out` that a function sets."""

    def __init__(self) -> None:
        self._value: _T | None = None

    def set(self, val: _T) -> None:
        """Set what will be sent once the function has returned."""
        self._value = val

    def get(self) -> _T:
        """What was set, None if nothing was."""
        return self._value  # type: ignore[return-value] # the library declares no None and gives it


def encode(binding: Binding, value: Any, plain: type | None) -> Datum:
    """The value of an output as the worker sends it to the host.

    Raises:
        TypeError: the binding does not take such a value.
    """
    if plain is not None and isinstance(value, str | bytes):
        return Datum(value, "string" if isinstance(value, str) else "bytes")
    converter: Any = func.get_binding_registry().get(binding.type)
    try:
        return converter.encode(value, expected_type=None)  # type: ignore[no-any-return]
    except NotImplementedError as error:
        raise TypeError(f"the output {binding.name} ({binding.type}) takes no {type(value).__name__}") from error


class QueueOutputs:
    """Sends the values of queue outputs, with one client per queue.

    Args:
        settings: app settings, for connections and `%NAME%`.
        base64_text: whether message text is base64.
    """

    def __init__(self, settings: Mapping[str, str], *, base64_text: bool) -> None:
        self._settings = settings
        self._base64 = base64_text
        self._queues: dict[tuple[str, str], QueueClient] = {}

    def send(self, binding: Binding, datum: Datum) -> None:
        """Send every message in `datum`; the queue is made if it does not exist. Blocks.

        Raises:
            AzureError: storage refused or did not answer.
        """
        queue = self._queue(binding)
        for body in _bodies(datum):
            content = base64.b64encode(body).decode() if self._base64 else body.decode()
            try:
                queue.send_message(content)
            except ResourceNotFoundError:
                queue.create_queue()
                queue.send_message(content)

    def close(self) -> None:
        """Close the clients."""
        for queue in self._queues.values():
            queue.close()

    def _queue(self, binding: Binding) -> QueueClient:
        place = binding.text("connection"), expand(binding.text("queueName"), self._settings)
        if place not in self._queues:
            self._queues[place] = queue_service(place[0], self._settings).get_queue_client(place[1])
        return self._queues[place]


def _bodies(datum: Datum) -> list[bytes]:
    """The messages in an encoded value: text or bytes is one, a JSON list is one each, an object gives its body."""
    if datum.type == "bytes":
        return [bytes(datum.value)]
    if datum.type == "string":
        return [str(datum.value).encode()]
    value = json.loads(datum.value)
    items = value if isinstance(value, list) else [value]
    return [str(item["body"] if isinstance(item, dict) else item).encode() for item in items]
