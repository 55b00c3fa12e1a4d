"""What both ways of driving an app have in common: functions and answers in the form of the answer file."""

import json
from collections.abc import Sequence
from typing import Any, Protocol

Function = dict[str, Any]
"""`name`; `trigger`, the binding that starts it; `bindings`, all of them as in function.json."""

Answer = dict[str, Any]
"""`function`; `trigger`, its type; `given`; `error`, a text or null; `http`: `status`, `headers`, `body`, or null."""


class NotIndexed(Exception):
    """The app cannot be indexed; the text is the worker's or Python's own."""


class Worker(Protocol):
    """Indexes one app and invokes its functions. `library` says whose code does it, with its version."""

    library: str

    def index(self) -> list[Function]:
        """Import function_app.py and list what it registers.

        Raises:
            NotIndexed: that failed.
        """

    def invoke(self, function: Function, given: Any) -> Answer:
        """Run one function on what its trigger carries; an error of the function is part of the answer."""


def described(name: str, raw_bindings: Sequence[str]) -> Function:
    """A function as azure.functions declares it."""
    bindings = [json.loads(text) for text in raw_bindings]
    trigger = next((each for each in bindings if each["type"].lower().endswith("trigger")), None)
    if trigger is None:
        raise NotIndexed(f"{name} has no trigger")
    return {"name": name, "trigger": trigger, "bindings": bindings}


def answered(function: Function, given: Any, returned: Any = None, error: str | None = None) -> Answer:
    """An invocation's outcome; `returned` is the encoded return value, a Datum, or None."""
    http = http_parts(returned.value) if returned is not None and returned.type == "http" else None
    return {
        "function": function["name"],
        "trigger": function["trigger"]["type"],
        "given": given,
        "error": error,
        "http": http,
    }


def http_parts(value: dict[str, Any]) -> dict[str, Any]:
    """Status, headers by lower-case name, and body of an encoded HttpResponse."""
    return {
        "status": int(value["status_code"].value),
        "headers": {name.lower(): str(header.value) for name, header in value["headers"].items()},
        "body": bytes(value["body"].value).decode("utf-8", "replace"),
    }
