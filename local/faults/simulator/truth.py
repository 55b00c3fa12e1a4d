"""What really happened in a seed, kept apart from what Clearance believes; checks compare the two."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from local.faults.simulator.scheduler import Scheduler, Task
from shared.domain.evidence import ModelVersion
from shared.domain.ids import Incarnation, PromotionId, Target

Facts = tuple[int, int]
"""How often a version's own facts changed, and how often people did: equal means that nothing has changed."""


@dataclass(frozen=True, slots=True)
class Read:
    """A full read of a version by a task."""

    at: datetime
    version: ModelVersion | None
    facts: Facts


@dataclass(slots=True)
class Truth:
    """The ledger of one seed. `broken` are the promises found broken, each a sentence.

    `copies` are imports that took effect; `strange` the places into which others put something; `acknowledged` when
    each promotion was last announced and taken in; `committed` says at which step which task wrote an operation; `lost_at` when a promotion's row on the worklist was last lost;
    `quiet_since` is when everything had healed, and the last worker of the time before was done.
    """

    scheduler: Scheduler
    broken: list[str] = field(default_factory=list)
    reads: dict[tuple[int, PromotionId], Read] = field(default_factory=dict)
    read_at: dict[PromotionId, datetime] = field(default_factory=dict)
    changes: dict[PromotionId, int] = field(default_factory=lambda: defaultdict(int))
    people_changes: int = 0
    copies: list[tuple[PromotionId, Target, Incarnation]] = field(default_factory=list)
    strange: set[Target] = field(default_factory=set)
    acknowledged: dict[PromotionId, datetime] = field(default_factory=dict)
    committed: dict[str, tuple[int, Task | None]] = field(default_factory=dict)
    round_facts: dict[tuple[PromotionId, int], Facts | None] = field(default_factory=dict)
    lost_at: dict[PromotionId, datetime] = field(default_factory=dict)
    quiet_since: datetime | None = None

    def fails(self, sentence: str) -> None:
        """A promise is broken."""
        task = self.scheduler.current
        self.broken.append(f"{self.scheduler.now:%d %H:%M:%S} {task or 'end'}: {sentence}")

    def facts(self, promotion: PromotionId) -> Facts:
        """Where the facts of a version stand."""
        return self.changes[promotion], self.people_changes

    def changed(self, promotion: PromotionId) -> None:
        """A version's facts change."""
        self.changes[promotion] += 1

    def was_read(self, promotion: PromotionId, version: ModelVersion | None) -> None:
        """A task read a version."""
        task = self.scheduler.current
        self.read_at[promotion] = self.scheduler.now
        if task is not None:
            self.reads[task.root.number, promotion] = Read(self.scheduler.now, version, self.facts(promotion))

    def own_read(self, promotion: PromotionId) -> Read | None:
        """The last read that the task which runs now made of a version."""
        task = self.scheduler.current
        return self.reads.get((task.root.number, promotion)) if task else None
