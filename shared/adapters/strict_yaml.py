"""YAML as plain values with the position of each, refusing what surprises or can be used to exhaust memory.

Refused: duplicate keys, anchors, aliases, tags, more than one document, deep nesting, numbers that are not plain
decimal. Only `true` and `false` are booleans (YAML 1.2), so that `no` stays the text it looks like.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

import yaml
from yaml.reader import ReaderError

from shared.domain.decimals import number
from shared.domain.visible import quoted

Place = tuple[str | int, ...]

DEEPEST = 16
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|nan)", re.IGNORECASE)


class Position(NamedTuple):
    """Where something stands in a file: line and column, in characters, both from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.line}:{self.column}"


START = Position(1, 1)


@dataclass(frozen=True, slots=True)
class YamlFault:
    """One fault: where it stands, and a sentence with the fix."""

    at: Position
    sentence: str


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """A document read: None, bool, int, Decimal, str, list or dict.

    `positions` maps each place to where its key stands, or the item itself in a list. `unread` are the places of what is
    refused by itself, such as an alias: the value there means nothing, and that of its key is not known.
    """

    value: Any
    positions: Mapping[Place, Position]
    faults: tuple[YamlFault, ...]
    unread: frozenset[Place] = frozenset()

    def is_unread(self, place: Place) -> bool:
        """Whether `place` is unread, or lies within what is."""
        return any(place[:length] in self.unread for length in range(len(place) + 1)) if self.unread else False

    def position_of(self, place: Place) -> Position:
        """The position of `place`, or of the nearest thing around it."""
        while place and place not in self.positions:
            place = place[:-1]
        return self.positions.get(place, START)


class _Flat(yaml.SafeLoader):
    """Reads the first document, with nothing in the place of each alias, so that no value is read twice."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call] # types-PyYAML says nothing of it
        event.anchor = None
        if not isinstance(event, yaml.AliasEvent):
            return super().compose_node(parent, index)
        self.get_event()  # type: ignore[no-untyped-call] # the same
        return yaml.ScalarNode("tag:yaml.org,2002:null", "", event.start_mark, event.end_mark)  # type: ignore[arg-type] # both marks are one


def read_yaml(content: bytes, largest: int) -> YamlDocument:
    """Read one document of at most `largest` bytes; faults are listed, never raised."""
    if len(content) > largest:
        return _broken(START, f"The file has more than {largest} bytes: split it.")
    try:
        text = content.decode("utf-8")
        refused = _refused(text)
        if refused.is_bottomless:
            return YamlDocument(None, {}, tuple(refused.faults))
        loader = _Flat(text)
        root = loader.get_node() if loader.check_node() else None
    except UnicodeDecodeError as fault:
        return _broken(_after(content[: fault.start].decode("utf-8")), "The file is not UTF-8: save it as UTF-8.")
    except yaml.MarkedYAMLError as fault:
        return _broken(_position(fault.problem_mark or fault.context_mark), _no_yaml(fault.problem or fault.context))
    except ReaderError as fault:  # it has no mark
        sentence = f"The character {quoted(chr(fault.character))} may not stand in YAML: remove it."
        return _broken(_after(text[: fault.position]), sentence)
    reading = _Reading({}, refused.faults, refused.unread, set())
    value = None if root is None else reading.value((), root)
    return YamlDocument(value, reading.positions, tuple(reading.faults), frozenset(reading.places))


def _broken(at: Position, sentence: str) -> YamlDocument:
    return YamlDocument(None, {}, (YamlFault(at, sentence),))


def _no_yaml(problem: str | None) -> str:
    return f"This is not YAML ({problem}): mend it, or put text with special characters in quotes."


def _position(mark: Any) -> Position:
    """The position of a mark; yaml's types allow for none at all."""
    return Position(mark.line + 1, mark.column + 1) if mark else START


def _after(text: str) -> Position:
    return Position(text.count("\n") + 1, len(text) - text.rfind("\n"))


@dataclass(slots=True)
class _Refused:
    """What the stream of events holds that is not read; `unread` is where it stands."""

    faults: list[YamlFault] = field(default_factory=list)
    unread: set[Position] = field(default_factory=set)
    is_bottomless: bool = False

    def say(self, at: Position, sentence: str) -> None:
        self.faults.append(YamlFault(at, sentence))

    def leave(self, at: Position, sentence: str) -> None:
        self.unread.add(at)
        self.say(at, sentence)


def _refused(text: str) -> _Refused:
    """Look through the stream of events, which costs no more than the text is long, before anything is built."""
    refused = _Refused()
    depth = documents = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        at = _position(event.start_mark)
        documents += isinstance(event, yaml.DocumentStartEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            refused.say(at, f"Nesting is deeper than {DEEPEST}: flatten it.")
            refused.is_bottomless = True
            return refused
        if isinstance(event, yaml.AliasEvent):
            refused.leave(at, f"The alias *{event.anchor} is not read: write the value out.")
        elif isinstance(event, yaml.NodeEvent) and event.anchor:
            refused.say(at, f"The anchor &{event.anchor} is not read: remove it.")
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag:
            refused.leave(at, f"The tag {event.tag} is not read: remove it.")
    if documents > 1:
        refused.say(START, "There is more than one document: put each into a file of its own.")
    return refused


@dataclass(frozen=True, slots=True)
class _Reading:
    positions: dict[Place, Position]
    faults: list[YamlFault]
    unread: set[Position]
    places: set[Place]

    def value(self, place: Place, node: yaml.Node) -> Any:
        at = _position(node.start_mark)
        self.positions.setdefault(place, at)
        if at in self.unread:
            self.places.add(place)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(place, node)
        if isinstance(node, yaml.SequenceNode):
            return [self.value((*place, index), item) for index, item in enumerate(node.value)]
        return self._scalar(place, node)

    def _mapping(self, place: Place, node: yaml.MappingNode) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, item in node.value:
            at = _position(key.start_mark)
            if not isinstance(key, yaml.ScalarNode):
                self.faults.append(YamlFault(at, "A key is no plain text: write a name."))
            elif at in self.unread:
                continue
            elif key.value in found:
                first = self.positions[*place, key.value].line
                self.faults.append(
                    YamlFault(at, f"The key {quoted(key.value)} stands on line {first} already: keep one.")
                )
            else:
                self.positions[*place, key.value] = at
                found[key.value] = self.value((*place, key.value), item)
        return found

    def _scalar(self, place: Place, node: yaml.Node) -> Any:
        text, kind = node.value, node.tag.rpartition(":")[2]
        if kind == "null":
            return None
        if kind == "bool" and text.casefold() in {"true", "false"}:
            return text.casefold() == "true"
        if kind in {"int", "float"}:
            return self._number(place, node, text)
        return text

    def _number(self, place: Place, node: yaml.Node, text: str) -> int | Decimal | None:
        if _INTEGER.fullmatch(text):
            return int(text)
        if _NOT_FINITE.fullmatch(text):
            return Decimal(text.replace(".", ""))
        value = number(text) if "." in text else None
        if value is None:
            sentence = f"{quoted(text)} is no plain decimal number: write it out, or quote it if it is text."
            self.faults.append(YamlFault(_position(node.start_mark), sentence))
            self.places.add(place)
        return value
