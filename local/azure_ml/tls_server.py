"""A server whose TLS connections live as long as their clients and end at once when it stops.

Connection pools never say goodbye: uvicorn would wait for each at the end, and would close what was idle for 5 s while
the client sends its next POST on it, which no client repeats.
"""

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Iterator

from local.serving import Server, Site, server_of

KEEP_ALIVE_SECONDS = 3600


class TlsServer(Server):
    """Cuts idle connections before it waits for the requests under way."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening and end."""
        for connection in list(self.server_state.connections):
            cycle = getattr(connection, "cycle", None)
            if cycle is None or cycle.response_complete:
                connection.transport.abort()
        await asyncio.sleep(0)  # the loop must see them closed
        await super().shutdown(sockets)


def _server(site: Site) -> TlsServer:
    config = server_of(site).config
    config.timeout_keep_alive = KEEP_ALIVE_SECONDS
    return TlsServer(config)


@contextlib.contextmanager
def serving(site: Site) -> Iterator[None]:
    """Serve from a thread for the length of the block."""
    server = _server(site)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([site.listener])), name="azure-ml-emulator")
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


def serve_until_signal(site: Site) -> None:
    """Serve until SIGINT or SIGTERM."""
    server = _server(site)

    async def serve() -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, setattr, server, "should_exit", True)
        await server.serve([site.listener])

    asyncio.run(serve())
