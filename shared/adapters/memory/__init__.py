"""Every port in memory, complete: for tests of use cases, with the guarantees and the limits of the real ones."""

from shared.adapters.memory.azure_ml import InMemoryCatalog, InMemoryRegistry, ShareFault
from shared.adapters.memory.claims import InMemoryClaims
from shared.adapters.memory.edges import (
    CountingIds,
    InMemoryDirectory,
    InMemoryPolicySource,
    InMemoryPublisher,
    SettableClock,
)
from shared.adapters.memory.evidence import InMemoryCheckpoints, InMemoryEvidence
from shared.adapters.memory.histories import InMemoryHistories
from shared.adapters.memory.inbox import InMemoryQuarantine, InMemoryReplayIds
from shared.adapters.memory.outage import Outage
from shared.adapters.memory.queue import InMemoryBacklog, InMemoryQueue, Waiting
from shared.adapters.memory.read_models import InMemoryReadModels
from shared.adapters.memory.telemetry import InMemoryTelemetry, TakenStep
from shared.adapters.memory.worklist import InMemoryAwaitedRuns, InMemoryBookmarks, InMemoryWorklist

__all__ = [
    "CountingIds",
    "InMemoryAwaitedRuns",
    "InMemoryBacklog",
    "InMemoryBookmarks",
    "InMemoryCatalog",
    "InMemoryCheckpoints",
    "InMemoryClaims",
    "InMemoryDirectory",
    "InMemoryEvidence",
    "InMemoryHistories",
    "InMemoryPolicySource",
    "InMemoryPublisher",
    "InMemoryQuarantine",
    "InMemoryQueue",
    "InMemoryReadModels",
    "InMemoryRegistry",
    "InMemoryReplayIds",
    "InMemoryTelemetry",
    "InMemoryWorklist",
    "Outage",
    "SettableClock",
    "ShareFault",
    "TakenStep",
    "Waiting",
]
