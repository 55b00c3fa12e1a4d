"""Python 3.13: azure-functions-runtime, the library that Azure's own worker calls, through its own entries.

The worker hands it the classes of FunctionRpc.proto. Here plain values stand for those: the library only builds them and
reads their fields, and its `native_invocation` runs functions without any. So everything of Microsoft's that looks at
the app is run, and gRPC's bytes are not.
"""

import asyncio
import importlib
from types import SimpleNamespace
from typing import Any

from .functions import Answer, Function, NotIndexed, answered, described
from .inputs import input_of


class Message(SimpleNamespace):
    """A message of FunctionRpc.proto."""


class StatusResult(Message):
    """Its numbers are those of the proto."""

    Failure, Success = 0, 1


class BindingInfo(Message):
    """Directions and data types, by the numbers of the proto."""

    out, inout, undefined = 1, 2, 0


_ADVICE = ". Cannot find module."
"""Where the library's general words about missing modules begin: the whole module path, and a link."""

PROTOS = SimpleNamespace(
    BindingInfo=BindingInfo,
    FunctionMetadataResponse=Message,
    RpcException=Message,
    RpcFunctionMetadata=Message,
    RpcRetryOptions=Message,
    StatusResult=StatusResult,
    WorkerInitResponse=Message,
    WorkerMetadata=Message,
)


class Runtime:
    """Drives one app in one process; the library keeps its functions in module globals.

    Args:
        folder: of the app.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._runtime = importlib.import_module("azure_functions_runtime")
        self._native = importlib.import_module("azure_functions_runtime.native_invocation")
        version = importlib.import_module("azure_functions_runtime.version").VERSION
        self.library = f"azure-functions-runtime {version}, the library of Azure's own worker"
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        self._runtime.start_threadpool_executor()
        self._ids: dict[str, str] = {}

    def index(self) -> list[Function]:
        """As `Worker.index`."""
        init = Message(capabilities={}, function_app_directory=self._folder)
        began = self._ask("worker_init_request", worker_init_request=init)
        if began.result.status != StatusResult.Success:
            raise NotIndexed(began.result.exception.message.partition(_ADVICE)[0])
        listed = self._ask("functions_metadata_request").function_metadata_results or []
        self._ids = {each.name: each.function_id for each in listed}
        return [described(each.name, each.raw_bindings) for each in listed]

    def invoke(self, function: Function, given: Any) -> Answer:
        """As `Worker.invoke`."""
        datum, metadata = input_of(function["trigger"]["type"], given)
        inputs = [(function["trigger"]["name"], datum)]
        call = self._native.invocation_request_native("1", self._ids[function["name"]], inputs, metadata)
        done, returned, _outputs, error, _trace = self._loop.run_until_complete(call)
        return answered(function, given, returned, None if done else str(error))

    def _ask(self, entry: str, **content: Message) -> Any:
        request = SimpleNamespace(request=Message(**content), properties={"host": "127.0.0.1", "protos": PROTOS})
        return self._loop.run_until_complete(getattr(self._runtime, entry)(request))
