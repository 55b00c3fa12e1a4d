"""A pushed event becomes the JSON that it was, in either schema."""

import json
from datetime import UTC, datetime

import azure.functions as func

from functions.event_json import event_json
from shared.domain.ids import PromotionId
from shared.domain.model_events import read_model_events

TOPIC = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/risk-dev"
TYPE = "Microsoft.MachineLearningServices.ModelRegistered"
DATA: dict[str, object] = {"modelName": "fraud-card", "modelVersion": "7"}


def test_event_grid_schema_is_taken_in() -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    event = func.EventGridEvent(
        id="1", data=DATA, topic=TOPIC, subject="models/fraud-card:7", event_type=TYPE, event_time=at, data_version="2"
    )

    body = event_json(event)

    assert read_model_events(body, {TOPIC.casefold(): "risk-dev"}) == (PromotionId("risk-dev", "fraud-card", "7"),)
    assert json.loads(body)["eventTime"] == "2026-11-23T00:00:00+00:00"


def test_cloudevents_schema_is_taken_in() -> None:
    event = func.CloudEvent(id="1", source=TOPIC, type=TYPE, specversion="1.0", data=DATA)

    body = event_json(event)

    assert read_model_events(body, {TOPIC.casefold(): "risk-dev"}) == (PromotionId("risk-dev", "fraud-card", "7"),)
    assert "subject" not in json.loads(body)
