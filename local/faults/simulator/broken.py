"""Estates with one guard switched off each, to see that the checks can fail: nothing of ours is patched."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

from local.faults.simulator.estate import WAITS, Parts
from local.faults.simulator.network import Weather
from shared.adapters import memory
from shared.domain.events import Recorded
from shared.domain.evidence import ModelVersion, RegistryVersion
from shared.domain.ids import HistoryId, PromotionId, Target
from shared.domain.looks import Looks
from shared.ports import JSON, Claim, History, NewEvent, Summary, TimelineEntry


class IgnoresIfMatch(memory.InMemoryHistories):
    """Appends after whatever stands there, whoever wrote it and whatever was read before."""

    def append(
        self, loaded: History, events: Sequence[NewEvent], at: datetime, snapshot: Mapping[str, JSON]
    ) -> History:
        """Append all the same."""
        return super().append(self.load(loaded.id), events, at, snapshot)


class _WithoutOperations(History):
    """A history that does not say which operations stand in it."""

    __slots__ = ()

    def through(self, operation: str) -> tuple[Recorded, ...] | None:  # noqa: ARG002 - the port's signature
        """Never there."""
        return None


class ForgetsOperations(memory.InMemoryHistories):
    """Tells nobody that a command was recorded already."""

    def load(self, history: HistoryId) -> History:
        """The history, without its operations."""
        stands = super().load(history)
        return _WithoutOperations(**{field.name: getattr(stands, field.name) for field in fields(History)})


class AlwaysYes(memory.InMemoryClaims):
    """Gives every claim to whoever asks last."""

    def take(self, target: Target, claim: Claim) -> Claim:
        """Yes."""
        self.standing[target] = claim
        return claim


class ForgetsIntake(memory.InMemoryWorklist):
    """Takes in what is announced, and keeps nothing of it."""

    def ask(self, promotion: PromotionId, asked: datetime, due: datetime) -> None:
        """Nothing is written."""


class ForgetsWork(memory.InMemoryWorklist):
    """Writes no row before an append."""

    def touch(self, promotion: PromotionId, due: datetime) -> str:  # noqa: ARG002 - the port's signature
        """Nothing is written."""
        return "W/nothing"


class OverwritesAsked(memory.InMemoryWorklist):
    """Writes all looks back as they were when the handling began, what was asked since included."""

    def save(self, promotion: PromotionId, looks: Looks, due: datetime | None, etag: str | None) -> None:
        """Write them, then take back what was asked."""
        super().save(promotion, looks, due, etag)
        self._put(replace(self._row(promotion), looks=looks))


class SaysItIsThere(memory.InMemoryRegistry):
    """Shows the source's files wherever nothing stands."""

    def __init__(self, catalog: memory.InMemoryCatalog) -> None:
        super().__init__(catalog)
        self._shown = catalog

    def claimed(self, target: Target) -> RegistryVersion | None:
        """What a read says that lies."""
        fitting = (v for p, v in self._shown.registered.items() if p.version == target.version)
        held, version = self.read(target), next(fitting, None)
        if held is not None or version is None:
            return held
        return RegistryVersion("azureml://lie", version.asset_type, (), version.artifacts, {})


class Replaces(memory.InMemoryRegistry):
    """Imports over what stands there."""

    def share(self, promotion: PromotionId, target: Target) -> None:
        """Make room, then copy."""
        if self.read(target) is not None:
            self.delete(target)
        super().share(promotion, target)


class PublishesNothing(memory.InMemoryPublisher):
    """Takes events and loses them."""

    def publish(self, events: Sequence[Mapping[str, JSON]]) -> None:
        """Gone."""


class ListsOnce(memory.InMemoryReadModels):
    """Keeps the first row of a promotion for ever."""

    def __init__(self) -> None:
        super().__init__()
        self._listed: set[PromotionId] = set()

    def apply(self, entries: Sequence[TimelineEntry], summary: Summary | None, was_open: bool | None) -> None:  # noqa: FBT001 - the port's signature
        """Write timeline rows, and a catalog row that was not there."""
        known = summary is not None and summary.promotion in self._listed
        super().apply(entries, None if known else summary, was_open)
        self._listed.update({summary.promotion} if summary else ())


class ReadsOnce:
    """A catalog that answers what it once read."""

    def __init__(self, catalog: Any) -> None:
        self._catalog = catalog
        self._known: dict[PromotionId, ModelVersion] = {}

    def read(self, promotion: PromotionId) -> ModelVersion | None:
        """From memory, once known."""
        found = self._known.get(promotion) or self._catalog.read(promotion)
        if found is not None:
            self._known[promotion] = found
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._catalog, name)


class Lies:
    """A registry whose reads lie, seen by the use cases alone."""

    def __init__(self, service: Any, registry: SaysItIsThere) -> None:
        self._service = service
        self._registry = registry

    def read(self, target: Target) -> RegistryVersion | None:
        """There, whether it is or not."""
        return self._registry.claimed(target)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._service, name)


def _read_once() -> Parts:
    kept: dict[int, ReadsOnce] = {}

    def wrapped(name: str, port: Any) -> Any:
        return kept.setdefault(id(port), ReadsOnce(port)) if name == "catalog" else port

    return Parts(wrapped=wrapped)


def _lying() -> Parts:
    made: list[SaysItIsThere] = []

    def registry(catalog: memory.InMemoryCatalog) -> memory.InMemoryRegistry:
        made.append(SaysItIsThere(catalog))
        return made[-1]

    return Parts(registry=registry, wrapped=lambda name, port: Lies(port, made[-1]) if name == "registry" else port)


BROKEN: Mapping[str, Callable[[], Parts]] = {
    "If-Match on append": lambda: Parts(histories=IgnoresIfMatch),
    "operation ids": lambda: Parts(histories=ForgetsOperations),
    "claims have one holder": lambda: Parts(claims=AlwaysYes),
    "intake is durable": lambda: Parts(worklist=ForgetsIntake),
    "worklist before append": lambda: Parts(worklist=ForgetsWork, weather=Weather(crash=0.2)),
    "looks leave what was asked": lambda: Parts(worklist=OverwritesAsked, weather=Weather(pause=0.25)),
    "read-back": _lying,
    "an import never replaces": lambda: Parts(registry=Replaces, trouble=0.9),
    "events are published": lambda: Parts(publisher=PublishesNothing),
    "lists follow": lambda: Parts(read_models=ListsOnce),
    "the version is read anew": _read_once,
    "the re-read is young": lambda: Parts(
        waits=replace(WAITS, reread_max_age=timedelta(hours=2), lease=timedelta(hours=4)), weather=Weather(pause=0.15)
    ),
}
"""What is switched off, and an estate without it."""
