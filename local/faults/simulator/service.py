"""The service that copies into registries: it answers what it likes, and goes on when nobody listens any more."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from random import Random

from local.faults.simulator.scheduler import Scheduler
from shared.adapters.memory import InMemoryRegistry
from shared.domain.errors import PortError, Refused, Unreadable
from shared.domain.evidence import RegistryVersion
from shared.domain.ids import PromotionId, Target

_SOON = (timedelta(seconds=40), timedelta(minutes=4), timedelta(minutes=9))
_LATE = (timedelta(minutes=11), timedelta(minutes=16), timedelta(minutes=50))


class ImportService:
    """The port `Registry` with the moods of the real service. `trouble` is the chance that an import goes wrong.

    `late` counts imports that the service finishes by itself; `on_copy` is told what took effect.
    """

    def __init__(self, registry: InMemoryRegistry, scheduler: Scheduler, rng: Random) -> None:
        self.trouble = 0.0
        self.late = 0
        self.on_copy: Callable[[PromotionId, Target], None] = lambda _promotion, _target: None
        self._registry = registry
        self._scheduler = scheduler
        self._rng = rng

    def read(self, target: Target) -> RegistryVersion | None:
        """What it holds."""
        return self._registry.read(target)

    def mark(self, target: Target, marker: Mapping[str, str]) -> None:
        """Write tags."""
        self._registry.mark(target, marker)

    def ping(self) -> None:
        """Answer."""
        self._registry.ping()

    def share(self, promotion: PromotionId, target: Target) -> None:
        """Copy; or do it and deny it, deny it and do it later, claim it and never do it, or take very long."""
        if self._rng.random() >= self.trouble:
            self._take(promotion, target)
            return
        mood = self._rng.choice(("before", "after", "never", "late", "slow", "slow", "refuse", "endless", "odd"))
        if mood == "after":
            self._take(promotion, target)
        if mood == "late":
            self._copy_later(promotion, target, self._rng.choice(_SOON + _LATE))
        if mood in ("slow", "endless"):
            self._slow(promotion, target, ends=mood == "slow")
        if mood == "refuse":
            raise Refused("azure_ml_refused", f"{target} is refused today.")
        if mood == "odd":
            raise RuntimeError("The SDK raised something of its own.")
        if mood in ("before", "after", "late"):
            raise Unreadable("azure_ml_unreachable", f"The import of {target} fails with {mood}.")

    def _take(self, promotion: PromotionId, target: Target) -> None:
        self._registry.share(promotion, target)
        self.on_copy(promotion, target)

    def _slow(self, promotion: PromotionId, target: Target, *, ends: bool) -> None:
        """The operation goes on by itself; the caller polls until it ends, which may be never."""
        span = self._rng.choice(_SOON + _LATE)
        if ends:
            self._copy_later(promotion, target, span)
        self._scheduler.pause(span if ends else timedelta(days=30))

    def _copy_later(self, promotion: PromotionId, target: Target, span: timedelta) -> None:
        self.late += 1
        self._scheduler.later(self._scheduler.now + span, lambda: self._copy(promotion, target))

    def _copy(self, promotion: PromotionId, target: Target) -> None:
        try:
            self._take(promotion, target)
        except Unreadable:
            self._scheduler.later(self._scheduler.now + timedelta(minutes=1), lambda: self._copy(promotion, target))
        except PortError:
            return  # the service refuses to replace, and nobody listens any more
