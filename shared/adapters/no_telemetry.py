"""The port Telemetry where nobody listens."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from shared.domain.ids import PromotionId
from shared.domain.measures import Measure
from shared.domain.traces import Step


class NoTelemetry:
    """Takes everything and keeps nothing."""

    @contextmanager
    def step(self, step: Step, promotion: PromotionId, **attributes: str) -> Iterator[None]:  # noqa: ARG002 - nobody looks
        """Nothing but the block."""
        yield

    def failed(self, code: str) -> None:
        """Nothing."""

    def measure(self, measures: Sequence[Measure]) -> None:
        """Nothing."""

    @contextmanager
    def invoked_by(self, traceparent: str | None) -> Iterator[None]:  # noqa: ARG002 - nobody looks
        """Nothing but the block."""
        yield
