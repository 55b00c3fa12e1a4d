"""The port Backlog: how many messages lie in our queues, and how many blobs in the container of dead letters."""

from collections.abc import Mapping, Sequence
from itertools import islice

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobServiceClient

from shared.adapters.azure_errors import translated
from shared.adapters.storage_account import StorageAccount

MOST_DEAD_LETTERS = 5000
"""One page of a listing; that there are more says nothing that this does not."""


class StorageBacklog:
    """Safe between threads. What does not exist yet holds nothing, and is not made.

    Args:
        account: where queues and blobs are.
        queues: the names of the queues.
        container: of the events that Event Grid gave up delivering.
    """

    def __init__(self, account: StorageAccount, queues: Sequence[str], container: str = "dead-letters") -> None:
        self._queues = {name: account.queue(name) for name in queues}
        self._blobs: BlobServiceClient = account.blobs()
        self._container = container

    def queue_depths(self) -> Mapping[str, int]:
        """One round trip for each queue; the service counts roughly, and never too few."""
        return {name: self._depth(name) for name in self._queues}

    def dead_letters(self) -> int:
        """One round trip."""
        with translated("storage", f"Listing the container {self._container}"):
            names = self._blobs.get_container_client(self._container).list_blob_names()
            try:
                return sum(1 for _ in islice(names, MOST_DEAD_LETTERS))
            except ResourceNotFoundError:
                return 0

    def _depth(self, name: str) -> int:
        with translated("queue", f"Reading the queue {name}"):
            try:
                return int(self._queues[name].get_queue_properties().approximate_message_count or 0)
            except ResourceNotFoundError:
                return 0
