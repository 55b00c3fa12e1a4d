"""Read models in memory: the catalog in its two partitions, and the timeline."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from shared.adapters.cursors import bad_cursor, make_cursor, read_cursor
from shared.adapters.memory.outage import Outage
from shared.adapters.read_model_filters import promotion_fits, timeline_fits
from shared.adapters.read_model_keys import catalog_key, timeline_key
from shared.ports import Page, PromotionFilter, Summary, TimelineEntry, TimelineFilter

T = TypeVar("T")


class InMemoryReadModels(Outage):
    """The port `ReadModels`. It reads all there is for a page, so no page is short."""

    def __init__(self) -> None:
        super().__init__()
        self._timeline: dict[str, TimelineEntry] = {}
        self._catalog: dict[bool, dict[str, Summary]] = {True: {}, False: {}}

    def apply(self, entries: Sequence[TimelineEntry], summary: Summary | None, was_open: bool | None) -> None:  # noqa: FBT001 - the port's signature
        """Write timeline rows and the promotion's catalog row, and drop the one it had among others."""
        with self._lock:
            self._ask()
            self._timeline.update((timeline_key(entry), entry) for entry in entries)
            if summary is not None:
                self._catalog[summary.open][catalog_key(summary)] = summary
                if was_open is not None and was_open != summary.open:
                    self._catalog[was_open].pop(catalog_key(summary), None)

    def promotions(self, wanted: PromotionFilter, limit: int, cursor: str | None) -> Page[Summary]:
        """One page, newest registration first."""
        with self._lock:
            self._ask()
            kinds = (True, False) if wanted.open is None else (wanted.open,)
            rows = [row for kind in kinds for row in self._catalog[kind].values() if promotion_fits(wanted, row)]
        return _page(rows, catalog_key, limit, cursor)

    def timeline(self, wanted: TimelineFilter, limit: int, cursor: str | None) -> Page[TimelineEntry]:
        """One page, newest first."""
        with self._lock:
            self._ask()
            rows = [row for row in self._timeline.values() if timeline_fits(wanted, row)]
        return _page(rows, timeline_key, limit, cursor)


def _page(rows: Iterable[T], key: Callable[[T], str], limit: int, cursor: str | None) -> Page[T]:
    after = read_cursor(cursor) if cursor else ""
    if not isinstance(after, str):
        raise bad_cursor()
    ordered = [row for row in sorted(rows, key=key) if key(row) > after]
    page = tuple(ordered[:limit])
    return Page(page, make_cursor(key(page[-1])) if len(ordered) > limit else None)
