"""How a route function meets HTTP: body, bearer token, lock, errors."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.azure_ml.errors import WireError, arm_error
from local.azure_ml.imports import settle_imports
from local.azure_ml.tokens import ANONYMOUS, Caller
from local.azure_ml.world import World

OPEN_OPERATIONS = frozenset({"blob", "control"})  # a SAS stands for the bearer of blobs; control routes are ours


@dataclass(frozen=True, slots=True)
class Call:
    """One request, as route functions see it."""

    method: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    caller: Caller
    url_path: str

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object; an empty body is an empty object.

        Raises:
            WireError: 400, the body is no JSON object.
        """
        try:
            parsed = json.loads(self.body or b"{}")
        except ValueError as error:
            raise arm_error(400, "InvalidRequestContent", f"The request content was invalid: {error}") from error
        if not isinstance(parsed, dict):
            raise arm_error(400, "InvalidRequestContent", "The request content must be a JSON object.")
        return parsed


RouteFunction = Callable[[World, Call], Response]


def route(method: str, path: str, operation: str, function: RouteFunction) -> Route:
    """Return the route of one method and path; its name is the operation that faults and the call log speak of."""

    async def endpoint(request: Request) -> Response:
        body = await request.body()
        return _answer(request, body, operation, function)

    return Route(path, endpoint, methods=[method], name=operation)


def _answer(request: Request, body: bytes, operation: str, function: RouteFunction) -> Response:
    world: World = request.app.state.world
    try:
        caller = ANONYMOUS if operation in OPEN_OPERATIONS else _caller(world, request)
        call = Call(
            request.method, request.path_params, request.query_params, request.headers, body, caller, request.url.path
        )
        with world.lock:
            settle_imports(world)
            return function(world, call)
    except WireError as error:
        return wire_response(error)
    finally:
        if request.method not in {"GET", "HEAD"}:
            world.writer.mark_dirty()


def _caller(world: World, request: Request) -> Caller:
    return world.tokens.caller(request.headers.get("authorization", ""))


def wire_response(error: WireError) -> Response:
    """Turn an error into its answer."""
    if isinstance(error.body, str):
        return Response(error.body, error.status, dict(error.headers))
    return JSONResponse(error.body, error.status, dict(error.headers))
