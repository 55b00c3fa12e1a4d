"""Looking at what a run has left in storage, past the fault proxy."""

from datetime import UTC, datetime

from azure.data.tables import TableServiceClient
from azure.storage.queue import QueueServiceClient

from shared.adapters.blob_evidence import BlobEvidence
from shared.adapters.storage_account import StorageAccount
from shared.adapters.system import SystemClock
from shared.adapters.table_history import TableHistories
from shared.adapters.table_service import Tables
from shared.adapters.table_worklist import TableWorklist
from shared.domain.chain import Finding, check_chain
from shared.domain.events import Recorded
from shared.domain.fold import fold
from shared.domain.ids import HistoryId, PromotionId
from shared.domain.states import Case


class Stores:
    """One storage account, read with the app's own adapters."""

    def __init__(self, connection_string: str) -> None:
        account = StorageAccount(connection_string)
        self._service: TableServiceClient = account.tables()
        self._blobs = account.blobs()
        self._queues = QueueServiceClient.from_connection_string(connection_string)
        tables = Tables(self._service)
        self._histories = TableHistories(tables, BlobEvidence(self._blobs))
        self._worklist = TableWorklist(tables, SystemClock())
        self._cases: dict[PromotionId, Case] = {}

    def close(self) -> None:
        """Close the connections."""
        self._service.close()
        self._blobs.close()
        self._queues.close()

    def rows(self, history: HistoryId) -> tuple[Recorded, ...]:
        """A whole history."""
        return self._histories.load(history).rows

    def case(self, promotion: PromotionId) -> Case:
        """What it folds to; asked for all the time, and read only where its head has moved."""
        head = self._histories.head(promotion)
        known = self._cases.get(promotion)
        if known is None or head is None or known.sequence != head.sequence:
            known = self._cases[promotion] = fold(promotion, self.rows(promotion))
        return known

    def shows_message(self, *queues: str) -> bool:
        """Whether one of these queues has a message that a worker would be given now."""
        return any(self._queues.get_queue_client(name).peek_messages() for name in queues)

    def holds_message(self, queue: str) -> bool:
        """Whether a queue has any message, those under way included."""
        return bool(self._queues.get_queue_client(queue).get_queue_properties().approximate_message_count)

    def is_quarantined(self) -> bool:
        """Whether anything was set aside with its reason."""
        return any(True for _ in self._service.get_table_client("quarantine").list_entities())

    def relayed(self, promotion: PromotionId) -> bool:
        """Whether every sink has followed to the last event."""
        history = self._histories.load(promotion)
        return all(history.relay.get(sink, 0) == history.sequence for sink in ("tables", "topic"))

    def verify(self, history: HistoryId) -> list[Finding]:
        """What is wrong with its chain."""
        raw = self._histories.raw(history)
        return check_chain(history.partition, raw.rows, raw.head)

    def is_listed(self, promotion: PromotionId) -> bool:
        """Whether the worklist holds it."""
        return self._worklist.get(promotion) is not None

    def is_due(self, promotion: PromotionId) -> bool:
        """Whether the worklist says that it is to be looked at now."""
        work = self._worklist.get(promotion)
        return work is not None and work.due <= datetime.now(UTC)

    def tries(self, promotion: PromotionId) -> list[str]:
        """What the worklist says is being tried again, and why."""
        work = self._worklist.get(promotion)
        if work is None:
            return ["it is not on the worklist"]
        tried = [work.looks.source, *work.looks.targets.values(), *work.looks.sinks.values()]
        return [f"due {work.due.isoformat()}", *(f"{each.count} tries: {each.error}" for each in tried if each.error)]

    def listed_as(self, promotion: PromotionId) -> list[str]:
        """Every status under which the catalog lists it."""
        found = self._service.get_table_client("catalog").list_entities()
        return [str(row["status"]) for row in found if str(row["RowKey"]).endswith(f":{promotion}")]

    def timeline(self, promotion: PromotionId) -> list[str]:
        """The ids of its events in the model's timeline, in order."""
        found = self._service.get_table_client("timeline").query_entities(
            "PartitionKey eq @pk", parameters={"pk": f"model:{promotion.workspace}:{promotion.name}"}
        )
        return sorted(str(row["RowKey"]) for row in found)
