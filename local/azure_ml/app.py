"""One ASGI app out of all routes."""

import secrets
import threading
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from local.azure_ml.arm_access import arm_access_routes
from local.azure_ml.arm_events import arm_event_routes
from local.azure_ml.arm_routes import arm_routes
from local.azure_ml.blob_files import BlobFiles
from local.azure_ml.blobs import blob_routes
from local.azure_ml.call_log import CallLog
from local.azure_ml.config import EmulatorConfig
from local.azure_ml.control_api import control_routes
from local.azure_ml.control_plane import control_plane_routes
from local.azure_ml.event_feed import EventFeed
from local.azure_ml.faults import Faults
from local.azure_ml.import_routes import import_routes
from local.azure_ml.mlflow_artifacts import artifact_routes
from local.azure_ml.mlflow_experiments import experiment_routes
from local.azure_ml.mlflow_runs import run_routes
from local.azure_ml.persistence import StateWriter, load_state
from local.azure_ml.registry import registry_routes
from local.azure_ml.state import State
from local.azure_ml.tokens import AZURE_AUDIENCES, TokenCheck
from local.azure_ml.traffic import Traffic
from local.azure_ml.world import World


def build_world(config: EmulatorConfig, folder: Path, origin: str) -> World:
    """Put the parts together.

    Args:
        config: what is served.
        folder: for state and blobs.
        origin: ``https://127.0.0.1:<port>``.

    Raises:
        ConfigError: the state of an earlier run cannot be understood.
    """
    state_file = folder / "state.json" if config.persist else None
    state = load_state(state_file) if state_file else State()
    lock = threading.RLock()
    return World(
        config=config,
        behaviour=config.behaviour,
        state=state,
        origin=origin,
        sas_secret=secrets.token_bytes(32),
        files=BlobFiles(folder / "blobs"),
        tokens=TokenCheck(config.token_keys, (*AZURE_AUDIENCES, *config.audiences, origin)),
        faults=Faults(),
        calls=CallLog(),
        events=EventFeed(config.subscribers),
        writer=StateWriter(state, lock, state_file),
        arm=config.arm,
        lock=lock,
    )


def build_app(world: World) -> ASGIApp:
    """Return the app; the first matching route wins."""
    routes = [
        *control_routes(),
        *control_plane_routes(),
        *arm_routes(),
        *arm_event_routes(),
        *arm_access_routes(),
        *registry_routes(),
        *import_routes(),
        *run_routes(),
        *experiment_routes(),
        *artifact_routes(),
        *blob_routes(),
    ]
    app = Starlette(routes=routes, exception_handlers={404: _no_route, 405: _no_route})
    app.state.world = world
    return Traffic(app, routes, world)


def _no_route(request: Request, _error: Exception) -> Response:
    """Answer what is not emulated with a sentence that says so."""
    message = f"{request.method} {request.url.path} is not emulated; local/azure_ml/app.py lists all routes."
    return JSONResponse({"error": {"code": "NotEmulated", "message": message}}, 404)
