"""Where tables, blobs and queues are: one storage account, reached by connection string or by name and identity."""

from dataclasses import dataclass, field
from typing import Any

from azure.core.credentials import TokenCredential
from azure.core.pipeline.transport import HttpTransport, RequestsTransport
from azure.data.tables import TableServiceClient
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueClient

from shared.adapters.round_trips import RoundTrips

_CONNECT_SECONDS = 5
_READ_SECONDS = 30  # the service itself gives up a table operation after 30 s


@dataclass(frozen=True, slots=True)
class StorageAccount:
    """A storage account. Give either `connection_string`, or `name` and `credential`.

    `round_trips` counts what its clients send; `transport` replaces how they send it, for tests of lost answers.
    """

    connection_string: str | None = field(default=None, repr=False)
    name: str | None = None
    credential: TokenCredential | None = field(default=None, repr=False)
    endpoint_suffix: str = "core.windows.net"
    round_trips: RoundTrips | None = None
    transport: "HttpTransport[Any, Any] | None" = field(default=None, repr=False)

    def tables(self) -> TableServiceClient:
        """A client of its tables that repeats nothing by itself.

        The SDK would repeat a conditional write whose answer was lost, and then say that somebody else won.
        """
        options = {**self._options("tables"), "retry_total": 0}
        if self.connection_string:
            return TableServiceClient.from_connection_string(self.connection_string, **options)
        return TableServiceClient(self._endpoint("table"), credential=self._credential(), **options)

    def blobs(self) -> BlobServiceClient:
        """A client of its blobs, which likewise leaves every repeat to us."""
        options = {**self._options("blobs"), "retry_total": 0}
        if self.connection_string:
            return BlobServiceClient.from_connection_string(self.connection_string, **options)
        return BlobServiceClient(self._endpoint("blob"), credential=self._credential(), **options)

    def queue(self, name: str) -> QueueClient:
        """A client of one queue; it repeats what failed twice by itself, for a message twice is harmless (R2)."""
        options = {**self._options("queues"), "retry_total": 2, "initial_backoff": 1}
        if self.connection_string:
            return QueueClient.from_connection_string(self.connection_string, name, **options)
        return QueueClient(self._endpoint("queue"), name, credential=self._credential(), **options)

    def _options(self, service: str) -> dict[str, Any]:
        transport = self.transport or RequestsTransport(connection_timeout=_CONNECT_SECONDS, read_timeout=_READ_SECONDS)
        hook = {"raw_request_hook": self.round_trips.hook(service)} if self.round_trips else {}
        return {"transport": transport, **hook}

    def _endpoint(self, service: str) -> str:
        return f"https://{self.name}.{service}.{self.endpoint_suffix}"

    def _credential(self) -> TokenCredential:
        if self.credential is None or self.name is None:
            raise ValueError("A storage account needs a connection string, or a name and a credential.")
        return self.credential
