"""Event Grid's deliveries at `/runtime/webhooks/eventgrid?functionName=...`.

The table of answers was read in Microsoft.Azure.WebJobs.Extensions.EventGrid: HttpRequestProcessor.cs.
"""

import asyncio
import json
import logging
import re
from typing import Any

from azure.functions.meta import Datum
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from local.functions_host.functions import Function
from local.functions_host.invocation import InvocationFailed, Invoker

_ORIGIN = "eventgrid.azure.net"
_KNOWN_ORIGIN = re.compile(r"eventgrid\.azure\.[a-z.]+", re.IGNORECASE)
_METHODS = ("GET", "PUT", "POST", "DELETE", "OPTIONS")
_log = logging.getLogger(__name__)


class EventGridWebhook:
    """Answers validations and hands events to Event Grid functions.

    Args:
        functions: those with an Event Grid trigger that are not disabled.
        invoker: runs them.
    """

    def __init__(self, functions: list[Function], invoker: Invoker) -> None:
        self._functions = {function.name.lower(): function for function in functions}
        self._invoker = invoker

    async def answer(self, request: Request) -> Response:
        """Answer one request whose key has been checked."""
        name = request.query_params.get("functionName", "")
        function = self._functions.get(name.lower())
        if request.method not in _METHODS or function is None:
            return PlainTextResponse(f"cannot find function: '{name}'", 404)
        if request.method == "OPTIONS":
            return _allow(request.headers.get("webhook-request-origin", ""))
        return await self._by_event_type(request, function)

    async def _by_event_type(self, request: Request, function: Function) -> Response:
        kind = request.headers.get("aeg-event-type", "").lower()
        if kind == "unsubscribe":
            return Response(status_code=202)
        if kind not in ("subscriptionvalidation", "notification"):
            return Response(status_code=400)
        try:
            document = json.loads(await request.body())
            if kind == "subscriptionvalidation":
                return JSONResponse({"validationResponse": _validation_code(document)})
        except (ValueError, LookupError, TypeError):
            _log.exception("%s: an Event Grid request cannot be read", function.name)
            return Response(status_code=500)
        return await self._notify(function, document if isinstance(document, list) else [document])

    async def _notify(self, function: Function, events: list[Any]) -> Response:
        """Run the function for every event at once; one failure fails the request, and so has all of them sent again."""
        runs = [self._invoker.invoke(function, event_datum(event)) for event in events]
        results = await asyncio.gather(*runs, return_exceptions=True)
        for result in results:
            if isinstance(result, InvocationFailed):
                return PlainTextResponse(str(result), 500)
            if isinstance(result, BaseException):
                raise result
        return Response(status_code=202)


def event_datum(event: Any) -> Datum:
    """One event as its function gets it."""
    return Datum(json.dumps(event), "json")


def _allow(origin: str) -> Response:
    allowed = origin if _KNOWN_ORIGIN.fullmatch(origin) else _ORIGIN
    return Response(status_code=200, headers={"Webhook-Allowed-Origin": allowed})


def _validation_code(document: Any) -> str:
    """The code in an array's first event, or in one event, whose data may be JSON in text."""
    event = document[0] if isinstance(document, list) else document
    fields = event["data"]
    if isinstance(fields, str):
        fields = json.loads(fields)
    return str(fields["validationCode"])
