"""Recording what a promotion asks of the SDK clients: each outermost call, its arguments, the ETags that it answered."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from azure.core import PipelineClient
from azure.core.rest import HttpRequest
from azure.data.tables import TableClient
from azure.storage.blob import ContainerClient
from azure.storage.queue import QueueClient

from shared.adapters.azure_ml import AzureMLModels

_TABLES = (
    *("get_entity", "query_entities", "create_entity", "upsert_entity", "update_entity", "delete_entity"),
    "submit_transaction",
)
_QUEUES = ("send_message", "receive_message", "delete_message")


@dataclass(frozen=True, slots=True)
class Operation:
    """One call of an SDK client.

    Attributes:
        client: "table", "queue", "azure-ai-ml", "rest" or "files".
        place: the table, the queue, or the URL of the container.
        method: of the client.
        arguments: by position.
        options: by name.
        etags: that it answered, in order.
        model_uri: where the answer said that a registry's version lies.
        failed: whether the service refused it.
    """

    client: str
    place: str
    method: str
    arguments: tuple[Any, ...]
    options: dict[str, Any]
    etags: tuple[str, ...] = ()
    model_uri: str = ""
    failed: bool = False


@dataclass(slots=True)
class _Recorder:
    """Calls within calls are the client's own affair and are not noted."""

    emulator_url: str
    operations: list[Operation] = field(default_factory=list)
    inside: threading.local = field(default_factory=threading.local)

    def wrap(self, owner: type, client: str, method: str, place: Callable[[Any], str]) -> Callable[[], None]:
        """Put a recording call in the place of a method; returns what puts it back."""
        original = getattr(owner, method)

        def call(this: Any, *arguments: Any, **options: Any) -> Any:
            if getattr(self.inside, "a_call", False) or not self._is_asked(this, client, arguments):
                return original(this, *arguments, **options)
            self.inside.a_call = True
            said = (client, place(this), method, _kept(arguments), deepcopy(options))
            try:
                answer = original(this, *arguments, **options)
                answer = list(answer) if method == "list_blobs" else answer
            except Exception:
                self.operations.append(Operation(*said, failed=True))
                raise
            finally:
                self.inside.a_call = False
            self.operations.append(Operation(*said, etags=_etags(answer), model_uri=_model_uri(answer)))
            return answer

        setattr(owner, method, call)
        return lambda: setattr(owner, method, original)

    def _is_asked(self, this: Any, client: str, arguments: tuple[Any, ...]) -> bool:
        """Requests of our own to Azure ML; azure-ai-ml polls on threads and pipelines (subclasses) of its own."""
        mine = type(this) is PipelineClient and str(arguments[0].url).startswith(self.emulator_url)
        return client != "rest" or mine


@contextmanager
def recording(emulator_url: str) -> Iterator[list[Operation]]:
    """Note every call within the block; the SDKs' classes are put back as they were."""
    from azure.ai.ml.operations import ModelOperations

    recorder = _Recorder(emulator_url)
    with ExitStack() as stack:
        for method in _TABLES:
            stack.callback(recorder.wrap(TableClient, "table", method, lambda client: str(client.table_name)))
        for method in _QUEUES:
            stack.callback(recorder.wrap(QueueClient, "queue", method, lambda client: str(client.queue_name)))
        stack.callback(recorder.wrap(ModelOperations, "azure-ai-ml", "get", lambda _: ""))
        # One import is three calls of two clients, always the same: it is noted, and sent again, as one.
        stack.callback(recorder.wrap(AzureMLModels, "azure-ai-ml", "share", lambda _: ""))
        stack.callback(recorder.wrap(PipelineClient, "rest", "send_request", lambda _: ""))
        stack.callback(recorder.wrap(ContainerClient, "files", "list_blobs", _container))
        yield recorder.operations


def _container(client: Any) -> str:
    """With the SAS, which is good for an hour."""
    signature = getattr(client.credential, "signature", "")
    return f"{client.url.partition('?')[0]}?{signature}"


def _kept(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """Requests as they are before the pipeline adds to them; all else copied, for callers may change it."""
    return tuple(_request(each) if isinstance(each, HttpRequest) else deepcopy(each) for each in arguments)


def _request(request: HttpRequest) -> HttpRequest:
    return HttpRequest(request.method, request.url, headers=dict(request.headers), content=request.content)


def _etags(answer: Any) -> tuple[str, ...]:
    rows = answer if isinstance(answer, list) else [answer]
    return tuple(str(row["etag"]) for row in rows if isinstance(row, dict) and "etag" in row)


def _model_uri(answer: Any) -> str:
    """Where a registry's version lies, if this is the answer of one."""
    from azure.core.rest import HttpResponse

    if not isinstance(answer, HttpResponse) or not answer.headers.get("content-type", "").startswith(
        "application/json"
    ):
        return ""
    found = answer.json()
    properties = found.get("properties") if isinstance(found, dict) else None
    return str((properties or {}).get("modelUri") or "")
