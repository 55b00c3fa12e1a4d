"""The identity endpoint of App Service for workers of every lane, which refuses those of a lane while it is told to."""

import threading
from itertools import cycle

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from local.token_issuer.identity_endpoint import PATH

# What App Service is documented to answer in trouble, and a front end before it.
_REFUSALS = (400, 403, 429, 500, 503)


class WatchedIdentity:
    """Serves the endpoint below a path of its own for each lane, so that lanes do not meet."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._statuses = cycle(_REFUSALS)
        self._refused: dict[str, int] = {}

    @staticmethod
    def path(lane: int) -> str:
        """What follows the address, for the workers of the emulator on port `lane`."""
        return f"/{lane}{PATH}"

    def refuse(self, lane: int) -> None:
        """From now on a worker of this lane that has no token yet is given none."""
        with self._lock:
            self._refused[str(lane)] = 0

    def give(self, lane: int) -> int:
        """Give tokens again; how often one was refused meanwhile."""
        with self._lock:
            return self._refused.pop(str(lane), 0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the endpoint does, or refuse with the next status of the list."""
        lane, _, path = str(scope["path"]).removeprefix("/").partition("/")
        status = self._refusal(lane)
        if status is None:
            await self._app({**scope, "path": f"/{path}"}, receive, send)
        else:
            body = {"statusCode": status, "message": "no token for the time being"}
            await JSONResponse(body, status)(scope, receive, send)

    def _refusal(self, lane: str) -> int | None:
        with self._lock:
            if lane not in self._refused:
                return None
            self._refused[lane] += 1
            return next(self._statuses)
