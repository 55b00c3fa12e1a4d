"""The machine's own clock and chance."""

from datetime import UTC, datetime
from uuid import uuid4


class SystemClock:
    """Clock."""

    def now(self) -> datetime:
        """Now, aware UTC."""
        return datetime.now(UTC)


class RandomId:
    """NewId, from the operating system's random numbers."""

    def __call__(self) -> str:
        """A new one: 32 lower-case hex digits."""
        return uuid4().hex
