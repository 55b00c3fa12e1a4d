"""For operators: what could not be understood is shown and replayed, and health tells strangers little."""

import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from shared.adapters.memory import InMemoryCatalog
from shared.domain.ids import PromotionId
from tests.web.front import Front, SignIn, code_of
from tests.workflow.world import TOPIC, World

ASKED = PromotionId("risk-dev", "fraud-detector", "9")


def event(version: object = "9") -> str:
    return json.dumps(
        {
            "id": "1",
            "topic": TOPIC,
            "subject": "models/fraud-detector:9",
            "eventType": "Microsoft.MachineLearningServices.ModelRegistered",
            "eventTime": "2026-03-01T12:00:00Z",
            "dataVersion": "",
            "metadataVersion": "1",
            "data": {"ModelName": "fraud-detector", "ModelVersion": version},
        }
    )


def quarantined(front: Front, body: bytes = b"\xff{not json", source: str = "model-events") -> str:
    return front.world.quarantine.put(source, "It is not JSON.", body, front.world.clock.now())


def test_the_quarantine_shows_reason_count_and_bytes(front: Front) -> None:
    quarantined(front)
    kept = quarantined(front)
    page = front.get("/api/quarantine").json()
    assert [(item["id"], item["reason"], item["count"]) for item in page["items"]] == [(kept, "It is not JSON.", 2)]
    assert page["items"][0]["body"] == "\\xff{not json"
    assert page["cursor"] is None


def test_the_quarantine_is_read_page_by_page(front: Front) -> None:
    for number in range(3):
        quarantined(front, str(number).encode())
        front.world.clock.advance(timedelta(seconds=1))
    first = front.get("/api/quarantine", limit=2).json()
    rest = front.get("/api/quarantine", limit=2, cursor=first["cursor"]).json()
    assert [item["body"] for item in first["items"] + rest["items"]] == ["2", "1", "0"]


def test_a_message_is_replayed_as_it_came(front: Front) -> None:
    kept = quarantined(front, event().encode())
    answer = front.post(f"/api/quarantine/{kept}/replay", "olu.operator")
    digest = sha256(event().encode()).hexdigest()
    assert (answer.status_code, answer.json()) == (200, {"id": kept, "digest": digest, "promotions": [str(ASKED)]})
    assert front.world.queue.take() == ASKED
    shown = front.get("/api/quarantine").json()["items"][0]["replays"]
    assert [(replay["by"], replay["digest"]) for replay in shown] == [("olu.operator", digest)]


def test_a_corrected_message_is_replayed_and_the_original_stays(front: Front) -> None:
    kept = quarantined(front)
    answer = front.post(f"/api/quarantine/{kept}/replay", "olu.operator", {"body": event()})
    assert answer.json()["digest"] == sha256(event().encode()).hexdigest()
    assert front.get("/api/quarantine").json()["items"][0]["body"] == "\\xff{not json"


def test_a_message_that_still_has_faults_stays_where_it_is(front: Front) -> None:
    kept = quarantined(front)
    for body in (None, {"body": "{"}, {"body": ""}):
        answer = front.post(f"/api/quarantine/{kept}/replay", "olu.operator", body)
        assert (answer.status_code, code_of(answer)) == (422, "still_invalid")
    assert front.get("/api/quarantine").json()["items"][0]["replays"] == []


def test_a_poison_message_is_replayed_as_it_is(front: Front) -> None:
    kept = quarantined(front, str(ASKED).encode(), "promotions-poison")
    answer = front.post(f"/api/quarantine/{kept}/replay", "olu.operator", {"body": "x"})
    assert (answer.status_code, code_of(answer)) == (422, "not_correctable")
    assert front.post(f"/api/quarantine/{kept}/replay", "olu.operator").json()["promotions"] == [str(ASKED)]


@pytest.mark.parametrize("id", ["0" * 64, "x", "..."])
def test_what_is_not_quarantined_is_not_replayed(front: Front, id: str) -> None:
    answer = front.post(f"/api/quarantine/{id}/replay", "olu.operator")
    assert (answer.status_code, code_of(answer)) == (404, "unknown_quarantined")


# ------------------------------------------------------------------------------------------------ health


def test_health_is_ok_when_every_port_answers(front: Front) -> None:
    answer = front.client.get("/api/health")
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["version"]) == ("ok", "0.1.0")
    assert {port["name"] for port in answer.json()["ports"]} >= {
        "history",
        "queue",
        "workspaces",
        "registries",
        "policies",
    }


def test_health_tells_a_stranger_which_port_fails_and_an_operator_why(front: Front) -> None:
    front.world.queue.unreachable = True
    stranger, operator = front.client.get("/api/health"), front.get("/api/health", "olu.operator")
    assert stranger.status_code == operator.status_code == 503
    said = [{port["name"]: port["explanation"] for port in answer.json()["ports"]} for answer in (stranger, operator)]
    assert said[0]["queue"] == "does not answer; operators are told why"
    assert said[1]["queue"] == "InMemoryQueue is told to be unreachable."


def test_a_bad_token_does_not_hide_health(front: Front) -> None:
    assert front.client.get("/api/health", headers={"Authorization": "Bearer x"}).status_code == 200


class CountedCatalog(InMemoryCatalog):
    """Workspaces that know how often they were asked."""

    pings = 0

    def ping(self) -> None:
        self.pings += 1


def test_strangers_cannot_make_us_ask_azure_at_will(sign_in: SignIn) -> None:
    world, catalog = World(), CountedCatalog()
    world.outside = replace(world.outside, catalog=catalog)
    front = Front(sign_in, world=world)
    for _ in range(5):
        front.client.get("/api/health")
    assert catalog.pings == 1
    front.get("/api/health", "olu.operator")
    assert catalog.pings == 2
    world.clock.advance(timedelta(seconds=10))
    front.client.get("/api/health")
    assert catalog.pings == 3
