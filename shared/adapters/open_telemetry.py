"""The port Telemetry on the OpenTelemetry SDK, whatever its spans and measures are exported to."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.metrics import CallbackOptions, Meter, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.trace import Link, NonRecordingSpan, SpanContext, Status, StatusCode, TraceFlags
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from shared.domain.errors import CommandRefused
from shared.domain.ids import PromotionId
from shared.domain.measures import INSTRUMENTS, Instrument, Measure
from shared.domain.traces import Step, root_span_id, trace_id

_SCOPE = "clearance"


class OpenTelemetry:
    """Safe between threads. Providers are this object's own: nothing global is set, so nothing is exported twice.

    Every span is INTERNAL, for the host tells of each invocation as a request already.

    Args:
        spans: where spans go.
        measures: who reads the instruments.
        resource: attributes of this instance, such as service.name.
    """

    def __init__(self, spans: SpanProcessor, measures: MetricReader, resource: Mapping[str, str]) -> None:
        about = Resource(dict(resource))
        self._traces = TracerProvider(resource=about)
        self._traces.add_span_processor(spans)
        self._tracer = self._traces.get_tracer(_SCOPE)
        self._meters = MeterProvider([measures], resource=about)
        meter = self._meters.get_meter(_SCOPE)
        self._record = {name: _recorder(meter, instrument) for name, instrument in INSTRUMENTS.items()}
        self._links: ContextVar[tuple[Link, ...]] = ContextVar("links", default=())

    @contextmanager
    def step(self, step: Step, promotion: PromotionId, **attributes: str) -> Iterator[None]:
        """A span for the length of the block, in the promotion's trace."""
        parent, links = _parent(promotion), self._links.get()
        described = {"promotion": str(promotion), **attributes}
        with self._tracer.start_as_current_span(
            step,
            context=parent,
            attributes=described,
            links=links if parent is not None else (),  # a step below another is linked by it
            record_exception=False,  # its text may hold anything, and the host logs it
            set_status_on_exception=False,
        ) as span:
            try:
                yield
            except CommandRefused:
                raise
            except BaseException as error:
                span.set_status(Status(StatusCode.ERROR, type(error).__name__))
                raise

    def failed(self, code: str) -> None:
        """Mark the span under way as failed, with the code as its description."""
        trace.get_current_span().set_status(Status(StatusCode.ERROR, code))

    def measure(self, measures: Sequence[Measure]) -> None:
        """Hand readings to their instruments."""
        for each in measures:
            self._record[each.instrument.name](each.value, dict(each.attributes))

    @contextmanager
    def invoked_by(self, traceparent: str | None) -> Iterator[None]:
        """Link the steps of the block to the host's trace, if it has one."""
        carrier = {"traceparent": traceparent} if traceparent else {}
        context = trace.get_current_span(TraceContextTextMapPropagator().extract(carrier, Context())).get_span_context()
        token = self._links.set((Link(context),) if context.is_valid else ())
        try:
            yield
        finally:
            self._links.reset(token)

    def flush(self) -> None:
        """Export now what waits to be exported."""
        self._traces.force_flush()
        self._meters.force_flush()

    def close(self) -> None:
        """Export what is left, and end."""
        self._traces.shutdown()
        self._meters.shutdown()


def _parent(promotion: PromotionId) -> Context | None:
    """None below a step of the same promotion: the current span is the parent then."""
    wanted = int(trace_id(promotion), 16)
    if trace.get_current_span().get_span_context().trace_id == wanted:
        return None
    root = SpanContext(
        wanted, int(root_span_id(promotion), 16), is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED)
    )
    return trace.set_span_in_context(NonRecordingSpan(root), Context())


class _Gauge:
    """Tells each reading once.

    The SDK's own gauge tells its last reading again and again, however long ago that was: an instance that the timers no
    longer come to would contradict the one that they do.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readings: dict[tuple[tuple[str, str], ...], float] = {}

    def set(self, value: float, attributes: dict[str, str]) -> None:
        """Keep a reading until it is told; a later one of the same attributes takes its place."""
        with self._lock:
            self._readings[tuple(attributes.items())] = value

    def told(self, _options: CallbackOptions) -> list[Observation]:
        """The readings since the last time."""
        with self._lock:
            readings, self._readings = self._readings, {}
        return [Observation(value, dict(attributes)) for attributes, value in readings.items()]


def _recorder(meter: Meter, instrument: Instrument) -> Any:
    name, unit, meaning = instrument.name, instrument.unit, instrument.meaning
    match instrument.kind:
        case "gauge":
            gauge = _Gauge()
            meter.create_observable_gauge(name, [gauge.told], unit, meaning)
            return gauge.set
        case "counter":
            return meter.create_counter(name, unit, meaning).add
        case "histogram":
            return meter.create_histogram(name, unit, meaning).record
