"""What lists are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.domain.ids import PromotionId
from shared.ports.page import Page


@dataclass(frozen=True, slots=True)
class Summary:
    """One row of the catalog: what a list of promotions shows. `open` means somebody may still have to act.

    `first_at` is the time of the first event (it orders the catalog), `sequence` the last event shown here.
    """

    promotion: PromotionId
    status: str
    open: bool
    first_at: datetime
    changed_at: datetime
    sequence: int
    policy: str | None
    round: int
    digest: str | None
    approvals: int
    required: int
    expires_at: datetime | None
    targets: Mapping[str, str]
    explanation: str


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One row of the timeline: an event as a list shows it. `id` is the event id, `subject#sequence`."""

    id: str
    history: str
    workspace: str
    model: str
    version: str
    sequence: int
    at: datetime
    type: str
    actor: str
    summary: str
    hash: str


@dataclass(frozen=True, slots=True)
class TimelineFilter:
    """What a reader of the timeline asks for; None means any. `workspaces` are those the reader may see."""

    workspaces: tuple[str, ...]
    since: datetime | None = None
    until: datetime | None = None
    model: str | None = None
    actor: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True)
class PromotionFilter:
    """What a reader of the catalog asks for; None means any. `workspaces` are those the reader may see."""

    workspaces: tuple[str, ...]
    status: str | None = None
    model: str | None = None
    workspace: str | None = None
    open: bool | None = None


class ReadModels(Protocol):
    """What lists are made of; it follows the histories and can be made again from them."""

    def apply(self, entries: Sequence[TimelineEntry], summary: Summary | None, was_open: bool | None) -> None:  # noqa: FBT001 - three values, all stated by each caller
        """Write timeline rows (idempotent by event id) and the promotion's catalog row.

        `was_open` is whether the promotion was open at the position before these events, None if it was not listed.
        """

    def promotions(self, wanted: PromotionFilter, limit: int, cursor: str | None) -> Page[Summary]:
        """One page, newest registration first, reading at most 3 pages of the store."""

    def timeline(self, wanted: TimelineFilter, limit: int, cursor: str | None) -> Page[TimelineEntry]:
        """One page, newest first, reading at most 3 pages of the store."""
