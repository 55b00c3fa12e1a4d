"""Triggers on real storage, each in a fresh process: decode, one use case, encode."""

import json
from typing import Any

import pytest
from azure.data.tables import TableServiceClient
from azure.storage.queue import QueueClient

from local.azurite import ACCOUNT_KEY, RunningAzurite
from tests.functions.children import run_python
from tests.settings.makers import WORKSPACE_ID, environment

# Calls functions as the worker does: by name, with what the library's own converters make of a message.
CALLS = """
import asyncio, inspect, json, sys, threading
import azure.functions as func
from azure.functions.queue import QueueMessage
import function_app
from local.functions_host.context import InvocationContext
functions = {f.get_function_name(): f.get_user_function() for f in function_app.app.get_functions()}
answers = []
for name, payload in json.loads(sys.argv[1]):
    try:
        if name == "http":
            request = func.HttpRequest("GET", "http://127.0.0.1" + payload, body=b"")
            answer = asyncio.run(functions[name](request, None))
            answers.append({"status": answer.status_code, "body": answer.get_body().decode()})
        else:
            context = InvocationContext(name, ".", "00000000-0000-4000-8000-000000000001", threading.local())
            wanted = {"context": context} if "context" in inspect.signature(functions[name]).parameters else {}
            functions[name](QueueMessage(body=payload), **wanted)
            answers.append("ok")
    except Exception as error:
        answers.append(f"{type(error).__name__}: {error}")
print(json.dumps(answers))
"""
# The same, with every record that is logged meanwhile, down to INFO.
LOGGED = """
import logging
records = []
class Keep(logging.Handler):
    def emit(self, record):
        records.append(self.format(record))
logging.basicConfig(level=logging.INFO, format="%(message)s", handlers=[Keep()])
""" + CALLS.replace("json.dumps(answers)", "json.dumps([answers, records])")
EVENT = json.dumps(
    {
        "id": "1",
        "topic": WORKSPACE_ID,
        "subject": "models/fraud-card:7",
        "eventType": "Microsoft.MachineLearningServices.ModelRegistered",
        "data": {"modelName": "fraud-card", "modelVersion": 7},
    }
)


def settings(azurite: RunningAzurite) -> dict[str, str]:
    """Storage is real; a managed identity is promised where nobody listens, so that Azure ML fails at once."""
    return environment(
        AzureWebJobsStorage=azurite.connection_string,
        IDENTITY_ENDPOINT="http://127.0.0.1:9/msi/token",
        IDENTITY_HEADER="x",
    )


def call(settings: dict[str, str], *calls: tuple[str, str]) -> Any:
    return run_python(CALLS, settings, json.dumps(calls))


def quarantined(azurite: RunningAzurite) -> list[str]:
    with TableServiceClient.from_connection_string(azurite.connection_string) as service:
        rows = service.get_table_client("quarantine").query_entities("PartitionKey eq 'message'")
        return sorted(str(row["source"]) for row in rows)


def test_an_event_becomes_a_message_about_its_promotion(azurite: RunningAzurite) -> None:
    assert call(settings(azurite), ("model_events", EVENT)) == ["ok"]

    with QueueClient.from_connection_string(azurite.connection_string, "promotions") as queue:
        assert "risk-dev:fraud-card:7" in [message.content for message in queue.receive_messages()]


def test_what_says_nothing_is_set_aside_and_never_raises(azurite: RunningAzurite) -> None:
    answers = call(
        settings(azurite),
        ("model_events", "{"),
        ("advance_promotion", "not a promotion"),
        ("quarantine_model_event", "{"),
        ("quarantine_promotion", "risk-dev:fraud-card:7"),
    )

    assert answers == ["ok"] * 4
    assert quarantined(azurite) == ["model-events", "model-events-poison", "promotions", "promotions-poison"]


def test_no_record_of_the_log_holds_what_a_message_says(azurite: RunningAzurite) -> None:
    told = {**json.loads(EVENT), "id": "canary", "data": {"modelName": "fraud-card", "modelVersion": 8, "x": "canary"}}
    answers, records = run_python(
        LOGGED,
        settings(azurite),
        json.dumps(
            [
                ("model_events", json.dumps(told)),
                ("model_events", '{"canary": 1}'),
                ("advance_promotion", "a canary is no promotion"),
                ("quarantine_model_event", "canary"),
                ("http", "/api/promotions?workspace=canary"),
            ]
        ),
    )

    assert answers[:4] == ["ok"] * 4
    assert len([record for record in records if record.startswith('{"event": ')]) == 4
    assert [record for record in records if "canary" in record or ACCOUNT_KEY in record] == []


def test_http_is_served_by_the_web_app(azurite: RunningAzurite) -> None:
    api, stranger = call(settings(azurite), ("http", "/api/openapi.json"), ("http", "/api/promotions"))

    assert json.loads(api["body"])["info"]["title"] == "Clearance"
    assert (stranger["status"], json.loads(stranger["body"])["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize("function", ["model_events", "advance_promotion", "quarantine_promotion"])
def test_while_settings_are_faulty_every_trigger_raises_the_list(function: str) -> None:
    [answer] = call({"POLICY_BUILD": "x"}, (function, EVENT))

    assert answer.startswith("DocumentInvalid: ")
    assert all(name in answer for name in ("CLEARANCE_WORKSPACES", 'POLICY_BUILD: found "x"', "AzureWebJobsStorage"))


def test_while_settings_are_faulty_health_lists_every_fault_and_other_routes_point_there() -> None:
    health, inbox = call({"POLICY_BUILD": "x"}, ("http", "/api/health"), ("http", "/"))

    assert (health["status"], inbox["status"]) == (503, 503)
    assert len(json.loads(health["body"])["faults"]) == 6
    assert "GET /api/health" in json.loads(inbox["body"])["detail"]
    assert "faults" not in json.loads(inbox["body"])
