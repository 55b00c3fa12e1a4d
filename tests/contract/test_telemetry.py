"""The port Telemetry: steps in the trace of their promotion, nested, linked, marked; readings as they were taken."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, MetricsData
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.adapters.memory import InMemoryTelemetry, TakenStep
from shared.adapters.open_telemetry import OpenTelemetry
from shared.domain.errors import CommandRefused
from shared.domain.ids import PromotionId
from shared.domain.measures import CONFLICTS, DECISION_AGE, QUEUE_DEPTH
from shared.domain.traces import Step, root_span_id, trace_id
from shared.ports import Telemetry

FRAUD = PromotionId("risk-dev", "fraud", "7")
CHURN = PromotionId("risk-dev", "churn", "1")
HOST = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@dataclass(frozen=True)
class Seen:
    """A step as whoever watches sees it. `below` is the name of the step around it, None at the top of the trace."""

    name: str
    trace: str
    below: str | None
    attributes: dict[str, str]
    link: str | None
    error: str | None


@dataclass
class Watched:
    """An implementation, and what can be seen of it."""

    port: Telemetry
    steps: Callable[[], list[Seen]]
    readings: Callable[[], dict[tuple[str, tuple[tuple[str, str], ...]], float]] = field(default=dict)


def in_memory() -> Watched:
    port = InMemoryTelemetry()
    return Watched(port, lambda: [_taken(step) for step in port.steps], lambda: _summed(port))


def _taken(step: TakenStep) -> Seen:
    below = str(step.below.step) if step.below else None
    attributes = {"promotion": str(step.promotion), **step.attributes}
    return Seen(step.step, step.trace, below, attributes, step.link, step.error)


def _summed(port: InMemoryTelemetry) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    found: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
    for each in port.measured:
        key = (each.instrument.name, each.attributes)
        found[key] = each.value if each.instrument.kind == "gauge" else found.get(key, 0) + each.value
    return found


def on_open_telemetry() -> Watched:
    spans, reader = InMemorySpanExporter(), InMemoryMetricReader()
    port = OpenTelemetry(SimpleSpanProcessor(spans), reader, {"service.name": "clearance"})
    return Watched(port, lambda: _spans(spans.get_finished_spans()), lambda: _points(reader.get_metrics_data()))


def _spans(spans: Sequence[ReadableSpan]) -> list[Seen]:
    names = {span.context.span_id: span.name for span in spans if span.context}
    return [_span(span, names) for span in spans]


def _span(span: ReadableSpan, names: dict[int, str]) -> Seen:
    assert span.context is not None
    assert span.parent is not None
    links = [f"00-{link.context.trace_id:032x}-{link.context.span_id:016x}-01" for link in span.links]
    attributes = {name: str(value) for name, value in (span.attributes or {}).items()}
    below = names.get(span.parent.span_id)
    if below is None:  # at the top: the parent that no span has
        assert f"{span.parent.span_id:016x}" in {root_span_id(FRAUD), root_span_id(CHURN)}
    trace = f"{span.context.trace_id:032x}"
    return Seen(span.name, trace, below, attributes, links[0] if links else None, span.status.description)


def _points(data: MetricsData | None) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    if data is None:
        return {}
    metrics = [
        metric for resource in data.resource_metrics for scope in resource.scope_metrics for metric in scope.metrics
    ]
    return {
        (metric.name, tuple((name, str(value)) for name, value in (point.attributes or {}).items())): float(
            point.sum if hasattr(point, "sum") else point.value  # a histogram has a sum, the others a value
        )
        for metric in metrics
        for point in metric.data.data_points
    }


@pytest.fixture(params=[in_memory, on_open_telemetry], ids=["memory", "open_telemetry"])
def watched(request: pytest.FixtureRequest) -> Watched:
    made: Watched = request.param()
    return made


def test_steps_of_a_promotion_share_one_trace_whoever_took_them(watched: Watched) -> None:
    with watched.port.step(Step.INTAKE, FRAUD):
        pass
    with watched.port.step(Step.ADVANCE, FRAUD), watched.port.step(Step.IMPORT, FRAUD, registry="contoso-eu"):
        pass

    assert watched.steps() == [
        Seen("intake", trace_id(FRAUD), None, {"promotion": "risk-dev:fraud:7"}, None, None),
        Seen(
            "import",
            trace_id(FRAUD),
            "advance",
            {"promotion": "risk-dev:fraud:7", "registry": "contoso-eu"},
            None,
            None,
        ),
        Seen("advance", trace_id(FRAUD), None, {"promotion": "risk-dev:fraud:7"}, None, None),
    ]


def test_a_step_about_another_promotion_is_in_its_own_trace(watched: Watched) -> None:
    with watched.port.step(Step.INTAKE, FRAUD), watched.port.step(Step.INTAKE, CHURN):
        pass

    assert [(step.trace, step.below) for step in watched.steps()] == [(trace_id(CHURN), None), (trace_id(FRAUD), None)]


def test_steps_are_linked_to_the_invocation_and_only_the_outermost(watched: Watched) -> None:
    with watched.port.invoked_by(HOST), watched.port.step(Step.ADVANCE, FRAUD), watched.port.step(Step.LOOK, FRAUD):
        pass
    with watched.port.step(Step.ADVANCE, FRAUD):
        pass

    assert [step.link for step in watched.steps()] == [None, HOST, None]


@pytest.mark.parametrize("nothing", [None, "", "not a traceparent", f"00-{'0' * 32}-{'0' * 16}-01"])
def test_a_host_that_traces_nothing_links_nothing(watched: Watched, nothing: str | None) -> None:
    with watched.port.invoked_by(nothing), watched.port.step(Step.ADVANCE, FRAUD):
        pass

    assert [step.link for step in watched.steps()] == [None]


def test_trouble_marks_the_step_under_way_and_no_other(watched: Watched) -> None:
    with watched.port.step(Step.ADVANCE, FRAUD):
        with watched.port.step(Step.IMPORT, FRAUD):
            watched.port.failed("azure_ml_503")
        with watched.port.step(Step.RELAY, FRAUD):
            pass

    assert [(step.name, step.error) for step in watched.steps()] == [
        ("import", "azure_ml_503"),
        ("relay", None),
        ("advance", None),
    ]


def test_trouble_outside_of_steps_marks_nothing(watched: Watched) -> None:
    watched.port.failed("azure_ml_503")

    assert watched.steps() == []


def test_of_an_exception_the_type_is_told_and_not_the_text(watched: Watched) -> None:
    with pytest.raises(RuntimeError), watched.port.step(Step.LOOK, FRAUD):
        raise RuntimeError("a secret stands in it")

    assert [step.error for step in watched.steps()] == ["RuntimeError"]


def test_a_refused_command_is_no_failure(watched: Watched) -> None:
    with pytest.raises(CommandRefused), watched.port.step(Step.DECISION, FRAUD):
        raise CommandRefused("self_approval", "Not your own.")

    assert [step.error for step in watched.steps()] == [None]


def test_readings_reach_their_instruments(watched: Watched) -> None:
    watched.port.measure([QUEUE_DEPTH.of(7, queue="promotions"), CONFLICTS.of(1, kind="not_ours")])
    watched.port.measure([QUEUE_DEPTH.of(3, queue="promotions"), CONFLICTS.of(1, kind="not_ours")])
    watched.port.measure([DECISION_AGE.of(60, policy="fraud", verdict="approve")])

    assert watched.readings() == {
        ("clearance.queue.depth", (("queue", "promotions"),)): 3,
        ("clearance.conflicts", (("kind", "not_ours"),)): 2,
        ("clearance.decisions.age", (("policy", "fraud"), ("verdict", "approve"))): 60,
    }
