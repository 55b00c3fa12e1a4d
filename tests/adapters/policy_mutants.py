"""Every value of a policy file changed in its text: numbers nudged, words bent, items and keys left out."""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

import yaml

Keys = tuple[str | int, ...]

# What some class or mode could be instead; any other word is bent.
INSTEAD = {
    "enforce": ["warn", "shadow", "off"],
    "shadow": ["warn", "enforce", "off"],
    "warn": ["shadow", "enforce", "off"],
    "Completed": ["Failed"],
    "true": ["false"],
}
CLASSES = {"public", "internal", "restricted", "confidential", "secret"}
PLANTS = {"north", "south", "east"}


class Mutant(NamedTuple):
    """A file with one value changed: where, into what, and its whole text."""

    keys: Keys
    what: str
    text: str

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.keys))}: {self.what}"


def mutants_of(text: str) -> Iterator[Mutant]:
    """Every mutant of a policy's text; a text that no longer is one is among them."""
    root = yaml.compose(text, yaml.SafeLoader)
    assert isinstance(root, yaml.MappingNode)
    yield from _mapping(text, (), root)


def _mapping(text: str, keys: Keys, node: yaml.MappingNode) -> Iterator[Mutant]:
    for key, value in node.value:
        inner = (*keys, key.value)
        if len(node.value) > 1:
            yield Mutant(inner, "left out", _without(text, node, (key, value)))
        yield from _node(text, inner, value)


def _node(text: str, keys: Keys, node: yaml.Node) -> Iterator[Mutant]:
    if isinstance(node, yaml.MappingNode):
        yield from _mapping(text, keys, node)
    elif isinstance(node, yaml.SequenceNode):
        yield from _sequence(text, keys, node)
    elif isinstance(node, yaml.ScalarNode):
        quote = "'" if node.style else ""
        for other in _others(keys, node.value):
            yield Mutant(keys, other, _put(text, node, f"{quote}{other}{quote}"))


def _sequence(text: str, keys: Keys, node: yaml.SequenceNode) -> Iterator[Mutant]:
    for index, item in enumerate(node.value):
        inner = (*keys, index)
        if len(node.value) > 1:
            yield Mutant(inner, "left out", _without(text, node, (item,)))
        yield from _node(text, inner, item)
    if keys[-1] == "one_of":
        held = {item.value for item in node.value}
        for value in sorted(next(each for each in (CLASSES, PLANTS) if held <= each) - held):
            items = [*(_source(text, item) for item in node.value), value]
            yield Mutant(keys, f"and {value}", _put(text, node, f"[{', '.join(items)}]"))


def _source(text: str, node: yaml.Node) -> str:
    return text[node.start_mark.index : node.end_mark.index].rstrip()


def _put(text: str, node: yaml.Node, other: str) -> str:
    return text[: node.start_mark.index] + other + text[node.start_mark.index + len(_source(text, node)) :]


def _without(text: str, node: yaml.CollectionNode, gone: tuple[yaml.Node, ...]) -> str:
    """The text without one pair of a mapping, or one item of a sequence."""
    if node.flow_style:
        pairs = [each if isinstance(each, tuple) else (each,) for each in node.value]
        left = [": ".join(_source(text, part) for part in pair) for pair in pairs if pair != gone]
        around = "{}" if isinstance(node, yaml.MappingNode) else "[]"
        return _put(text, node, around[0] + ", ".join(left) + around[1])
    lines = text.splitlines(keepends=True)
    first, last = gone[0].start_mark.line, gone[-1].start_mark.line + _source(text, gone[-1]).count("\n")
    return "".join(lines[:first] + lines[last + 1 :])


def _others(keys: Keys, value: str) -> Iterator[str]:
    if value in INSTEAD:
        yield from INSTEAD[value]
    elif keys[-1] == "pattern":
        yield from _patterns(value)
    elif span := re.fullmatch(r"(\d+)([mhd])", value):
        finer = {"m": 1, "h": 60, "d": 60}[span[2]]
        minutes = int(span[1]) * {"m": 1, "h": 60, "d": 1440}[span[2]]
        yield from (
            f"{minutes + change}m" if minutes < 99_999 else f"{(minutes + change) // 60}h" for change in (-finer, finer)
        )
    else:
        yield from _numbers(value) or (f"{value}x", f"x{value}")


def _numbers(value: str) -> list[str]:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return []
    little = Decimal("0.0000001") if "." in value else Decimal(1)
    return [f"{number - little:f}", f"{number + little:f}"]


def _patterns(pattern: str) -> Iterator[str]:
    """Any beginning, any end, each character left out, and each digit one up and one down."""
    yield from (f".*{pattern}", f"{pattern}.*", f"({pattern})?")
    for at, character in enumerate(pattern):
        yield pattern[:at] + pattern[at + 1 :]
        if character.isdigit():
            yield from (
                pattern[:at] + str(int(character) + up) + pattern[at + 1 :]
                for up in (-1, 1)
                if int(character) + up >= 0
            )
