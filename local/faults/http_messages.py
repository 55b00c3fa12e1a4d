"""HTTP/1.1 messages read off a connection whole, as bytes that can be passed on unchanged (RFC 9112)."""

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """A request or an answer. `body` is as it came on the wire, its chunks still framed."""

    start: str
    headers: dict[str, str]
    head: bytes
    body: bytes

    @property
    def raw(self) -> bytes:
        """Every byte of it."""
        return self.head + self.body

    @property
    def method(self) -> str:
        """Of a request."""
        return self.start.split(" ")[0]

    @property
    def path(self) -> str:
        """Of a request, with its query."""
        return self.start.split(" ")[1]

    @property
    def status(self) -> int:
        """Of an answer."""
        return int(self.start.split(" ")[1])


def has_no_body(method: str) -> bool:
    """Whether answers to a method never have one."""
    return method == "HEAD"


async def read_message(reader: asyncio.StreamReader, *, without_body: bool = False) -> Message | None:
    """Read one message; None where the connection ended before it began.

    Raises:
        asyncio.IncompleteReadError: it ended within.
    """
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as ended:
        if ended.partial:
            raise
        return None
    start, *lines = head.decode("latin-1").split("\r\n")[:-2]
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    without_body = without_body or start.startswith(("HTTP/1.1 204", "HTTP/1.1 304"))
    body = b"" if without_body else await _body(reader, headers)
    return Message(start, headers, head, body)


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() != "chunked":
        return await reader.readexactly(int(headers.get("content-length", "0")))
    body = b""
    while True:
        size = await reader.readuntil(b"\r\n")
        body += size + await reader.readexactly(int(size.split(b";")[0], 16) + 2)
        if int(size.split(b";")[0], 16) == 0:
            return body
