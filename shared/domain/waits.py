"""Every wait of the loop, with the protocol's defaults; the laptop platform shortens them by settings."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Waits:
    """Durations. `shared/settings/waits.py` checks how they relate (lease > import deadline, ...).

    `lease` is an import's absolute time; `lease_needed` must be left of it when the import starts (R8.4);
    `import_deadline` is when a running import is left alone; `read_back_again` is the second look after a stop (R9).
    `work_due` is what every writer puts on the worklist before it appends, `touch_covers` how long that holds (R6).
    """

    lease: timedelta = timedelta(minutes=15)
    lease_needed: timedelta = timedelta(minutes=12)
    import_deadline: timedelta = timedelta(minutes=10)
    reread_max_age: timedelta = timedelta(seconds=60)
    read_back_again: timedelta = timedelta(minutes=30)
    work_due: timedelta = timedelta(minutes=2)
    touch_covers: timedelta = timedelta(seconds=60)
    backoff_first: timedelta = timedelta(seconds=30)
    backoff_last: timedelta = timedelta(minutes=30)
    relook: timedelta = timedelta(minutes=5)
    relook_for: timedelta = timedelta(hours=1)
    relook_slow: timedelta = timedelta(hours=1)
    relook_slow_for: timedelta = timedelta(days=7)
    settled_for: timedelta = timedelta(minutes=10)
    missing_grace: timedelta = timedelta(minutes=30)

    def backoff(self, key: str, tries: int, retry_after: float | None = None) -> timedelta:
        """The pause after `tries` failures (1 is the first): doubling, at most `backoff_last`, +-25 % jitter (R11).

        The jitter follows from `key` and `tries`, so that the same case gives the same answer and different cases
        spread. A `retry_after` in seconds is a lower bound.
        """
        doubled = min(self.backoff_first * float(2 ** min(tries - 1, 32)), self.backoff_last)
        spread = 0.75 + 0.5 * sha256(f"{key}#{tries}".encode()).digest()[0] / 255
        return max(doubled * spread, timedelta(seconds=retry_after or 0))
