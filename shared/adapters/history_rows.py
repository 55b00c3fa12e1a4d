"""Events as rows of a history: encoded, chained, and read back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from shared.adapters.event_codec import CODEC, EventCodec
from shared.domain.canonical import canonical, sha256_hex
from shared.domain.chain import GENESIS, Row, row_hash
from shared.domain.errors import DocumentInvalid
from shared.domain.events import Recorded
from shared.domain.instants import instant_text, parse_instant
from shared.ports import History, NewEvent

# A body up to this size in bytes stands in its row; a larger one in the evidence store. Twenty of them, with every
# character escaped, still fit one transaction.
INLINE_BYTES = 48 * 1024
MAX_BODY_BYTES = 16 * 1024 * 1024


def new_rows(loaded: History, events: Sequence[NewEvent], at: datetime, codec: EventCodec = CODEC) -> tuple[Row, ...]:
    """The rows that follow `loaded`, bodies included.

    Raises:
        DocumentInvalid: an event cannot be written, or is larger than 16 MiB.
    """
    rows: list[Row] = []
    previous = loaded.rows[-1].hash if loaded.rows else GENESIS
    for sequence, new in enumerate(events, loaded.sequence + 1):
        rows.append(_row(loaded, sequence, previous, new, instant_text(at), codec))
        previous = rows[-1].hash
    return tuple(rows)


def recorded(row: Row, codec: EventCodec = CODEC) -> Recorded:
    """The event that a row with its body holds.

    Raises:
        DocumentInvalid: this program cannot read it.
    """
    event = codec.decode(row.type, row.schema, row.body)
    return Recorded(row.sequence, _instant(row), row.operation, row.actor, event, row.previous, row.hash)


def as_recorded(row: Row, new: NewEvent) -> Recorded:
    """The same of a row that was just made, without reading it back."""
    return Recorded(row.sequence, parse_instant(row.at), row.operation, row.actor, new.event, row.previous, row.hash)


def appended(loaded: History, rows: Sequence[Row], events: Sequence[NewEvent], head_etag: str) -> History:
    """`loaded` with the new rows."""
    new = (as_recorded(row, event) for row, event in zip(rows, events, strict=True))
    return replace(loaded, rows=(*loaded.rows, *new), head_etag=head_etag)


def check_loaded(history: str, rows: Sequence[Row], sequence: int, head_hash: str) -> None:
    """Refuse a history that was tampered with where it is read; `clearance verify` says more.

    Raises:
        DocumentInvalid: it has a gap, a row that does not continue from the one before, or another end than its head.
    """
    previous = GENESIS
    for expected, row in enumerate(rows, 1):
        if (row.sequence, row.previous) != (expected, previous):
            raise _tampered(history, f"Row {expected} is not there, or does not continue from the row before it.")
        previous = row.hash
    if (len(rows), previous) != (sequence, head_hash):
        raise _tampered(history, f"It ends at row {len(rows)}, its head says row {sequence} and another hash.")


def _instant(row: Row) -> datetime:
    try:
        return parse_instant(row.at)
    except ValueError as error:
        raise DocumentInvalid(f"Row {row.sequence} of {row.history}", [f"When it was recorded: {error}."]) from error


def _tampered(history: str, sentence: str) -> DocumentInvalid:
    return DocumentInvalid(f"The history {history}", [sentence, "Export it and run `clearance verify`."])


def _row(loaded: History, sequence: int, previous: str, new: NewEvent, at: str, codec: EventCodec) -> Row:
    encoded = codec.encode(new.event)
    content = canonical(encoded.body, f"The event {encoded.type}")
    if len(content) > MAX_BODY_BYTES:
        sentence = f"It is {len(content)} bytes long, a history takes events of {MAX_BODY_BYTES}."
        raise DocumentInvalid(f"The event {encoded.type}", [sentence])
    row = Row(
        history=loaded.id.partition,
        sequence=sequence,
        previous=previous,
        at=at,
        operation=new.operation,
        actor=new.actor,
        type=encoded.type,
        schema=encoded.schema,
        body=encoded.body,
        body_sha256=sha256_hex(content),
        body_size=len(content),
        hash="",
    )
    return replace(row, hash=row_hash(row))


def snapshot_of(value: Any) -> Mapping[str, Any]:
    """A snapshot as it was stored: an object, empty where there is none."""
    return value if isinstance(value, dict) else {}
