"""A transport that commits and then loses the answer, as networks do."""

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
