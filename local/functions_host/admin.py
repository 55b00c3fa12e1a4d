"""The host's own API under `/admin`: status, and running a function now (host: HostController.cs, FunctionsController.cs).

Unlike the real host's, `POST /admin/functions/{name}` refuses http functions: they are called by their routes.
"""

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from azure.functions.meta import Datum
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from local.functions_host.event_grid_webhook import event_datum
from local.functions_host.functions import Function
from local.functions_host.invocation import InvocationFailed, Invoker
from local.functions_host.keys import Keys, given_key
from local.functions_host.queue_messages import made_up_metadata
from local.functions_host.timer_listener import timer_datum

_log = logging.getLogger(__name__)


class AdminApi:
    """Answers requests under `/admin`.

    Args:
        functions: all of the app, the disabled ones too: they can be run here.
        keys: the master key among them.
        invoker: runs functions.
        host_id: for the status.
    """

    def __init__(self, functions: list[Function], keys: Keys, invoker: Invoker, host_id: str) -> None:
        self._functions = {function.name.lower(): function for function in functions}
        self._keys = keys
        self._invoker = invoker
        self._host_id = host_id
        self._began = time.monotonic()
        self._runs: set[asyncio.Task[None]] = set()

    async def answer(self, request: Request, path: str) -> Response:
        """Answer one request; `path` is in lower case and begins with `/admin`."""
        if path.rstrip("/") == "/admin/host/ping" and request.method in ("GET", "POST"):
            return Response(status_code=200)
        if not self._keys.opens_admin(given_key(request.headers, request.query_params)):
            return Response(status_code=401)
        if path.rstrip("/") == "/admin/host/status" and request.method == "GET":
            return JSONResponse(self._status())
        area, _, name = path.removeprefix("/admin/").partition("/")
        if area == "functions" and request.method == "POST" and "/" not in name:
            return await self._run(request, name)
        return Response(status_code=404)

    async def finish(self) -> None:
        """Wait for the functions that were started here."""
        if self._runs:
            await asyncio.wait(self._runs)

    def _status(self) -> dict[str, Any]:
        return {
            "id": self._host_id,
            "state": "Running",
            "version": "4.0.0.0",
            "versionDetails": f"Clearance laptop host, azure-functions {version('azure-functions')}",
            "processUptime": round((time.monotonic() - self._began) * 1000),
        }

    async def _run(self, request: Request, name: str) -> Response:
        """Start a function and answer 202 at once; what becomes of it stands in the log alone."""
        try:
            body = json.loads(await request.body())
        except ValueError:
            return PlainTextResponse('the body must be JSON: {"input": "..."}, or {} for a timer', 400)
        function = self._functions.get(name)
        if function is None:
            return Response(status_code=404)
        try:
            datum, metadata = _trigger_input(function, body.get("input") if isinstance(body, dict) else None)
        except ValueError as error:
            return PlainTextResponse(str(error), 400)
        task = asyncio.create_task(self._invoke(function, datum, metadata))
        self._runs.add(task)
        task.add_done_callback(self._runs.discard)
        return Response(status_code=202)

    async def _invoke(self, function: Function, datum: Datum, metadata: Mapping[str, Datum]) -> None:
        try:
            await self._invoker.invoke(function, datum, metadata)
        except InvocationFailed as error:
            _log.warning("%s, started by hand, failed: %s", function.name, error)


def _trigger_input(function: Function, given: Any) -> tuple[Datum, Mapping[str, Datum]]:
    text = given if isinstance(given, str) else json.dumps(given)
    if function.trigger.type == "timerTrigger":
        return timer_datum(past_due=False), {}
    if function.trigger.type == "queueTrigger":
        return Datum(text, "string"), made_up_metadata()
    if function.trigger.type == "eventGridTrigger":
        return event_datum(json.loads(text)), {}
    raise ValueError(f"{function.name} is an http function: call it by its route")
