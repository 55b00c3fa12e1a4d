"""A file read as far as it can be: what is faulty in one place hides nothing in another.

pydantic finds every fault of single values, and gives no document where there is one. So each value that cannot be read is
replaced by one that could stand there, and its place is kept as unread. What is then found between values is told only
where no unread one has a part in it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from shared.adapters.document_faults import (
    MOST_FAULTS,
    Said,
    fault_at,
    near_key,
    placed_errors,
    said_of,
    where,
    yaml_faults,
)
from shared.adapters.document_schema import keys_at, stand_in
from shared.adapters.plain_files import bytes_of
from shared.adapters.strict_yaml import Place, YamlDocument, read_yaml
from shared.domain.errors import DocumentInvalid
from shared.domain.faults import Fault, as_fault

T = TypeVar("T", bound=BaseModel)

_MOST_TIMES = 5  # a misspelt section may hold another one
_NO_KEY = "extra_forbidden"


class Finding(NamedTuple):
    """What is wrong between values: where it stands, what to say, and the places that have a part in it."""

    place: Place
    said: Said
    needs: tuple[Place, ...]


def finding(place: Place, fault: str, fix: str, *needs: Place) -> Finding:
    """A finding; without `needs` only what stands at its place has a part in it."""
    return Finding(place, Said(fault, fix), needs or (place,))


@dataclass(slots=True)
class Unread:
    """The places of what could not be read."""

    places: set[Place] = field(default_factory=set)
    around: set[Place] = field(default_factory=set)

    def add(self, place: Place) -> None:
        """Note a place."""
        self.places.add(place)
        self.around.update(place[:length] for length in range(len(place)))

    def covers(self, place: Place) -> bool:
        """Whether `place` is unread, or lies within what is."""
        return any(place[:length] in self.places for length in range(len(place) + 1))

    def touches(self, place: Place) -> bool:
        """Whether anything at, around or within `place` is unread."""
        return place in self.around or self.covers(place)


@dataclass(slots=True)
class Readable(Generic[T]):
    """One file. `value` is None where it is no document of its kind at all; `faults` are those of single values.

    `more` counts those beyond the most that are told. `renamed` leads from where a key was meant to stand to where it does.
    """

    path: Path
    document: YamlDocument
    value: T | None
    faults: list[Fault]
    unread: Unread
    renamed: dict[Place, Place]
    more: int = 0

    def written(self, place: Place) -> Place:
        """Where the file states what belongs at `place`."""
        for length in range(len(place), 0, -1):
            if place[:length] in self.renamed:
                return self.written((*self.renamed[place[:length]], *place[length:]))
        return place

    def states(self, place: Place) -> bool:
        """Whether the file states something at `place`, and it could be read."""
        return self.written(place) in self.document.positions and not self.unread.covers(place)

    def say(self, place: Place, said: Said) -> Fault:
        """A fault at a place of this file."""
        return fault_at(self.path, self.document, self.written(place), said)

    def where(self, place: Place) -> str:
        """`file:line:column` of a place."""
        return where(self.path, self.document, self.written(place))

    def told(self, findings: Iterable[Finding]) -> Iterator[Fault]:
        """The findings in which nothing unread has a part."""
        for found in findings:
            if not any(self.unread.touches(place) for place in found.needs):
                yield self.say(found.place, found.said)


def read_file(shape: type[T], path: Path, largest: int, empty: str) -> Readable[T]:
    """Read a file of at most `largest` bytes as a `shape`; where it is none, or may not be read, that is its one fault."""
    try:
        return read_as(shape, path, read_yaml(bytes_of(path, largest), largest), empty)
    except DocumentInvalid as invalid:
        return Readable(
            path, YamlDocument(None, {}, ()), None, [as_fault(each) for each in invalid.faults], Unread(), {}
        )


def read_as(shape: type[T], path: Path, document: YamlDocument, empty: str) -> Readable[T]:
    """Read a document as a `shape`; `empty` says what to do where there is nothing in the file."""
    reading: Readable[T] = Readable(path, document, None, list(yaml_faults(path, document)), Unread(), {})
    if document.value is None:
        if not document.faults:
            reading.faults.append(reading.say((), Said("The file is empty", empty)))
        return reading
    tree = _copied(document.value)
    for place in sorted(document.unread, key=len):
        _stand_in(reading, tree, place, shape)
    for _ in range(_MOST_TIMES):
        try:
            reading.value = shape.model_validate(tree)
        except ValidationError as error:
            errors = placed_errors(error)
            _tell(reading, errors, shape)
            if not all(place for place, _ in errors):
                break  # the whole is something else
            _mend(reading, tree, errors, shape)
        else:
            break
    return reading


def _tell(reading: Readable[T], errors: Sequence[tuple[Place, Any]], shape: type[BaseModel]) -> None:
    """Note the faults that are not noted yet: what stands in for something unread has none of its own."""
    new = [each for each in errors if not reading.unread.covers(each[0])]
    new.sort(key=lambda each: reading.document.position_of(reading.written(each[0])))
    for place, detail in new[:MOST_FAULTS]:
        reading.faults += [reading.say(place, said) for said in said_of(detail, shape)]
    reading.more += max(0, len(new) - MOST_FAULTS)


def _mend(reading: Readable[T], tree: Any, errors: Sequence[tuple[Place, Any]], shape: type[BaseModel]) -> None:
    """Put what can be read in the places of what cannot; misspelt keys first, for they may be those that are missing."""
    unknown = [place for place, detail in errors if detail["type"] == _NO_KEY]
    for place in unknown[:MOST_FAULTS]:
        _rename(reading, tree, place, shape)
    for place in unknown[MOST_FAULTS:]:
        _around(tree, place).pop(place[-1], None)
    keys = {place for place, detail in errors if detail["loc"][-1] == "[key]"}
    for place, detail in sorted(errors, key=lambda each: len(each[0])):
        if detail["type"] != _NO_KEY and place not in keys:
            _stand_in(reading, tree, place, shape, only_missing=detail["type"] == "missing")
    for place in keys:  # last, for what stands under them may be faulty too
        _around(tree, place).pop(place[-1], None)
        reading.unread.add(place)


def _rename(reading: Readable[T], tree: Any, place: Place, shape: type[BaseModel]) -> None:
    """Read what stands under a misspelt key as what was meant, where nothing else states that."""
    around, found = _around(tree, place), near_key(place, shape)
    value = around.pop(place[-1])
    if found in keys_at(shape, place[:-1]) and found not in around:
        around[found] = value
        reading.renamed[*place[:-1], found] = place


def _stand_in(
    reading: Readable[T], tree: Any, place: Place, shape: type[BaseModel], *, only_missing: bool = False
) -> None:
    """Put something in `place` that could stand there, unless what is around it is unread itself."""
    if not place or reading.unread.covers(place[:-1]):
        return
    around = _around(tree, place)
    if not (only_missing and place[-1] in around):
        reading.unread.add(place)
        around[place[-1]] = stand_in(shape, place)


def _around(tree: Any, place: Place) -> Any:
    for part in place[:-1]:
        tree = tree[part]
    return tree


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value
