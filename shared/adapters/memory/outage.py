"""Trouble on request: what a store in memory does when a test says that it cannot be reached."""

from itertools import count
from threading import RLock

from shared.domain.errors import Unreadable


class Outage:
    """Base of the stores in memory: one lock, fresh ETags, and a switch that makes every call fail.

    While `unreachable` is set, every method raises `Unreadable` and changes nothing.
    """

    def __init__(self) -> None:
        self.unreachable = False
        self._lock = RLock()
        self._etags = count(1)

    def _ask(self) -> None:
        if self.unreachable:
            raise Unreadable("storage_unreachable", f"{type(self).__name__} is told to be unreachable.")

    def _etag(self) -> str:
        return f'W/"{next(self._etags)}"'
