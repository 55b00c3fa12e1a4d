"""What Event Grid pushed, turned back into the JSON that it was: intake reads messages, however they came."""

import json
from datetime import datetime

import azure.functions as func


def event_json(event: object) -> bytes:
    """One event in its own schema; what the worker did not keep of it is absent.

    The worker hands over a `CloudEvent` wherever the body says so, whatever the annotation (functions-bindings docs
    name only `EventGridEvent`).
    """
    fields = _cloud_event(event) if isinstance(event, func.CloudEvent) else _event_grid(event)
    return json.dumps({name: value for name, value in fields.items() if value is not None}).encode()


def _cloud_event(event: func.CloudEvent) -> dict[str, object]:
    return {
        "specversion": event.specversion,
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "subject": event.subject,
        "time": _text(event.time),
        "data": event.get_json(),
    }


def _event_grid(event: object) -> dict[str, object]:
    if not isinstance(event, func.EventGridEvent):
        raise TypeError(f"{type(event).__name__} is neither an EventGridEvent nor a CloudEvent")
    return {
        "id": event.id,
        "topic": event.topic,
        "subject": event.subject,
        "eventType": event.event_type,
        "eventTime": _text(event.event_time),
        "data": event.get_json(),
        "dataVersion": event.data_version,
    }


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
