"""Event Grid's webhook: the exact table of answers, and one invocation per event."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from local.processes import Child
from tests.local.sample_app import NOTE, SampleApp

MASTER, SYSTEM = "master-key-of-the-test", "system-key-of-the-test"
SOURCE = (
    NOTE
    + """
app = func.FunctionApp()

@app.event_grid_trigger(arg_name="event")
def push(event: func.EventGridEvent) -> None:
    if isinstance(event, func.CloudEvent):
        note("cloud", event.id, event.source, event.get_json())
    else:
        note("event", event.id, event.event_type, event.topic, event.subject, str(event.event_time), event.get_json())
    if event.id.startswith("bad"):
        raise RuntimeError("cannot take " + event.id)

@app.event_grid_trigger(arg_name="event")
def off(event: func.EventGridEvent) -> None:
    note("off")
"""
)
EVENT = {
    "id": "e1",
    "topic": "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w",
    "subject": "models/m:1",
    "eventType": "Microsoft.MachineLearningServices.ModelRegistered",
    "eventTime": "2026-01-02T03:04:05.1234567Z",
    "data": {"ModelName": "m", "ModelVersion": 1},
    "dataVersion": "",
    "metadataVersion": "1",
}
PATH = "/runtime/webhooks/EventGrid"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> SampleApp:
    return SampleApp(tmp_path_factory.mktemp("event-app"), SOURCE)


@pytest.fixture(scope="module")
def host(app: SampleApp) -> Iterator[Child]:
    keys = app.folder / "keys.json"
    keys.write_text(json.dumps({"masterKey": MASTER, "systemKeys": {"eventgrid_extension": SYSTEM}}))
    with app.running("--keys", str(keys), **{"AzureWebJobs.off.Disabled": "true"}) as child:
        yield child


@pytest.fixture
def client(host: Child) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=host.ready["url"]) as client:
        yield client


def post(client: httpx.Client, content: Any, kind: str | None = "Notification", name: str = "push") -> httpx.Response:
    headers = {"aeg-event-type": kind} if kind else {}
    return client.post(PATH, params={"functionName": name, "code": SYSTEM}, json=content, headers=headers)


@pytest.mark.parametrize(("key", "status"), [(None, 401), ("wrong", 401), (SYSTEM, 202), (MASTER, 202)])
def test_it_wants_the_system_key(client: httpx.Client, key: str | None, status: int) -> None:
    headers = {"aeg-event-type": "Unsubscribe"}
    by_query = {"functionName": "push", **({"code": key} if key else {})}
    assert client.post(PATH, params=by_query, headers=headers).status_code == status
    by_header = {**headers, **({"x-functions-key": key} if key else {})}
    assert client.post(PATH, params={"functionName": "push"}, headers=by_header).status_code == status


@pytest.mark.parametrize("name", ["", "nobody", "off"])
def test_a_function_that_is_not_there_is_named(client: httpx.Client, name: str) -> None:
    answer = post(client, [EVENT], name=name)
    assert (answer.status_code, answer.text) == (404, f"cannot find function: '{name}'")


def test_another_extension_is_not_there(client: httpx.Client) -> None:
    assert client.post("/runtime/webhooks/blobs", headers={"x-functions-key": MASTER}).status_code == 404


@pytest.mark.parametrize(
    "document",
    [
        [{"data": {"validationCode": "abc"}}],
        {"data": {"validationCode": "abc"}},
        {"data": '{"validationCode": "abc"}'},
    ],
)
def test_the_validation_code_is_sent_back(client: httpx.Client, document: Any) -> None:
    answer = post(client, document, "SubscriptionValidation")
    assert (answer.status_code, answer.json()) == (200, {"validationResponse": "abc"})


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("eventgrid.azure.net", "eventgrid.azure.net"),
        ("eventgrid.azure.us", "eventgrid.azure.us"),
        ("evil.example", "eventgrid.azure.net"),
    ],
)
def test_the_cloud_events_handshake(client: httpx.Client, origin: str, allowed: str) -> None:
    query = {"functionName": "push", "code": SYSTEM}
    answer = client.options(PATH, params=query, headers={"WebHook-Request-Origin": origin})
    assert (answer.status_code, answer.headers["webhook-allowed-origin"]) == (200, allowed)


def test_every_event_of_a_batch_is_one_invocation(client: httpx.Client, app: SampleApp) -> None:
    answer = post(client, [EVENT, {**EVENT, "id": "e2"}], name="PUSH")
    assert (answer.status_code, answer.content) == (202, b"")
    seen = {note[2]: note for note in app.seen() if note[1] == "event"}
    assert {"e1", "e2"} <= set(seen)
    _, _, _, kind, topic, subject, moment, fields = seen["e1"]
    assert (kind, topic, subject) == (EVENT["eventType"], EVENT["topic"], EVENT["subject"])
    assert (moment, fields) == ("2026-01-02 03:04:05.123456+00:00", EVENT["data"])


def test_a_single_object_is_an_array_of_one(client: httpx.Client, app: SampleApp) -> None:
    assert post(client, {**EVENT, "id": "single"}).status_code == 202
    assert "single" in {note[2] for note in app.seen()}


def test_one_failure_fails_the_whole_batch_so_that_it_comes_again(client: httpx.Client, app: SampleApp) -> None:
    answer = post(client, [{**EVENT, "id": "good-too"}, {**EVENT, "id": "bad-1"}])
    assert answer.status_code == 500
    assert "cannot take bad-1" in answer.text
    assert "good-too" in {note[2] for note in app.seen()}


def test_a_cloud_event_reaches_the_function_as_one(client: httpx.Client, app: SampleApp) -> None:
    event = {"specversion": "1.0", "id": "c1", "source": "/s", "type": "t", "data": {"x": 1}}
    assert post(client, event).status_code == 202
    assert [note[2:] for note in app.seen() if note[1] == "cloud"] == [["c1", "/s", {"x": 1}]]


@pytest.mark.parametrize(("kind", "status"), [(None, 400), ("Other", 400), ("Unsubscribe", 202)])
def test_other_kinds_of_requests(client: httpx.Client, kind: str | None, status: int) -> None:
    assert post(client, [EVENT], kind).status_code == status


def test_a_body_that_is_no_json_is_500(client: httpx.Client) -> None:
    query = {"functionName": "push", "code": SYSTEM}
    for kind in ("Notification", "SubscriptionValidation"):
        assert client.post(PATH, params=query, content=b"{", headers={"aeg-event-type": kind}).status_code == 500
