"""Telemetry in memory: the steps and readings, to look at."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from shared.domain.errors import CommandRefused
from shared.domain.ids import PromotionId
from shared.domain.measures import Measure
from shared.domain.traces import Step, trace_id

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


@dataclass(slots=True)
class TakenStep:
    """A step that was taken. `below` is the step around it, in the same trace; `error` what it failed with."""

    step: Step
    promotion: PromotionId
    attributes: dict[str, str]
    below: "TakenStep | None"
    link: str | None
    error: str | None = None

    @property
    def trace(self) -> str:
        """The id of its trace."""
        return trace_id(self.promotion)


@dataclass
class InMemoryTelemetry:
    """The port `Telemetry`; `steps` in the order they ended, `measured` in the order they came."""

    steps: list[TakenStep] = field(default_factory=list)
    measured: list[Measure] = field(default_factory=list)
    _current: ContextVar[TakenStep | None] = field(default_factory=lambda: ContextVar("step", default=None))
    _link: ContextVar[str | None] = field(default_factory=lambda: ContextVar("link", default=None))

    @contextmanager
    def step(self, step: Step, promotion: PromotionId, **attributes: str) -> Iterator[None]:
        """Keep a step once it has ended."""
        around = self._current.get()
        below = around if around and around.promotion == promotion else None
        taken = TakenStep(step, promotion, attributes, below, None if below else self._link.get())
        token = self._current.set(taken)
        try:
            yield
        except CommandRefused:
            raise
        except BaseException as error:
            taken.error = type(error).__name__
            raise
        finally:
            self._current.reset(token)
            self.steps.append(taken)

    def failed(self, code: str) -> None:
        """Note it on the step under way."""
        current = self._current.get()
        if current is not None:
            current.error = code

    def measure(self, measures: Sequence[Measure]) -> None:
        """Keep readings."""
        self.measured.extend(measures)

    @contextmanager
    def invoked_by(self, traceparent: str | None) -> Iterator[None]:
        """Link the steps of the block."""
        token = self._link.set(traceparent if _TRACEPARENT.fullmatch(traceparent or "") else None)
        try:
            yield
        finally:
            self._link.reset(token)
