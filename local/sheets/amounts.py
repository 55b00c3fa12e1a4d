"""What something asks of Azure and leaves there: one promotion, one look, one run of a timer."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self


def _counted(meaning: str) -> Any:
    return field(default=0, metadata={"meaning": meaning})


@dataclass(frozen=True, slots=True)
class Amounts:
    """Amounts by name; each field says what it counts. They add up, and can be taken several times."""

    table_requests: float = _counted("requests to Table Storage; a transaction is one, so is a page")
    table_writes: float = _counted("those of them that write or delete, which the account's log names")
    work_rows: float = _counted("rows touched in the one partition of the worklist")
    month_rows: float = _counted("rows written to the month's partition of the timeline")
    list_rows: float = _counted("rows touched in the two partitions of the catalog")
    sender_rows: float = _counted("rows touched in a webhook sender's partition")
    queue_requests: float = _counted("requests to queues")
    messages: float = _counted("messages put on the queue of promotions")
    blob_requests: float = _counted("requests to our own containers")
    arm_reads: float = _counted("reads through Azure Resource Manager")
    arm_writes: float = _counted("requests there that its limits count as writes: listSecrets, by POST")
    registry_calls: float = _counted("requests to the front ends of registries, polls of an import left out")
    run_calls: float = _counted("requests to MLflow")
    file_calls: float = _counted("listings of files of models")
    imports: float = _counted("imports into a registry")
    invocations: float = _counted("invocations of functions")
    batches: float = _counted("requests that publish events")
    events: float = _counted("events published")
    event_bytes: float = _counted("bytes of them")
    spans: float = _counted("steps traced")
    measures: float = _counted("readings told, where nothing else is told with them")
    telemetry_bytes: float = _counted("bytes of both, as they are sent")
    history_rows: float = _counted("rows that stay in histories, heads and relay positions included")
    history_bytes: float = _counted("bytes of them, as the service counts a row")
    line_rows: float = _counted("rows that stay in lines")
    line_bytes: float = _counted("bytes of them")
    claim_rows: float = _counted("claims that stay")
    claim_bytes: float = _counted("bytes of them")
    timeline_rows: float = _counted("rows that stay in the timeline, by month and by model")
    timeline_bytes: float = _counted("bytes of them")
    catalog_bytes: float = _counted("bytes of the row in the catalog")
    evidence_blobs: float = _counted("blobs of evidence that stay")
    evidence_bytes: float = _counted("bytes of them")

    def __add__(self, other: Self) -> Self:
        return type(self)(*(mine + its for mine, its in zip(self._values(), other._values(), strict=True)))

    def __sub__(self, other: Self) -> Self:
        return self + other.times(-1)

    def times(self, number: float) -> Self:
        """So many of them."""
        return type(self)(*(value * number for value in self._values()))

    @property
    def table_bytes(self) -> float:
        """Bytes that stay in tables."""
        return self.history_bytes + self.line_bytes + self.claim_bytes + self.timeline_bytes + self.catalog_bytes

    def as_json(self) -> dict[str, float]:
        """Names and amounts, without those that are 0."""
        return {name: value for name, value in zip(NAMES, self._values(), strict=True) if value}

    @classmethod
    def from_json(cls, said: Mapping[str, float]) -> Self:
        """Read what `as_json` wrote.

        Raises:
            ValueError: it names an amount that is not counted, or one is no number.
        """
        unknown = sorted(set(said) - set(NAMES))
        wrong = sorted(name for name, value in said.items() if type(value) not in (int, float))
        if unknown or wrong:
            raise ValueError(
                f"not counted here: {', '.join(unknown) or 'none'}; no numbers: {', '.join(wrong) or 'none'}"
            )
        return cls(**said)

    def _values(self) -> list[float]:
        return [getattr(self, name) for name in NAMES]


NAMES = tuple(each.name for each in fields(Amounts))
