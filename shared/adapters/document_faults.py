"""Faults of a YAML document as sentences: file, line, column, place, what is wrong and what to write instead."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from shared.adapters.document_schema import keys_at, schema_of
from shared.adapters.plain_files import file_fault, shown
from shared.adapters.strict_yaml import Place, Position, YamlDocument
from shared.domain.faults import Fault
from shared.domain.visible import quoted, visible

MOST_FAULTS = 100
"""Faults of one file that are told at once: a file of other things entirely has thousands."""


class Said(NamedTuple):
    """What is wrong, going on from the place, and what to do about it."""

    fault: str
    fix: str = ""
    text: str = ""

    def __str__(self) -> str:
        return self.text or (f"{self.fault}: {self.fix}" if self.fix else self.fault)


class Unfit(ValueError):
    """Why a value is none of its kind; where more than one thing is wrong with it, all of them."""

    def __init__(self, fault: str, fix: str, *others: tuple[str, str]) -> None:
        self.said = (Said(fault, fix), *(Said(*other) for other in others))
        super().__init__(", and ".join(map(str, self.said)))


# What is said of the faults that pydantic finds; {input} and the names of its context may be used.
_SENTENCES: Mapping[str, Said] = {
    "missing": Said("is missing", "add it"),
    "string_type": Said("is no text", "put it in quotes", "must be text: put it in quotes"),
    "bool_type": Said("is neither true nor false", "write true or false", "must be true or false"),
    "int_type": Said("is no whole number", "write a whole number", "must be a whole number"),
    "list_type": Said("is no list", "write a list, such as [a, b]", "must be a list, such as [a, b]"),
    "dict_type": Said("holds no keys", "write keys and values", "must hold keys and values"),
    "model_type": Said("holds no keys", "write keys and values", "must hold keys and values"),
    "too_short": Said("is empty", "list at least one"),
    "too_long": Said("lists more than {max_length}", "remove some"),
    "string_too_short": Said("is empty", "write something"),
    "string_too_long": Said("is longer than {max_length} characters", "shorten it"),
    "string_pattern_mismatch": Said("is {input}", "write what fits {pattern}"),
    "literal_error": Said("is {input}", "write {expected}", "is {input}; write {expected}"),
    "greater_than_equal": Said("is {input}", "write {ge} or more", "is {input}; write {ge} or more"),
    "less_than_equal": Said("is {input}", "write {le} or less", "is {input}; write {le} or less"),
}


def fault_at(file: Path, document: YamlDocument, place: Place, said: Said) -> Fault:
    """A fault with its file, line, column and place before it."""
    spoken = ".".join(visible(str(part)) for part in place)
    at = document.position_of(place)
    text = f"{shown(file)}:{at}: {spoken + ' ' if spoken else ''}{said}."
    return Fault(text, file=shown(file), at=(at.line, at.column), place=spoken, fault=said.fault, fix=said.fix)


def sentence_at(file: Path, document: YamlDocument, place: Place, sentence: str) -> Fault:
    """The same for a sentence, whose part behind the last `: ` says what to do."""
    fault, _, fix = sentence.rpartition(": ")
    return fault_at(file, document, place, Said(fault or sentence, fix if fault else "", sentence))


def where(file: Path, document: YamlDocument, place: Place) -> str:
    """`file:line:column` of a place, as editors and terminals link it."""
    return f"{shown(file)}:{document.position_of(place)}"


def yaml_faults(file: Path, document: YamlDocument) -> list[Fault]:
    """The faults that reading found, in the order of the file."""
    faults = sorted(document.faults, key=lambda fault: fault.at)
    return told([_yaml_fault(file, fault.at, fault.sentence) for fault in faults[: MOST_FAULTS + 1]], file, len(faults))


def _yaml_fault(file: Path, at: Position, sentence: str) -> Fault:
    fault, _, fix = sentence.rstrip(".").rpartition(": ")
    return Fault(f"{shown(file)}:{at}: {sentence}", file=shown(file), at=(at.line, at.column), fault=fault, fix=fix)


def model_faults(file: Path, document: YamlDocument, error: ValidationError, shape: type[BaseModel]) -> list[Fault]:
    """Every fault that `shape` found in the document, in the order of the file."""
    found = [each for each in placed_errors(error) if not document.is_unread(each[0])]
    found.sort(key=lambda each: document.position_of(each[0]))
    faults = [
        fault_at(file, document, place, said)
        for place, detail in found[: MOST_FAULTS + 1]
        for said in said_of(detail, shape)
    ]
    return told(faults, file, max(len(found), len(faults)))


def placed_errors(error: ValidationError) -> list[tuple[Place, Any]]:
    """Each error with the place it stands at; that of a key is the key's own."""
    errors = error.errors(include_url=False)
    return [(tuple(part for part in detail["loc"] if part != "[key]"), detail) for detail in errors]


def told(faults: Sequence[Fault], file: Path, found: int) -> list[Fault]:
    """The faults that anybody reads, and how many of all that were found are not among them."""
    more = found - MOST_FAULTS
    if more <= 0:
        return list(faults)
    return [*faults[:MOST_FAULTS], file_fault(file, f"There are {more} faults more", "mend these first")]


def said_of(detail: Any, shape: type[BaseModel]) -> Iterator[Said]:
    """What is said of one error that pydantic found in a `shape`."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        near = near_key(detail["loc"], shape)
        yield Said("is no key known here", f"write {near}, or remove it" if near else "remove it")
    elif kind == "value_error":
        error = context["error"]
        yield from error.said if isinstance(error, Unfit) else [_split(str(error))]
    elif kind in _SENTENCES:
        values = {**context, "input": quoted(str(detail["input"]))}
        yield Said(*(part.format(**values) for part in _SENTENCES[kind]))
    else:
        yield Said(f"is not valid: {detail['msg']}")


def _split(sentence: str) -> Said:
    fault, _, fix = sentence.rpartition(": ")
    return Said(fault or sentence, fix if fault else "", sentence)


def near_key(place: Place, shape: type[BaseModel]) -> str | None:
    """The key that was probably meant at `place`: one that may stand there, else one of `shape` at any depth."""
    for known in (sorted(keys_at(shape, place[:-1])), _keys(shape)):
        if near := difflib.get_close_matches(str(place[-1]), known, n=1):
            return near[0]
    return None


@cache
def _keys(shape: type[BaseModel]) -> list[str]:
    """The keys that a shape knows, at any depth."""
    schema = schema_of(shape)
    return sorted(key for part in (schema, *schema.get("$defs", {}).values()) for key in part.get("properties", {}))
