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


AZURE_ML = frozenset({"workspaces", "registries"})
"""What an app that faces people alone does not use, and may not reach."""


def check_health(outside: Outside, *, promotes: bool = True) -> tuple[PortHealth, ...]:
    """Ping each port that this app uses once, one after the other; a port that fails says why.

    Args:
        outside: the ports.
        promotes: whether this app reads workspaces and imports into registries.
    """
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
    used = [name for name in pings if promotes or name not in AZURE_ML]
    return tuple(_ping(outside, name, pings[name]) for name in used)


def _ping(outside: Outside, name: str, ping: Callable[[], object]) -> PortHealth:
    began = outside.clock.now()
    try:
        ping()
    except ClearanceError as error:
        return PortHealth(name, False, str(error), _since(outside, began))
    return PortHealth(name, True, "ok", _since(outside, began))


def _since(outside: Outside, began: datetime) -> int:
    return round((outside.clock.now() - began).total_seconds() * 1000)
