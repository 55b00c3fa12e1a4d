"""ModelRegistered and RunCompleted, delivered to a queue and to a webhook as Event Grid delivers."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from azure.ai.ml.entities import Model
from azure.core.messaging import CloudEvent
from azure.eventgrid import EventGridEvent
from azure.storage.queue import QueueClient
from mlflow import MlflowClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.azure_ml.config import EmulatorConfig, StorageQueueSubscriber, WebhookSubscriber
from local.azure_ml.server import Running, running_emulator
from local.azurite import RunningAzurite
from local.serving import serving, site_on
from shared.domain.model_events import RunEnded, read_model_events
from tests.local.azure_ml.conftest import RISK, SHARED, VISION, Sdk, trust

PATH = "azureml://datastores/workspaceblobstore/paths/models/churn"


@dataclass(slots=True)
class Received:
    """What a webhook got; it answers with the statuses set for it, then 200."""

    bodies: list[Any] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        self.bodies.append(await request.json())
        self.headers.append(dict(request.headers))
        return Response(status_code=self.answers.pop(0) if self.answers else 200)


@pytest.fixture(scope="module")
def hooks() -> Iterator[tuple[str, dict[str, Received]]]:
    """Two webhooks: one for each schema."""
    received = {"eventgrid": Received(), "cloudevents": Received()}
    routes = [Route(f"/{name}", each.take, methods=["POST"]) for name, each in received.items()]
    site = site_on(Starlette(routes=routes))
    with serving(site):
        yield site.url, received


@pytest.fixture(scope="module")
def queues(azurite: RunningAzurite) -> dict[str, QueueClient]:
    made = {}
    for name in ("plain-events", "base64-events"):
        made[name] = QueueClient.from_connection_string(azurite.connection_string, name)
        made[name].create_queue()
    return made


@pytest.fixture(scope="module")
def source(
    azurite: RunningAzurite,
    queues: dict[str, QueueClient],
    hooks: tuple[str, dict[str, Received]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Running]:
    """An emulator with four subscribers, all for one workspace."""
    url, _ = hooks
    only, text = (RISK.name,), azurite.connection_string
    subscribers = (
        StorageQueueSubscriber("storage_queue", "plain-events", connection_string=text, workspaces=only),
        StorageQueueSubscriber(
            "storage_queue", "base64-events", text, encoding="base64", schema="cloudevents", workspaces=only
        ),
        WebhookSubscriber("webhook", f"{url}/eventgrid?code=secret", workspaces=only),
        WebhookSubscriber("webhook", f"{url}/cloudevents", schema="cloudevents", workspaces=only),
    )
    config = EmulatorConfig((RISK, VISION), (SHARED,), subscribers)
    with running_emulator(config, tmp_path_factory.mktemp("events")) as running:
        yield running


@pytest.fixture
def register(
    source: Running,
    hooks: tuple[str, dict[str, Received]],
    queues: dict[str, QueueClient],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[..., Model]]:
    """Registers one version by the SDK; everything received before is forgotten."""
    trust(monkeypatch, source)
    for each in hooks[1].values():
        each.bodies.clear()
        each.headers.clear()
    for queue in queues.values():
        queue.clear_messages()
    source.control.reset_events()

    def make(name: str, version: str = "1", workspace: Any = RISK, **fields: Any) -> Model:
        client = Sdk(source).workspace(workspace)
        made: Model = client.models.create_or_update(Model(name=name, version=version, path=PATH, **fields))
        return made

    yield make
    source.control.reset_events()


def settled(source: Running, subject: str, copies: int = 1) -> list[dict[str, Any]]:
    """Wait until the four subscribers have, or have refused, all copies of one event."""
    return source.control.wait_for_deliveries(4 * copies, subject)


def messages(queue: QueueClient) -> list[str]:
    return [message.content for message in queue.receive_messages(max_messages=32)]


def test_a_registration_reaches_every_subscriber(
    register: Callable[..., Model],
    source: Running,
    hooks: tuple[str, dict[str, Received]],
    queues: dict[str, QueueClient],
) -> None:
    register("fraud", "3", tags={"owner": "a@contoso.com"})
    assert {delivery["status"] for delivery in settled(source, "models/fraud:3")} == {"delivered"}

    (text,) = messages(queues["plain-events"])
    plain = json.loads(text)
    event = EventGridEvent.from_dict(plain)
    assert (event.event_type, event.subject) == ("Microsoft.MachineLearningServices.ModelRegistered", "models/fraud:3")
    assert event.topic == RISK.arm_id
    assert event.data == {
        "ModelName": "fraud",
        "ModelVersion": 3,
        "ModelTags": {"owner": "a@contoso.com"},
        "ModelProperties": {},
    }
    assert len(plain["eventTime"].partition(".")[2]) == len("1234567Z")
    assert (plain["dataVersion"], plain["metadataVersion"]) == ("", "1")

    (encoded,) = messages(queues["base64-events"])
    cloud: CloudEvent[Any] = CloudEvent.from_dict(json.loads(base64.b64decode(encoded)))
    assert (cloud.source, cloud.subject, cloud.id) == (RISK.arm_id, "models/fraud:3", event.id)

    _, received = hooks
    assert received["eventgrid"].bodies == [[plain]]
    assert received["eventgrid"].headers[0]["aeg-event-type"] == "Notification"
    assert received["cloudevents"].bodies[0]["specversion"] == "1.0"
    assert received["cloudevents"].headers[0]["content-type"].startswith("application/cloudevents+json")


def test_a_tag_update_and_a_share_raise_no_event(register: Callable[..., Model], source: Running) -> None:
    model = register("quiet", "1")
    settled(source, "models/quiet:1")
    model.tags = {"a": "1"}
    client = Sdk(source).workspace()
    client.models.create_or_update(model)
    source.control.models("register", "quiet", "9", registry=SHARED.name)
    subjects = [delivery["subject"] for delivery in source.control.events()["deliveries"]]
    assert subjects.count("models/quiet:1") == 4
    assert "models/quiet:9" not in subjects


@pytest.mark.usefixtures("register")  # trusts the emulator, and forgets what came before
def test_a_run_that_ends_well_is_told_of_once(source: Running, queues: dict[str, QueueClient]) -> None:
    mlflow = MlflowClient(tracking_uri=f"{source.url}/mlflow/v2.0{RISK.arm_id}")
    failed, ended = (mlflow.create_run("0", tags={"team": "risk"}).info for _ in range(2))
    mlflow.set_terminated(failed.run_id, "FAILED")
    for _ in range(2):
        mlflow.set_terminated(ended.run_id, "FINISHED")
    subject = f"experiments/0/runs/{ended.run_id}"
    assert {delivery["status"] for delivery in settled(source, subject)} == {"delivered"}

    (text,) = messages(queues["plain-events"])
    event = json.loads(text)
    assert (event["eventType"], event["subject"]) == ("Microsoft.MachineLearningServices.RunCompleted", subject)
    assert (event["data"]["runId"], event["data"]["runType"]) == (ended.run_id, None)
    assert event["data"]["runTags"]["team"] == "risk"
    assert read_model_events(text.encode(), {RISK.arm_id.casefold(): "risk-dev"}) == (
        RunEnded("risk-dev", ended.run_id),
    )


def test_a_version_that_is_no_number_is_text(
    register: Callable[..., Model], source: Running, queues: dict[str, QueueClient]
) -> None:
    register("named", "2024-01")
    settled(source, "models/named:2024-01")
    (text,) = messages(queues["plain-events"])
    assert json.loads(text)["data"]["ModelVersion"] == "2024-01"


def test_a_subscription_is_for_its_workspaces(register: Callable[..., Model], source: Running) -> None:
    register("elsewhere", "1", workspace=VISION)
    assert "models/elsewhere:1" not in [delivery["subject"] for delivery in source.control.events()["deliveries"]]


def test_an_event_is_duplicated_on_request(
    register: Callable[..., Model], source: Running, queues: dict[str, QueueClient]
) -> None:
    source.control.set_event_mode(copies=3)
    register("twins", "1")
    settled(source, "models/twins:1", copies=3)
    found = [json.loads(text) for text in messages(queues["plain-events"])]
    assert len(found) == 3
    assert len({event["id"] for event in found}) == 1


def test_events_arrive_in_another_order_on_request(
    register: Callable[..., Model], source: Running, queues: dict[str, QueueClient]
) -> None:
    source.control.set_event_mode(hold=3)
    for version in ("1", "2", "3"):
        assert messages(queues["plain-events"]) == []
        register("disordered", version)
    for version in ("1", "2", "3"):
        settled(source, f"models/disordered:{version}")
    found = [json.loads(text)["data"]["ModelVersion"] for text in messages(queues["plain-events"])]
    assert found == [3, 2, 1]


def test_an_event_is_lost_on_request(register: Callable[..., Model], source: Running) -> None:
    source.control.set_event_mode(drop=1)
    register("lost", "1")
    register("found", "1")
    settled(source, "models/found:1")
    events = source.control.events()
    assert "models/lost:1" in events["dropped"]
    assert "models/lost:1" not in [delivery["subject"] for delivery in events["deliveries"]]


def test_a_busy_webhook_is_tried_again_and_a_refusing_one_is_not(
    register: Callable[..., Model], source: Running, hooks: tuple[str, dict[str, Received]]
) -> None:
    _, received = hooks
    received["eventgrid"].answers = [503, 503]
    received["cloudevents"].answers = [401]
    register("retried", "1")
    ended = {delivery["subscriber"].rsplit("/", 1)[-1]: delivery for delivery in settled(source, "models/retried:1")}
    assert (ended["eventgrid"]["status"], ended["eventgrid"]["attempts"]) == ("delivered", 3)
    assert (ended["cloudevents"]["status"], ended["cloudevents"]["attempts"]) == ("dead_lettered", 1)


def test_a_missing_queue_is_waited_for(azurite: RunningAzurite, tmp_path: Path) -> None:
    queue = QueueClient.from_connection_string(azurite.connection_string, "late-events")
    subscriber = StorageQueueSubscriber("storage_queue", "late-events", connection_string=azurite.connection_string)
    with running_emulator(EmulatorConfig((RISK,), (), (subscriber,)), tmp_path) as running:
        running.control.models("register", "early", "1", workspace=RISK.name)
        while not running.control.events()["deliveries"][0]["attempts"]:
            time.sleep(0.05)
        queue.create_queue()
        (delivery,) = running.control.wait_for_deliveries(1)
    assert delivery["status"] == "delivered"
    assert delivery["attempts"] > 1


def test_no_secret_of_a_subscriber_is_shown(source: Running) -> None:
    shown = json.dumps(source.control.events()["deliveries"])
    assert "code=" not in shown
    assert "AccountKey" not in shown
