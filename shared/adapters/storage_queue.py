"""The port Queue on Azure Queue Storage: a message is the text of a promotion id, plain, and never expires."""

from azure.core.exceptions import ResourceNotFoundError

from shared.adapters.azure_errors import translated
from shared.adapters.storage_account import StorageAccount
from shared.domain.ids import PromotionId

NEVER = -1
LONGEST_DELAY = 7 * 24 * 3600  # learn.microsoft.com/rest/api/storageservices/put-message


class StorageQueue:
    """Queue, safe between threads. The queue is made when it is first missed.

    Args:
        account: where it is; by connection string, or by name and identity.
        name: of the queue, for example `promotions`.
    """

    def __init__(self, account: StorageAccount, name: str) -> None:
        self._name = name
        self._client = account.queue(name)

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
