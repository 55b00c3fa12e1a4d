"""Values of kinds that are made for every gate of an evaluation, or for every event of a history that is read."""

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def light_value(kind: type[T]) -> type[T]:
    """As `dataclass(frozen=True, slots=True)`, made at a quarter of the cost; what refuses to change one is mypy alone.

    A frozen dataclass writes each of its fields by `object.__setattr__`, which costs more than judging a gate or folding an event does.
    """
    return dataclass(slots=True, unsafe_hash=True)(kind)
