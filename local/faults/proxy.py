"""A proxy in front of Azurite's three services that shows every call to a watch, and does to it what the watch says."""

import asyncio
import socket
import struct
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from types import TracebackType
from typing import Self

from local.azurite import AzuritePorts
from local.faults.calls import INSTEAD, Call, Fault, Watch
from local.faults.http_messages import Message, has_no_body, read_message
from local.faults.storage_answers import answer_to, refused_own_write
from local.ports import LOOPBACK, listen

_DELAY_SECONDS = 0.15
_LATE_SECONDS = 0.8  # by then its sender has tried again
_NOBODY = Watch()
_ENDED = (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)


class StorageProxy:
    """Serves from a thread of its own for the length of a `with` block.

    `watches` maps a storage account to who watches its calls; calls of other accounts pass unseen.
    """

    def __init__(self, upstream: AzuritePorts) -> None:
        self.watches: dict[str, Watch] = {}
        self._upstream = {"blobs": upstream.blob, "queues": upstream.queue, "tables": upstream.table}
        self._listeners = {service: listen(0) for service in self._upstream}
        self._connections: set[asyncio.Future[None]] = set()
        self._started: Future[asyncio.AbstractEventLoop] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="storage-proxy", daemon=True)

    @property
    def ports(self) -> AzuritePorts:
        """Where it listens."""
        found = {service: int(each.getsockname()[1]) for service, each in self._listeners.items()}
        return AzuritePorts(found["blobs"], found["queues"], found["tables"])

    def __enter__(self) -> Self:
        self._thread.start()
        self._started.result(10)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        loop = self._started.result()
        loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        servers = [await self._server(service) for service in self._upstream]
        self._started.set_result(asyncio.get_running_loop())
        await self._stop.wait()
        for server in servers:
            server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await asyncio.sleep(0.05)  # the loop must see them closed before it ends

    async def _server(self, service: str) -> asyncio.Server:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connection = _Connection(self.watches, service, self._upstream[service], reader, writer)
            serving = asyncio.ensure_future(connection.serve())
            self._connections.add(serving)
            serving.add_done_callback(self._connections.discard)
            await asyncio.wait([serving])

        return await asyncio.start_server(connected, sock=self._listeners[service])


class _Connection:
    """One connection of a client, and the one to Azurite that belongs to it."""

    def __init__(
        self,
        watches: Mapping[str, Watch],
        service: str,
        upstream: int,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._watches = watches
        self._service = service
        self._upstream = upstream
        self._reader = reader
        self._writer = writer
        self._behind: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def serve(self) -> None:
        """Pass on requests until either side ends, or a fault ends it."""
        try:
            while (request := await read_message(self._reader)) is not None:
                if not await self._pass_on(request):
                    break
        except _ENDED:
            pass
        finally:
            self._close()

    async def _pass_on(self, request: Message) -> bool:
        """Carry out one request; whether the connection lives on."""
        call = Call(self._service, request.method, request.path)
        watch = self._watches.get(request.path.split("/")[1], _NOBODY)
        fault = watch.arrived(call)
        if fault in INSTEAD:
            watch.struck(call, fault)
            return await self._refuse(fault)
        if fault is Fault.DELAY:
            await asyncio.sleep(_DELAY_SECONDS)
        if fault is Fault.LATE:
            watch.struck(call, fault)
            self._writer.close()
            await asyncio.sleep(_LATE_SECONDS)
        answer = await self._ask(request)
        refused = refused_own_write(request, answer, self._service) if fault is Fault.OWN_WRITE else None
        if fault not in (None, Fault.LATE) and (refused or fault is not Fault.OWN_WRITE):
            watch.struck(call, fault)
        watch.answered(call)
        return await self._answer(answer, refused, fault)

    async def _refuse(self, fault: Fault) -> bool:
        if fault is Fault.RESET:
            self._reset()
        if fault in (Fault.DROP, Fault.RESET):
            return False
        await self._send(answer_to(fault, self._service))
        return True

    async def _answer(self, answer: Message, refused: bytes | None, fault: Fault | None) -> bool:
        if fault is Fault.RESET_ANSWER:
            self._reset()
        if fault in (Fault.DROP_ANSWER, Fault.RESET_ANSWER, Fault.LATE):
            return False
        if fault is Fault.TRUNCATE:
            await self._send(answer.raw[: len(answer.raw) - max(1, len(answer.body) // 2)])
            return False
        await self._send(refused or answer.raw)
        return True

    async def _ask(self, request: Message) -> Message:
        if self._behind is not None and self._behind[0].at_eof():  # Azurite ends what was idle for five seconds
            self._behind[1].close()
            self._behind = None
        if self._behind is None:
            self._behind = await asyncio.open_connection(LOOPBACK, self._upstream)
        reader, writer = self._behind
        writer.write(request.raw)
        answer = await read_message(reader, without_body=has_no_body(request.method))
        if answer is None:
            raise ConnectionResetError
        return answer

    async def _send(self, raw: bytes) -> None:
        self._writer.write(raw)
        await self._writer.drain()

    def _reset(self) -> None:
        """End with RST in place of FIN, as a crashed peer or a firewall does."""
        found: socket.socket | None = self._writer.get_extra_info("socket")
        if found is not None:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _close(self) -> None:
        self._writer.close()
        if self._behind is not None:
            self._behind[1].close()
