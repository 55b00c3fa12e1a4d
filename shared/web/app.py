"""The web app: every route, every guard, one ASGI application."""

from collections.abc import Mapping
from typing import Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from shared.domain.errors import ClearanceError
from shared.ports import Identity
from shared.web import commands_api, operations_api, pages, promotions_api, webhooks
from shared.web.access import admit
from shared.web.bodies import fault_sentence
from shared.web.edge import Edge
from shared.web.openapi import describe
from shared.web.problems import Answer, Refusal, problem, problem_of
from shared.web.rendering import error_page
from shared.web.site import Sender, Site, WebSettings
from shared.workflow.outside import Outside

__all__ = ["Sender", "WebSettings", "create_app"]

ROUTERS = (webhooks.router, promotions_api.router, commands_api.router, operations_api.router, pages.router)


def create_app(outside: Outside, identity: Identity, settings: WebSettings) -> FastAPI:
    """Build the app that answers under `/`: the API at `/api/...`, pages beside it."""
    app = FastAPI(
        title="Clearance",
        version=outside.version,
        summary="The gate between Azure ML workspaces and shared registries",
        dependencies=[Depends(admit)],
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.state.site = Site(outside, identity, settings)
    for router in ROUTERS:
        app.include_router(router)
    app.add_api_route("/api/openapi.json", _openapi, include_in_schema=False)
    app.add_middleware(Edge, new_id=outside.new_id)
    for kind, answer in _ANSWERS.items():
        app.add_exception_handler(kind, answer)
    return app


def _openapi(request: Request) -> dict[str, Any]:
    """The API in OpenAPI, made on first use."""
    app: FastAPI = request.app
    if app.openapi_schema is None:
        app.openapi_schema = describe(app)
    return app.openapi_schema


async def _raised(request: Request, error: Exception) -> Response:
    assert isinstance(error, ClearanceError | Refusal)
    return _respond(request, problem_of(error))


async def _http(request: Request, error: Exception) -> Response:
    """Starlette's own refusals."""
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        allowed = dict(error.headers or {})
        said = f"{request.method} is not offered here; {allowed.get('Allow', 'another method')} is."
        return _respond(request, problem("method_not_allowed", said, allowed))
    if error.status_code == 404:
        return _respond(request, problem("no_such_route", "Nothing is here. GET /api/openapi.json lists every route."))
    return _respond(request, problem("malformed_request", str(error.detail)))


async def _invalid(request: Request, error: Exception) -> Response:
    """A query that does not fit its model."""
    assert isinstance(error, RequestValidationError)
    faults = [fault_sentence(fault["loc"][1:], fault["msg"]) for fault in error.errors()]
    return _respond(request, problem("invalid_query", f"The query is not valid: {' '.join(faults)}", faults=faults))


_ANSWERS: Mapping[type[Exception], Any] = {
    ClearanceError: _raised,
    Refusal: _raised,
    HTTPException: _http,
    RequestValidationError: _invalid,
}


def _respond(request: Request, answer: Answer) -> Response:
    """A browser on a page is answered with a page, everything else with the problem itself."""
    browses = "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")
    return error_page(answer, request.app.state.site) if browses else answer.response()
