"""Everything that is measured, once: the workbook, the alerts, the docs and the tests are held to this table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Measure:
    """One reading of one instrument."""

    instrument: "Instrument"
    value: float
    attributes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Instrument:
    """What is measured: how much there is now (gauge), how often something happens (counter), how long it took (histogram).

    `unit` is a unit of UCUM, with what is counted in braces (opentelemetry.io/docs/specs/semconv/general/metrics).
    """

    name: str
    kind: Literal["gauge", "counter", "histogram"]
    unit: str
    attributes: tuple[str, ...]
    meaning: str

    def of(self, value: float, **attributes: str) -> Measure:
        """A reading.

        Raises:
            ValueError: the attributes are not the instrument's own.
        """
        if tuple(attributes) != self.attributes:
            raise ValueError(f"{self.name} is measured by {self.attributes}, not by {tuple(attributes)}.")
        return Measure(self, value, tuple(attributes.items()))


QUEUE_DEPTH = Instrument(
    "clearance.queue.depth", "gauge", "{message}", ("queue",), "messages in a queue, those being handled included"
)
DEAD_LETTERS = Instrument(
    "clearance.dead_letters", "gauge", "{blob}", (), "batches of events that Event Grid could not deliver"
)
PROMOTIONS = Instrument(
    "clearance.promotions", "gauge", "{promotion}", ("status",), "promotions that somebody may still have to act on"
)
OLDEST = Instrument(
    "clearance.promotions.oldest", "gauge", "s", ("status",), "since the one longest in a status had its last event"
)
ERRORED = Instrument(
    "clearance.targets.errored", "gauge", "{target}", ("registry",), "targets that failed and are tried again"
)
SWEEP_LAG = Instrument("clearance.sweep.lag", "gauge", "s", (), "how late the sweep found what was due longest")
CHECKPOINT_AGE = Instrument("clearance.checkpoint.age", "gauge", "s", (), "since the newest checkpoint was written")
EVALUATIONS = Instrument(
    "clearance.evaluations", "counter", "{evaluation}", ("policy", "outcome"), "evaluations, by what they came to"
)
GATES = Instrument(
    "clearance.gates",
    "counter",
    "{gate}",
    ("policy", "gate", "outcome", "mode"),
    "results of gates: how often each rule refuses",
)
DECISION_AGE = Instrument(
    "clearance.decisions.age",
    "histogram",
    "s",
    ("policy", "verdict"),
    "from asking people to each answer, or to expiry",
)
PROMOTION_DURATION = Instrument(
    "clearance.promotion.duration", "histogram", "s", ("policy", "registry"), "from the first look to a target promoted"
)
TARGET_ERRORS = Instrument(
    "clearance.target.errors",
    "counter",
    "{error}",
    ("registry", "code"),
    "troubles recorded, each once until it changes",
)
CONFLICTS = Instrument("clearance.conflicts", "counter", "{conflict}", ("kind",), "conflicts found")
QUARANTINED = Instrument(
    "clearance.messages.quarantined", "counter", "{message}", ("source",), "messages that were set aside"
)
MISSED = Instrument(
    "clearance.registrations.missed", "counter", "{version}", ("workspace",), "versions whose event never came"
)
CHECKPOINTS = Instrument(
    "clearance.checkpoints", "counter", "{checkpoint}", ("outcome",), "checkpoints written, and runs that failed"
)

INSTRUMENTS: Mapping[str, Instrument] = {
    each.name: each
    for each in (
        *(QUEUE_DEPTH, DEAD_LETTERS, PROMOTIONS, OLDEST, ERRORED, SWEEP_LAG, CHECKPOINT_AGE),
        *(EVALUATIONS, GATES, DECISION_AGE, PROMOTION_DURATION, TARGET_ERRORS, CONFLICTS),
        *(QUARANTINED, MISSED, CHECKPOINTS),
    )
}
