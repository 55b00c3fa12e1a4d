"""Faults of a YAML document as sentences: file, line, column, place, what is wrong and what to write instead."""

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from shared.adapters.strict_yaml import Place, YamlDocument
from shared.domain.visible import quoted, visible

MOST_FAULTS = 100
"""Faults of one file that are told at once: a file of other things entirely has thousands."""

# Sentences for the faults that pydantic finds; {input} and the names of its context may be used.
_SENTENCES: Mapping[str, str] = {
    "missing": "is missing: add it",
    "string_type": "must be text: put it in quotes",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "list_type": "must be a list, such as [a, b]",
    "dict_type": "must hold keys and values",
    "model_type": "must hold keys and values",
    "too_short": "is empty: list at least one",
    "too_long": "lists more than {max_length}: remove some",
    "string_too_short": "is empty: write something",
    "string_too_long": "is longer than {max_length} characters: shorten it",
    "string_pattern_mismatch": "is {input}: write what fits {pattern}",
    "literal_error": "is {input}; write {expected}",
    "greater_than_equal": "is {input}; write {ge} or more",
    "less_than_equal": "is {input}; write {le} or less",
}


def sentence_at(file: Path, document: YamlDocument, place: Place, sentence: str) -> str:
    """Put file, line, column and place before a sentence."""
    spoken = ".".join(visible(str(part)) for part in place)
    return f"{where(file, document, place)}: {spoken + ' ' if spoken else ''}{sentence}."


def where(file: Path, document: YamlDocument, place: Place) -> str:
    """`file:line:column` of a place, as editors and terminals link it."""
    return f"{visible(file.name)}:{document.position_of(place)}"


def yaml_faults(file: Path, document: YamlDocument) -> list[str]:
    """The faults that reading found, in the order of the file."""
    faults = sorted(document.faults, key=lambda fault: fault.at)
    told = [f"{visible(file.name)}:{fault.at}: {fault.sentence}" for fault in faults[:MOST_FAULTS]]
    return told + _untold(file, len(faults))


def model_faults(file: Path, document: YamlDocument, error: ValidationError, shape: type[BaseModel]) -> list[str]:
    """Every fault that `shape` found in the document, in the order of the file."""
    known = sorted(_keys(shape))
    placed = [
        (tuple(part for part in fault["loc"] if part != "[key]"), fault) for fault in error.errors(include_url=False)
    ]
    placed.sort(key=lambda each: document.position_of(each[0]))
    sentences = [sentence_at(file, document, place, _said(fault, known)) for place, fault in placed[:MOST_FAULTS]]
    return sentences + _untold(file, len(placed))


def _untold(file: Path, found: int) -> list[str]:
    more = found - MOST_FAULTS
    return [f"{visible(file.name)}: There are {more} faults more: mend these first."] if more > 0 else []


def _said(fault: Any, known: list[str]) -> str:
    kind, context = fault["type"], fault.get("ctx", {})
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(str(fault["loc"][-1]), known, n=1)
        return f"is no key known here: write {near[0]}, or remove it" if near else "is no key known here: remove it"
    if kind == "value_error":
        return str(context["error"])
    template = _SENTENCES.get(kind)
    if template is None:
        return f"is not valid: {fault['msg']}"
    return template.format(**{**context, "input": quoted(str(fault["input"]))})


def _keys(shape: type[BaseModel]) -> Iterator[str]:
    """The keys that a JSON Schema of `shape` knows, at any depth."""
    schema = shape.model_json_schema(by_alias=True)
    for part in (schema, *schema.get("$defs", {}).values()):
        yield from part.get("properties", {})
