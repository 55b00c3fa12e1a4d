"""The API in OpenAPI: what FastAPI knows of it, and what only we know: grammars, problems, guards."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from shared.domain.ids import pattern_of
from shared.web.access import ACCESS, Anonymous
from shared.web.problems import responses
from shared.web.schemas import Problem

_SEGMENTS = {
    **{part: {"pattern": f"^{pattern_of(part)}$"} for part in ("workspace", "name", "version", "registry")},
    "id": {"pattern": "^[0-9a-f]{64}$"},
    "sender": {"pattern": "^[a-z0-9][a-z0-9-]{0,31}$"},
}


def describe(app: FastAPI) -> dict[str, Any]:
    """The document."""
    described = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
    components = described.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A Microsoft Entra token"}
    }
    for path, methods in described["paths"].items():
        for method, route in methods.items():
            _guard(route, method.upper(), path)
            _state_grammars(route)
            _state_edge(route, method.upper(), path)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return described


def _guard(route: dict[str, Any], method: str, path: str) -> None:
    rule = ACCESS[method, path]
    route["security"] = [] if isinstance(rule, Anonymous) else [{"token": []}]
    if not isinstance(rule, Anonymous):
        route["x-roles"] = sorted(rule.roles | rule.own)
    # FastAPI announces a 422 of its own shape; ours is a problem.
    ours = route["responses"].get("422", {}).get("content", {})
    if "application/json" in ours and "application/problem+json" not in ours:
        del route["responses"]["422"]


def _state_grammars(route: dict[str, Any]) -> None:
    for parameter in route.get("parameters", ()):
        schema = parameter["schema"]
        if parameter["in"] == "path":
            schema |= _SEGMENTS[parameter["name"]]
        elif {"type": "null"} in schema.get("anyOf", ()):  # a query has no null: what is not asked for is left out
            [given] = (each for each in schema.pop("anyOf") if each != {"type": "null"})
            schema |= given


def _state_edge(route: dict[str, Any], method: str, path: str) -> None:
    """The problems that come before any route is reached, beside the route's own of the same status."""
    for status, response in responses(_edge_codes(method, path)).items():
        known = route["responses"].setdefault(str(status), response)
        if known is not response and response["description"] not in known["description"]:
            known["description"] = f"{response['description']}; {known['description']}"
    route["responses"] = dict(sorted(route["responses"].items()))


def _edge_codes(method: str, path: str) -> Iterator[str]:
    if "{" in path:
        yield "path_not_normal"
    if method == "POST":
        yield "body_too_large"
