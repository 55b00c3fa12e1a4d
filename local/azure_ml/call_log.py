"""The log of calls that tests and benchmarks count."""

import threading
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

MOST_KEPT = 50_000


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """One request as it was answered.

    Attributes:
        operation: the group of the route, such as ``import``, ``poll``, ``registry_read`` or ``workspace_read``.
        template: the route's path template.
        status: the HTTP status sent, or ``None`` when the connection was cut instead.
        at: wire time of arrival.
        seconds: time until the answer was complete.
        fault: the action of the fault that struck, if any.
        agent: the User-Agent header.
    """

    number: int
    method: str
    path: str
    query: str
    template: str
    operation: str
    owner: str
    status: int | None
    at: str
    seconds: float
    fault: str | None
    agent: str


@dataclass(slots=True)
class CallLog:
    """The calls answered last."""

    _calls: deque[LoggedCall] = field(default_factory=lambda: deque(maxlen=MOST_KEPT))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _count: int = 0

    def next_number(self) -> int:
        """Return the number of the next call, counted from 1 since the start."""
        with self._lock:
            self._count += 1
            return self._count

    def add(self, call: LoggedCall) -> None:
        """Remember a call."""
        with self._lock:
            self._calls.append(call)

    def clear(self) -> None:
        """Forget all calls; numbers go on."""
        with self._lock:
            self._calls.clear()

    def as_json(self) -> list[dict[str, Any]]:
        """Return all kept calls in the order they arrived."""
        with self._lock:
            return [asdict(call) for call in sorted(self._calls, key=lambda call: call.number)]
