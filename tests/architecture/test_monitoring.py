"""Workbook and alerts ask for what is emitted, by its names; and each alert has its row in the runbook."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.bicep import Expression, Loop
from shared.domain.measures import INSTRUMENTS
from shared.domain.traces import Step
from shared.workflow.collect_metrics import STATUSES
from tests.architecture.infra import INFRA, MAIN, TEMPLATES, declared, given, indexed
from tests.architecture.project import ROOT

FOLDER = INFRA / "monitoring/queries"
QUERIES = sorted(FOLDER.glob("*.kql"))
ALERTS = "infra/monitoring/alerts.bicep"
WORKBOOK = "infra/monitoring/workbook.bicep"

# What an operator must be told of, in the words of the rules.
WANTED = {
    "oldest-pending",
    "errored-targets",
    "dead-letters",
    "quarantine-growth",
    "missed-registrations",
    "checkpoint-age",
    "checkpoint-failed",
    "sweep-silent",
    "queue-depth",
}


@dataclass(frozen=True)
class Emitted:
    """What is sent to Azure Monitor: metrics with their attributes, the attributes of spans, fields of log lines."""

    metrics: dict[str, set[str]]
    span_attributes: set[str]
    log_fields: set[str]
    values: dict[str, set[str]]


# The one place that says what is emitted: metrics and steps are the code's own.
EMITTED = Emitted(
    metrics={name: set(each.attributes) for name, each in INSTRUMENTS.items()},
    span_attributes={"promotion", "registry"},
    log_fields={"event", "promotion"},
    values={
        "Status": set(STATUSES),
        "outcome": {"written", "failed"},
        "Outcome": {"passed", "failed", "unproven", "absent"},
        "DependencyType": {"InProc"},
        "Name": {str(step) for step in Step},
    },
)

# Columns as Azure Monitor writes them: learn.microsoft.com/azure/azure-monitor/reference/tables/appmetrics and its fellows.
COLUMNS = {
    "AppMetrics": {"TimeGenerated", "Name", "Sum", "Min", "Max", "ItemCount", "Properties", "AppRoleName"},
    "AppDependencies": {
        *(
            "TimeGenerated",
            "Name",
            "DependencyType",
            "Success",
            "ResultCode",
            "DurationMs",
            "OperationId",
            "Properties",
        ),
        "AppRoleName",
    },
    "AppRequests": {"TimeGenerated", "Name", "Success", "ResultCode", "DurationMs", "OperationId", "AppRoleName"},
    "AppTraces": {"TimeGenerated", "Message", "AppRoleName", "OperationId"},
}
KQL = {
    *("where", "extend", "summarize", "project", "order", "by", "asc", "desc", "in", "and", "or", "true", "false"),
    *("arg_max", "sum", "sumif", "avg", "min", "max", "count", "countif", "percentile", "bin", "iff", "tostring"),
    *("parse_json", "m", "h"),
}


def code_of(query: Path) -> str:
    """A query without its comments."""
    return re.sub(r"//[^\n]*", "", query.read_text())


def table_of(query: Path) -> str:
    return code_of(query).split()[0]


def test_there_are_queries() -> None:
    assert len(QUERIES) >= len(WANTED)


def metrics_of(query: Path) -> list[str]:
    """The metrics that a query names."""
    return re.findall(r"Name == '([^']+)'", code_of(query)) if table_of(query) == "AppMetrics" else []


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.stem)
def test_a_query_asks_for_metrics_that_are_emitted(query: Path) -> None:
    assert set(metrics_of(query)) <= set(EMITTED.metrics)
    assert bool(metrics_of(query)) == (table_of(query) == "AppMetrics")


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.stem)
def test_a_query_asks_for_attributes_that_are_emitted(query: Path) -> None:
    code, metrics = code_of(query), metrics_of(query)
    known = {each for name in metrics for each in EMITTED.metrics[name]} if metrics else EMITTED.span_attributes

    assert set(re.findall(r"Properties\.(\w+)", code)) <= known
    assert set(re.findall(r"Line\.(\w+)", code)) <= EMITTED.log_fields


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.stem)
def test_a_query_compares_with_values_that_are_emitted(query: Path) -> None:
    compared = re.findall(r"(\w+)\)? (?:==|!=) '([^']+)'", code_of(query))
    compared += [
        (column, value)
        for column, values in re.findall(r"(\w+) in \(([^)]+)\)", code_of(query))
        for value in re.findall(r"'([^']+)'", values)
    ]
    strange = [
        (of, value)
        for of, value in compared
        if value not in {*EMITTED.values.get(of, set()), *metrics_of(query), "{Promotion}"}
        and not (table_of(query) == "AppRequests" and of == "Name" and value in indexed())
    ]
    assert strange == []


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.stem)
def test_a_query_names_columns_that_are_there(query: Path) -> None:
    code = re.sub(r"'[^']*'", "", code_of(query))
    code = re.sub(r"\b(Properties|Line)\.\w+", r"\1", code)
    defined = set(re.findall(r"(\w+) = ", code))
    words = {word for word in re.findall(r"[A-Za-z_]\w*", code) if not re.fullmatch(r"\d+[mh]", word)}

    assert table_of(query) in COLUMNS
    assert words - KQL - defined - COLUMNS[table_of(query)] - {table_of(query)} == set()


def rules() -> dict[str, dict[str, object]]:
    return {rule["name"]: rule for rule in declared(ALERTS, "rules").value}


def test_every_alert_that_is_wanted_is_there() -> None:
    assert set(rules()) == WANTED


@pytest.mark.parametrize("name", sorted(WANTED))
def test_an_alert_judges_the_column_that_its_query_answers_with(name: str) -> None:
    rule, code = rules()[name], code_of(FOLDER / f"{name}.kql")
    alert = declared(ALERTS, "alert")
    [criterion] = alert.body["properties"]["criteria"]["allOf"]

    assert isinstance(alert.value, Loop)
    assert rule["query"] == Expression(f"loadTextContent('queries/{name}.kql')")
    assert criterion["metricMeasureColumn"] == "Value"
    assert criterion["operator"] == "GreaterThan"
    assert re.search(r"\bValue = ", code.splitlines()[-1])
    by = rule["by"]
    assert isinstance(by, list)
    assert [column for column in by if not re.search(rf"\b{column}\b", code.splitlines()[-1])] == []


@pytest.mark.parametrize("name", sorted(WANTED))
def test_an_alert_is_explained_in_the_runbook(name: str) -> None:
    assert re.search(rf"^\| `{name}` \| .{{10,}} \| .{{10,}} \|$", (ROOT / "docs/runbook.md").read_text(), re.MULTILINE)


def test_every_threshold_is_a_parameter_with_a_default() -> None:
    thresholds = {rule["threshold"].text for rule in rules().values() if isinstance(rule["threshold"], Expression)}
    handed = given("alerts")
    defaults = {each.name: each.value for each in TEMPLATES[MAIN] if each.kind == "param"}

    assert thresholds == set(handed) - {"namePrefix", "location", "tags", "logsId", "actionGroupIds"}
    assert [name for name in thresholds if not isinstance(defaults[handed[name].text], int)] == []
    assert {rule["threshold"] for rule in rules().values() if isinstance(rule["threshold"], int)} == {0}


def test_the_alert_on_a_silent_sweep_answers_when_nothing_came() -> None:
    code = code_of(FOLDER / "sweep-silent.kql")

    assert table_of(FOLDER / "sweep-silent.kql") == "AppRequests", "a gauge goes on being sent when nothing sets it"
    assert "summarize Heard = count()\n" in code, "without `by`, so that there is a row where there is none"
    assert "iff(Heard == 0, 1, 0)" in code


def test_every_query_is_used_and_every_one_that_is_used_is_there() -> None:
    texts = [(ROOT / file).read_text() for file in (ALERTS, WORKBOOK)]
    used = {name for text in texts for name in re.findall(r"loadTextContent\('queries/([\w-]+)\.kql'\)", text)}

    assert used == {query.stem for query in QUERIES}


def test_alerts_go_to_the_groups_that_are_named() -> None:
    assert given("alerts")["actionGroupIds"] == Expression("alertActionGroupIds")
    assert declared(ALERTS, "alert").body["properties"]["actions"] == {"actionGroups": Expression("actionGroupIds")}


def test_the_workbook_takes_its_parameters_by_the_names_that_queries_use() -> None:
    parameters = declared(WORKBOOK, "parameters").value["content"]["parameters"]
    used = {name for query in QUERIES for name in re.findall(r"\{(\w+)\}", query.read_text())}

    assert {each["name"] for each in parameters} == {"TimeRange"} | used
