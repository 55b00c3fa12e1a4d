"""The queue of promotions in memory, to look into."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.adapters.memory.outage import Outage
from shared.domain.ids import PromotionId
from shared.ports import Clock


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message and when it can be received."""

    promotion: PromotionId
    visible_at: datetime


class InMemoryQueue(Outage):
    """The port `Queue`. `messages` shows what waits, in the order it was sent; `take` receives."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self.messages: list[Waiting] = []

    def send(self, promotion: PromotionId, delay_seconds: int = 0) -> None:
        """Send one message that never expires."""
        with self._lock:
            self._ask()
            self.messages.append(Waiting(promotion, self._clock.now() + timedelta(seconds=delay_seconds)))

    def take(self) -> PromotionId | None:
        """Receive and delete the first message that is visible now; None where there is none."""
        with self._lock:
            now = self._clock.now()
            waiting = next((message for message in self.messages if message.visible_at <= now), None)
            if waiting is None:
                return None
            self.messages.remove(waiting)
            return waiting.promotion

    def ping(self) -> None:
        """Answer, unless told to be unreachable."""
        self._ask()


class InMemoryBacklog(Outage):
    """The port `Backlog`; set `depths` and `undelivered` to what it should say."""

    def __init__(self) -> None:
        super().__init__()
        self.depths: dict[str, int] = {}
        self.undelivered = 0

    def queue_depths(self) -> Mapping[str, int]:
        """As set."""
        self._ask()
        return self.depths

    def dead_letters(self) -> int:
        """As set."""
        self._ask()
        return self.undelivered
