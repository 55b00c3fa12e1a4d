"""The HTTP surface: `POST /v2.1/track` as the exporter calls it, `GET /_telemetry/items` for whoever looks.

Shapes as azure-monitor-opentelemetry-exporter 1.0.0b58 sends and reads them (_generated/exporter/models); the component
takes bearer tokens alone, as one with `DisableLocalAuth` does.
"""

from dataclasses import dataclass, field
from json import JSONDecodeError
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from local.event_topic.access import Access

PATH = "/v2.1/track"
AUDIENCES = ("https://monitor.azure.com", "https://monitor.azure.com/", "https://monitor.azure.com//")
_LONGEST_NAME, _LONGEST_VALUE = 150, 8192  # learn.microsoft.com/azure/azure-monitor/app/data-model-complete


@dataclass(slots=True)
class Component:
    """One component, and the items it took, in order.

    Attributes:
        key: the instrumentation key that items must name.
        items: envelopes as they came.
        refusing: how many further requests are answered 503.
    """

    key: str
    items: list[dict[str, Any]] = field(default_factory=list)
    refusing: int = 0


def ingestion_app(component: Component, access: Access) -> Starlette:
    """The app of one component; `POST /_telemetry/refuse?times=N` orders trouble."""

    async def track(request: Request) -> JSONResponse:
        if component.refusing:
            component.refusing -= 1
            return JSONResponse({"itemsReceived": 0, "itemsAccepted": 0, "errors": []}, 503)
        refusal = await run_in_threadpool(access.refusal, request.headers)
        if refusal is not None:
            return JSONResponse({"error": {"code": "Unauthorized", "message": refusal}}, 401)
        try:
            sent = await request.json()
        except JSONDecodeError as error:
            return JSONResponse({"error": {"code": "BadRequest", "message": str(error)}}, 400)
        return _taken(component, sent if isinstance(sent, list) else [sent])

    async def items(request: Request) -> JSONResponse:
        kind = request.query_params.get("kind")
        return JSONResponse({"items": [each for each in component.items if kind in (None, _kind(each))]})

    async def refuse(request: Request) -> JSONResponse:
        component.refusing = int(request.query_params.get("times", "1"))
        return JSONResponse({"refusing": component.refusing})

    return Starlette(
        routes=[
            Route(PATH, track, methods=["POST"]),
            Route(f"/{PATH}", track, methods=["POST"]),  # an endpoint ends with a slash, and the exporter adds one
            Route("/_telemetry/items", items),
            Route("/_telemetry/refuse", refuse, methods=["POST"]),
        ]
    )


def _taken(component: Component, sent: list[Any]) -> JSONResponse:
    faults = [_fault(component, each) for each in sent]
    component.items += [each for each, fault in zip(sent, faults, strict=True) if fault is None]
    errors = [{"index": at, "statusCode": 400, "message": fault} for at, fault in enumerate(faults) if fault]
    counts = {"itemsReceived": len(sent), "itemsAccepted": len(sent) - len(errors)}
    return JSONResponse({**counts, "errors": errors}, 206 if errors else 200)


def _fault(component: Component, item: Any) -> str | None:
    """What the service would refuse or cut: another key, names and values of properties that are too long."""
    if not isinstance(item, dict) or str(item.get("iKey", "")).casefold() != component.key.casefold():
        return "the item names another component"
    properties = item.get("data", {}).get("baseData", {}).get("properties") or {}
    long = [name for name, value in properties.items() if len(name) > _LONGEST_NAME or len(str(value)) > _LONGEST_VALUE]
    return f"properties too long: {', '.join(long)[:200]}" if long else None


def _kind(item: dict[str, Any]) -> str:
    return str(item.get("data", {}).get("baseType", ""))
