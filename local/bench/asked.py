"""What a piece of work asks of the services, counted in the clients' pipelines, at the emulator and at the telemetry."""

import json
import ssl
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import httpx

from local.bench.laboratory import Laboratory
from local.bench.lane import Lane
from local.bench.recording import Operation, recording
from local.sheets.amounts import Amounts
from shared.adapters.open_telemetry import OpenTelemetry

_READS = ("get_entity", "query_entities")
_ARM = "/subscriptions/"  # what Azure Resource Manager serves begins so
_CALLS = {"mlflow": "run_calls", "blob": "file_calls", "poll": ""}  # polls of an import depend on how long it takes


class Meter:
    """Counts what is asked for. The laboratory must be a watched one, and nothing else may be under way.

    Args:
        laboratory: the platform.
    """

    def __init__(self, laboratory: Laboratory) -> None:
        if not isinstance(laboratory.outside.telemetry, OpenTelemetry):
            raise TypeError("The app tells nobody what it does: run the laboratory watched.")
        self._laboratory = laboratory
        self._telemetry = laboratory.outside.telemetry
        context = ssl.create_default_context(cafile=str(laboratory.ca_bundle))
        self._insights = httpx.Client(base_url=laboratory.telemetry_url, verify=context, trust_env=False)
        self._seen = 0

    def close(self) -> None:
        """Close the connection to Application Insights."""
        self._insights.close()

    def asked(self, lane: Lane, do: Callable[[], object]) -> Amounts:
        """What `do` asks for, by that lane or beside it."""
        self._begin()
        invocations, published = lane.invocations, len(lane.published)
        with recording(self._laboratory.emulator_url) as operations:
            do()
        return (
            of_storage(self._laboratory.round_trips.by_service, operations)
            + of_azure_ml(self._laboratory.emulator.calls())
            + of_topic([batch for batch in lane.published[published:] if batch])
            + of_telemetry(self._told())
            + Amounts(invocations=lane.invocations - invocations)
        )

    def _begin(self) -> None:
        self._told()
        self._laboratory.round_trips.reset()
        self._laboratory.emulator.clear_calls()

    def _told(self) -> list[dict[str, Any]]:
        """What Application Insights was told since the last time."""
        self._telemetry.flush()
        items: list[dict[str, Any]] = self._insights.get("/items").raise_for_status().json()["items"]
        fresh, self._seen = items[self._seen :], len(items)
        return fresh


def of_storage(found: Mapping[str, int], operations: Sequence[Operation]) -> Amounts:
    """Requests as the pipelines counted them, rows as the clients were asked for them."""
    tables = [each for each in operations if each.client == "table"]
    sent = [each for each in operations if each.client == "queue" and each.method == "send_message"]
    rows = Counter(kind for each in tables for kind in map(_kind, _rows(each)))
    return Amounts(
        table_requests=found.get("tables", 0),
        table_writes=sum(each.method not in _READS for each in tables),
        work_rows=rows["work"],
        month_rows=rows["month"],
        list_rows=rows["list"],
        sender_rows=rows["sender"],
        queue_requests=found.get("queues", 0),
        messages=len(sent),
        blob_requests=found.get("blobs", 0),
    )


def _rows(operation: Operation) -> Iterator[tuple[str, str]]:
    """Table and partition of each row that an operation names; a query names none."""
    if operation.method == "query_entities":
        return
    first = operation.arguments[0]
    if isinstance(first, str):
        yield operation.place, first
        return
    for entity in [each[1] for each in first] if isinstance(first, list) else [first]:
        yield operation.place, str(entity["PartitionKey"])


def _kind(row: tuple[str, str]) -> str:
    match row:
        case ("worklist", "work"):
            return "work"
        case ("timeline", partition) if partition.startswith("all:"):
            return "month"
        case ("catalog", _):
            return "list"
        case ("webhookids", _):
            return "sender"
        case _:
            return ""


def of_azure_ml(calls: Sequence[dict[str, Any]]) -> Amounts:
    """Calls by who answers them; ARM has limits of its own."""
    found = Counter(_service(call) for call in calls)
    return Amounts(
        arm_reads=found["arm_reads"],
        arm_writes=found["arm_writes"],
        registry_calls=found["registry_calls"],
        run_calls=found["run_calls"],
        file_calls=found["file_calls"],
        imports=sum(call["operation"] == "import" for call in calls),
    )


def _service(call: dict[str, Any]) -> str:
    if call["path"].startswith(_ARM):
        return "arm_reads" if call["method"] == "GET" else "arm_writes"
    return _CALLS.get(call["operation"], "registry_calls")


def of_topic(batches: Sequence[Sequence[Any]]) -> Amounts:
    """Events, and the requests that published them."""
    events = [event for batch in batches for event in batch]
    sizes = (len(json.dumps(event, separators=(",", ":")).encode()) for event in events)
    return Amounts(batches=len(batches), events=len(events), event_bytes=sum(sizes))


def of_telemetry(told: Sequence[dict[str, Any]]) -> Amounts:
    """Steps and readings as the exporter sent them."""
    kinds = Counter(each["data"]["baseType"] for each in told)
    sizes = (len(json.dumps(each, separators=(",", ":")).encode()) for each in told)
    spans, measures = kinds["RemoteDependencyData"], kinds["MetricData"]
    return Amounts(spans=spans, measures=measures, telemetry_bytes=sum(sizes))
