"""The quarantine and the webhook ids in memory."""

from dataclasses import replace
from datetime import datetime

from shared.adapters.cursors import bad_cursor, make_cursor, read_cursor
from shared.adapters.memory.outage import Outage
from shared.adapters.quarantine_ids import no_such_message, quarantine_id, quarantine_key, shortened
from shared.ports import Page, Quarantined, Replay


class InMemoryQuarantine(Outage):
    """The port `Quarantine`."""

    def __init__(self) -> None:
        super().__init__()
        self._messages: dict[str, Quarantined] = {}

    def put(self, source: str, reason: str, body: bytes, at: datetime) -> str:
        """Keep a message, or count it again; returns its id."""
        key = quarantine_id(source, body)
        with self._lock:
            self._ask()
            known = self._messages.get(key) or Quarantined(key, source, "", body, 0, at, at)
            counted = replace(known, reason=shortened(reason), count=known.count + 1, last_at=at)
            self._messages[key] = counted
        return key

    def get(self, id: str) -> Quarantined | None:
        """One message."""
        with self._lock:
            self._ask()
            return self._messages.get(id)

    def note_replay(self, id: str, at: datetime, by: str, digest: str) -> None:
        """Note that an operator replayed it; the message stays."""
        with self._lock:
            self._ask()
            known = self._messages.get(id)
            if known is None:
                raise no_such_message(id)
            self._messages[id] = replace(known, replays=(*known.replays, (at, by, digest)))

    def page(self, limit: int, cursor: str | None) -> Page[Quarantined]:
        """One page, newest first."""
        after = read_cursor(cursor) if cursor else ""
        if not isinstance(after, str):
            raise bad_cursor()
        with self._lock:
            self._ask()
            keyed = sorted((quarantine_key(row.first_at, row.id), row) for row in self._messages.values())
        rest = [(key, row) for key, row in keyed if key > after]
        following = make_cursor(rest[limit - 1][0]) if len(rest) > limit else None
        return Page(tuple(row for _, row in rest[:limit]), following)


class InMemoryReplayIds(Outage):
    """The port `ReplayIds`."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[tuple[str, str], tuple[Replay, datetime]] = {}

    def begin(self, sender: str, id: str, digest: str, at: datetime) -> Replay | None:
        """Insert the id with its body's digest; None when it is new, else what stands there."""
        with self._lock:
            self._ask()
            known = self._seen.setdefault((sender, id), (fresh := Replay(digest, None), at))
            return None if known[0] is fresh else known[0]

    def finish(self, sender: str, id: str, status: int, body: str) -> None:
        """Keep the answer."""
        with self._lock:
            self._ask()
            replay, at = self._seen[sender, id]
            self._seen[sender, id] = (replace(replay, answer=(status, body)), at)

    def forget(self, before: datetime) -> int:
        """Delete ids begun before; returns how many."""
        with self._lock:
            self._ask()
            old = [key for key, (_, at) in self._seen.items() if at < before]
            for key in old:
                del self._seen[key]
        return len(old)
