"""Compare workspaces with histories: an event that never came is found nowhere else (R12)."""

from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.errors import PortError
from shared.domain.instants import instant_text
from shared.domain.measures import MISSED
from shared.ports import JSON, Listed
from shared.workflow.governed_from import governed_from
from shared.workflow.outside import Outside
from shared.workflow.receive_model_event import ask_for_look

_MOST_PAGES = 200  # of one run, over all workspaces
_MOST_NEW = 50  # promotions that one run asks for; the next run goes on from its cursor


@dataclass(slots=True)
class Missed:
    """What one run found.

    `found` are the promotions asked for; `looked_at` counts versions seen in this run; `old` maps a workspace to its
    versions from before it was governed, counted over the last whole pass; `unreadable` says what could not be listed.
    """

    found: list[str] = field(default_factory=list)
    looked_at: int = 0
    pages: int = 0
    old: dict[str, int] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)

    @property
    def may_go_on(self) -> bool:
        """Whether this run has room for another page."""
        return self.pages < _MOST_PAGES and len(self.found) < _MOST_NEW


def find_missed_registrations(outside: Outside) -> Missed:
    """One run over all workspaces, each from where the last run stopped."""
    missed = Missed()
    for workspace in sorted(outside.workspaces):
        _compare(outside, workspace, missed)
    return missed


def _compare(outside: Outside, workspace: str, missed: Missed) -> None:
    """Go through one workspace's listing, and leave a bookmark for the next run."""
    since = governed_from(outside, workspace)
    bookmark = f"missed:{workspace}"
    kept = outside.bookmarks.get(bookmark) or {}
    cursor, counting = kept.get("cursor"), int(kept.get("counting", 0))
    old = int(kept.get("old", 0))
    while missed.may_go_on:
        try:
            page = outside.catalog.versions(workspace, cursor)
        except PortError as error:
            missed.unreadable.append(f"{workspace}: {error}")
            break
        counting += sum(listed.created_at < since for listed in page.items)
        _take(outside, page.items, since, missed)
        cursor = page.cursor
        if cursor is None:  # a whole pass has ended: what it counted holds until the next one ends
            old, counting = counting, 0
            break
    missed.old[workspace] = old
    outside.bookmarks.put(bookmark, _left(outside, cursor, old, counting))


def _left(outside: Outside, cursor: str | None, old: int, counting: int) -> dict[str, JSON]:
    return {"cursor": cursor, "at": instant_text(outside.clock.now()), "old": old, "counting": counting}


def _take(outside: Outside, page: tuple[Listed, ...], since: datetime, missed: Missed) -> None:
    missed.pages += 1
    missed.looked_at += len(page)
    for listed in page:
        if listed.created_at >= since and _is_missed(outside, listed):
            ask_for_look(outside, listed.promotion)
            outside.telemetry.measure([MISSED.of(1, workspace=listed.promotion.workspace)])
            missed.found.append(str(listed.promotion))


def _is_missed(outside: Outside, listed: Listed) -> bool:
    """No history, or one of another registration under the same number."""
    head = outside.histories.head(listed.promotion)
    return head is None or head.snapshot.get("created_at") != instant_text(listed.created_at)
