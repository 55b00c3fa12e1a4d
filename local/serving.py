"""Serving an ASGI app on the loopback address, for the commands of `local` and, in a thread, for tests."""

import asyncio
import contextlib
import json
import signal
import socket
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from local.ports import LOOPBACK, listen
from local.tls import Certificate

_CUT = "clearance.cut_connection"
_KEEP_ALIVE_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Site:
    """An app and where it listens.

    Attributes:
        app: the ASGI app.
        listener: the listening socket, so that the port is known before the app runs.
        certificate: for https; None serves plain http.
    """

    app: ASGIApp
    listener: socket.socket
    certificate: Certificate | None = None

    @property
    def url(self) -> str:
        """`scheme://127.0.0.1:port`, without a slash at the end."""
        return url_of(self.listener, "https" if self.certificate else "http")


class Server(uvicorn.Server):
    """A uvicorn server that leaves signals to whoever runs it; set `should_exit` to stop it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Cut idle connections, shut down as uvicorn does, cut the rest: pools of TLS clients never say goodbye."""
        for connection in list(self.server_state.connections):
            cycle = getattr(connection, "cycle", None)
            if cycle is None or cycle.response_complete:
                connection.transport.abort()
        await asyncio.sleep(0)  # the loop must see them closed
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        await asyncio.sleep(0.05)  # the loop must see them closed before it ends


def server_of(site: Site, grace: float = 2.0) -> Server:
    """The server for a site: no access log (URLs may hold keys), no server header, no lifespan.

    Args:
        site: what is served.
        grace: seconds to wait for requests under way when it stops.
    """
    tls = site.certificate
    return Server(
        uvicorn.Config(
            _droppable(site.app),
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=max(1, round(grace)),
            # A pool may send its next POST on a connection while the server closes it as idle; nobody repeats a POST.
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            ssl_certfile=tls.cert_file if tls else None,
            ssl_keyfile=tls.key_file if tls else None,
        )
    )


def url_of(listener: socket.socket, scheme: str) -> str:
    """`scheme://127.0.0.1:port`, without a slash at the end."""
    return f"{scheme}://{LOOPBACK}:{listener.getsockname()[1]}"


def site_on(app: ASGIApp, port: int = 0, certificate: Certificate | None = None) -> Site:
    """A site on `port` of the loopback address, 0 for a free one.

    Raises:
        OSError: the port is taken.
    """
    return Site(app, listen(port), certificate)


def run_until_signal(sites: Sequence[Site], ready: dict[str, Any]) -> None:
    """Serve all sites until SIGINT or SIGTERM; prints the ready line, `{"ready": true, ...}`, once they listen."""
    asyncio.run(_run_until_signal(sites, ready))


async def _run_until_signal(sites: Sequence[Site], ready: dict[str, Any]) -> None:
    servers = [server_of(site) for site in sites]

    def stop() -> None:
        for server in servers:
            server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    running = [asyncio.ensure_future(s.serve([site.listener])) for s, site in zip(servers, sites, strict=True)]
    print_ready(ready)  # the sockets listen already: an early request waits in the backlog
    await asyncio.gather(*running)


@contextlib.contextmanager
def serving(*sites: Site) -> Iterator[None]:
    """Serve all sites from a thread for the length of the block."""
    servers = [server_of(site) for site in sites]

    async def serve() -> None:
        await asyncio.gather(*(s.serve([site.listener]) for s, site in zip(servers, sites, strict=True)))

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="serving")
    thread.start()
    try:
        yield
    finally:
        for server in servers:
            server.should_exit = True
        thread.join()
        for site in sites:
            site.listener.close()


def print_ready(fields: dict[str, Any]) -> None:
    """Print the one line that `local.readiness.ready_line` waits for."""
    print(json.dumps({"ready": True, **fields}), flush=True)


async def drop_connection(scope: Scope) -> Response:
    """Cut the TCP connection of a request, as a broken network does; what it returns is never sent.

    Raises:
        RuntimeError: the app is not served by this module.
    """
    cut = scope.get(_CUT)
    if cut is None:
        raise RuntimeError("a connection can be dropped only where local.serving serves the app")
    cut()
    await asyncio.sleep(0.05)  # uvicorn must notice before it would complain that nothing was answered
    return Response(status_code=500)


def _droppable(app: ASGIApp) -> ASGIApp:
    """The app, with the means to cut its connections in the scope: only out here is `send` uvicorn's own."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        transport = getattr(getattr(send, "__self__", None), "transport", None)
        await app({**scope, _CUT: transport.abort} if transport else scope, receive, send)

    return serve
