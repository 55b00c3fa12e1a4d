"""What was measured: amounts of the work there is, as build/bench.json and local/sheets/measured.json hold them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from local.sheets.amounts import Amounts


@dataclass(frozen=True, slots=True)
class NightlyHead:
    """One history in the nightly checkpoint, beside what is asked of services for it.

    `document_bytes` are those of the checkpoint; `memory_bytes` is what the run holds of it at most; `cpu_us` is its CPU
    time in microseconds. The last two depend on machine and Python.
    """

    document_bytes: float
    memory_bytes: float
    cpu_us: float


@dataclass(frozen=True, slots=True)
class Footprint:
    """Amounts of each kind of work.

    A promotion into R registries by Q persons is `promotion` and R times `registry` and Q times `decision`.

    Attributes:
        promotion: what a promotion takes whatever the number of registries and persons.
        registry: what each registry adds.
        decision: what each person's answer adds.
        removed: a settled promotion taken off the worklist by the sweep.
        forgotten: a webhook id forgotten by the sweep.
        blocked: the first look at a version that policy blocks.
        look_again: each later look at it, sweep and message included, that changes nothing.
        run_ended: the event of a run that nobody waits for.
        sweep: a run with nothing due.
        collect_metrics: a run with fewer than 1000 open promotions.
        find_missed: a run over a workspace without models.
        listed_version: what a version adds to that, if it is known.
        found_version: what one adds more whose event never came.
        daily_checkpoint: a run without histories.
        settled_head: what a settled promotion adds to that.
        head: what a history takes of document, memory and CPU then.
        models_per_page: how many models one page of a workspace's listing takes up.
    """

    promotion: Amounts
    registry: Amounts
    decision: Amounts
    removed: Amounts
    forgotten: Amounts
    blocked: Amounts
    look_again: Amounts
    run_ended: Amounts
    sweep: Amounts
    collect_metrics: Amounts
    find_missed: Amounts
    listed_version: Amounts
    found_version: Amounts
    daily_checkpoint: Amounts
    settled_head: Amounts
    head: NightlyHead
    models_per_page: int

    def promoted(self, registries: float, decisions: float) -> Amounts:
        """One promotion."""
        return self.promotion + self.registry.times(registries) + self.decision.times(decisions)

    def as_json(self) -> dict[str, Any]:
        """The document."""
        head = {each.name: getattr(self.head, each.name) for each in fields(NightlyHead)}
        amounts = {name: getattr(self, name).as_json() for name in _AMOUNTS}
        return {**amounts, "head": head, "models_per_page": self.models_per_page}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        """Read the document.

        Raises:
            ValueError: with every fault.
        """
        faults = [*_faults(said)]
        if faults:
            raise ValueError(" ".join(faults))
        amounts = {name: Amounts.from_json(said[name]) for name in _AMOUNTS}
        return cls(**amounts, head=NightlyHead(**said["head"]), models_per_page=said["models_per_page"])


_AMOUNTS = tuple(each.name for each in fields(Footprint) if each.type in (Amounts, "Amounts"))
_HEAD = {each.name for each in fields(NightlyHead)}


def _faults(said: Mapping[str, Any]) -> list[str]:
    faults = [f"{name} is missing." for name in _AMOUNTS if not isinstance(said.get(name), dict)]
    for name in _AMOUNTS:
        try:
            Amounts.from_json(said.get(name) or {})
        except (ValueError, TypeError, AttributeError) as fault:
            faults.append(f"{name}: {fault}.")
    head = said.get("head")
    if (
        not isinstance(head, dict)
        or set(head) != _HEAD
        or any(type(each) not in (int, float) for each in head.values())
    ):
        faults.append(f"head must hold the numbers {', '.join(sorted(_HEAD))}.")
    if type(said.get("models_per_page")) is not int or said["models_per_page"] < 1:
        faults.append("models_per_page must be a whole number above 0.")
    return faults
