"""Role assignments, role definitions and deny assignments, as api-version 2022-04-01 answers them.

Filters: learn.microsoft.com/azure/role-based-access-control/role-assignments-list-rest. ``atScope()`` leaves out what lies
below the scope; ``assignedTo('id')`` takes groups into account, nested ones too; others are refused, as the service does.
"""

import re
import uuid
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.azure_ml.arm_config import Assignment, Denial, Role
from local.azure_ml.endpoints import Call, route
from local.azure_ml.errors import arm_error
from local.azure_ml.rendering import page_json
from local.azure_ml.world import World

PROVIDER = "providers/Microsoft.Authorization"
_FILTER = re.compile(r"(?:(?P<at>atScope\(\)))?(?: and )?(?:assignedTo\('(?P<principal>[^']*)'\))?")


def list_assignments(world: World, call: Call) -> Response:
    """List of role assignments at and above a scope, and below it unless the filter says ``atScope()``."""
    asked, scope = _asked(call), f"/{call.path['scope']}"
    wanted = world.arm.groups_of(asked["principal"]) if asked["principal"] else None
    found = [
        _assignment(world, each)
        for each in world.arm.assignments
        if _counts(each.scope, scope, below=not asked["at"]) and (wanted is None or each.principal.lower() in wanted)
    ]
    return JSONResponse(page_json(world, call.url_path, dict(call.query), found))


def list_denials(world: World, call: Call) -> Response:
    """List of deny assignments, by the same filter."""
    asked, scope = _asked(call), f"/{call.path['scope']}"
    found = [_denial(each) for each in world.arm.denials if _counts(each.scope, scope, below=not asked["at"])]
    return JSONResponse(page_json(world, call.url_path, dict(call.query), found))


def list_definitions(world: World, call: Call) -> Response:
    """List of all roles."""
    found = [_definition(call, each) for each in world.arm.all_roles]
    return JSONResponse(page_json(world, call.url_path, dict(call.query), found))


def show_definition(world: World, call: Call) -> Response:
    """GET of one role by its GUID."""
    guid = call.path["role"]
    for each in world.arm.all_roles:
        if each.id.lower() == guid.lower():
            return JSONResponse(_definition(call, each))
    message = f"The specified role definition with ID '{guid}' does not exist."
    raise arm_error(404, "RoleDefinitionDoesNotExist", message)


def _asked(call: Call) -> dict[str, str | None]:
    text = call.query.get("$filter", "")
    found = _FILTER.fullmatch(text)
    if found is None:
        raise arm_error(400, "UnsupportedQuery", f"The filter '{text}' is not supported.")
    return found.groupdict()


def _counts(assigned: str, scope: str, *, below: bool) -> bool:
    above, here = _parts(assigned), _parts(scope)
    if assigned == "/" or above[:3] == ["providers", "microsoft.management", "managementgroups"]:
        return True
    return here[: len(above)] == above or (below and above[: len(here)] == here)


def _parts(scope: str) -> list[str]:
    return scope.strip("/").lower().split("/")


def _role_id(world: World, each: Assignment) -> str:
    guid = next((role.id for role in world.arm.all_roles if role.name == each.role), each.role)
    parts = each.scope.split("/")
    subscription = f"/subscriptions/{parts[2]}/" if parts[1] == "subscriptions" else "/"
    return f"{subscription}{PROVIDER}/roleDefinitions/{guid}"


def _assignment(world: World, each: Assignment) -> dict[str, Any]:
    name = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{each.scope} {each.role} {each.principal}"))
    properties = {
        "roleDefinitionId": _role_id(world, each),
        "principalId": each.principal,
        "principalType": each.principal_type,
        "scope": each.scope,
        "condition": each.condition,
        "conditionVersion": "2.0" if each.condition else None,
        "createdOn": each.created_on,
        "updatedOn": each.created_on,
        "createdBy": None,
        "updatedBy": None,
        "delegatedManagedIdentityResourceId": None,
        "description": None,
    }
    kind = "roleAssignments"
    place = f"{each.scope.rstrip('/')}/{PROVIDER}/{kind}/{name}"
    return {"properties": properties, "id": place, "type": f"Microsoft.Authorization/{kind}", "name": name}


def _denial(each: Denial) -> dict[str, Any]:
    permission = {
        "actions": list(each.actions),
        "notActions": [],
        "dataActions": list(each.data_actions),
        "notDataActions": [],
    }
    name = str(uuid.uuid5(uuid.NAMESPACE_URL, f"deny {each.name}"))
    properties = {
        "denyAssignmentName": each.name,
        "description": "",
        "permissions": [permission],
        "scope": each.scope,
        "doNotApplyToChildScopes": False,
        "principals": [{"id": one, "type": "SystemDefined"} for one in each.principals],
        "excludePrincipals": [{"id": one, "type": "ServicePrincipal"} for one in each.excluded],
        "isSystemProtected": True,
    }
    place = f"{each.scope.rstrip('/')}/{PROVIDER}/denyAssignments/{name}"
    return {"properties": properties, "id": place, "type": "Microsoft.Authorization/denyAssignments", "name": name}


def _definition(call: Call, each: Role) -> dict[str, Any]:
    permission = {
        "actions": list(each.actions),
        "notActions": list(each.not_actions),
        "dataActions": list(each.data_actions),
        "notDataActions": list(each.not_data_actions),
    }
    properties = {
        "roleName": each.name,
        "type": "BuiltInRole" if each.built_in else "CustomRole",
        "description": "",
        "assignableScopes": ["/"],
        "permissions": [permission],
    }
    place = f"/{'/'.join(call.path['scope'].split('/')[:2])}/{PROVIDER}/roleDefinitions/{each.id}"
    return {"properties": properties, "id": place, "type": "Microsoft.Authorization/roleDefinitions", "name": each.id}


def arm_access_routes() -> list[Route]:
    """Return all routes of this module."""
    at = f"/{{scope:path}}/{PROVIDER}"
    return [
        route("GET", f"{at}/roleAssignments", "arm_read", list_assignments),
        route("GET", f"{at}/denyAssignments", "arm_read", list_denials),
        route("GET", f"{at}/roleDefinitions", "arm_read", list_definitions),
        route("GET", f"{at}/roleDefinitions/{{role}}", "arm_read", show_definition),
    ]
