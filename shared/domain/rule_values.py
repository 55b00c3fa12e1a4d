"""What a rule of a policy may read of a look, by name, and how it comes by it."""

import math
from collections.abc import Collection
from dataclasses import dataclass

from shared.domain.decimals import number, number_fault
from shared.domain.evidence import Evidence
from shared.domain.gate_input import GateInput
from shared.domain.policy import Path
from shared.domain.run_gates import may_still_come
from shared.domain.visible import quoted, visible

Value = str | float | tuple[str, ...]

LONGEST_VALUE = 1_000
"""Characters of a text that a rule reads."""

MOST_FLAVORS = 50
"""Flavors of a model that a rule reads."""

# `*` stands for the name of a tag or metric.
SHAPES: tuple[Path, ...] = (
    ("tags", "*"),
    ("metrics", "*"),
    ("champion", "metrics", "*"),
    ("model", "name"),
    ("model", "version"),
    ("model", "workspace"),
    ("model", "type"),
    ("model", "flavors"),
    ("job", "id"),
    ("job", "status"),
    ("run", "id"),
    ("run", "status"),
    ("run", "dataset"),
)
OF_A_RUN = frozenset({"metrics", "run", "champion"})
"""What is read only where a policy asks for evidence."""


@dataclass(frozen=True, slots=True)
class Absent:
    """A value that is not there; `late` where it may still come."""

    late: bool


@dataclass(frozen=True, slots=True)
class Unusable:
    """A value that proves nothing; `why` is a sentence."""

    why: str
    late: bool = False


def shape_fault(path: Path) -> str:
    """What is wrong with reading `path`, going on from the key that holds the expression; empty where nothing is."""
    if any(
        len(path) == len(shape) and all(s in ("*", p) for s, p in zip(shape, path, strict=True)) for shape in SHAPES
    ):
        return ""
    known = ", ".join(".".join(shape).replace("*", "<name>") for shape in SHAPES)
    return f"reads {visible('.'.join(path))}: read one of {known}"


def spoken(path: Path) -> str:
    """A path as people write it: `tags.owner`."""
    return visible(".".join(path))


def read(given: GateInput, path: Path) -> Value | Absent | Unusable:
    """The value at `path`, whose shape is known."""
    match path:
        case ("metrics", name):
            return _metric(given, name)
        case ("champion", "metrics", name):
            held = given.champion.metrics.get(name) if given.champion else None
            return Absent(late=False) if held is None else _double(path, held)
        case ("model", name):
            return _model(given, name)
    return _bounded(path, _text(given.evidence, *path))


def _text(evidence: Evidence, root: str, name: str) -> str | None:
    """Of a tag, of the job or of the run."""
    if root == "tags":
        return evidence.version.tags.get(name)
    if root == "job":
        return evidence.version.job if name == "id" else evidence.lineage_status
    if name == "dataset":
        return evidence.datasets[0] if len(evidence.datasets) == 1 else None
    found: str | None = getattr(evidence.run, name, None)
    return found


def _model(given: GateInput, name: str) -> Value | Absent | Unusable:
    version = given.evidence.version
    if name == "flavors":
        return _flavors(version.flavors)
    text = version.asset_type if name == "type" else getattr(given.promotion, name)
    return _bounded(("model", name), text)


def _flavors(flavors: Collection[str]) -> tuple[str, ...] | Unusable:
    # All or none: a rule that a flavor is not there must see them all.
    if len(flavors) > MOST_FLAVORS or any(len(flavor) > LONGEST_VALUE for flavor in flavors):
        limits = f"at most {MOST_FLAVORS}, of {LONGEST_VALUE} characters each"
        return Unusable(f"model.flavors holds {len(flavors)}, and rules read {limits}.")
    return tuple(sorted(flavors))


def _bounded(path: Path, text: str | None) -> Value | Absent | Unusable:
    if text is None:
        return Absent(late=True)
    if len(text) > LONGEST_VALUE:
        return Unusable(f"{spoken(path)} has {len(text)} characters, and rules read at most {LONGEST_VALUE}.")
    return text


def _metric(given: GateInput, name: str) -> Value | Absent | Unusable:
    if not given.proven:
        sentence = f"No ended run about this version proves metrics.{visible(name)}."
        return Unusable(sentence, late=may_still_come(given))
    taken = given.taken[name]
    if taken.fault:
        return Unusable(taken.fault)
    return Absent(late=True) if taken.text is None else _double(("metrics", name), taken.text)


def _double(path: Path, text: str) -> float | Unusable:
    value = number(text)
    if value is None:
        return Unusable(f"{spoken(path)} is {quoted(text)}, which is {number_fault(text)}.")
    double = float(value)
    return double if math.isfinite(double) else Unusable(f"{spoken(path)} is {quoted(text)}, too large for a rule.")
