"""Filling the lists with the app's own row makers: promotions of the past year, a hundred of a model, one event each."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from local.bench.laboratory import ALIAS, Laboratory
from shared.adapters.read_model_entities import catalog_entity, timeline_entities
from shared.adapters.storage_account import StorageAccount
from shared.domain.canonical import sha256_hex
from shared.domain.ids import PromotionId
from shared.ports import Summary, TimelineEntry

BATCH = 100
_OPEN_EVERY = 10  # one batch in so many waits for approval
_SPREAD = timedelta(days=360)
_Rows = tuple[str, list[dict[str, Any]]]


def fill(laboratory: Laboratory, first: int, last: int) -> None:
    """Write the rows of the promotions numbered from `first` up to, but not including, `last`; both full hundreds."""
    tables = StorageAccount(connection_string=laboratory.connection_string).tables()
    now = datetime.now(UTC) - timedelta(minutes=10)

    def write(rows: _Rows) -> None:
        table, entities = rows
        tables.get_table_client(table).submit_transaction([("upsert", entity) for entity in entities])

    with ThreadPoolExecutor(2) as pool:  # while the server works on one, the client writes the next
        for start in range(first, last, BATCH * 10):
            upto = min(start + BATCH * 10, last)
            list(pool.map(write, (rows for at in range(start, upto, BATCH) for rows in transactions(at, now))))


def transactions(first: int, newest: datetime) -> Iterator[_Rows]:
    """Three transactions of 100 rows: a hundred promotions in the catalog, and their events in both timelines.

    Args:
        first: number of the first promotion.
        newest: all of them are older.
    """
    is_open = first // BATCH % _OPEN_EVERY == 0
    # Spread by the golden ratio: any number of batches covers the year evenly, and months interleave as they are filled.
    oldest = newest - timedelta(seconds=_SPREAD.total_seconds() * (first / BATCH * 0.6180339887 % 1))
    at = _inside_month(oldest)
    summaries = [_summary(first, number, at, is_open=is_open) for number in range(BATCH)]
    events = [timeline_entities(_entry(summary)) for summary in summaries]
    yield "catalog", [catalog_entity(summary) for summary in summaries]
    yield "timeline", [of_month for of_month, _ in events]
    yield "timeline", [of_model for _, of_model in events]


def _inside_month(at: datetime) -> datetime:
    """An instant whose following minutes are in the same month, for a transaction takes rows of one partition."""
    return at - timedelta(hours=1) if (at + timedelta(hours=1)).month != at.month else at


def _summary(first: int, number: int, start: datetime, *, is_open: bool) -> Summary:
    at = start + timedelta(seconds=number)
    done = "pending" if is_open else "promoted"
    return Summary(
        promotion=PromotionId(ALIAS, f"fraud-filled-{first // BATCH:05d}", str(number + 1)),
        status="awaiting_approval" if is_open else "promoted",
        open=is_open,
        first_at=at,
        changed_at=at,
        sequence=3 if is_open else 14,
        policy="fraud",
        round=1,
        digest=sha256_hex(f"{first}/{number}".encode()),
        approvals=0 if is_open else 2,
        required=2,
        expires_at=at + timedelta(days=7) if is_open else None,
        targets={"contoso-shared": done, "contoso-eu": done},
        explanation="",
    )


def _entry(summary: Summary) -> TimelineEntry:
    promotion, asked = summary.promotion, "Approval asked for contoso-shared and contoso-eu for seven days."
    return TimelineEntry(
        id=f"{promotion.subject}#{summary.sequence}",
        history=promotion.partition,
        workspace=promotion.workspace,
        model=promotion.name,
        version=promotion.version,
        sequence=summary.sequence,
        at=summary.changed_at,
        type="ApprovalRequested" if summary.open else "TargetMarked",
        actor="clearance",
        summary=asked if summary.open else "contoso-eu: Provenance tags were written.",
        hash=summary.digest or "",
    )
