"""The outermost layer: every call is classified, may be struck by a fault, and is logged."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from starlette.responses import JSONResponse
from starlette.routing import Match as RouteMatch
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local.azure_ml.call_log import LoggedCall
from local.azure_ml.faults import TRANSPORT_ACTIONS, Rule, Target
from local.azure_ml.timestamps import wire_time
from local.azure_ml.world import World
from local.serving import drop_connection

CUTTING_ACTIONS = frozenset({"drop_before", "drop_after", "truncate_body"})
STATUS_CODES = {429: "TooManyRequests", 500: "InternalServerError", 503: "ServiceUnavailable", 504: "GatewayTimeout"}


@dataclass(slots=True)
class _Answer:
    """What the app answered, kept so that it can be withheld or cut."""

    messages: list[Message] = field(default_factory=list)

    async def keep(self, message: Message) -> None:
        self.messages.append(message)

    def status(self) -> int:
        return int(self.messages[0]["status"])

    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages[1:])


@dataclass(frozen=True, slots=True)
class Traffic:
    """ASGI middleware. It must be the outermost: cutting a connection needs what ``local.serving`` puts into the scope."""

    app: ASGIApp
    routes: Sequence[Route]
    world: World

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        target, template = self._classify(scope)
        if scope["type"] != "http" or target.operation == "control":
            await self.app(scope, receive, send)
            return
        number, at, start = self.world.calls.next_number(), wire_time(), time.perf_counter()
        rule = self.world.faults.take(target, TRANSPORT_ACTIONS)
        status = await self._perform(rule, scope, receive, send)
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        call = LoggedCall(
            number=number,
            method=target.method,
            path=target.path,
            query=_without_signature(scope["query_string"].decode("latin-1")),
            template=template,
            operation=target.operation,
            owner=target.registry or target.workspace,
            status=status,
            at=at,
            seconds=round(time.perf_counter() - start, 6),
            fault=rule.action if rule else None,
            agent=headers.get("user-agent", ""),
        )
        self.world.calls.add(call)
        if rule and rule.action in CUTTING_ACTIONS:  # after logging: the client sends again at once
            await drop_connection(scope)

    def _classify(self, scope: Scope) -> tuple[Target, str]:
        for each in self.routes:
            matched, child = each.matches(scope)
            if matched is RouteMatch.FULL:
                path = child["path_params"]
                names = path.get("workspace", ""), path.get("registry", "")
                return Target(scope["method"], scope["path"], each.name, *names), each.path
        return Target(scope.get("method", ""), scope.get("path", ""), "unknown"), ""

    async def _perform(self, rule: Rule | None, scope: Scope, receive: Receive, send: Send) -> int | None:
        """Answer as the rule says, all but the cut; returns the status sent, or ``None`` if none was."""
        if rule is None:
            return await self._plain(scope, receive, send)
        match rule.action:
            case "status":
                if rule.when == "after":
                    await self._kept(scope, receive)
                await _refusal(rule)(scope, receive, send)
                return rule.code
            case "delay":
                return await self._slow(rule, scope, receive, send)
            case "drop_before":
                return None
            case "drop_after":
                await self._kept(scope, receive)
                return None
            case _:
                return await self._halved(scope, receive, send)

    async def _plain(self, scope: Scope, receive: Receive, send: Send) -> int | None:
        status: int | None = None

        async def watch(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        await self.app(scope, receive, watch)
        return status

    async def _kept(self, scope: Scope, receive: Receive) -> _Answer:
        answer = _Answer()
        await self.app(scope, receive, answer.keep)
        return answer

    async def _slow(self, rule: Rule, scope: Scope, receive: Receive, send: Send) -> int | None:
        if rule.when == "before":
            await asyncio.sleep(rule.seconds)
            return await self._plain(scope, receive, send)
        answer = await self._kept(scope, receive)
        await asyncio.sleep(rule.seconds)
        for message in answer.messages:
            await send(message)
        return answer.status()

    async def _halved(self, scope: Scope, receive: Receive, send: Send) -> int | None:
        """Send headers that promise the whole body, and half of it."""
        answer = await self._kept(scope, receive)
        body = answer.body()
        await send(answer.messages[0])
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        await asyncio.sleep(0.05)  # lets it leave before the connection is cut
        return answer.status()


def _refusal(rule: Rule) -> JSONResponse:
    code = STATUS_CODES.get(rule.code, f"Status{rule.code}")
    body = rule.body or {"error": {"code": code, "message": f"The emulator was told to answer {rule.code}."}}
    headers = {"Retry-After": str(rule.retry_after)} if rule.retry_after is not None else None
    return JSONResponse(body, rule.code, headers)


def _without_signature(query: str) -> str:
    return "&".join(part for part in query.split("&") if not part.startswith("sig="))
