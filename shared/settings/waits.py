"""The waits of the loop as settings, and how they must relate; see shared/domain/waits.py for what each one is."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import timedelta

from shared.domain.waits import Waits
from shared.settings.readers import wait
from shared.settings.setting import Reading, Setting

GROUP = "Waits"
FUNCTION_TIMEOUT = timedelta(minutes=30)  # host.json, functionTimeout

_MEANINGS = {
    "lease": "How long an announced import may take before somebody else takes it over.",
    "lease_needed": "What must be left of the lease when an import starts.",
    "import_deadline": "When an import that still runs is left alone, to be read back at the end of its lease.",
    "reread_max_age": "How old the re-read of a version may be when its import starts.",
    "read_back_again": "When a target of a stopped import is read a second time.",
    "work_due": "When a promotion is looked at again if whoever works on it is never heard of again.",
    "touch_covers": "How long one worklist entry covers the appends of one handling.",
    "backoff_first": "The pause after the first failure; it doubles with each one.",
    "backoff_last": "The longest pause between tries.",
    "relook": "How often a blocked or waiting version is read again at first.",
    "relook_for": "For how long that goes on.",
    "relook_slow": "How often after that.",
    "relook_slow_for": "When looking again by itself ends.",
    "settled_for": "How long a settled promotion must be left alone before it leaves the worklist.",
    "missing_grace": "How long a version that its workspace does not know (yet) is looked for.",
}


def setting_name(field: str) -> str:
    """The setting of a field of `Waits`: `import_deadline` is CLEARANCE_IMPORT_DEADLINE_SECONDS."""
    return f"CLEARANCE_{field.upper()}_SECONDS"


def _setting(field: str, default: timedelta) -> Setting[timedelta]:
    text = f"{default.total_seconds():g}"
    return Setting(
        setting_name(field),
        GROUP,
        _MEANINGS[field],
        "seconds, above 0 and at most 31536000",
        text,
        wait,
        default=text,
    )


WAITS = {field.name: _setting(field.name, getattr(Waits(), field.name)) for field in fields(Waits)}


@dataclass(frozen=True, slots=True)
class Relation:
    """Two waits that must fit each other. `why` says what breaks otherwise, beginning with "else"."""

    names: tuple[str, ...]
    holds: Callable[[Waits], bool]
    must: str
    why: str

    def fault(self, waits: Waits) -> str:
        """The sentence for waits that do not hold it."""
        found = " and ".join(f"{setting_name(n)} is {getattr(waits, n).total_seconds():g}" for n in self.names)
        return f"{found}: {self.must}; {self.why}."


RELATIONS = (
    Relation(
        ("lease", "import_deadline"),
        lambda w: w.lease >= w.import_deadline * 1.2,
        "the lease must outlast the import deadline by a fifth (2 of 10 minutes)",
        "else somebody takes an import over while its worker still waits for it",
    ),
    Relation(
        ("lease_needed", "import_deadline"),
        lambda w: w.lease_needed >= w.import_deadline,
        "what is left of the lease at the start must cover the import deadline",
        "else somebody takes an import over while its worker still waits for it",
    ),
    Relation(
        ("lease", "lease_needed"),
        lambda w: w.lease > w.lease_needed,
        "the lease must be longer than what must be left of it",
        "else no import could ever start",
    ),
    Relation(
        ("import_deadline",),
        lambda w: w.import_deadline < FUNCTION_TIMEOUT,
        f"it must be below functionTimeout in host.json, {FUNCTION_TIMEOUT.total_seconds():g} s",
        "else the host ends the worker in the middle of an import",
    ),
    Relation(
        ("reread_max_age", "lease"),
        lambda w: w.reread_max_age < w.lease,
        "the re-read must be younger than a lease lasts",
        "else an import starts on what was read too long ago",
    ),
    Relation(
        ("touch_covers", "work_due"),
        lambda w: w.touch_covers < w.work_due,
        "one worklist entry must cover less than the time until it is due",
        "else two take a promotion up at once",
    ),
    Relation(
        ("work_due", "settled_for"),
        lambda w: w.work_due <= w.settled_for,
        "a settled promotion must be left alone at least until its entry is due",
        "else the sweep removes what somebody is working on",
    ),
    Relation(
        ("backoff_first", "backoff_last"),
        lambda w: w.backoff_first <= w.backoff_last,
        "the first pause must not be longer than the last",
        "else there is nothing to double to",
    ),
    Relation(
        ("relook", "relook_slow"),
        lambda w: w.relook <= w.relook_slow,
        "looking again must not become more frequent with time",
        "else looking again never calms down",
    ),
    Relation(
        ("relook_for", "relook_slow_for"),
        lambda w: w.relook_for <= w.relook_slow_for,
        "the slow looks must not end before the frequent ones",
        "else the slow looks never begin",
    ),
)


def take_waits(reading: Reading) -> Waits:
    """Read every wait, and how they relate where all of them can be read."""
    reading.refuse_unknown_waits(setting.name for setting in WAITS.values())
    before = len(reading.faults)
    found = {name: reading.take(setting) for name, setting in WAITS.items()}
    if len(reading.faults) > before:
        return Waits()
    waits = Waits(**found)
    reading.faults += [relation.fault(waits) for relation in RELATIONS if not relation.holds(waits)]
    return waits
