"""Histories of an export: read as they would be read here, and written back as the rows that they were."""

from collections.abc import Iterable, Mapping
from typing import Any

from shared.adapters.event_codec import CODEC, EventCodec
from shared.adapters.history_entities import HEAD, RELAY, event_entity, head_entity, head_tip, relay_entity
from shared.adapters.history_rows import MAX_BODY_BYTES, check_loaded, recorded
from shared.adapters.table_limits import check_entity
from shared.domain.chain import Row, Tip
from shared.domain.errors import DocumentInvalid, HistoryClash
from shared.domain.events import Recorded
from shared.domain.ids import parse_partition
from shared.ports import JSON, History, RawHistory

Entity = dict[str, Any]


def head_at_hand(raw: RawHistory) -> Tip:
    """The head of a history that is to be written.

    Raises:
        DocumentInvalid: it has none.
    """
    if raw.head is None:
        raise DocumentInvalid("A history", ["Its head is not at hand: run `clearance verify`."])
    return raw.head


def read_exported(raw: RawHistory, codec: EventCodec = CODEC) -> History | None:
    """Read a history that stands in an export; None where a body of it is not at hand.

    Raises:
        DocumentInvalid: this program cannot read it, or a table could not hold it; every fault of every row.
        InvalidId: its name is none of a history.
    """
    head = head_at_hand(raw)
    history = parse_partition(head.history)
    check_loaded(head.history, raw.rows, head.sequence, head.hash)
    faults: list[str] = []
    read = [found for row in raw.rows if (found := _read(row, codec, faults))]
    if faults:
        raise DocumentInvalid(f"The history {head.history}", faults)
    return History(history, tuple(read)) if len(read) == len(raw.rows) else None


def restored_entities(raw: RawHistory, snapshot: Mapping[str, JSON], positions: Mapping[str, int]) -> list[Entity]:
    """The rows of a partition that holds this history, the head last: as long as it is missing nothing reads them."""
    head = head_at_hand(raw)
    relay = [relay_entity(head.history, positions)] if positions else []
    return [*(event_entity(row) for row in raw.rows), *relay, head_entity(head, snapshot)]


def still_missing(wanted: Iterable[Entity], standing: Iterable[Mapping[str, Any]]) -> list[Entity]:
    """What of a partition is not there yet.

    Raises:
        HistoryClash: a row stands there that is not the one that is wanted.
    """
    missing = {entity["RowKey"]: entity for entity in wanted}
    for entity in standing:
        expected = missing.pop(entity["RowKey"], None)
        if expected is None or not _is_the_same(entity, expected):
            raise clash(str(entity["PartitionKey"]), f"Row {entity['RowKey']}")
    return list(missing.values())


def clash(partition: str, what: str) -> HistoryClash:
    """Somebody else wrote to a history that is being restored."""
    sentence = "stands there already, and is another than the export's: somebody else has written to this store."
    return HistoryClash(f"{what} of {partition} {sentence}")


def _is_the_same(entity: Mapping[str, Any], expected: Entity) -> bool:
    """Byte for byte. What is kept beside the chain may be as another release wrote it, or have moved on."""
    match expected["RowKey"]:
        case key if key == HEAD:
            return head_tip(entity) == head_tip(expected)
        case key if key == RELAY:
            return True
        case _:
            return dict(entity) == expected


def _read(row: Row, codec: EventCodec, faults: list[str]) -> Recorded | None:
    """One row, with what is wrong with it added to `faults`; None where its body is not at hand too."""
    try:
        check_entity(event_entity(row))
        if row.body_size > MAX_BODY_BYTES:
            faults.append(
                f"Row {row.sequence}: its body is {row.body_size} bytes long, an event takes {MAX_BODY_BYTES}."
            )
        return recorded(row, codec) if row.body is not None else None
    except DocumentInvalid as invalid:
        faults += [f"Row {row.sequence}: {invalid.what}: {fault}" for fault in invalid.faults]
        return None
