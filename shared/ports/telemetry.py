"""How those who run a deployment see what it does: traces and measures. Losing them loses nothing that counts."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from shared.domain.ids import PromotionId
from shared.domain.measures import Measure
from shared.domain.traces import Step


class Telemetry(Protocol):
    """Takes what is done and measured. No method raises, and none waits for anybody."""

    def step(self, step: Step, promotion: PromotionId, **attributes: str) -> AbstractContextManager[None]:
        """A step of a promotion's trace, for the length of a block: below the step under way, if that is its own.

        An exception that leaves the block marks the step as failed with its type; its text is not taken. A refused
        command is an answer, not a failure.
        """

    def failed(self, code: str) -> None:
        """Mark the step under way as failed."""

    def measure(self, measures: Sequence[Measure]) -> None:
        """Take readings."""

    def invoked_by(self, traceparent: str | None) -> AbstractContextManager[None]:
        """For the length of a block, link steps to the host's own trace of this invocation (W3C traceparent)."""
