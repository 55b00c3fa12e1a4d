"""The topic's HTTP surface: publish as Event Grid takes it, and `/_topic/...` to look in and to order trouble."""

import asyncio
from dataclasses import asdict
from json import JSONDecodeError
from typing import Any

from pydantic import TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.event_topic.access import Access
from local.event_topic.cloud_events import MAX_BYTES, NotCloudEvents, parse_events
from local.event_topic.delivery import Deliveries, HandshakeRefused, Subscription
from local.event_topic.topic import Fault, Topic
from local.serving import drop_connection

PATH = "/api/events"

_FAULT = TypeAdapter(Fault)
_SUBSCRIPTION = TypeAdapter(Subscription)


def topic_app(topic: Topic, access: Access, deliveries: Deliveries) -> Starlette:
    """The app of one topic.

    `POST /api/events?api-version=...` publishes. `GET /_topic/events?after=N`, `GET /_topic/dead-letters`,
    `POST /_topic/faults` (a `Fault`) and `POST /_topic/subscriptions` (a `Subscription`) serve whoever runs the topic.
    """

    async def publish(request: Request) -> Response:
        fault = topic.next_fault()
        await asyncio.sleep(fault.delay)
        if fault.drop == "request":
            return await drop_connection(request.scope)
        answer = _ordered_refusal(fault) or await _publish(request, topic, access)
        return await drop_connection(request.scope) if fault.drop == "answer" else answer

    async def events(request: Request) -> Response:
        after = request.query_params.get("after", "0")
        if not after.isdigit():
            return _error(400, "BadRequest", f"after must be a sequence number, not {after!r}")
        return JSONResponse({"events": [asdict(each) for each in topic.after(int(after))]})

    async def order_fault(request: Request) -> Response:
        try:
            fault = _FAULT.validate_python(await request.json())
        except (ValidationError, JSONDecodeError) as error:
            return _error(400, "BadRequest", str(error))
        topic.faults.append(fault)
        return JSONResponse({"faults": [asdict(each) for each in topic.faults]})

    async def subscribe(request: Request) -> Response:
        try:
            await deliveries.subscribe(_SUBSCRIPTION.validate_python(await request.json()))
        except (ValidationError, JSONDecodeError, HandshakeRefused) as error:
            return _error(400, "BadRequest", str(error))
        return Response(status_code=201)

    async def dead_letters(_request: Request) -> Response:
        return JSONResponse(deliveries.as_json())

    return Starlette(
        routes=[
            Route(PATH, publish, methods=["POST"]),
            Route("/_topic/events", events),
            Route("/_topic/faults", order_fault, methods=["POST"]),
            Route("/_topic/subscriptions", subscribe, methods=["POST"]),
            Route("/_topic/dead-letters", dead_letters),
        ]
    )


async def _publish(request: Request, topic: Topic, access: Access) -> Response:
    refusal = await run_in_threadpool(access.refusal, request.headers)
    if refusal is not None:
        return _error(401, "Unauthorized", refusal)
    if not request.query_params.get("api-version"):
        return _error(400, "BadRequest", "the query parameter api-version is missing")
    body = await request.body()
    if len(body) > MAX_BYTES:
        return _error(413, "RequestEntityTooLarge", f"the body has {len(body)} bytes, the maximum is {MAX_BYTES}")
    try:
        topic.take(parse_events(request.headers.get("content-type", ""), body))
    except NotCloudEvents as error:
        return _error(400, "BadRequest", str(error))
    return Response(status_code=200)


def _ordered_refusal(fault: Fault) -> Response | None:
    if fault.status is None:
        return None
    answer = _error(fault.status, "Ordered", "trouble ordered through /_topic/faults")
    if fault.retry_after is not None:
        answer.headers["retry-after"] = str(fault.retry_after)
    return answer


def _error(status: int, code: str, message: str) -> JSONResponse:
    """The shape of Event Grid's errors."""
    detail: dict[str, Any] = {"code": code, "message": message}
    return JSONResponse({"error": {**detail, "details": [detail]}}, status)
