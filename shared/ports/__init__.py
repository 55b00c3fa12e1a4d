"""What the use cases need from outside.

Each port has an adapter for Azure and one in `adapters/memory`, held to one contract suite. Every method may raise
`Unreadable` (the outside could not be reached or answered that it cannot now: try again later).
"""

from shared.ports.azure_ml import Listed, ModelCatalog, Registry
from shared.ports.edges import (
    Checkpoints,
    Clock,
    Directory,
    EventPublisher,
    EvidenceStore,
    NewId,
    PolicySource,
    Quarantine,
    Quarantined,
    Replay,
    ReplayIds,
)
from shared.ports.history import Claim, Claims, Head, Histories, History, NewEvent, RawHistory, Relayed
from shared.ports.identity import Identity, Principal
from shared.ports.page import JSON, Page, every
from shared.ports.read_models import PromotionFilter, ReadModels, Summary, TimelineEntry, TimelineFilter
from shared.ports.telemetry import Telemetry
from shared.ports.work import MOST_WAITING, AwaitedRuns, Backlog, Bookmarks, Queue, Work, Worklist

__all__ = [
    "JSON",
    "MOST_WAITING",
    "AwaitedRuns",
    "Backlog",
    "Bookmarks",
    "Checkpoints",
    "Claim",
    "Claims",
    "Clock",
    "Directory",
    "EventPublisher",
    "EvidenceStore",
    "Head",
    "Histories",
    "History",
    "Identity",
    "Listed",
    "ModelCatalog",
    "NewEvent",
    "NewId",
    "Page",
    "PolicySource",
    "Principal",
    "PromotionFilter",
    "Quarantine",
    "Quarantined",
    "Queue",
    "RawHistory",
    "ReadModels",
    "Registry",
    "Relayed",
    "Replay",
    "ReplayIds",
    "Summary",
    "Telemetry",
    "TimelineEntry",
    "TimelineFilter",
    "Work",
    "Worklist",
    "every",
]
