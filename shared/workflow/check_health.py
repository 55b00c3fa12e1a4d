"""Ask every port whether it is alive."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from shared.domain.errors import ClearanceError
from shared.domain.ids import LineId, Target
from shared.ports import PromotionFilter
from shared.workflow.outside import Outside


@dataclass(frozen=True, slots=True)
class PortHealth:
    """One port's answer. `milliseconds` is how long it took."""

    name: str
    ok: bool
    explanation: str
    milliseconds: int


def check_health(outside: Outside) -> tuple[PortHealth, ...]:
    """Ping each port once, one after the other; a port that fails says why."""
    pings: dict[str, Callable[[], object]] = {
        "history": lambda: outside.histories.head(LineId("health", "health")),
        "claims": lambda: outside.claims.read(Target("health", "health", "0")),
        "quarantine": lambda: outside.quarantine.page(1, None),
        "checkpoints": outside.checkpoints.ping,
        "worklist": lambda: outside.bookmarks.get("health"),
        "read_models": lambda: outside.read_models.promotions(PromotionFilter(()), 1, None),
        "queue": outside.queue.ping,
        "workspaces": outside.catalog.ping,
        "registries": outside.registry.ping,
        "event_topic": outside.publisher.ping,
        "directory": outside.directory.people,
        "policies": outside.policy_source.policies,
    }
    return tuple(_ping(outside, name, ping) for name, ping in pings.items())


def _ping(outside: Outside, name: str, ping: Callable[[], object]) -> PortHealth:
    began = outside.clock.now()
    try:
        ping()
    except ClearanceError as error:
        return PortHealth(name, False, str(error), _since(outside, began))
    return PortHealth(name, True, "ok", _since(outside, began))


def _since(outside: Outside, began: datetime) -> int:
    return round((outside.clock.now() - began).total_seconds() * 1000)
