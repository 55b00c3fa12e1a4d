"""What a worker process does on request: take messages as the Functions host would, sweep, answer webhooks."""

import asyncio
import contextlib
import logging
import socket
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx
from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.storage.queue import QueueClient, QueueMessage

from local.faults.lines import Lines
from shared import bootstrap
from shared.domain.commands import GiveUpTarget, RequestReevaluation, RetryTarget, Withdraw
from shared.domain.errors import ClearanceError, CommandRefused
from shared.domain.ids import PromotionId
from shared.settings import Settings
from shared.workflow.advance import advance
from shared.workflow.find_missed_registrations import find_missed_registrations
from shared.workflow.instruct import Instruction, instruct
from shared.workflow.quarantine_poison import quarantine_poison
from shared.workflow.receive_model_event import receive_model_event
from shared.workflow.sweep import sweep

VISIBILITY_SECONDS = 1
_MOST_TRIES = 5  # host.json, maxDequeueCount
_MOST_MESSAGES = 60  # of one request: a handling that wakes itself for ever must not look like work

_QUEUES = ("model-events", "promotions")
_POISON = ("model-events-poison", "promotions-poison")

Answer = dict[str, Any]


def serve(path: str, environment: Mapping[str, str]) -> None:
    """Do what is asked for over the socket at `path`, until it is closed; who cannot start says so when asked."""
    logging.disable(logging.CRITICAL)
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    with contextlib.suppress(ConnectionError):
        _answer_all(Lines(connection), environment)


def _answer_all(lines: Lines, environment: Mapping[str, str]) -> None:
    try:
        worker = Worker(Settings.from_mapping(environment))
    except Exception as error:  # noqa: BLE001 - whatever it is, whoever asks must hear of it
        lines.receive()
        lines.send({"crash": f"a worker cannot start: {_told(error)}"})
        return
    while True:
        wanted = lines.receive()
        lines.send(worker.do(str(wanted.pop("do")), wanted))


class Worker:
    """One instance of the app, with hands of its own in place of a host's."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._outside = bootstrap.build(settings)
        self._web_app: bootstrap.WebApp | None = None
        self._handlers: dict[str, Callable[[bytes], object]] = {
            "model-events": lambda body: receive_model_event(self._outside, body, "model-events"),
            "promotions": lambda body: advance(self._outside, PromotionId.parse(body.decode())),
            "model-events-poison": lambda body: quarantine_poison(self._outside, body, "model-events-poison"),
            "promotions-poison": lambda body: quarantine_poison(self._outside, body, "promotions-poison"),
        }
        self._queues = {name: self._queue(name) for name in self._handlers}

    def do(self, what: str, arguments: Answer) -> Answer:
        """One thing; `trouble` in the answer is a code of the app's own, `crash` an exception that nobody expected."""
        things: dict[str, Callable[..., Answer]] = {
            "work": lambda: self._drain(_QUEUES),
            "quarantine": lambda: self._drain(_POISON),
            "sweep": self._sweep,
            "find_missed": self._find_missed,
            "decide": self._decide,
            "instruct": self._instruct,
        }
        try:
            return things[what](**arguments)
        except ClearanceError as error:
            return {"trouble": getattr(error, "code", type(error).__name__), "said": str(error)}
        except AzureError as error:  # of the host's own calls
            return {"trouble": type(error).__name__}
        except Exception as error:  # noqa: BLE001 - whatever it is, the section counts it
            return {"crash": _told(error)}

    def _drain(self, names: Sequence[str]) -> Answer:
        """Take messages until none of these queues shows any; the answer names what went wrong with some of them."""
        answer: Answer = {"handled": 0, "troubles": [], "crashes": []}
        while answer["handled"] < _MOST_MESSAGES and any(self._take(name, answer) for name in names):
            answer["handled"] += 1
        return answer

    def _take(self, name: str, answer: Answer) -> bool:
        queue = self._queues[name]
        try:
            message = queue.receive_message(visibility_timeout=VISIBILITY_SECONDS)
            if message is None:
                return False
            if self._handled(name, message, answer):
                queue.delete_message(message)
        except ResourceNotFoundError:
            return False
        except AzureError as error:
            answer["troubles"].append(f"{name}: {type(error).__name__}")
        return True

    def _handled(self, name: str, message: QueueMessage, answer: Answer) -> bool:
        """Whether the message may go: it was handled, or has failed too often and stands in the poison queue now."""
        try:
            self._handlers[name](str(message.content).encode())
        except ClearanceError as error:
            answer["troubles"].append(f"{name}: {getattr(error, 'code', type(error).__name__)}: {error}")
        except Exception as error:  # noqa: BLE001 - as the host takes it; the section counts it
            answer["crashes"].append(f"{name}: {_told(error)}")
        else:
            return True
        if (message.dequeue_count or 0) < _MOST_TRIES or name.endswith("-poison"):
            return False
        self._queues[f"{name}-poison"].send_message(message.content, time_to_live=-1)
        return True

    def _sweep(self) -> Answer:
        done = sweep(self._outside)
        return {"woken": done.woken, "removed": done.removed}

    def _find_missed(self) -> Answer:
        return {"found": find_missed_registrations(self._outside).found}

    def _decide(self, path: str, headers: Mapping[str, str], body: str) -> Answer:
        if self._web_app is None:
            self._web_app = bootstrap.web_app(self._settings, self._outside)
        return asyncio.run(_post(self._web_app, path, headers, body))

    def _instruct(self, kind: str, promotion: str, operation: str, **fields: Any) -> Answer:
        command = _INSTRUCTIONS[kind](**fields)
        try:
            status = instruct(
                self._outside, PromotionId.parse(promotion), command, operation=operation, actor=command.by
            )
        except CommandRefused as refused:
            return {"refused": refused.code}
        return {"status": status}

    def _queue(self, name: str) -> QueueClient:
        connection = self._settings.storage.connection_string or ""
        return QueueClient.from_connection_string(connection, name, retry_total=0)


_INSTRUCTIONS: dict[str, Callable[..., Instruction]] = {
    "reevaluate": RequestReevaluation,
    "withdraw": Withdraw,
    "retry": RetryTarget,
    "give_up": GiveUpTarget,
}


def _told(error: Exception) -> str:
    """An exception that nobody expected, and where it came from."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return f"{type(error).__name__}: {error} at " + " < ".join(f"{f.filename}:{f.lineno}" for f in reversed(frames))


async def _post(app: bootstrap.WebApp, path: str, headers: Mapping[str, str], body: str) -> Answer:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        answer = await client.post(path, headers=dict(headers), content=body)
    return {"status": answer.status_code, "body": answer.json()}
