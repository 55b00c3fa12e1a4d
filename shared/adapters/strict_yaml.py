"""YAML as plain values with the line of each, refusing what surprises or can be used to exhaust memory.

Refused: duplicate keys, anchors, aliases, tags, more than one document, deep nesting, numbers that are not plain
decimal. Only `true` and `false` are booleans (YAML 1.2), so that `no` stays the text it looks like.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import yaml

from shared.domain.decimals import number
from shared.domain.visible import quoted

Place = tuple[str | int, ...]

DEEPEST = 16
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|nan)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class YamlFault:
    """One fault: the line (from 1) and a sentence with the fix."""

    line: int
    sentence: str


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """A document read: None, bool, int, Decimal, str, list or dict; `lines` maps each place to its line (from 1)."""

    value: Any
    lines: Mapping[Place, int]
    faults: tuple[YamlFault, ...]

    def line_of(self, place: Place) -> int:
        """The line of `place`, or of the nearest thing around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


def read_yaml(content: bytes, largest: int) -> YamlDocument:
    """Read one document of at most `largest` bytes; faults are listed, never raised."""
    if len(content) > largest:
        return _broken(1, f"The file has {len(content)} bytes; at most {largest} are read. Split it.")
    try:
        text = content.decode("utf-8")
        refused = _refused(text)
        if refused:
            return YamlDocument(None, {}, tuple(refused))
        root = yaml.compose(text, yaml.SafeLoader)
    except UnicodeDecodeError as fault:
        return _broken(content[: fault.start].count(b"\n") + 1, "The file is not UTF-8: save it as UTF-8.")
    except yaml.MarkedYAMLError as fault:
        return _broken(
            _line(fault.problem_mark or fault.context_mark), f"This is not YAML: {fault.problem or fault.context}."
        )
    except yaml.YAMLError as fault:  # a reader error has a position in characters, no mark
        return _broken(1, f"This is not YAML: {' '.join(str(fault).split())}.")
    reading = _Reading({}, [])
    value = None if root is None else reading.value((), root)
    return YamlDocument(value, reading.lines, tuple(reading.faults))


def _broken(line: int, sentence: str) -> YamlDocument:
    return YamlDocument(None, {}, (YamlFault(line, sentence),))


def _line(mark: Any) -> int:
    """The line of a mark, from 1; yaml's types allow for none at all."""
    return mark.line + 1 if mark else 1


def _refused(text: str) -> list[YamlFault]:
    """Look through the stream of events, which costs no more than the text is long, before anything is built."""
    faults: list[YamlFault] = []
    depth = documents = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        line = _line(event.start_mark)
        documents += isinstance(event, yaml.DocumentStartEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            return [*faults, YamlFault(line, f"Nesting is deeper than {DEEPEST}: flatten it.")]
        if isinstance(event, yaml.AliasEvent):
            faults.append(YamlFault(line, f"The alias *{event.anchor} is not read: write the value out."))
        elif isinstance(event, yaml.NodeEvent) and event.anchor:
            faults.append(YamlFault(line, f"The anchor &{event.anchor} is not read: remove it."))
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag:
            faults.append(YamlFault(line, f"The tag {event.tag} is not read: remove it."))
    if documents > 1:
        faults.append(YamlFault(1, "There is more than one document: put each into a file of its own."))
    return faults


@dataclass(frozen=True, slots=True)
class _Reading:
    lines: dict[Place, int]
    faults: list[YamlFault]

    def value(self, place: Place, node: yaml.Node) -> Any:
        self.lines.setdefault(place, _line(node.start_mark))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(place, node)
        if isinstance(node, yaml.SequenceNode):
            return [self.value((*place, index), item) for index, item in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, place: Place, node: yaml.MappingNode) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, item in node.value:
            line = _line(key.start_mark)
            if not isinstance(key, yaml.ScalarNode):
                self.faults.append(YamlFault(line, "A key must be plain text."))
            elif key.value in found:
                first = self.lines[*place, key.value]
                self.faults.append(
                    YamlFault(line, f"The key {quoted(key.value)} stands on line {first} already: keep one.")
                )
            else:
                self.lines[*place, key.value] = line
                found[key.value] = self.value((*place, key.value), item)
        return found

    def _scalar(self, node: yaml.Node) -> Any:
        text, kind = node.value, node.tag.rpartition(":")[2]
        if kind == "null":
            return None
        if kind == "bool" and text.casefold() in {"true", "false"}:
            return text.casefold() == "true"
        if kind in {"int", "float"}:
            return self._number(node, text)
        return text

    def _number(self, node: yaml.Node, text: str) -> int | Decimal | None:
        if _INTEGER.fullmatch(text):
            return int(text)
        if _NOT_FINITE.fullmatch(text):
            return Decimal(text.replace(".", ""))
        value = number(text) if "." in text else None
        if value is None:
            sentence = f"{quoted(text)} is no plain decimal number: write it out, or quote it if it is text."
            self.faults.append(YamlFault(_line(node.start_mark), sentence))
        return value
