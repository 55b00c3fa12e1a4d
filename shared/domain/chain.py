"""The hash chain under every history: an edit, a removal or a swap is found from the rows alone (invariant 7).

The bytes that are hashed are fixed for ever; docs/history-format.md spells them out with an example.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from shared.domain.canonical import canonical, sha256_hex

GENESIS = "0" * 64

Kind = Literal[
    # the rows themselves
    "edited", "removed", "swapped", "inserted", "rewritten", "wrong_history",
    # the rows against their head
    "truncated", "head_missing", "head_differs",
    # the histories against a checkpoint
    "removed_history", "rolled_back", "rechained", "checkpoint_edited",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it was written, not decoded, so that it hashes the same under every later release.

    `history` is the partition key, `at` the instant as text. `body_sha256` is the SHA-256 of the canonical body;
    `body` is None where the body is kept elsewhere under that digest, and `body_size` its size in bytes.
    """

    history: str
    sequence: int
    previous: str
    at: str
    operation: str
    actor: str
    type: str
    schema: int
    body: Any
    body_sha256: str
    body_size: int
    hash: str


@dataclass(frozen=True, slots=True)
class Tip:
    """Where a history ends: the last sequence and its hash."""

    history: str
    sequence: int
    hash: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was written. `sequence` is the first bad row, None where a whole history is meant."""

    history: str
    sequence: int | None
    kind: Kind
    sentence: str


def row_hash(row: Row) -> str:
    """Hash one row: SHA-256 over the canonical JSON of what it says, with its body as a digest.

    The body stands in as its SHA-256, so a row verifies whether or not its body is at hand.
    """
    said = {
        "history": row.history,
        "sequence": row.sequence,
        "previous": row.previous,
        "at": row.at,
        "operation": row.operation,
        "actor": row.actor,
        "type": row.type,
        "schema": row.schema,
        "body": row.body_sha256,
    }
    return sha256_hex(canonical(said, f"Row {row.sequence} of {row.history}"))


def body_fits(row: Row) -> bool:
    """Whether the body at hand is the one that was written, by its digest and its size."""
    content = canonical(row.body)
    return (sha256_hex(content), len(content)) == (row.body_sha256, row.body_size)


def check_chain(history: str, rows: Sequence[Row], head: Tip | None) -> list[Finding]:
    """Check the rows of one history, in the order they came, and against its head row.

    Returns:
        What is wrong, the first bad row first; empty when the chain holds. Truncation together with a matching head
        is invisible here: `merkle.check_against_checkpoint` finds it.
    """
    foreign = [row for row in rows if row.history != history]
    own = [row for row in rows if row.history == history]
    found = [
        *(_finding(row, "wrong_history", f"belongs to {row.history}, not to {history}") for row in foreign),
        *_disorder(own),
        *_repeats(own),
        *_contents(own),
        *_links({row.sequence: row for row in own}, head),
        *_ending(history, own, head),
    ]
    return sorted(found, key=lambda finding: finding.sequence or 0)


def _finding(row: Row, kind: Kind, what: str) -> Finding:
    return Finding(row.history, row.sequence, kind, f"Row {row.sequence} {what}.")


def _disorder(rows: Sequence[Row]) -> Iterator[Finding]:
    sequences = [row.sequence for row in rows]
    for row, expected in zip(rows, sorted(sequences), strict=True):
        if row.sequence != expected:
            yield Finding(row.history, expected, "swapped", f"Row {row.sequence} stands where row {expected} belongs.")
            return


def _repeats(rows: Sequence[Row]) -> Iterator[Finding]:
    for sequence, count in Counter(row.sequence for row in rows).items():
        if count > 1:
            first = next(row for row in rows if row.sequence == sequence)
            yield _finding(first, "inserted", f"is there {count} times: one of them was inserted")


def _contents(rows: Sequence[Row]) -> Iterator[Finding]:
    """Rows that do not hash to what they carry; one that fits under another number was moved there."""
    bad = [row for row in rows if not _intact(row)]
    moves = {row.sequence: _written_as(row, len(rows)) for row in bad}
    for row in bad:
        was = moves[row.sequence]
        if was is None:
            yield _finding(row, "edited", "does not hash to what it carries: it was edited")
        elif moves.get(row.sequence - 1) is None or was - row.sequence != _shift(moves, row.sequence - 1):
            yield _moved(row, was, moves)


def _intact(row: Row) -> bool:
    return (row.body is None or body_fits(row)) and row_hash(row) == row.hash


def _written_as(row: Row, count: int) -> int | None:
    """The number under which this row hashes right, looked for nearest first."""
    if row.body is not None and not body_fits(row):
        return None
    numbers = sorted(range(1, 2 * count + 2), key=lambda number: abs(number - row.sequence))
    return next((number for number in numbers if row_hash(replace(row, sequence=number)) == row.hash), None)


def _shift(moves: Mapping[int, int | None], sequence: int) -> int | None:
    was = moves.get(sequence)
    return None if was is None else was - sequence


def _moved(row: Row, was: int, moves: Mapping[int, int | None]) -> Finding:
    shift = was - row.sequence
    if moves.get(was) == row.sequence:
        return _finding(row, "swapped", f"was written as row {was}: the two were swapped")
    if shift < 0:
        first = row.sequence + shift
        return Finding(row.history, first, "inserted", f"Row {first} was inserted: the rows after it were renumbered.")
    return _finding(row, "removed", f"was written as row {was}: {shift} row(s) before it were removed")


def _links(by_sequence: Mapping[int, Row], head: Tip | None) -> Iterator[Finding]:
    """Gaps, and rows that do not continue from the row before them."""
    expected = 1
    for sequence in sorted(by_sequence):
        row = by_sequence[sequence]
        if sequence < 1:
            yield _finding(row, "inserted", "stands before row 1, where every history begins: it was inserted")
            continue
        if sequence > expected:
            gone = f"{expected}" if sequence == expected + 1 else f"{expected} to {sequence - 1}"
            yield Finding(row.history, expected, "removed", f"Row {gone} is missing before row {sequence}.")
        elif not _continues(by_sequence, row) and _intact(row):
            yield _broken_link(by_sequence, row, head)
        expected = sequence + 1


def _continues(by_sequence: Mapping[int, Row], row: Row) -> bool:
    before = by_sequence.get(row.sequence - 1)
    return row.previous == (before.hash if before else GENESIS)


def _broken_link(by_sequence: Mapping[int, Row], row: Row, head: Tip | None) -> Finding:
    """Name the row that was written anew: the one before, unless this one fits neither side."""
    after = by_sequence.get(row.sequence + 1)
    follows = after.previous if after else (head.hash if head else None)
    before = by_sequence.get(row.sequence - 1)
    if before is not None and follows == row.hash:
        return _finding(before, "rewritten", f"is not the row that row {row.sequence} continues from: it was replaced")
    return _finding(row, "rewritten", f"does not continue from row {row.sequence - 1}: it was replaced")


def _ending(history: str, rows: Iterable[Row], head: Tip | None) -> Iterator[Finding]:
    last = max(rows, key=lambda row: row.sequence, default=None)
    if head is None:
        if last is not None:
            yield Finding(history, last.sequence, "head_missing", "The head row is missing.")
    elif last is None or last.sequence < head.sequence:
        first = (last.sequence if last else 0) + 1
        yield Finding(history, first, "truncated", f"Rows {first} to {head.sequence} are missing at the end.")
    elif last.sequence > head.sequence:
        sentence = f"Rows {head.sequence + 1} to {last.sequence} stand after the head: they were inserted."
        yield Finding(history, head.sequence + 1, "inserted", sentence)
    elif last.hash != head.hash:
        yield Finding(history, last.sequence, "head_differs", f"The head says row {last.sequence} hashes otherwise.")
