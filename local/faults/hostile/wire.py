"""The Azure ML emulator behind a wire that hands on every answer as it is, but for one that becomes another."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local.azure_ml.app import build_app, build_world
from local.azure_ml.client import Emulator, cloud_metadata, cloud_name
from local.azure_ml.config import Behaviour, EmulatorConfig
from local.faults.emulator import WatchedEmulator
from local.faults.hostile.mangled import WireAnswer
from local.faults.hostile.trust import trusting
from local.platform.estate import ALIAS, REGISTRIES, WORKSPACE
from local.ports import listen
from local.serving import Site, serving, url_of
from local.tls import make_authority
from shared.adapters.azure_ml_settings import AzureMLSettings, Cloud, WorkspacePlace

_SENT_BY_THE_SERVER = {"content-length", "date", "server", "transfer-encoding", "connection"}
_NUMBERS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]+")
_DANA = {"authorization": "Bearer canary"}


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer. `route` is method and path, with numbers left out: they differ from call to call."""

    route: str
    answer: WireAnswer


@dataclass(slots=True)
class Wire:
    """An ASGI app around another. `passed` are the exchanges since `forget`; `struck` says whether `instead` was sent.

    `instead` is a route and what is answered there, once; the request is carried out all the same. What is put after
    that is not, for it may hold anything and would stay: it gets the answer of `sound`, by route.
    """

    app: ASGIApp
    passed: list[Exchange] = field(default_factory=list)
    instead: tuple[str, WireAnswer] | None = None
    struck: bool = False
    sound: dict[str, WireAnswer] = field(default_factory=dict)

    def forget(self, instead: tuple[str, WireAnswer] | None = None) -> None:
        """Begin anew, with one answer that becomes another."""
        self.passed.clear()
        self.instead, self.struck = instead, False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"].startswith("/_emulator"):
            await self.app(scope, receive, send)
            return
        route = _route(scope)
        if self.struck and scope["method"] == "PUT" and route in self.sound:
            await _send(self.sound[route], send)
            return
        told: list[Message] = []

        async def keep(message: Message) -> None:
            told.append(message)

        await self.app(scope, receive, keep)
        exchange = Exchange(route, _answer(told))
        self.passed.append(exchange)
        await _send(self._chosen(exchange), send)

    def _chosen(self, exchange: Exchange) -> WireAnswer:
        if self.instead is None or self.struck or self.instead[0] != exchange.route:
            return exchange.answer
        self.struck = True
        return self.instead[1]


@dataclass(frozen=True, slots=True)
class Wired:
    """The running emulator, its wire, and the settings that lead there."""

    emulator: WatchedEmulator
    wire: Wire
    settings: AzureMLSettings

    def register(self, name: str, **of: Any) -> None:
        """A version in the workspace or a registry."""
        self.emulator.control.models("register", name, "1", event=False, **of)

    def put_file(self, run: str, path: str, content: bytes) -> None:
        """A file among the artifacts of a run."""
        root = f"{self.emulator.url}/mlflow/v2.0{WORKSPACE.arm_id}/api/2.0/mlflow-artifacts/artifacts"
        self.emulator.client.put(f"{root}/ExperimentRun/dcid.{run}/{path}", content=content).raise_for_status()


@contextmanager
def wired() -> Iterator[Wired]:
    """Run it in a thread, and trust its certificate in this process, for the length of the block."""
    behaviour = Behaviour(import_seconds=0.01, retry_after=0.01)
    config = EmulatorConfig((WORKSPACE,), REGISTRIES, behaviour=behaviour, persist=False)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wire-azure-ml-")))
        authority = make_authority(folder / "tls")
        listener = stack.enter_context(listen(0))
        world = build_world(config, folder, url_of(listener, "https"))
        wire = Wire(build_app(world))
        stack.enter_context(serving(Site(wire, listener, authority.issue())))
        stack.enter_context(trusting(authority.ca_bundle))
        control = stack.enter_context(Emulator(world.origin, authority.ca_bundle))
        client = stack.enter_context(httpx.Client(verify=authority.client_context(), headers=_DANA, trust_env=False))
        port = int(listener.getsockname()[1])
        yield Wired(WatchedEmulator(world.origin, port, control, client, world), wire, _settings(port))


def _settings(port: int) -> AzureMLSettings:
    host = f"127.0.0.1:{port}"
    place = WorkspacePlace(WORKSPACE.subscription_id, WORKSPACE.resource_group, WORKSPACE.name)
    registries = tuple(registry.name for registry in REGISTRIES)
    cloud = Cloud.from_metadata(cloud_name(port), cloud_metadata(port))
    return AzureMLSettings({ALIAS: place}, registries, cloud, (), (host,), 5.0)


def _route(scope: Scope) -> str:
    return f"{scope['method']} {_NUMBERS.sub('0', scope['path'])}"


def _answer(told: list[Message]) -> WireAnswer:
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in told[0].get("headers", ()))
    kept = tuple(pair for pair in headers if pair[0] not in _SENT_BY_THE_SERVER)
    return WireAnswer(told[0]["status"], kept, b"".join(message.get("body", b"") for message in told[1:]))


async def _send(answer: WireAnswer, send: Send) -> None:
    empty = answer.status in {204, 304}  # HTTP allows them no body
    body = b"" if empty else answer.body
    told = [(name.encode("latin-1", "replace"), value.encode("latin-1", "replace")) for name, value in answer.headers]
    length = [] if empty else [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": answer.status, "headers": [*told, *length]})
    await send({"type": "http.response.body", "body": body})
