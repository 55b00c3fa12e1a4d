"""What the OpenTelemetry SDK makes of our readings, where its own habits would mislead whoever watches."""

from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.adapters.open_telemetry import OpenTelemetry
from shared.domain.measures import DEAD_LETTERS, QUEUE_DEPTH


def told(reader: InMemoryMetricReader) -> list[tuple[str, float]]:
    data = reader.get_metrics_data()
    scopes = [scope for resource in data.resource_metrics for scope in resource.scope_metrics] if data else []
    metrics = [metric for scope in scopes for metric in scope.metrics]
    return [(metric.name, point.value) for metric in metrics for point in metric.data.data_points]  # type: ignore[union-attr] # gauges alone are read here


def test_a_gauge_is_told_once_and_the_last_reading_counts() -> None:
    reader = InMemoryMetricReader()
    telemetry = OpenTelemetry(SimpleSpanProcessor(InMemorySpanExporter()), reader, {})
    telemetry.measure([QUEUE_DEPTH.of(7, queue="promotions"), QUEUE_DEPTH.of(5, queue="promotions")])

    assert told(reader) == [("clearance.queue.depth", 5)]
    assert told(reader) == []  # an instance that reads nothing any more says nothing any more

    telemetry.measure([DEAD_LETTERS.of(0)])
    assert told(reader) == [("clearance.dead_letters", 0)]
