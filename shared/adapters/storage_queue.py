"""The port Queue on Azure Queue Storage: a message is the text of a promotion id, plain, and never expires."""

from typing import Any

from azure.core.exceptions import ResourceNotFoundError
from azure.core.pipeline.transport import RequestsTransport
from azure.storage.queue import QueueClient

from shared.adapters.azure_errors import translated
from shared.adapters.storage_account import StorageAccount
from shared.domain.ids import PromotionId

NEVER = -1
LONGEST_DELAY = 7 * 24 * 3600  # learn.microsoft.com/rest/api/storageservices/put-message
_CONNECT_SECONDS = 5
_READ_SECONDS = 30


class StorageQueue:
    """Queue, safe between threads. The queue is made when it is first missed.

    Args:
        account: where it is; by connection string, or by name and identity.
        name: of the queue, for example `promotions`.
    """

    def __init__(self, account: StorageAccount, name: str) -> None:
        self._name = name
        self._client = _client(account, name)

    def send(self, promotion: PromotionId, delay_seconds: int = 0) -> None:
        """Send one message that never expires and shows after `delay_seconds`, at most 7 days.

        A repeat after a lost answer may send it twice, which is harmless (R2).
        """
        delay = min(max(0, delay_seconds), LONGEST_DELAY)
        with translated("queue", f"Sending {promotion} to the queue {self._name}"):
            try:
                self._send(promotion, delay)
            except ResourceNotFoundError:
                self._client.create_queue()  # 204 where somebody else was first
                self._send(promotion, delay)

    def ping(self) -> None:
        """Check that the queue answers; it is made if it is missing."""
        with translated("queue", f"Reading the queue {self._name}"):
            try:
                self._client.get_queue_properties()
            except ResourceNotFoundError:
                self._client.create_queue()

    def _send(self, promotion: PromotionId, delay: int) -> None:
        self._client.send_message(str(promotion), visibility_timeout=delay, time_to_live=NEVER)


def _client(account: StorageAccount, name: str) -> QueueClient:
    transport = account.transport or RequestsTransport(connection_timeout=_CONNECT_SECONDS, read_timeout=_READ_SECONDS)
    options: dict[str, Any] = {"transport": transport, "retry_total": 2, "initial_backoff": 1}
    if account.round_trips:
        options["raw_request_hook"] = account.round_trips.hook("queues")
    if account.connection_string:
        return QueueClient.from_connection_string(account.connection_string, name, **options)
    if account.name is None or account.credential is None:
        raise ValueError("A storage account needs a connection string, or a name and a credential.")
    url = f"https://{account.name}.queue.{account.endpoint_suffix}"
    return QueueClient(url, name, credential=account.credential, **options)
