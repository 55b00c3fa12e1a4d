"""Azure Resource Manager around the workspaces: resource providers, and what resources there are."""

import re
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.azure_ml.endpoints import Call, route
from local.azure_ml.errors import arm_error
from local.azure_ml.rendering import page_json
from local.azure_ml.world import World

_FILTER = re.compile(r"resourceType eq '([^']*)' and name eq '([^']*)'")


def known_subscription(world: World, call: Call) -> str:
    """Return the subscription that the path names.

    Raises:
        WireError: 404, nothing that is served lies in it.
    """
    wanted = call.path["subscription"]
    if wanted.lower() not in {each.lower().split("/")[2] for each in _ids(world)}:
        raise arm_error(404, "SubscriptionNotFound", f"The subscription '{wanted}' could not be found.")
    return wanted


def show_provider(world: World, call: Call) -> Response:
    """GET of a resource provider. Shape: learn.microsoft.com/rest/api/resources/providers/get."""
    subscription, namespace = known_subscription(world, call), call.path["namespace"]
    body = {
        "id": f"/subscriptions/{subscription}/providers/{namespace}",
        "namespace": namespace,
        "registrationPolicy": "RegistrationRequired",
        "registrationState": world.arm.providers.get(namespace, "Registered"),
        "resourceTypes": [],
    }
    return JSONResponse(body)


def list_resources(world: World, call: Call) -> Response:
    """List of resources of one type and name: the one filter that is understood."""
    subscription = known_subscription(world, call)
    asked = _FILTER.fullmatch(call.query.get("$filter", ""))
    if asked is None:
        raise arm_error(400, "InvalidFilterInQueryString", "Expected resourceType eq '...' and name eq '...'.")
    found = [_resource(each) for each in _ids(world) if _is(each, subscription, *asked.groups())]
    return JSONResponse(page_json(world, call.url_path, dict(call.query), found))


def list_components(world: World, call: Call) -> Response:
    """List of Application Insights components. Shape: learn.microsoft.com/rest/api/application-insights/components/list."""
    subscription = known_subscription(world, call)
    found = [
        {**_resource(each), "kind": "web", "properties": {"InstrumentationKey": key, "Application_Type": "web"}}
        for key, each in world.arm.components.items()
        if each.split("/")[2].lower() == subscription.lower()
    ]
    return JSONResponse(page_json(world, call.url_path, dict(call.query), found))


def _ids(world: World) -> list[str]:
    registries = [
        f"/subscriptions/{each.subscription_id}/resourceGroups/{each.resource_group}"
        f"/providers/Microsoft.MachineLearningServices/registries/{each.name}"
        for each in world.config.registries
    ]
    workspaces = [each.arm_id for each in world.config.workspaces]
    return [*workspaces, *registries, *world.arm.resources, *world.arm.components.values()]


def _is(arm_id: str, subscription: str, kind: str, name: str) -> bool:
    parts = arm_id.lower().split("/")
    return (parts[2], "/".join(parts[6:8]), parts[8]) == (subscription.lower(), kind.lower(), name.lower())


def _resource(arm_id: str) -> dict[str, Any]:
    parts = arm_id.split("/")
    return {"id": arm_id, "name": parts[8], "type": "/".join(parts[6:8]), "location": "westeurope", "tags": {}}


def arm_routes() -> list[Route]:
    """Return all routes of this module."""
    subscription = "/subscriptions/{subscription}"
    return [
        route("GET", f"{subscription}/providers/{{namespace}}", "arm_read", show_provider),
        route("GET", f"{subscription}/resources", "arm_read", list_resources),
        route("GET", f"{subscription}/providers/Microsoft.Insights/components", "arm_read", list_components),
    ]
