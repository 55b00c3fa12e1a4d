"""The months that a reading of the timeline walks through, newest first."""

from collections.abc import Iterator
from datetime import UTC, datetime

PREFIX = "all:"


def partitions_between(newest: str, oldest: str) -> Iterator[str]:
    """The partitions of the timeline from one month (`yyyymm`) down to another, both included."""
    year, month = int(newest[:4]), int(newest[4:])
    while f"{year:04d}{month:02d}" >= oldest and year > 0:
        yield f"{PREFIX}{year:04d}{month:02d}"
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)


def end_of(partition: str) -> datetime:
    """The first instant after a month's partition."""
    year, month = int(partition[-6:-2]), int(partition[-2:])
    return datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
