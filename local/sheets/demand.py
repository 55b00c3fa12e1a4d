"""What is asked of a deployment, and what is assumed where nothing was measured: one table for model, command and page."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

from local.sheets.amounts import Amounts


def _told(default: float, unit: str, meaning: str) -> Any:
    return field(default=default, metadata={"unit": unit, "meaning": meaning})


@dataclass(frozen=True, slots=True)
class Demand:
    """Numbers that a command can set; none below 0.

    A promotion is a version that goes the whole way: registered, asked about, approved, imported into every registry.
    """

    promotions: float = _told(1000, "a day", "promotions; 0 is the idle deployment")
    registries: float = _told(2, "", "registries that each is imported into")
    decisions: float = _told(2, "", "persons who answer")
    peak: float = _told(10, "times", "the busiest minutes over the mean of the day")
    import_seconds: float = _told(120, "s", "one import; nobody has measured one here")
    blocked: float = _told(0.1, "per promotion", "versions that policy blocks and nobody mends for a week")
    open_days: float = _told(2, "days", "from asking people to their last answer")
    runs: float = _told(10, "per promotion", "runs that end in the workspaces, each of which is an event")
    subscribers: float = _told(1, "", "subscriptions to the topic of events out")
    workspaces: float = _told(1, "", "workspaces")
    models: float = _told(50, "", "model names in all workspaces, none archived")
    years: float = _told(1, "years", "how long it has run so already")
    instances: float = _told(40, "", "`maximumInstanceCount`")
    private: float = _told(0, "0 or 1", "`privateNetworking`")
    retention_days: float = _told(90, "days", "`logRetentionDays`")
    storage_ms: float = _told(10, "ms", "one request to storage, as the client waits for it")
    azure_ml_ms: float = _told(200, "ms", "one request to Azure ML")
    cpu_seconds: float = _told(0.5, "s", "CPU of one promotion (docs/performance.md)")
    scan_rows: float = _told(20_000, "rows/s", "rows that Table Storage looks at where a filter is no key")
    versions_per_page: float = _told(30, "", "versions of a model that Azure ML lists at once")
    line_bytes: float = _told(800, "bytes", "one line of a log, as Log Analytics bills it")
    host_lines: float = _told(3, "lines", "that the host writes of an invocation: Executing, Trigger Details, Executed")
    host_polls: float = _told(10, "s", "from one look of the host at an empty queue to the next")
    host_blobs: float = _told(6, "requests", "of the host to blobs for a run of a timer: its lease, when it ran last")
    secret_reads: float = _told(24, "a day", "reads of Key Vault references by the platform")

    def __post_init__(self) -> None:
        if faults := list(self._faults()):
            raise ValueError(" ".join(faults))

    @property
    def days(self) -> float:
        """How long it has run, in days."""
        return 365 * self.years

    @property
    def registered(self) -> float:
        """Versions a day: those promoted, and those blocked."""
        return self.promotions * (1 + self.blocked)

    @property
    def versions(self) -> float:
        """Versions so far; each is a history."""
        return self.registered * self.days

    @property
    def lines(self) -> float:
        """Lines so far: one for each model and registry."""
        return self.models * self.registries if self.promotions else 0

    def seconds(self, asked: Amounts) -> float:
        """How long requests take, one after the other."""
        storage = asked.table_requests + asked.queue_requests + asked.blob_requests
        azure_ml = asked.arm_reads + asked.arm_writes + asked.registry_calls + asked.run_calls + asked.file_calls
        return (storage * self.storage_ms + azure_ml * self.azure_ml_ms) / 1000

    def _faults(self) -> Iterator[str]:
        for each in fields(self):
            value = getattr(self, each.name)
            if not 0 <= value < float("inf"):
                yield f"{option(each.name)} is {value:g}, expected a number from 0 on."
        for name in _ABOVE_ZERO:
            if getattr(self, name) == 0:
                yield f"{option(name)} is 0, expected a number above 0."


_ABOVE_ZERO = ("instances", "scan_rows", "versions_per_page", "host_polls")


def option(name: str) -> str:
    """The option of the command that sets a field."""
    return f"--{name.replace('_', '-')}"
