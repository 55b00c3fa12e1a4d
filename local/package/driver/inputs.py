"""What a trigger carries, in the form that azure.functions' converters decode (the host's GrpcMessageConversion)."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from azure.functions.meta import Datum

SITE = "http://127.0.0.1:7071"
Input = tuple[Datum, dict[str, Datum]]


def input_of(trigger_type: str, given: Any) -> Input:
    """The value of a trigger's parameter and its metadata.

    Args:
        trigger_type: httpTrigger, queueTrigger, timerTrigger or eventGridTrigger.
        given: an object with `path` and optional `headers` of a GET; a message's text; null; an event.
    """
    return _MAKERS[trigger_type](given)


def _http(given: Any) -> Input:
    parts = {
        "method": Datum("GET", "string"),
        "url": Datum(SITE + given["path"], "string"),
        "headers": {name: Datum(value, "string") for name, value in given.get("headers", {}).items()},
        "query": {},
        "params": {"route": Datum(urlsplit(given["path"]).path.lstrip("/"), "string")},
        "body": Datum(b"", "bytes"),
    }
    return Datum(parts, "http"), {}


def _queue(given: Any) -> Input:
    now = datetime.now(UTC)
    times = {"InsertionTime": now, "ExpirationTime": now + timedelta(days=7), "NextVisibleTime": now}
    metadata = {
        "Id": Datum("2f6b1c0e-5d0f-4c39-9a53-2f8f6c1f3b11", "string"),
        "PopReceipt": Datum("AgAAAAMAAAA=", "string"),
        "DequeueCount": Datum("1", "json"),
        **{name: Datum(json.dumps(at.isoformat()), "json") for name, at in times.items()},
    }
    return Datum(given, "string"), metadata


def _timer(_given: Any) -> Input:
    carried = {"IsPastDue": False, "ScheduleStatus": None, "Schedule": {"AdjustForDST": True}}
    return Datum(json.dumps(carried), "json"), {}


def _event(given: Any) -> Input:
    return Datum(json.dumps(given), "json"), {}


_MAKERS = {"httpTrigger": _http, "queueTrigger": _queue, "timerTrigger": _timer, "eventGridTrigger": _event}
