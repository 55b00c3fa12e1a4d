"""One invocation: decode what triggered it, run the function, encode and send what it gave."""

import asyncio
import functools
import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import azure.functions as func
from azure.functions.meta import Datum

from local.functions_host.context import InvocationContext
from local.functions_host.functions import Binding, Function
from local.functions_host.outputs import OutValue, QueueOutputs, encode
from local.functions_host.worker import Worker

_log = logging.getLogger(__name__)


class InvocationFailed(Exception):
    """The function raised, overran, or its output could not be sent; the text is the first cause."""


@dataclass(frozen=True, slots=True)
class Invoker:
    """Invokes functions and counts those that run.

    Attributes:
        worker: runs the Python.
        outputs: takes queue outputs.
        folder: the app's folder.
        timeout: host.json's functionTimeout in seconds, None for no end.
        running: invocation id and function name of what runs now.
    """

    worker: Worker
    outputs: QueueOutputs
    folder: Path
    timeout: float | None
    running: dict[str, str]

    async def invoke(
        self, function: Function, datum: Datum, metadata: Mapping[str, Datum] | None = None
    ) -> Datum | None:
        """Run `function` on what its trigger carries, and give the encoded `$return` value.

        Queue outputs are sent after the function has returned; if that fails, the invocation fails although the work is
        done. Those of a function that failed are not sent (host: WorkerFunctionInvoker.cs, BindOutputsAsync).

        Raises:
            InvocationFailed: for whatever reason; it has been logged.
        """
        invocation_id, began = str(uuid4()), time.monotonic()
        self.running[invocation_id] = function.name
        _log.info("Executing 'Functions.%s' (Id=%s)", function.name, invocation_id)
        try:
            result = await self._run(function, datum, metadata or {}, invocation_id)
        except Exception as error:
            _log.exception(
                "Executed 'Functions.%s' (Failed, Id=%s, Duration=%s)", function.name, invocation_id, _ms(began)
            )
            raise InvocationFailed(f"{type(error).__name__}: {error}") from error
        finally:
            del self.running[invocation_id]
        _log.info("Executed 'Functions.%s' (Succeeded, Id=%s, Duration=%s)", function.name, invocation_id, _ms(began))
        return result

    async def _run(
        self, function: Function, datum: Datum, metadata: Mapping[str, Datum], invocation_id: str
    ) -> Datum | None:
        outs = {binding.name: OutValue[Any]() for binding in function.outputs if binding.name != "$return"}
        arguments: dict[str, Any] = {function.trigger.name: _decode(function, datum, metadata), **outs}
        if function.wants_context:
            local = threading.local()
            local.invocation_id = invocation_id
            arguments["context"] = InvocationContext(function.name, str(self.folder), invocation_id, local)
        returned = await self.worker.run(function.call, arguments, self.timeout)
        encoded = _encode_all(function, returned, outs)
        for binding, value in encoded:
            if binding.type == "queue":
                send = functools.partial(self.outputs.send, binding, value)
                await asyncio.get_running_loop().run_in_executor(None, send)
        return next((value for binding, value in encoded if binding.name == "$return"), None)


def _decode(function: Function, datum: Datum, metadata: Mapping[str, Datum]) -> Any:
    plain = function.plain_types.get(function.trigger.name)
    if plain is not None:
        text = datum.value
        return text if isinstance(text, plain) else (text.decode() if plain is str else str(text).encode())
    converter: Any = func.get_binding_registry().get(function.trigger.type)
    return converter.decode(datum, trigger_metadata=metadata)


def _encode_all(function: Function, returned: Any, outs: dict[str, OutValue[Any]]) -> list[tuple[Binding, Datum]]:
    values = {name: out.get() for name, out in outs.items()}
    if function.return_binding is not None:
        values["$return"] = returned
        if returned is None and function.return_binding.type == "http":
            raise TypeError("unable to encode outgoing TypedData: an http function returned None")
    elif returned is not None:
        raise TypeError(f"the function has no $return binding and returned a {type(returned).__name__}")
    return [
        (binding, encode(binding, values[binding.name], function.plain_types.get(binding.name)))
        for binding in function.outputs
        if values[binding.name] is not None
    ]


def _ms(began: float) -> str:
    return f"{(time.monotonic() - began) * 1000:.0f}ms"
