"""Read models in Table Storage: the catalog and the timeline, written after the histories and read newest first."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from azure.data.tables import UpdateMode

from shared.adapters.cursors import bad_cursor, make_cursor, read_cursor
from shared.adapters.read_model_entities import (
    OPEN,
    SETTLED,
    catalog_entity,
    catalog_partition,
    model_partition,
    timeline_entities,
)
from shared.adapters.read_model_keys import instant_of, month_of
from shared.adapters.read_model_queries import low_of, of_catalog, of_timeline
from shared.adapters.table_scan import Scan, Stream, unfinished
from shared.adapters.table_service import Tables
from shared.adapters.timeline_months import PREFIX, end_of, partitions_between
from shared.ports import Clock, Page, PromotionFilter, Summary, TimelineEntry, TimelineFilter

PAGES = 3  # of the server's, for one page of ours
_FIRST_MONTH = "PartitionKey ge 'all:' and PartitionKey lt 'all;'"
_LATELY = timedelta(days=40)
T = TypeVar("T")


class TableReadModels:
    """The port `ReadModels` on the tables `catalog` and `timeline`.

    Round trips: `apply` two transactions for the timeline (more across months, or above 100 events), one for the
    catalog, and one where the promotion moved between open and settled; a listing at most three pages.

    Args:
        tables: the account's tables.
        clock: where the timeline begins.
        page_size: the largest page to ask the server for.
    """

    def __init__(self, tables: Tables, clock: Clock, page_size: int = 1000) -> None:
        self._timeline = tables.table("timeline")
        self._catalog = tables.table("catalog")
        self._clock = clock
        self._page_size = page_size
        self._first_month: str | None = None

    def apply(self, entries: Sequence[TimelineEntry], summary: Summary | None, was_open: bool | None) -> None:  # noqa: FBT001 - the port's signature
        """Write timeline rows and the promotion's catalog row; the new one stands before the old one goes."""
        by_partition: dict[str, dict[str, dict[str, object]]] = {}
        for entry in entries:
            for entity in timeline_entities(entry):
                by_partition.setdefault(entity["PartitionKey"], {})[entity["RowKey"]] = entity
        for rows in by_partition.values():
            self._timeline.upsert_all(list(rows.values()))
        if summary is not None:
            self._list(summary, moved=was_open is not None and was_open != summary.open)

    def promotions(self, wanted: PromotionFilter, limit: int, cursor: str | None) -> Page[Summary]:
        """One page, newest registration first."""
        if not wanted.workspaces:
            return Page(())
        partitions = [OPEN, SETTLED] if wanted.open is None else [catalog_partition(is_open=wanted.open)]
        streams = _streams(partitions, "", cursor)
        scan = Scan(self._catalog, of_catalog(wanted), PAGES, self._page_size)
        return _merged(scan, streams, limit, self._clock.now())

    def timeline(self, wanted: TimelineFilter, limit: int, cursor: str | None) -> Page[TimelineEntry]:
        """One page, newest first."""
        if not wanted.workspaces:
            return Page(())
        if wanted.model is None or len(wanted.workspaces) > PAGES:
            return self._walked(wanted, limit, cursor)
        partitions = [model_partition(workspace, wanted.model) for workspace in wanted.workspaces]
        streams = _streams(partitions, low_of(wanted), cursor)
        scan = Scan(self._timeline, of_timeline(wanted), PAGES, self._page_size)
        return _merged(scan, streams, limit, wanted.until or self._clock.now())

    def _list(self, summary: Summary, *, moved: bool) -> None:
        entity = catalog_entity(summary)
        self._catalog.upsert(entity, UpdateMode.REPLACE)
        if moved:
            old = catalog_partition(is_open=not summary.open)
            self._catalog.repeatable(lambda table: table.delete_entity(old, entity["RowKey"]))

    def _walked(self, wanted: TimelineFilter, limit: int, cursor: str | None) -> Page[TimelineEntry]:
        """Month after month, as far as the pages reach."""
        pages = PAGES if self._first_month else PAGES - 1
        months = self._months(wanted)
        scan = Scan(self._timeline, of_timeline(wanted), pages, self._page_size)
        taken: list[TimelineEntry] = []
        for stream in _month_streams(months, low_of(wanted), cursor):
            taken += scan.take([stream], limit - len(taken))
            if unfinished([stream]):
                scanned = instant_of(stream.low) if stream.low else end_of(stream.partition)
                return _page(taken, limit, [stream.position], scanned)
        return Page(tuple(taken))

    def _months(self, wanted: TimelineFilter) -> list[str]:
        now = self._clock.now()
        newest = min(now + timedelta(days=1), wanted.until or datetime.max.replace(tzinfo=UTC))
        if wanted.since is not None and wanted.since > now - _LATELY:
            oldest = month_of(wanted.since)
        else:
            oldest = max(self._first(), month_of(wanted.since) if wanted.since else "")
        return list(partitions_between(month_of(newest), oldest))

    def _first(self) -> str:
        """The first month there is, looked up once; a month after all others while there is none."""
        if self._first_month is None:
            rows, _ = self._timeline.page(_FIRST_MONTH, {}, 1, select=["PartitionKey"])
            if not rows:
                return "999912"
            self._first_month = str(rows[0]["PartitionKey"]).removeprefix(PREFIX)
        return self._first_month


def _merged(scan: Scan[T], streams: list[Stream], limit: int, newest: datetime) -> Page[T]:
    taken = scan.take(streams, limit)
    rest = unfinished(streams)
    if not rest:
        return Page(tuple(taken))
    scanned = max(instant_of(stream.low) if stream.low else newest for stream in rest)
    return _page(taken, limit, [stream.position for stream in rest], scanned)


def _page(taken: list[T], limit: int, positions: list[list[object]], scanned: datetime) -> Page[T]:
    return Page(tuple(taken), make_cursor(positions), scanned if len(taken) < limit else None)


def _streams(partitions: Sequence[str], low: str, cursor: str | None) -> list[Stream]:
    """All partitions from their beginning, or those that a cursor says have more to give."""
    if not cursor:
        return [Stream(partition, low) for partition in partitions]
    positions = read_cursor(cursor)
    if not isinstance(positions, list) or not 0 < len(positions) <= len(partitions):
        raise bad_cursor()
    return [Stream.at(position, partitions) for position in positions]


def _month_streams(months: Sequence[str], low: str, cursor: str | None) -> Iterator[Stream]:
    """One month after the other, from the one that a cursor names."""
    begun = 0
    if cursor:
        [stream, *more] = _streams(months, low, cursor)
        if more:
            raise bad_cursor()
        begun = months.index(stream.partition) + 1
        yield stream
    for month in months[begun:]:
        yield Stream(month, low)
