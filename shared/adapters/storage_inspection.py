"""The port StoreInspection: whether tables, queues and containers are there, without making what is missing."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from azure.core.pipeline import PipelineResponse

from shared.adapters.azure_errors import translated
from shared.adapters.storage_account import StorageAccount
from shared.domain.errors import Unreadable

T = TypeVar("T")


class StorageInspection:
    """StoreInspection. Safe to share between threads; each method is one round trip, repeats of a queue aside."""

    def __init__(self, account: StorageAccount) -> None:
        self._account = account
        self._tables = account.tables()
        self._blobs = account.blobs()

    def table(self, name: str) -> int:
        """Read one row at most: that needs the right to read rows, which is what the app needs."""
        rows = self._tables.get_table_client(name).list_entities(results_per_page=1, select=["PartitionKey"])
        self._read(f"Reading the table {name}", lambda: next(iter(rows.by_page()), None))
        return 0

    def queue(self, name: str) -> int:
        """The approximate count, which takes in what is being handled."""
        client = self._account.queue(name)
        found = self._read(f"Reading the queue {name}", client.get_queue_properties)
        return int(found.approximate_message_count or 0)

    def container(self, name: str) -> int:
        """Read its properties."""
        self._read(f"Reading the container {name}", self._blobs.get_container_client(name).get_container_properties)
        return 0

    def clock(self) -> datetime:
        """The `Date` of an answer, whatever it answers: even a refusal carries one."""
        dates: list[str] = []

        def note(response: PipelineResponse[Any, Any]) -> None:
            dates.append(str(response.http_response.headers.get("Date", "")))

        what = "Reading the clock of storage"
        try:
            self._read(what, lambda: self._blobs.get_service_properties(raw_response_hook=note))
        except Unreadable:
            if not any(dates):
                raise
        try:
            return parsedate_to_datetime(dates[-1]).astimezone(UTC)
        except (IndexError, ValueError, OverflowError):
            raise Unreadable("storage_unclear", f"{what}: the answer carries no date.") from None

    def _read(self, what: str, call: Callable[[], T]) -> T:
        with translated("storage", what):
            return call()
