"""Transports that do what networks do: lose an answer after the commit, or take so long that others come between."""

from collections.abc import Callable
from typing import Any

from azure.core.exceptions import ServiceResponseError
from azure.core.pipeline.transport import RequestsTransport


class ForgetfulTransport(RequestsTransport):  # type: ignore[misc] # azure-core resolves the name at run time
    """Loses the answers to the next requests of some methods, after the service has done what was asked."""

    def __init__(self) -> None:
        super().__init__(connection_timeout=5, read_timeout=30)
        self._losses: dict[str, int] = {}

    def lose(self, method: str, times: int = 1) -> None:
        """Lose the answers to the next `times` requests of `method`."""
        self._losses[method] = times

    def send(self, request: Any, **kwargs: Any) -> Any:
        """Send, and forget what was answered where that was asked for."""
        response = super().send(request, **kwargs)
        if self._losses.get(request.method, 0) > 0:
            self._losses[request.method] -= 1
            raise ServiceResponseError(f"the answer to {request.method} was lost")
        return response


class InterruptedTransport(RequestsTransport):  # type: ignore[misc] # likewise
    """Lets somebody else act just before a request of a method: the next one, or the one after, as between two pages."""

    def __init__(self) -> None:
        super().__init__(connection_timeout=5, read_timeout=30)
        self._method = ""
        self._left = 0
        self._action: Callable[[], object] = lambda: None

    def before(self, method: str, action: Callable[[], object]) -> None:
        """Run `action` once, before the next request of `method`."""
        self._method, self._left, self._action = method, 1, action

    def between(self, method: str, action: Callable[[], object]) -> None:
        """Run `action` once, before the second request of `method` from now on."""
        self._method, self._left, self._action = method, 2, action

    def send(self, request: Any, **kwargs: Any) -> Any:
        """Send, after whoever comes between."""
        if request.method == self._method and self._left:
            self._left -= 1
            if not self._left:
                self._action()
        return super().send(request, **kwargs)
