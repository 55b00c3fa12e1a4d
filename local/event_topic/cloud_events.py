"""Which bodies are CloudEvents 1.0, as a topic with that input schema judges them.

Sources: github.com/cloudevents/spec v1.0.2 (context attributes, JSON format, JSON batch); Event Grid's limits in
learn.microsoft.com/azure/event-grid/cloud-event-schema.
"""

import json
import re
from datetime import datetime
from typing import Any

BATCH = "application/cloudevents-batch+json"
STRUCTURED = "application/cloudevents+json"
MAX_BYTES = 1024 * 1024

_REQUIRED = ("id", "source", "specversion", "type")
_OPTIONAL_TEXTS = ("subject", "time", "datacontenttype", "dataschema")
_ATTRIBUTE_NAME = re.compile(r"[a-z0-9]{1,20}")


class NotCloudEvents(Exception):
    """The body is not what the content type promises; the text lists every fault."""


def parse_events(content_type: str, body: bytes) -> list[dict[str, Any]]:
    """The events of a request body.

    Args:
        content_type: the request's header; its parameters are ignored.
        body: the whole body.

    Raises:
        NotCloudEvents: with every fault.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    try:
        document = json.loads(body)
    except ValueError as error:
        raise NotCloudEvents(f"the body is not JSON: {error}") from error
    if media_type == STRUCTURED:
        document = [document]
    elif media_type != BATCH:
        raise NotCloudEvents(f"the content type is {media_type or 'absent'}, this topic takes {BATCH} or {STRUCTURED}")
    return _checked(document)


def _checked(document: Any) -> list[dict[str, Any]]:
    if not isinstance(document, list):
        raise NotCloudEvents(f"a {BATCH} body is an array, this is {type(document).__name__}")
    faults = [f"event {place}: {fault}" for place, event in enumerate(document) for fault in event_faults(event)]
    if faults:
        raise NotCloudEvents("; ".join(faults))
    return document


def event_faults(event: Any) -> list[str]:
    """Every fault of one event, none for a good one."""
    if not isinstance(event, dict):
        return ["is not an object"]
    faults = [f"{name} must be text that is not empty" for name in _REQUIRED if not _filled(event.get(name))]
    faults += [
        f"{name} must be text that is not empty, or absent"
        for name in _OPTIONAL_TEXTS
        if event.get(name) is not None and not _filled(event[name])
    ]
    return faults + _value_faults(event) + _extension_faults(event)


def _value_faults(event: dict[str, Any]) -> list[str]:
    faults = []
    if _filled(event.get("specversion")) and event["specversion"] != "1.0":
        faults.append(f"specversion must be 1.0, not {event['specversion']}")
    if _filled(event.get("time")) and not _is_instant(event["time"]):
        faults.append(f"time must be an RFC 3339 instant, not {event['time']}")
    if "data" in event and "data_base64" in event:
        faults.append("data and data_base64 exclude each other")
    return faults


def _extension_faults(event: dict[str, Any]) -> list[str]:
    extensions = set(event) - {*_REQUIRED, *_OPTIONAL_TEXTS, "data", "data_base64"}
    faults = [
        f"attribute {name!r} must be 1 to 20 lower-case letters and digits"
        for name in sorted(extensions)
        if not _ATTRIBUTE_NAME.fullmatch(name)
    ]
    return faults + [
        f"attribute {name!r} must be text, a number or a boolean"
        for name in sorted(extensions)
        if isinstance(event[name], dict | list)
    ]


def _filled(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_instant(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None and "T" in text.upper()
    except ValueError:
        return False
