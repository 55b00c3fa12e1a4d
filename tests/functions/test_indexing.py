"""The app indexes with no settings at all, light, under names that the host takes (ADR 0008)."""

import re
from typing import Any

import pytest

from tests.functions.children import run_python

NAMES = [
    "model_events",
    "model_event_push",
    "advance_promotion",
    "quarantine_model_event",
    "quarantine_promotion",
    "sweep",
    "find_missed_registrations",
    "daily_checkpoint",
    "collect_metrics",
    "http",
]
HEAVY = [
    "azure.ai.ml",
    "fastapi",
    "jinja2",
    "azure.identity",
    "azure.data.tables",
    "azure.storage",
    "pydantic",
    "opentelemetry",
]
INDEX = f"""
import json, sys
import function_app
functions = {{f.get_function_name(): [json.loads(b) for b in f.get_raw_bindings()] for f in function_app.app.get_functions()}}
loaded = [name for name in {HEAVY} if name in sys.modules]
print(json.dumps({{"functions": functions, "heavy": loaded}}))
"""


@pytest.fixture(scope="module")
def indexed() -> Any:
    return run_python(INDEX, settings={})


def bindings(indexed: Any, function: str) -> dict[str, Any]:
    first: dict[str, Any] = indexed["functions"][function][0]
    return first


def test_the_functions_are_the_ones_that_others_build_on(indexed: Any) -> None:
    assert list(indexed["functions"]) == NAMES


def test_indexing_loads_nothing_heavy(indexed: Any) -> None:
    assert indexed["heavy"] == []


def test_binding_names_are_legal_for_the_host(indexed: Any) -> None:
    names = [binding["name"] for each in indexed["functions"].values() for binding in each]

    assert [name for name in names if not re.fullmatch(r"[a-zA-Z][a-zA-Z0-9]{0,127}|\$return", name)] == []


@pytest.mark.parametrize(
    ("function", "queue"),
    [
        ("model_events", "model-events"),
        ("advance_promotion", "promotions"),
        ("quarantine_model_event", "model-events-poison"),
        ("quarantine_promotion", "promotions-poison"),
    ],
)
def test_each_queue_has_its_function_on_the_hosts_own_account(indexed: Any, function: str, queue: str) -> None:
    trigger = bindings(indexed, function)

    assert (trigger["type"], trigger["queueName"]) == ("queueTrigger", queue)
    assert trigger["connection"] == "AzureWebJobsStorage"


def test_timers_have_whole_schedules(indexed: Any) -> None:
    schedules = {name: bindings(indexed, name)["schedule"] for name in NAMES[5:9]}

    assert all(len(schedule.split()) == 6 and "%" not in schedule for schedule in schedules.values())
    assert schedules["sweep"] == "0 * * * * *"


def test_one_function_answers_every_route_and_asks_for_no_key(indexed: Any) -> None:
    trigger = bindings(indexed, "http")

    assert (trigger["route"], trigger["authLevel"]) == ("{*route}", "ANONYMOUS")
    assert {"GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"} == set(trigger["methods"])
