"""The stores of one test, in memory or on Azurite, and the small values that contract tests are made of."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from azure.core.pipeline.transport import HttpTransport

from shared.adapters import memory
from shared.adapters.blob_evidence import BlobCheckpoints, BlobEvidence
from shared.adapters.round_trips import RoundTrips
from shared.adapters.storage_account import StorageAccount
from shared.adapters.table_awaited_runs import TableAwaitedRuns
from shared.adapters.table_bookmarks import TableBookmarks
from shared.adapters.table_claims import TableClaims
from shared.adapters.table_history import TableHistories
from shared.adapters.table_quarantine import TableQuarantine
from shared.adapters.table_read_models import TableReadModels
from shared.adapters.table_replay_ids import TableReplayIds
from shared.adapters.table_service import Tables
from shared.adapters.table_worklist import TableWorklist
from shared.domain.events import Blocked, Event, EvidenceAwaited
from shared.domain.ids import HistoryId, PromotionId
from shared.ports import (
    AwaitedRuns,
    Bookmarks,
    Checkpoints,
    Claims,
    EvidenceStore,
    History,
    NewEvent,
    Quarantine,
    RawHistory,
    ReadModels,
    ReplayIds,
    Worklist,
)

AT = datetime(2026, 11, 23, 6, 14, 0, 120, tzinfo=UTC)
FRAUD = PromotionId("risk-dev", "fraud", "7")
CHURN = PromotionId("risk-dev", "churn", "1")


@dataclass(frozen=True)
class Stores:
    """Every port that keeps something."""

    histories: "memory.InMemoryHistories | TableHistories"
    claims: Claims
    worklist: Worklist
    awaited_runs: AwaitedRuns
    bookmarks: Bookmarks
    read_models: ReadModels
    quarantine: Quarantine
    replay_ids: ReplayIds
    evidence: EvidenceStore
    checkpoints: Checkpoints
    clock: memory.SettableClock

    def raw(self, history: HistoryId) -> RawHistory:
        return self.histories.raw(history)


def in_memory() -> Stores:
    clock = memory.SettableClock(AT)
    return Stores(
        memory.InMemoryHistories(page_size=3),
        memory.InMemoryClaims(),
        memory.InMemoryWorklist(clock),
        memory.InMemoryAwaitedRuns(),
        memory.InMemoryBookmarks(),
        memory.InMemoryReadModels(),
        memory.InMemoryQuarantine(),
        memory.InMemoryReplayIds(),
        memory.InMemoryEvidence(),
        memory.InMemoryCheckpoints(),
        clock,
    )


def unique_prefix() -> str:
    return f"t{uuid4().hex[:12]}"


def on_storage(
    connection_string: str,
    prefix: str,
    transport: "HttpTransport[Any, Any] | None" = None,
    round_trips: RoundTrips | None = None,
    page_size: int = 1000,
) -> Stores:
    account = StorageAccount(connection_string, transport=transport, round_trips=round_trips)
    tables, blobs = Tables(account.tables(), prefix), account.blobs()
    clock = memory.SettableClock(AT)
    evidence = BlobEvidence(blobs, f"{prefix}-evidence")
    return Stores(
        TableHistories(tables, evidence),
        TableClaims(tables),
        TableWorklist(tables, clock),
        TableAwaitedRuns(tables),
        TableBookmarks(tables),
        TableReadModels(tables, clock, page_size),
        TableQuarantine(tables, evidence),
        TableReplayIds(tables),
        evidence,
        BlobCheckpoints(blobs, f"{prefix}-checkpoints"),
        clock,
    )


def new(event: Event, operation: str = "op-1", actor: str = "clearance") -> NewEvent:
    return NewEvent(event, operation, actor)


def blocked(round: int = 1, *gates: str) -> NewEvent:
    return new(Blocked(round, gates), f"op-{round}")


def awaited(minutes: int = 5) -> NewEvent:
    return new(EvidenceAwaited(1, AT + timedelta(minutes=minutes)))


def grown(stores: Stores, promotion: PromotionId, count: int) -> History:
    """A history of `count` events, each appended by itself."""
    history = stores.histories.load(promotion)
    for number in range(1, count + 1):
        history = stores.histories.append(history, [blocked(number, "auc")], AT, {"status": "blocked"})
    return history
