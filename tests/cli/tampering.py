"""Every way in which somebody who may write to storage could change a history, and what must be found of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from shared.domain.canonical import canonical, sha256_hex
from shared.domain.chain import GENESIS, Row, Tip, row_hash

Rows = tuple[Row, ...]
Told = tuple[str, int | None] | None
"""Kind of the first finding and its row, None where a whole history is meant; None where nothing can be found."""


@dataclass(frozen=True, slots=True)
class Held:
    """One history as it stands in a store or an export. `protected` rows of it stand in the checkpoint."""

    rows: Rows
    head: Tip | None
    protected: int


@dataclass(frozen=True, slots=True)
class Tampered:
    """What was left of it, and what must be told."""

    rows: Rows
    head: Tip | None
    told: Told


Tamper = Callable[[Held, int], Tampered]
"""Changes the history at the row of a place, counted from 0."""


def rehashed(row: Row) -> Row:
    """A row that hashes to what it carries."""
    digest = row.body_sha256 if row.body is None else sha256_hex(canonical(row.body))
    made = replace(row, body_sha256=digest)
    return replace(made, hash=row_hash(made))


def chained(rows: Sequence[Row], start: int = 0) -> Rows:
    """Rows numbered and chained anew from a place on."""
    made = list(rows[:start])
    for row in rows[start:]:
        previous = made[-1].hash if made else GENESIS
        made.append(rehashed(replace(row, sequence=len(made) + 1, previous=previous)))
    return tuple(made)


def forged(row: Row) -> Row:
    """The same row telling of something else."""
    return replace(row, actor="somebody.else", operation=f"{row.operation}/forged")


def tip(rows: Rows) -> Tip:
    """The head that fits these rows."""
    return Tip(rows[-1].history, rows[-1].sequence, rows[-1].hash)


def _edit(held: Held, at: int) -> Tampered:
    rows = (*held.rows[:at], forged(held.rows[at]), *held.rows[at + 1 :])
    return Tampered(rows, held.head, ("edited", at + 1))


def _edit_body(held: Held, at: int) -> Tampered:
    row = replace(held.rows[at], body={"round": 99})
    return Tampered((*held.rows[:at], row, *held.rows[at + 1 :]), held.head, ("edited", at + 1))


def _edit_hashed_anew(held: Held, at: int) -> Tampered:
    """It hashes right by itself, and no longer fits what follows: the next row, or the head."""
    row = rehashed(forged(held.rows[at]))
    last = at + 1 == len(held.rows)
    told: Told = ("head_differs" if last else "rewritten", at + 1)
    return Tampered((*held.rows[:at], row, *held.rows[at + 1 :]), held.head, told)


def _delete(held: Held, at: int) -> Tampered:
    last = at + 1 == len(held.rows)
    rows = (*held.rows[:at], *held.rows[at + 1 :])
    return Tampered(rows, held.head, ("truncated" if last else "removed", at + 1))


def _delete_renumbered(held: Held, at: int) -> Tampered:
    """The rows after it take its number; without hashes made anew they no longer hash."""
    after = tuple(replace(row, sequence=row.sequence - 1) for row in held.rows[at + 1 :])
    told: Told = ("removed" if after else "truncated", at + 1)
    return Tampered((*held.rows[:at], *after), held.head, told)


def _swap(held: Held, at: int) -> Tampered:
    """With the row after it; the last one with the row before it."""
    one, other = sorted((at, at + 1 if at + 1 < len(held.rows) else at - 1))
    rows = list(held.rows)
    rows[one], rows[other] = (
        replace(rows[other], sequence=one + 1),
        replace(rows[one], sequence=other + 1),
    )
    return Tampered(tuple(rows), held.head, ("swapped", one + 1))


def _insert_twice(held: Held, at: int) -> Tampered:
    """Another row under a number that is taken."""
    rows = (*held.rows[: at + 1], rehashed(forged(held.rows[at])), *held.rows[at + 1 :])
    return Tampered(rows, held.head, ("inserted", at + 1))


def _insert_renumbered(held: Held, at: int) -> Tampered:
    """A row before it, that fits the row before that; those after it are renumbered and keep their hashes."""
    previous = held.rows[at - 1].hash if at else GENESIS
    new = rehashed(replace(forged(held.rows[at]), previous=previous))
    after = tuple(replace(row, sequence=row.sequence + 1) for row in held.rows[at:])
    return Tampered((*held.rows[:at], new, *after), held.head, ("inserted", at + 1))


def _append(held: Held, at: int) -> Tampered:
    """A row after the last, chained right; the head knows nothing of it."""
    new = chained((*held.rows, forged(held.rows[at])), len(held.rows))
    return Tampered(new, held.head, ("inserted", len(held.rows) + 1))


def _truncate(held: Held, at: int) -> Tampered:
    return Tampered(held.rows[:at], held.head, ("truncated", at + 1))


def _behead(held: Held, at: int) -> Tampered:
    del at
    return Tampered(held.rows, None, ("head_missing", len(held.rows)))


def _roll_back(held: Held, at: int) -> Tampered:
    """To how it stood before this row, head and all; before the first there was nothing."""
    rows = held.rows[:at]
    gone: Told = ("rolled_back", at + 1) if rows else ("removed_history", None)
    return Tampered(rows, tip(rows) if rows else None, gone if at < held.protected else None)


def _remove(held: Held, at: int) -> Tampered:
    del at
    return Tampered((), None, ("removed_history", None) if held.protected else None)


def _rechain(held: Held, at: int) -> Tampered:
    """Rewritten from this row on, with all hashes and the head: the rows hold by themselves."""
    rows = chained((*held.rows[:at], forged(held.rows[at]), *held.rows[at + 1 :]), at)
    return Tampered(rows, tip(rows), ("rechained", held.protected) if at < held.protected else None)


KINDS: dict[str, Tamper] = {
    "edit": _edit,
    "edit of the body": _edit_body,
    "edit, hashed anew": _edit_hashed_anew,
    "delete": _delete,
    "delete, renumbered": _delete_renumbered,
    "swap": _swap,
    "insert under a number that is taken": _insert_twice,
    "insert, renumbered": _insert_renumbered,
    "insert after the head": _append,
    "truncate": _truncate,
    "remove the head": _behead,
    "roll back": _roll_back,
    "remove the history": _remove,
    "chain anew": _rechain,
}
