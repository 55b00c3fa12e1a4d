"""Sending a recorded promotion's operations again, on fresh keys with live ETags, through the same SDK clients."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from azure.core.credentials import AzureSasCredential
from azure.core.exceptions import AzureError
from azure.core.rest import HttpRequest
from azure.storage.blob import ContainerClient
from azure.storage.queue import QueueClient, QueueMessage

from local.bench.candidates import Candidate
from local.bench.laboratory import ALIAS, APPROVERS, REGISTRIES, WORKSPACE, Laboratory
from local.bench.queues import queue_client
from local.bench.recording import Operation
from shared.adapters.azure_ml import AzureMLModels
from shared.adapters.azure_ml_http import CONNECT_SECONDS, AzureMLHttp, retry_options
from shared.adapters.azure_ml_settings import AzureMLSettings, Cloud, WorkspacePlace
from shared.adapters.identity import credential
from shared.adapters.storage_account import StorageAccount
from shared.domain.canonical import sha256_hex
from shared.domain.ids import PromotionId, Target


class NotReplayed(Exception):
    """An operation did not end as the recorded one did."""


@dataclass(frozen=True, slots=True)
class Trace:
    """The operations of one promotion, in order."""

    candidate: Candidate
    operations: tuple[Operation, ...]

    def names_for(self, other: Candidate) -> dict[str, str]:
        """What must be called otherwise for another candidate, all of it equally long."""
        names = {self.candidate.name: other.name, self.candidate.run: other.run}
        for approver in APPROVERS:
            old, new = (each.webhook_id(approver) for each in (self.candidate, other))
            names |= {old: new, sha256_hex(old.encode()): sha256_hex(new.encode())}
        return names


@dataclass(slots=True)
class _Renaming:
    """Names and ETags of the recorded promotion, and what stands for them now."""

    names: dict[str, str]
    exact: dict[str, str] = field(default_factory=dict)

    def __call__(self, value: Any) -> Any:
        """The value with every text renamed, however deep."""
        match value:
            case str():
                return self.exact.get(value) or self._renamed(value)
            case dict():
                return {key: self(each) for key, each in value.items()}
            case list() | tuple():
                return type(value)(self(each) for each in value)
            case PromotionId() | Target():
                return replace(value, name=self(value.name))
            case _:
                return value

    def _renamed(self, text: str) -> str:
        for old, new in self.names.items():
            if old in text:
                text = text.replace(old, new)
        return text

    def learn(self, recorded: Sequence[str], live: Sequence[str]) -> None:
        """What stands for what the recorded promotion was answered."""
        self.exact.update(zip(recorded, live, strict=True))


class Replayer:
    """Replays, one promotion after the other, on queues of its own.

    Args:
        laboratory: the platform; nothing is counted there.
        number: of the lane; replayers of different numbers may run at once.
    """

    def __init__(self, laboratory: Laboratory, number: int = 0) -> None:
        identity = credential(managed=True, client_id=laboratory.settings.identity_client_id)
        connection = laboratory.connection_string
        self._tables = StorageAccount(connection_string=connection).tables()
        self._queues = {queue: queue_client(connection, f"floor-{queue}-{number}") for queue in ("model", "promotions")}
        azure_ml = _azure_ml(laboratory)
        self._models = AzureMLModels(azure_ml, identity)
        self._http = AzureMLHttp(azure_ml, identity)
        self._clients: dict[str, Any] = {}
        self._taken: QueueMessage | None = None
        self._renamed = _Renaming({})
        self._ways: dict[str, Callable[[Operation, list[Any], dict[str, Any]], Any]] = {
            "table": self._table,
            "queue": self._queue,
            "azure-ai-ml": self._model,
            "rest": self._rest,
            "files": self._files,
        }

    def announce(self, candidate: Candidate) -> None:
        """Send the message that the first operation receives."""
        self._queues["model"].send_message(candidate.event)

    def replay(self, trace: Trace, candidate: Candidate) -> None:
        """All operations of the trace, for another candidate.

        Raises:
            NotReplayed: one of them ended otherwise.
        """
        self._renamed = _Renaming(trace.names_for(candidate))
        for operation in trace.operations:
            try:
                self._again(operation)
            except AzureError as error:
                if not operation.failed:
                    raise NotReplayed(
                        f"{operation.client} {operation.method} {operation.arguments}: {error}"
                    ) from error

    def _again(self, operation: Operation) -> None:
        arguments, options = list(self._renamed(operation.arguments)), self._renamed(operation.options)
        etags = self._ways[operation.client](operation, arguments, options)
        if operation.etags:
            self._renamed.learn(operation.etags, etags)

    def _table(self, operation: Operation, arguments: list[Any], options: dict[str, Any]) -> list[str]:
        if operation.place not in self._clients:
            self._clients[operation.place] = self._tables.get_table_client(operation.place)
        answer = getattr(self._clients[operation.place], operation.method)(*arguments, **options)
        if operation.method == "query_entities":
            list(next(answer.by_page(), iter(())))
            return []
        rows = answer if isinstance(answer, list) else [answer or {}]
        return [str(row["etag"]) for row in rows if "etag" in row]

    def _queue(self, operation: Operation, arguments: list[Any], options: dict[str, Any]) -> None:
        queue: QueueClient = self._queues[operation.place.partition("-")[0]]
        match operation.method:
            case "receive_message":
                self._taken = queue.receive_message(**options)
            case "delete_message" if self._taken is not None:
                queue.delete_message(self._taken.id, self._taken.pop_receipt)
            case _:
                queue.send_message(*arguments, **options)

    def _model(self, operation: Operation, arguments: list[Any], _options: dict[str, Any]) -> None:
        if operation.method == "get":
            name, version = arguments[:2]
            self._models.get(PromotionId(ALIAS, name, version))
            return
        self._models.share(*arguments)

    def _rest(self, operation: Operation, arguments: list[Any], _options: dict[str, Any]) -> None:
        recorded: HttpRequest = arguments[0]
        content = self._renamed(_text(recorded.content))
        for old, new in self._renamed.exact.items():
            if old.startswith("https://") and content:
                content = content.replace(old, new)
        request = HttpRequest(
            recorded.method, self._renamed(recorded.url), headers=dict(recorded.headers), content=content
        )
        request.headers.pop("Content-Length", None)
        response = self._http.send("replaying", request)
        if operation.model_uri:
            self._renamed.learn([operation.model_uri], [str(response.json()["properties"]["modelUri"])])

    def _files(self, operation: Operation, _arguments: list[Any], options: dict[str, Any]) -> None:
        container, _, signature = operation.place.partition("?")
        with ContainerClient.from_container_url(
            container,
            AzureSasCredential(signature),
            connection_timeout=CONNECT_SECONDS,
            permit_redirects=False,
            **retry_options(),
        ) as client:
            list(client.list_blobs(**options))


def _text(content: Any) -> str | None:
    return content.decode() if isinstance(content, bytes) else content


def _azure_ml(laboratory: Laboratory) -> AzureMLSettings:
    cloud = laboratory.settings.azure_ml.cloud
    assert cloud is not None
    host = laboratory.emulator_url.removeprefix("https://")
    place = WorkspacePlace(WORKSPACE.subscription_id, WORKSPACE.resource_group, WORKSPACE.name, host)
    return AzureMLSettings(
        workspaces={ALIAS: place},
        registries=tuple(registry.name for registry in REGISTRIES),
        cloud=Cloud.from_metadata(cloud.name, cloud.metadata),
        trusted_hosts=(),
        artifact_hosts=(host,),
    )
