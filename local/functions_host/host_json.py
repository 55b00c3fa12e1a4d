"""host.json with the overrides `AzureFunctionsJobHost__section__key` from the app settings, and the host's defaults."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from local.functions_host.app_settings import parse_timespan
from local.functions_host.functions import AppRefused

_OVERRIDE = "azurefunctionsjobhost__"
_T = TypeVar("_T")
_DEFAULT_TIMEOUT: float | None = 1800.0  # of every plan but Consumption


@dataclass(frozen=True, slots=True)
class QueueOptions:
    """Section `extensions.queues`, with the defaults of QueuesOptions (queues); times in seconds.

    Attributes:
        batch_size: messages received at once, 1 to 32.
        new_batch_threshold: more are received when no more than this many are being worked on.
        max_dequeue_count: tries before a message goes to the poison queue.
        visibility_timeout: how long a message that failed stays hidden.
        max_polling_interval: longest pause between looks at an empty queue.
        base64: whether message text is base64, both ways.
    """

    batch_size: int = 16
    new_batch_threshold: int = 8
    max_dequeue_count: int = 5
    visibility_timeout: float = 0.0
    max_polling_interval: float = 60.0
    base64: bool = True


@dataclass(frozen=True, slots=True)
class HostJson:
    """What this host reads of host.json.

    Attributes:
        route_prefix: before every http route; empty for none.
        queues: how queues are read.
        function_timeout: seconds a function may run; None for no end.
    """

    route_prefix: str
    queues: QueueOptions
    function_timeout: float | None


def read_host_json(path: Path, settings: Mapping[str, str]) -> HostJson:
    """Read host.json and apply the overrides.

    Raises:
        AppRefused: with every fault.
    """
    try:
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise AppRefused([f"{path}: host.json must exist and be JSON: {error}"]) from error
    if not isinstance(document, dict) or document.get("version") != "2.0":
        raise AppRefused([f'{path}: must be an object that says "version": "2.0"'])
    reader = _Reader(_flat(document) | _overrides(settings), [])
    read = HostJson(
        reader.get("extensions:http:routePrefix", "api", str).strip("/"),
        _queue_options(reader, development=settings.get("AZURE_FUNCTIONS_ENVIRONMENT", "").lower() == "development"),
        reader.get("functionTimeout", _DEFAULT_TIMEOUT, _timeout),
    )
    if reader.faults:
        raise AppRefused([f"{path}: {fault}" for fault in reader.faults])
    return read


def _queue_options(reader: "_Reader", *, development: bool) -> QueueOptions:
    section = "extensions:queues:"
    batch_size = reader.get(section + "batchSize", 16, _whole(1, 32))
    options = QueueOptions(
        batch_size,
        reader.get(section + "newBatchThreshold", batch_size // 2 * (os.cpu_count() or 1), _whole(0, 1_000_000)),
        reader.get(section + "maxDequeueCount", 5, _whole(1, 1_000_000)),
        reader.get(section + "visibilityTimeout", 0.0, _seconds),
        reader.get(section + "maxPollingInterval", 60.0, _polling),
        reader.get(section + "messageEncoding", True, _is_base64),
    )
    # The queues extension looks more often while a developer waits, unless told otherwise.
    if development and options.max_polling_interval == 60.0:
        return replace(options, max_polling_interval=2.0)
    return options


@dataclass(frozen=True, slots=True)
class _Reader:
    """Values by lower-case path, and the faults found so far."""

    values: dict[str, Any]
    faults: list[str]

    def get(self, path: str, default: _T, parse: Callable[[str], _T]) -> _T:
        value = self.values.get(path.lower())
        if value is None:
            return default
        try:
            return parse(str(value))
        except ValueError as error:
            self.faults.append(f"{path.replace(':', '.')}: {error}")
            return default


def _flat(document: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in document.items():
        path = f"{prefix}{key.lower()}"
        values |= _flat(value, f"{path}:") if isinstance(value, dict) else {path: value}
    return values


def _overrides(settings: Mapping[str, str]) -> dict[str, Any]:
    return {
        name.lower().removeprefix(_OVERRIDE).replace("__", ":"): value
        for name, value in settings.items()
        if name.lower().startswith(_OVERRIDE)
    }


def _whole(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.strip().isdigit() or not least <= int(text) <= most:
            raise ValueError(f"must be a whole number from {least} to {most}, not {text}")
        return int(text)

    return parse


def _seconds(text: str) -> float:
    return parse_timespan(text).total_seconds()


def _polling(text: str) -> float:
    seconds = _seconds(text) if ":" in text else int(text) / 1000  # a bare number is milliseconds
    if seconds < 0.1:
        raise ValueError(f"must be at least 00:00:00.1, not {text}")
    return seconds


def _timeout(text: str) -> float | None:
    return None if text == "-1" else _seconds(text)


def _is_base64(text: str) -> bool:
    if text.lower() not in ("base64", "none"):
        raise ValueError(f"must be base64 or none, not {text}")
    return text.lower() == "base64"
