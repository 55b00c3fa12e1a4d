"""What lies in the storage account: each row with the bytes that the service counts for it, each blob with its size."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from local.bench.laboratory import Laboratory
from local.sheets.amounts import Amounts
from shared.adapters.storage_account import StorageAccount
from shared.adapters.table_limits import entity_bytes

_TABLES = ("history", "timeline", "catalog")  # rows of the worklist and webhook ids do not stay
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Stored:
    """Bytes of rows, by table, partition and row; bytes of blobs of evidence, by name."""

    rows: Mapping[Key, int] = field(default_factory=dict)
    blobs: Mapping[str, int] = field(default_factory=dict)

    def since(self, before: "Stored") -> "Stored":
        """What has come since."""
        rows = {key: size for key, size in self.rows.items() if key not in before.rows}
        return Stored(rows, {name: size for name, size in self.blobs.items() if name not in before.blobs})

    def as_amounts(self) -> Amounts:
        """The same by kind."""
        history, line, claim = (self._of("history", kind) for kind in ("promotion:", "line:", "claim:"))
        timeline, catalog = self._of("timeline", ""), self._of("catalog", "")
        return Amounts(
            history_rows=len(history),
            history_bytes=sum(history),
            line_rows=len(line),
            line_bytes=sum(line),
            claim_rows=len(claim),
            claim_bytes=sum(claim),
            timeline_rows=len(timeline),
            timeline_bytes=sum(timeline),
            catalog_bytes=sum(catalog),
            evidence_blobs=len(self.blobs),
            evidence_bytes=sum(self.blobs.values()),
        )

    def _of(self, table: str, partition: str) -> list[int]:
        return [size for (its, key, _), size in self.rows.items() if its == table and key.startswith(partition)]


def stored(laboratory: Laboratory) -> Stored:
    """Everything that stays, read by clients of its own, so that nothing of it is counted."""
    account = StorageAccount(connection_string=laboratory.connection_string)
    tables, evidence = account.tables(), account.blobs().get_container_client("evidence")
    rows = {
        (table, str(row["PartitionKey"]), str(row["RowKey"])): entity_bytes(row)
        for table in _TABLES
        for row in tables.get_table_client(table).list_entities()
    }
    blobs = {str(blob.name): int(blob.size) for blob in evidence.list_blobs()} if evidence.exists() else {}
    return Stored(rows, blobs)
