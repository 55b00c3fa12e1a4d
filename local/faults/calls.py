"""Calls as they pass between a worker and what it stands on, and what may be done to them on the way."""

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Call:
    """One request that has arrived whole. `service` is tables, blobs, queues or azure_ml."""

    service: str
    method: str
    path: str


class Fault(Enum):
    """What may go wrong with one call: `INSTEAD` of it, after it was carried out, or, with `LATE`, before it is."""

    DROP = "drop"
    RESET = "reset"
    THROTTLED = "429"
    THROTTLED_UNTIL = "429 with Retry-After"
    FAILED = "500"
    BUSY = "503"
    DELAY = "delay"
    DROP_ANSWER = "drop answer"
    RESET_ANSWER = "reset answer"
    TRUNCATE = "truncate"
    OWN_WRITE = "refuse our own write"
    LATE = "carried out when the sender has given up"


INSTEAD = frozenset({Fault.DROP, Fault.RESET, Fault.THROTTLED, Fault.THROTTLED_UNTIL, Fault.FAILED, Fault.BUSY})
"""Faults with which the call is never carried out."""


class Watch:
    """Sees every call of one run, and may strike it. Called from the threads that serve; it must not block."""

    def arrived(self, call: Call) -> Fault | None:
        """A request has arrived whole, and was not carried out yet; what is returned is to happen to it."""

    def struck(self, call: Call, fault: Fault) -> None:
        """It has happened. What cannot happen to a call (`Fault.OWN_WRITE` to a read) does not."""

    def answered(self, call: Call) -> None:
        """The call was carried out; its answer has not left yet."""

    def told(self) -> None:
        """A worker has answered whoever asked it to do something."""

    def revived(self) -> None:
        """A worker has died, and the calls from now on are those of the next."""


class Counting(Watch):
    """Counts calls, and remembers them by number, from 1."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def arrived(self, call: Call) -> Fault | None:
        """Count it."""
        self.calls.append(call)
        return None
