"""The little that history does not hold: when somebody looked, and what is being tried again (R1, R11)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Attempts:
    """Tries at one thing since it last worked. `next_try` is when it may be tried again; None means now."""

    count: int = 0
    next_try: datetime | None = None
    error: str | None = None

    def failed(self, error: str, now: datetime, pause: timedelta) -> "Attempts":
        """One more failure, to be tried again after `pause`."""
        return Attempts(self.count + 1, now + pause, error)

    def due(self, now: datetime) -> bool:
        """Whether it may be tried now."""
        return self.next_try is None or self.next_try <= now


@dataclass(frozen=True, slots=True)
class Looks:
    """What the worklist row keeps for one promotion.

    `asked` is the latest intake or request for a new look, `looked` the start of the last full read of the version,
    `answered` which `asked` that read was an answer to,
    `missing_since` when the version was first answered 404 while there was no history. `targets` and `sinks` map a
    registry or a sink to its tries; `source` are the tries at reading the version. A lost row means looking sooner.
    """

    asked: datetime | None = None
    looked: datetime | None = None
    answered: datetime | None = None
    missing_since: datetime | None = None
    source: Attempts = Attempts()
    targets: Mapping[str, Attempts] = field(default_factory=dict)
    sinks: Mapping[str, Attempts] = field(default_factory=dict)

    @property
    def look_is_asked(self) -> bool:
        """Whether somebody asked since the last look (R3).

        `asked` and `looked` are readings of two machines' clocks, so neither is said to be before the other.
        """
        return self.asked is not None and self.asked != self.answered

    def of_target(self, registry: str) -> Attempts:
        """The tries at one target."""
        return self.targets.get(registry, Attempts())

    def of_sink(self, sink: str) -> Attempts:
        """The tries at one sink."""
        return self.sinks.get(sink, Attempts())

    def with_target(self, registry: str, attempts: Attempts) -> "Looks":
        """A copy with the tries at one target replaced."""
        return replace(self, targets={**self.targets, registry: attempts})

    def with_sink(self, sink: str, attempts: Attempts) -> "Looks":
        """A copy with the tries at one sink replaced."""
        return replace(self, sinks={**self.sinks, sink: attempts})
