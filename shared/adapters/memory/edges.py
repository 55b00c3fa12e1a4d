"""The small ports in memory: publisher, directory, policies, clock, ids."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

from shared.adapters.memory.outage import Outage
from shared.domain.people import People
from shared.domain.policy import Policy
from shared.ports import JSON


class InMemoryPublisher(Outage):
    """The port `EventPublisher`; `published` shows the CloudEvents in order."""

    def __init__(self) -> None:
        super().__init__()
        self.published: list[Mapping[str, JSON]] = []

    def publish(self, events: Sequence[Mapping[str, JSON]]) -> None:
        """Keep CloudEvents."""
        with self._lock:
            self._ask()
            self.published.extend(events)

    def ping(self) -> None:
        """Answer, unless told to be unreachable."""
        self._ask()


class InMemoryDirectory(Outage):
    """The port `Directory`; set `everyone` to change who there is."""

    def __init__(self, people: People) -> None:
        super().__init__()
        self.everyone = people

    def people(self) -> People:
        """Everyone."""
        self._ask()
        return self.everyone


class InMemoryPolicySource(Outage):
    """The port `PolicySource`; set `loaded` to change the policies."""

    def __init__(self, policies: tuple[Policy, ...] = ()) -> None:
        super().__init__()
        self.loaded = policies

    def policies(self) -> tuple[Policy, ...]:
        """Every policy."""
        self._ask()
        return self.loaded


class SettableClock:
    """The port `Clock`, moved by hand; set `instant` or call `advance`."""

    def __init__(self, instant: datetime = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)) -> None:
        self.instant = instant

    def now(self) -> datetime:
        """What it was set to."""
        return self.instant

    def advance(self, span: timedelta) -> datetime:
        """Move it, and return where it stands then."""
        self.instant += span
        return self.instant


class CountingIds:
    """The port `NewId`: 1, 2, 3 ... as 32 hex digits."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def __call__(self) -> str:
        """The next one."""
        return f"{next(self._numbers):032x}"
