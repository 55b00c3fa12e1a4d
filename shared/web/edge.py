"""The outermost layer: what is refused before anything reads it, what every answer carries, and what a crash says."""

import logging
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from shared.domain.visible import visible
from shared.ports import NewId
from shared.web.problems import Answer, problem

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGEST_BODY = 256 * 1024
"""Bytes of a request's body."""

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

# Every path of ours is made of these; what else a path could say, two readers could read in two ways.
_SEGMENT = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._~:@-]+")

log = logging.getLogger("clearance.web")


def is_normal(path: str) -> bool:
    """Whether a path, as it was sent, can be read in one way only.

    Not normal: `.` and `..` segments, `//` and a slash at the end, anything percent-encoded, backslashes, control
    characters, and whatever else no path of ours holds.
    """
    return path == "/" or (path.startswith("/") and all(map(_SEGMENT.fullmatch, path[1:].split("/"))))


class Edge:
    """ASGI middleware around the whole app.

    Args:
        app: what is guarded.
        new_id: names incidents.
    """

    def __init__(self, app: App, new_id: NewId) -> None:
        self._app = app
        self._new_id = new_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        guarded = _Guarded(send)
        refusal = _refused_path(scope) or _refused_length(scope)
        body = b"" if refusal else await _body(receive)
        if body is None:
            refusal = _too_large()
        if refusal or body is None:
            await _answer(refusal or _too_large(), guarded.send)
            return
        await self._serve(scope, _again(body, receive), guarded)

    async def _serve(self, scope: Scope, receive: Receive, guarded: "_Guarded") -> None:
        try:
            await self._app(scope, receive, guarded.send)
        except Exception:  # the last line: a crash is logged under an id, and never shown
            incident = self._new_id()
            log.exception("incident %s: %s %s", incident, scope["method"], visible(scope["path"]))
            if guarded.started:
                raise
            said = f"This is not your fault. Give an operator the incident {incident}; its log says what broke."
            await _answer(problem("unexpected", said, incident=incident), guarded.send)


class _Guarded:
    """A `send` that adds the security headers and knows whether an answer has begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            own = {name.lower() for name, _ in message["headers"]}
            added = [(n.lower().encode(), v.encode()) for n, v in SECURITY_HEADERS.items()]
            message["headers"] = [*message["headers"], *(pair for pair in added if pair[0] not in own)]
        await self._send(message)


def _refused_path(scope: Scope) -> Answer | None:
    sent = scope.get("raw_path") or scope["path"].encode()
    if is_normal(scope["path"]) and is_normal(sent.decode("latin-1").partition("?")[0]):
        return None
    return problem(
        "path_not_normal",
        "Paths here hold letters, digits and . _ ~ : @ - between single slashes, and nothing is percent-encoded.",
    )


def _refused_length(scope: Scope) -> Answer | None:
    stated = [value for name, value in _headers(scope) if name == b"content-length"]
    if len(stated) > 1 or not all(value.isdigit() and len(value) <= 20 for value in stated):
        return problem("malformed_request", "Content-Length must be one whole number of bytes.")
    return _too_large() if stated and int(stated[0]) > LARGEST_BODY else None


def _too_large() -> Answer:
    return problem("body_too_large", f"At most {LARGEST_BODY} bytes are read; nothing of this request was.")


def _headers(scope: Scope) -> Iterable[tuple[bytes, bytes]]:
    return ((name.lower(), value) for name, value in scope["headers"])


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None as soon as there is too much of it."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > LARGEST_BODY:
            return None
        chunks.append(chunk)
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return b"".join(chunks)


def _again(body: bytes, receive: Receive) -> Receive:
    """A `receive` that hands the body over once, then waits for the client to go."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return pending.pop() if pending else await receive()

    return next_message


async def _answer(answer: Answer, send: Send) -> None:
    response = answer.response()
    await send({"type": "http.response.start", "status": response.status_code, "headers": list(response.raw_headers)})
    await send({"type": "http.response.body", "body": response.body})
