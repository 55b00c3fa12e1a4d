"""What every listing comes in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

JSON = Any  # a JSON value: None, bool, int, float, str, list or dict of the same
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Page(Generic[T_co]):
    """One page of a listing. `cursor` is opaque, None on the last page; `scanned_until` is set on a short page."""

    items: tuple[T_co, ...]
    cursor: str | None = None
    scanned_until: datetime | None = None


def every(page: Callable[[str | None], Page[T]]) -> Iterator[T]:
    """All items of a listing, one page after the other; `page` is given the cursor, None for the first."""
    cursor = None
    while True:
        found = page(cursor)
        yield from found.items
        cursor = found.cursor
        if cursor is None:
            return
