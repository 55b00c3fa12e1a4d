"""Reading partitions in the order of their row keys, side by side, a page of the server's at a time."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from shared.adapters.cursors import bad_cursor, is_token
from shared.adapters.read_model_keys import is_key
from shared.adapters.table_service import Table
from shared.domain.errors import Unreadable

T = TypeVar("T")

IN_RANGE = "PartitionKey eq @pk and RowKey gt @low and RowKey lt @high"


@dataclass(frozen=True, slots=True)
class Wanted(Generic[T]):
    """What is looked for: row keys below `high`, `clauses` that the server filters by, `read` and `fits` for the rest.

    `clauses` are constants that name `parameters`; values never stand in them.
    """

    high: str
    clauses: tuple[str, ...]
    parameters: Mapping[str, Any]
    read: Callable[[Any], T]
    fits: Callable[[T], bool]


@dataclass(slots=True)
class Stream:
    """A partition being read. `low` is the last row key taken, `token` where the server goes on."""

    partition: str
    low: str = ""
    token: dict[str, str] | None = None
    found: deque[Any] = field(default_factory=deque)
    ended: bool = False

    @property
    def position(self) -> list[Any]:
        """Where to go on, as plain JSON; what was found and not taken is read again."""
        return [self.partition, self.low, None if self.found else self.token]

    @classmethod
    def at(cls, position: Any, partitions: Sequence[str]) -> "Stream":
        """Read a position that came from outside.

        Raises:
            DocumentInvalid: it is none, or of another listing.
        """
        match position:
            case [str() as partition, str() as low, token] if partition in partitions and (not low or is_key(low)):
                if token is None or is_token(token):
                    return cls(partition, low, token)
        raise bad_cursor()


class Scan(Generic[T]):
    """A bounded reading of one table.

    Args:
        table: the table.
        wanted: what is looked for.
        pages: how many pages of the server's may be read.
        page_size: the largest page to ask for.
    """

    def __init__(self, table: Table, wanted: Wanted[T], pages: int, page_size: int) -> None:
        self._table = table
        self._wanted = wanted
        self._pages = pages
        self._page_size = page_size
        self._filter = " and ".join((IN_RANGE, *wanted.clauses))

    @property
    def may_read(self) -> bool:
        """Whether another page may be read."""
        return self._pages > 0

    def take(self, streams: Sequence[Stream], limit: int) -> list[T]:
        """The next rows of all streams in the order of their keys, at most `limit`, as far as the pages reach."""
        taken: list[T] = []
        while len(taken) < limit and self._filled(streams, limit - len(taken)):
            stream = min((each for each in streams if each.found), key=lambda each: str(each.found[0]["RowKey"]))
            entity = stream.found.popleft()
            stream.low = str(entity["RowKey"])
            row = self._wanted.read(entity)
            if self._wanted.fits(row):
                taken.append(row)
        return taken

    def _filled(self, streams: Sequence[Stream], missing: int) -> bool:
        """Whether the next row is known: every stream has one at hand, or has ended."""
        for stream in _hungry(streams):
            while not (stream.found or stream.ended):
                if not self.may_read:
                    return False
                self._fetch(stream, missing)
        return any(stream.found for stream in streams)

    def _fetch(self, stream: Stream, missing: int) -> None:
        parameters = {"pk": stream.partition, "low": stream.low, "high": self._wanted.high, **self._wanted.parameters}
        size = min(self._page_size, missing + 1)
        self._pages -= 1
        try:
            rows, token = self._table.page(self._filter, parameters, size, stream.token)
        except Unreadable as refused:
            if stream.token is not None and refused.code == "storage_unclear":
                raise bad_cursor() from refused
            raise
        stream.found.extend(rows)
        stream.token = token
        stream.ended = token is None


def _hungry(streams: Sequence[Stream]) -> Iterator[Stream]:
    return (stream for stream in streams if not stream.found and not stream.ended)


def unfinished(streams: Sequence[Stream]) -> list[Stream]:
    """The streams that have more to give."""
    return [stream for stream in streams if stream.found or not stream.ended]
