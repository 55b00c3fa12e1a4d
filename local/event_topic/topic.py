"""What the topic holds: the events it took, in order, and the faults it still has to show."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass as checked_dataclass


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """A CloudEvent as it came, under its place in the order of arrival, counted from 1."""

    sequence: int
    event: dict[str, Any]


@checked_dataclass(slots=True, config=ConfigDict(extra="forbid"))
class Fault:
    """Misbehaviour for the next `times` publish requests.

    Attributes:
        times: how many requests are still to suffer.
        status: HTTP status to answer with instead of taking the events.
        retry_after: seconds for the Retry-After header of that answer.
        delay: seconds to wait first.
        drop: cut the connection before the events are taken ("request"), or after ("answer").
    """

    times: int = 1
    status: int | None = None
    retry_after: int | None = None
    delay: float = 0.0
    drop: Literal["request", "answer"] | None = None


@dataclass(slots=True)
class Topic:
    """The events taken so far and the faults to come; used from one event loop.

    Attributes:
        events: in order of arrival, duplicates included: Event Grid does not tell them apart.
        faults: shown one request at a time, first in first out.
        arrived: set and replaced at each arrival, so that deliverers can wait.
    """

    events: list[ReceivedEvent] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, events: list[dict[str, Any]]) -> None:
        """Keep a batch, all of it."""
        self.events += [ReceivedEvent(len(self.events) + place, event) for place, event in enumerate(events, 1)]
        self.arrived.set()
        self.arrived = asyncio.Event()

    def after(self, sequence: int) -> list[ReceivedEvent]:
        """The events that arrived after the one with this number; 0 gives all."""
        return self.events[max(sequence, 0) :]

    def next_fault(self) -> Fault:
        """How to misbehave at this request; a fault without effect if not at all."""
        if not self.faults:
            return Fault()
        fault = self.faults[0]
        fault.times -= 1
        if fault.times <= 0:
            self.faults.pop(0)
        return fault
