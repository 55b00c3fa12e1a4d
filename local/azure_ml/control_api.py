"""The emulator's own routes, for tests and demonstrations: faults, calls, events, models, behaviour. No bearer needed."""

import json
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter, ValidationError
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.azure_ml.arm_config import ARM
from local.azure_ml.config import Behaviour, list_faults
from local.azure_ml.control_models import apply_change, parse_change
from local.azure_ml.endpoints import Call, route
from local.azure_ml.event_feed import Mode
from local.azure_ml.faults import bad_control, parse_rules
from local.azure_ml.rendering import version_json
from local.azure_ml.world import World

CONTROL = "/_emulator"
_MODE: TypeAdapter[Mode] = TypeAdapter(Mode)
_BEHAVIOUR: TypeAdapter[Behaviour] = TypeAdapter(Behaviour)


def show_health(world: World, _call: Call) -> Response:
    """GET: that it runs, and what it serves."""
    workspaces = [{**asdict(w), "workspace_id": w.guid, "arm_id": w.arm_id} for w in world.config.workspaces]
    registries = [asdict(registry) for registry in world.config.registries]
    return JSONResponse({"status": "ok", "workspaces": workspaces, "registries": registries})


def add_faults(world: World, call: Call) -> Response:
    """POST a list of rules."""
    world.faults.add(parse_rules(call.body))
    return JSONResponse(world.faults.as_json(), 201)


def show_faults(world: World, _call: Call) -> Response:
    """GET the armed rules and how often each struck."""
    return JSONResponse(world.faults.as_json())


def clear_faults(world: World, _call: Call) -> Response:
    """DELETE all rules."""
    world.faults.clear()
    return Response(status_code=204)


def show_calls(world: World, _call: Call) -> Response:
    """GET the log of calls."""
    return JSONResponse(world.calls.as_json())


def clear_calls(world: World, _call: Call) -> Response:
    """DELETE the log of calls."""
    world.calls.clear()
    return Response(status_code=204)


def change_models(world: World, call: Call) -> Response:
    """POST one change of models."""
    change = parse_change(call.body)
    models = apply_change(world, change)
    owner = world.workspace_named(change.workspace) if change.workspace else world.registry(change.registry or "")
    return JSONResponse([version_json(world, owner, model) for model in models])


def show_imports(world: World, _call: Call) -> Response:
    """GET the counters of imports by ``registry:name:version``."""
    return JSONResponse({key: asdict(count) for key, count in world.state.imports.items()})


def show_events(world: World, _call: Call) -> Response:
    """GET mode, held, dropped and deliveries."""
    return JSONResponse(world.events.as_json())


def set_event_mode(world: World, call: Call) -> Response:
    """POST how the next events are mistreated."""
    try:
        world.events.set_mode(_MODE.validate_json(call.body))
    except ValidationError as error:
        raise bad_control(list_faults(error)) from error
    return JSONResponse(world.events.as_json())


def reset_events(world: World, _call: Call) -> Response:
    """DELETE: plain delivery again; held events go out."""
    world.events.reset()
    return Response(status_code=204)


def show_behaviour(world: World, _call: Call) -> Response:
    """GET the switches."""
    return JSONResponse(_as_json(world.behaviour))


def change_behaviour(world: World, call: Call) -> Response:
    """PATCH some switches; the others stay."""
    merged = json.dumps({**_as_json(world.behaviour), **call.json()})
    try:
        world.behaviour = _BEHAVIOUR.validate_json(merged)
    except ValidationError as error:
        raise bad_control(list_faults(error)) from error
    return JSONResponse(_as_json(world.behaviour))


def show_arm(world: World, _call: Call) -> Response:
    """GET what the resource manager answers beside workspaces."""
    return JSONResponse(ARM.dump_python(world.arm, mode="json"))


def change_arm(world: World, call: Call) -> Response:
    """PATCH some of it; what is named is replaced as a whole."""
    merged = json.dumps({**ARM.dump_python(world.arm, mode="json"), **call.json()})
    try:
        world.arm = ARM.validate_json(merged)
    except ValidationError as error:
        raise bad_control(list_faults(error)) from error
    return JSONResponse(ARM.dump_python(world.arm, mode="json"))


def _as_json(behaviour: Behaviour) -> dict[str, Any]:
    return dict(_BEHAVIOUR.dump_python(behaviour, mode="json"))


def control_routes() -> list[Route]:
    """Return all routes of this module."""
    return [
        route("GET", f"{CONTROL}/health", "control", show_health),
        route("POST", f"{CONTROL}/faults", "control", add_faults),
        route("GET", f"{CONTROL}/faults", "control", show_faults),
        route("DELETE", f"{CONTROL}/faults", "control", clear_faults),
        route("GET", f"{CONTROL}/calls", "control", show_calls),
        route("DELETE", f"{CONTROL}/calls", "control", clear_calls),
        route("POST", f"{CONTROL}/models", "control", change_models),
        route("GET", f"{CONTROL}/imports", "control", show_imports),
        route("GET", f"{CONTROL}/events", "control", show_events),
        route("POST", f"{CONTROL}/events", "control", set_event_mode),
        route("DELETE", f"{CONTROL}/events", "control", reset_events),
        route("GET", f"{CONTROL}/behaviour", "control", show_behaviour),
        route("PATCH", f"{CONTROL}/behaviour", "control", change_behaviour),
        route("GET", f"{CONTROL}/arm", "control", show_arm),
        route("PATCH", f"{CONTROL}/arm", "control", change_arm),
    ]
