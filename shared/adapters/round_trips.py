"""How often a client asked its service: a transaction counts once, so does each page of a query and each repeat."""

from collections import Counter
from collections.abc import Callable
from threading import Lock
from typing import Any

from azure.core.pipeline import PipelineRequest
from azure.core.pipeline.policies import SansIOHTTPPolicy


class RoundTrips:
    """A count by service, safe between threads. Hand `hook` to storage clients, `policy` to other azure-core ones."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[str] = Counter()

    def count(self, service: str) -> None:
        """One more."""
        with self._lock:
            self._counts[service] += 1

    def reset(self) -> None:
        """Begin at zero."""
        with self._lock:
            self._counts.clear()

    @property
    def by_service(self) -> dict[str, int]:
        """The counts so far."""
        with self._lock:
            return dict(self._counts)

    @property
    def total(self) -> int:
        """All services together."""
        return sum(self.by_service.values())

    def hook(self, service: str) -> Callable[[PipelineRequest[Any]], None]:
        """What the clients of tables, blobs and queues take as `raw_request_hook`; they call it for every attempt."""
        return lambda _: self.count(service)

    def policy(self, service: str) -> SansIOHTTPPolicy[Any, Any]:
        """What other azure-core clients take among `per_retry_policies`."""
        return _Count(self, service)


class _Count(SansIOHTTPPolicy[Any, Any]):
    def __init__(self, round_trips: RoundTrips, service: str) -> None:
        super().__init__()
        self._round_trips = round_trips
        self._service = service

    def on_request(self, request: PipelineRequest[Any]) -> None:  # noqa: ARG002 - the base class names it
        """Count the attempt that is about to leave."""
        self._round_trips.count(self._service)
