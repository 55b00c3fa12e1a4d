"""The host's one ASGI app: its own paths first, then the functions' routes, then the home page."""

import logging

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from local.functions_host.admin import AdminApi
from local.functions_host.event_grid_webhook import EventGridWebhook
from local.functions_host.http_codec import http_response, query_of, request_datum, request_path
from local.functions_host.invocation import InvocationFailed, Invoker
from local.functions_host.keys import EVENT_GRID_EXTENSION, Keys, given_key
from local.functions_host.routes import Match, Routes

MAX_BODY = 104_857_600  # host: ScriptConstants.cs, DefaultMaxRequestBodySize
_HOME = "<!doctype html><title>Functions</title><p>Your Functions host is up and running.</p>"
_log = logging.getLogger(__name__)


class Front:
    """Answers every HTTP request to the host.

    Args:
        routes: of the app's http functions.
        keys: who may call what.
        admin: answers under `/admin`.
        webhook: answers under `/runtime/webhooks/eventgrid`.
        invoker: runs functions.
        homepage: whether `/` shows a page where no function answers it, setting AzureWebJobsDisableHomepage.
    """

    def __init__(
        self,
        routes: Routes,
        keys: Keys,
        admin: AdminApi,
        webhook: EventGridWebhook,
        invoker: Invoker,
        *,
        homepage: bool,
    ) -> None:
        self._routes = routes
        self._keys = keys
        self._admin = admin
        self._webhook = webhook
        self._invoker = invoker
        self._homepage = homepage

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; web sockets are not served, as in the real host."""
        if scope["type"] != "http":
            raise RuntimeError(f"the host serves no {scope['type']}")
        request = Request(scope, receive)
        response = await self._answer(request)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        length = request.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MAX_BODY:
            return Response(status_code=413)
        path = request_path(request)
        lower = path.lower()
        if lower == "/admin" or lower.startswith("/admin/"):
            return await self._admin.answer(request, lower)
        if lower.startswith("/runtime/webhooks/"):
            return await self._extension(request, lower.removeprefix("/runtime/webhooks/").partition("/")[0])
        match = self._routes.match(request.method, path)
        if match is not None:
            return await self._function(request, path, match)
        return self._nobody(path)

    async def _extension(self, request: Request, extension: str) -> Response:
        if not self._keys.opens_extension(given_key(request.headers, request.query_params), f"{extension}_extension"):
            return Response(status_code=401)
        if f"{extension}_extension" != EVENT_GRID_EXTENSION:
            return Response(status_code=404)
        return await self._webhook.answer(request)

    async def _function(self, request: Request, path: str, match: Match) -> Response:
        """Key, then disabled, then run: the order of the host (FunctionInvocationMiddleware.cs)."""
        function = match.function
        given = given_key(request.headers, query_of(request))
        if not self._keys.opens_function(given, function.name, function.trigger.text("authLevel", "FUNCTION")):
            return Response(status_code=401)
        if function.disabled and not self._keys.is_master(given):
            return Response(status_code=404)
        try:
            returned = await self._invoker.invoke(function, await request_datum(request, path, match.values))
        except InvocationFailed:
            return Response(status_code=500)
        if returned is None:
            return Response(status_code=500)
        return http_response(returned)

    def _nobody(self, path: str) -> Response:
        if path != "/":
            return Response(status_code=404)
        return HTMLResponse(_HOME) if self._homepage else Response(status_code=204)
