"""The Azure ML emulator in this process, with a watch on every call of the worker it serves."""

import asyncio
import json
import socket
import struct
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import jwt
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local.azure_ml.app import build_app, build_world
from local.azure_ml.client import Emulator, cloud_metadata, cloud_name
from local.azure_ml.config import Behaviour, EmulatorConfig
from local.azure_ml.control_models import apply_change, parse_change
from local.azure_ml.world import World
from local.faults.calls import INSTEAD, Call, Fault, Watch
from local.platform.estate import REGISTRIES, WORKSPACE
from local.ports import listen
from local.serving import Site, drop_connection, serving, url_of
from local.tls import Authority

IMPORT_SECONDS = 0.05
# Nobody checks its signature here; its claims say who logs runs.
_TOKEN = jwt.encode({"oid": "da4a0000-0000-4000-8000-000000000011", "name": "Dana Osei"}, "k" * 32, algorithm="HS256")
_DANA = {"authorization": f"Bearer {_TOKEN}"}


@dataclass(slots=True)
class WatchedEmulator:
    """A running emulator. Set `watch` to see and strike the calls of the run it serves now."""

    url: str
    port: int
    control: Emulator
    client: httpx.Client
    world: World
    watch: Watch | None = None

    @property
    def cloud(self) -> dict[str, Any]:
        """The setting `CLEARANCE_CLOUD`."""
        return {"name": cloud_name(self.port), "metadata": cloud_metadata(self.port)}

    def change_now(self, **change: Any) -> None:
        """Change a model from within a watch, where the control routes cannot be asked."""
        with self.world.lock:
            apply_change(self.world, parse_change(json.dumps(change).encode()))

    def log_run(self, metrics: Mapping[str, str], tags: Mapping[str, str]) -> str:
        """Log a finished run as Dana, as MLflow's client does; returns its id."""
        root = f"{self.url}/mlflow/v2.0{WORKSPACE.arm_id}/api/2.0/mlflow/runs"
        now = int(time.time() * 1000)

        def send(route: str, body: dict[str, Any]) -> Any:
            return self.client.post(f"{root}/{route}", json=body).raise_for_status().json()

        told = [{"key": key, "value": value} for key, value in tags.items()]
        run = str(send("create", {"tags": told})["run"]["info"]["run_id"])
        measured = [{"key": key, "value": float(value), "timestamp": now, "step": 0} for key, value in metrics.items()]
        send("log-batch", {"run_id": run, "metrics": measured})
        send("update", {"run_id": run, "status": "FINISHED", "end_time": now})
        return run

    def heal(self) -> None:
        """No rules, and the plain behaviour."""
        self.control.clear_faults()
        self.control.set_behaviour(import_final_body="location_empty", import_seconds=IMPORT_SECONDS)


@contextmanager
def watched_emulator(authority: Authority) -> Iterator[WatchedEmulator]:
    """Run one in a thread for the length of the block: the sample estate, any token, nothing kept."""
    behaviour = Behaviour(import_seconds=IMPORT_SECONDS, retry_after=0.05)
    config = EmulatorConfig((WORKSPACE,), REGISTRIES, behaviour=behaviour, persist=False)
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="faults-azure-ml-"))
        listener = stack.enter_context(listen(0))
        world = build_world(config, Path(folder), url_of(listener, "https"))
        watched = WatchedApp(build_app(world))
        stack.enter_context(serving(Site(watched, listener, authority.issue())))
        control = stack.enter_context(Emulator(world.origin, authority.ca_bundle))
        client = stack.enter_context(httpx.Client(verify=authority.client_context(), headers=_DANA, trust_env=False))
        emulator = WatchedEmulator(world.origin, int(listener.getsockname()[1]), control, client, world)
        watched.emulator = emulator
        yield emulator


class WatchedApp:
    """The emulator's app behind its watch."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.emulator: WatchedEmulator | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or let it fail as the watch says."""
        watch = self.emulator.watch if self.emulator else None
        if scope["type"] != "http" or watch is None or scope["path"].startswith("/_emulator"):
            await self._app(scope, receive, send)
            return
        call = Call("azure_ml", scope["method"], scope["path"])
        body = await _whole(receive)  # only a request that has arrived whole counts as a call
        fault = watch.arrived(call)
        if fault in INSTEAD:
            watch.struck(call, fault)
            await _cut(scope, send, fault)
        elif fault in (Fault.DROP_ANSWER, Fault.RESET_ANSWER):
            await self._app(scope, _again(body), _nowhere)
            watch.struck(call, fault)
            watch.answered(call)
            await _cut(scope, send, fault)
        else:
            await self._app(scope, _again(body), _telling(send, watch, call))


async def _cut(scope: Scope, send: Send, fault: Fault) -> None:
    """End the connection with FIN, as whoever closes it does, or with RST, as a crashed peer or a firewall does."""
    transport: asyncio.Transport = send.__self__.transport  # type: ignore[attr-defined] # uvicorn's own request
    if fault in (Fault.RESET, Fault.RESET_ANSWER) and not transport.is_closing():  # a rule may have cut it before
        found = transport.get_extra_info("socket")
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    await drop_connection(scope)


async def _whole(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _again(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _nowhere(_message: Message) -> None:
    """Lose a part of an answer."""


def _telling(send: Send, watch: Watch, call: Call) -> Send:
    """Tell the watch before the first part of the answer leaves."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            watch.answered(call)
        await send(message)

    return sending
