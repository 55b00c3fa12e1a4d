"""Intake: every known shape is understood, the rest is quarantined with its reason, nothing is lost (R2, R3)."""

import base64
import json
from typing import Any

import pytest

from shared.domain.errors import Unreadable
from shared.workflow.advance import advance
from shared.workflow.receive_model_event import receive_model_event
from tests.domain.evidence_makers import a_promotion
from tests.workflow.world import TOPIC, World


def event(**changes: Any) -> dict[str, Any]:
    """As documented: learn.microsoft.com/azure/event-grid/event-schema-machine-learning."""
    said = {
        "topic": TOPIC,
        "subject": "models/fraud-detector:7",
        "eventType": "Microsoft.MachineLearningServices.ModelRegistered",
        "eventTime": "2026-03-01T11:50:00.1234567Z",
        "id": "9db2f0d4-0000-4000-8000-000000000001",
        "data": {"ModelName": "fraud-detector", "ModelVersion": 7, "ModelTags": {}, "ModelProperties": {}},
        "dataVersion": "",
        "metadataVersion": "1",
    }
    return {**said, **changes}


def cloud_event() -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "source": TOPIC.upper(),
        "type": "Microsoft.MachineLearningServices.ModelRegistered",
        "id": "1",
        "time": "2026-03-01T11:50:00.1234567Z",
        "subject": "models/fraud-detector:7",
        "data": {"modelName": "fraud-detector", "modelVersion": "7", "modelTags": None},
    }


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(json.dumps(event()).encode(), id="event-grid-schema"),
        pytest.param(json.dumps([event()]).encode(), id="array"),
        pytest.param(json.dumps(cloud_event()).encode(), id="cloudevents-camel-case"),
        pytest.param(base64.b64encode(json.dumps(event()).encode()), id="base64"),
        pytest.param(json.dumps(event(data={"ModelName": "fraud-detector", "ModelVersion": "7"})).encode(), id="text"),
        pytest.param(json.dumps({k: v for k, v in event().items() if k != "subject"}).encode(), id="no-subject"),
    ],
)
def test_every_known_shape_is_understood(body: bytes) -> None:
    world = World()
    assert receive_model_event(world.outside, body, "model-events").promotions == (a_promotion(),)
    work = world.worklist.get(a_promotion())
    assert work is not None
    assert work.looks.asked == world.clock.now()
    assert world.queue.take() == a_promotion()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"", "", id="empty"),
        pytest.param(b"not json", "", id="no-json"),
        pytest.param(b"[]", "announces nothing", id="empty-array"),
        pytest.param(b'[1, "x", null]', "JSON object", id="no-objects"),
        pytest.param(b'{"a": NaN}', "", id="nan"),
        pytest.param(b'{"source": "a", "source": "b"}', "", id="repeated-key"),
        pytest.param(b'{"a":' * 200 + b"1" + b"}" * 200, "", id="deep"),
        pytest.param(b'"\\ud800"', "", id="surrogate"),
        pytest.param(json.dumps(event(topic="/subscriptions/x")).encode(), "governed workspaces", id="foreign"),
        pytest.param(json.dumps(event(eventType="Microsoft.X.RunCompleted")).encode(), "its type is", id="type"),
        pytest.param(json.dumps(event(data={"ModelName": "f", "ModelVersion": True})).encode(), "version", id="bool"),
        pytest.param(json.dumps(event(data={"ModelName": "f", "ModelVersion": 1.5})).encode(), "version", id="float"),
        pytest.param(json.dumps(event(data=None)).encode(), "its data", id="no-data"),
        pytest.param(json.dumps(event(subject="models/other:7")).encode(), "subject", id="subject-disagrees"),
        pytest.param(
            json.dumps(event(subject=None, data={"ModelName": "../../x", "ModelVersion": 1})).encode(), "", id="path"
        ),
        pytest.param(b"\xff\xfe\x00", "", id="bytes"),
    ],
)
def test_what_cannot_be_understood_is_kept_with_its_reason(body: bytes, reason: str) -> None:
    world = World()
    intake = receive_model_event(world.outside, body, "model-events")
    assert intake.promotions == ()
    (kept,) = world.quarantine.page(10, None).items
    assert kept.id == intake.quarantined[0]
    assert kept.body == body
    assert reason.casefold() in kept.reason.casefold()
    assert world.queue.take() is None


def test_the_same_bad_message_is_kept_once_and_counted() -> None:
    world = World()
    for _ in range(3):
        receive_model_event(world.outside, b"nonsense", "model-events")
    (kept,) = world.quarantine.page(10, None).items
    assert kept.count == 3


def test_one_bad_event_of_a_batch_does_not_stop_the_others() -> None:
    world = World()
    intake = receive_model_event(world.outside, json.dumps([event(), event(topic="/x")]).encode(), "push")
    assert intake.promotions == (a_promotion(),)
    assert len(intake.quarantined) == 1


def test_duplicates_and_disorder_change_nothing() -> None:
    world = World()
    world.register(announce=False)
    for _ in range(5):
        receive_model_event(world.outside, json.dumps(event()).encode(), "model-events")
    world.work()
    receive_model_event(world.outside, json.dumps(event()).encode(), "model-events")
    world.work()
    assert world.happened() == ["Registered", "EvaluationCompleted", "ApprovalRequested"]


def test_a_message_is_not_acknowledged_while_nothing_can_be_stored() -> None:
    world = World()
    world.worklist.unreachable = True
    with pytest.raises(Unreadable):
        receive_model_event(world.outside, json.dumps(event()).encode(), "model-events")


def test_the_row_is_written_before_the_message_is_sent() -> None:
    world = World()
    world.queue.unreachable = True
    with pytest.raises(Unreadable):
        receive_model_event(world.outside, json.dumps(event()).encode(), "model-events")
    assert world.worklist.get(a_promotion()) is not None


def test_a_forged_event_costs_one_read_and_leaves_no_history() -> None:
    world = World()
    receive_model_event(world.outside, json.dumps(event()).encode(), "model-events")
    world.work()
    assert world.happened() == []


def test_a_version_that_never_appears_is_quarantined_after_its_grace() -> None:
    from datetime import timedelta

    world = World()
    receive_model_event(world.outside, json.dumps(event()).encode(), "model-events")
    world.work()
    for _ in range(8):
        world.pass_time(timedelta(minutes=5))
    (kept,) = world.quarantine.page(10, None).items
    assert "no such version" in kept.reason
    for _ in range(4):
        world.pass_time(timedelta(minutes=11))
    assert world.worklist.get(a_promotion()) is None


def test_a_version_that_appears_late_is_looked_at() -> None:
    from datetime import timedelta

    world = World()
    receive_model_event(world.outside, json.dumps(event()).encode(), "model-events")
    world.work()
    world.register(announce=False)
    world.pass_time(timedelta(minutes=6))
    assert world.case().status == "awaiting_approval"


def test_a_version_registered_anew_begins_anew() -> None:
    world = World()
    world.register()
    world.work()
    world.answer("amir.approver")
    world.catalog.reregister(a_promotion(), world.clock.now())
    receive_model_event(world.outside, json.dumps(event()).encode(), "model-events")
    world.clock.advance(world.outside.waits.reread_max_age)
    receive_model_event(world.outside, json.dumps(event()).encode(), "model-events")
    world.work()
    assert "Reregistered" in world.happened()
    assert world.case().status == "awaiting_approval"
    answer = world.answer("rosa.risk")
    assert answer.approvals == 1


def test_a_version_deleted_at_its_source_is_withdrawn() -> None:
    world = World()
    world.register()
    world.work()
    world.catalog.delete(a_promotion())
    world.clock.advance(world.outside.waits.reread_max_age)
    receive_model_event(world.outside, json.dumps(event()).encode(), "model-events")
    advance(world.outside, a_promotion())
    assert world.case().status == "withdrawn"


def test_a_workspace_that_cannot_be_read_withdraws_nothing() -> None:
    world = World()
    world.register()
    world.work()
    world.catalog.unreadable.add("risk-dev")
    world.clock.advance(world.outside.waits.reread_max_age)
    receive_model_event(world.outside, json.dumps(event()).encode(), "model-events")
    advance(world.outside, a_promotion())
    assert world.case().status == "awaiting_approval"
