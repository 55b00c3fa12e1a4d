"""The import of a workspace model into a registry as a long-running operation."""

import time
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.azure_ml.config import Registry
from local.azure_ml.containers import check_name
from local.azure_ml.endpoints import Call, route
from local.azure_ml.errors import arm_error, user_error
from local.azure_ml.faults import Target
from local.azure_ml.imports import conflict, count_of, new_operation_id, taken
from local.azure_ml.registry import REGISTRY, registry_of
from local.azure_ml.state import ImportOperation
from local.azure_ml.tokens import stamp
from local.azure_ml.world import World

STATUS = f"{REGISTRY}/operationsStatus/{{operation}}"
RESULT = f"{REGISTRY}/operationResults/{{operation}}"


def start_import(world: World, call: Call) -> Response:
    """POST of an import: 202 with an operation to poll, or the refusal of a taken name and version."""
    registry = registry_of(world, call)
    sent = _wanted(call.json().get("properties") or {})
    count = count_of(world, registry.name, sent["destinationName"], sent["destinationVersion"])
    count.requested += 1
    is_taken = taken(world, registry, sent["destinationName"], sent["destinationVersion"])
    if is_taken and world.behaviour.import_conflict == "http_409":
        raise conflict(sent["destinationName"], sent["destinationVersion"])
    count.accepted += 1
    operation = _operation(world, call, registry, sent)
    world.state.operations[operation.operation_id] = operation
    return Response(status_code=202, headers=_headers(world, registry, operation))


def _wanted(properties: dict[str, Any]) -> dict[str, str]:
    names = ("destinationName", "destinationVersion", "sourceAssetId")
    absent = [name for name in names if not isinstance(properties.get(name), str)]
    if absent:
        raise user_error(400, f"The import request lacks {', '.join(absent)}.", "InvalidImportRequest")
    check_name(properties["destinationName"], "name")
    check_name(properties["destinationVersion"], "version")
    return {name: str(properties[name]) for name in names}


def _operation(world: World, call: Call, registry: Registry, sent: dict[str, str]) -> ImportOperation:
    target = Target(call.method, call.url_path, "import", registry=registry.name)
    never = world.faults.take(target, frozenset({"never_end"}))
    fail = world.faults.take(target, frozenset({"fail_lro"}))
    body = world.faults.take(target, frozenset({"final_body_mode"}))
    return ImportOperation(
        operation_id=new_operation_id(),
        registry=registry.name,
        name=sent["destinationName"],
        version=sent["destinationVersion"],
        source_asset_id=sent["sourceAssetId"],
        caller=stamp(call.caller, world.behaviour),
        due=time.time() + world.behaviour.import_seconds,
        final_body=body.final_body if body else world.behaviour.import_final_body,
        never_ends=never is not None,
        fails=fail is not None,
        copies_anyway=any(rule is not None and rule.copy_anyway for rule in (never, fail)),
    )


def _headers(world: World, registry: Registry, operation: ImportOperation) -> dict[str, str]:
    parts = {
        "subscription": registry.subscription_id,
        "group": registry.resource_group,
        "registry": registry.name,
        "operation": operation.operation_id,
    }
    headers = {"Azure-AsyncOperation": world.origin + STATUS.format(**parts), **_wait(world)}
    if operation.final_body == "location_empty":
        headers["Location"] = world.origin + RESULT.format(**parts)
    return headers


def _wait(world: World) -> dict[str, str]:
    """Say when to ask again: without it the client sleeps 30 s, and fractions are understood."""
    return {"Retry-After": str(world.behaviour.retry_after)}


def _find(world: World, call: Call) -> ImportOperation:
    registry_of(world, call)
    found = world.state.operations.get(call.path["operation"])
    if found is None:
        raise arm_error(404, "OperationNotFound", f"The operation {call.path['operation']} was not found.")
    return found


def poll_status(world: World, call: Call) -> Response:
    """GET of the operation's status."""
    operation = _find(world, call)
    body: dict[str, Any] = {"id": call.url_path, "name": operation.operation_id, "status": operation.status}
    if operation.error:
        body["error"] = operation.error
    return JSONResponse(body, headers=_wait(world) if operation.status == "InProgress" else None)


def poll_result(world: World, call: Call) -> Response:
    """GET of the operation's result: empty, whatever was imported."""
    ended = _find(world, call).status != "InProgress"
    return Response(status_code=200) if ended else Response(status_code=202, headers=_wait(world))


def import_routes() -> list[Route]:
    """Return all routes of this module."""
    return [
        route("POST", f"{REGISTRY}/import", "import", start_import),
        route("GET", STATUS, "poll", poll_status),
        route("GET", RESULT, "poll", poll_result),
    ]
