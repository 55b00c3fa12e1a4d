"""Python 3.11 and 3.12: azure.functions and its own converters, called as Azure's worker for these Pythons calls them.

That worker (azure_functions_worker) is not on PyPI, so what it does around the converters is done here in its stead:
find the app, hold parameters against bindings, decode, call, encode (worker: loader.py, functions.py, dispatcher.py).
"""

import asyncio
import importlib
import inspect
import threading
from importlib.metadata import version
from types import SimpleNamespace
from typing import Any

import azure.functions as func

from .functions import Answer, Function, NotIndexed, answered, described
from .inputs import input_of


class Converters:
    """Drives one app in one process."""

    def __init__(self) -> None:
        self.library = f"azure-functions {version('azure-functions')} (its worker is not on PyPI)"
        self._calls: dict[str, Any] = {}

    def index(self) -> list[Function]:
        """As `Worker.index`."""
        try:
            declared = _app().get_functions()
        except Exception as error:
            raise NotIndexed(f"{type(error).__name__}: {error}") from error
        return [self._read(each) for each in declared]

    def invoke(self, function: Function, given: Any) -> Answer:
        """As `Worker.invoke`."""
        try:
            return answered(function, given, asyncio.run(self._run(function, given)))
        except Exception as error:  # noqa: BLE001 - whatever the function raised is its answer
            return answered(function, given, error=repr(error))

    def _read(self, declared: Any) -> Function:
        function = described(declared.get_function_name(), declared.get_raw_bindings())
        call = self._calls[function["name"]] = declared.get_user_function()
        parameters = {*inspect.signature(call).parameters} - {"context"}
        bound = {each["name"] for each in function["bindings"]} - {"$return", "context"}
        if parameters != bound:
            only = ", ".join(sorted(parameters ^ bound))
            raise NotIndexed(f"{function['name']}: a parameter without a binding, or the other way round: {only}")
        return function

    async def _run(self, function: Function, given: Any) -> Any:
        call, trigger = self._calls[function["name"]], function["trigger"]
        datum, metadata = input_of(trigger["type"], given)
        arguments = {trigger["name"]: _converter(trigger).decode(datum, trigger_metadata=metadata)}
        if "context" in inspect.signature(call).parameters:
            arguments["context"] = _context(function["name"])
        called = call(**arguments) if inspect.iscoroutinefunction(call) else asyncio.to_thread(call, **arguments)
        returned = await called
        output = next((each for each in function["bindings"] if each["name"] == "$return"), None)
        if output is not None:
            return _converter(output).encode(returned, expected_type=None)
        if returned is not None:
            raise TypeError(f"the function has no $return binding and returned a {type(returned).__name__}")
        return None


def _app() -> Any:
    module = importlib.import_module("function_app")
    apps = [value for value in vars(module).values() if isinstance(value, func.FunctionRegister)]
    if len(apps) != 1:
        raise ValueError(f"function_app.py must hold exactly one top-level FunctionApp, it holds {len(apps)}")
    return apps[0]


def _converter(binding: dict[str, Any]) -> Any:
    return func.get_binding_registry().get(binding["type"])


def _context(function: str) -> Any:
    """What the worker's Context offers."""
    return SimpleNamespace(
        invocation_id="1",
        function_name=function,
        function_directory=".",
        thread_local_storage=threading.local(),
        trace_context=SimpleNamespace(trace_parent="", trace_state="", attributes={}),
        retry_context=SimpleNamespace(retry_count=0, max_retry_count=0, exception=None),
    )
