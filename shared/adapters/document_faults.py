"""Faults of a YAML document as sentences: file, line, place, what is wrong and what to write instead."""

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from shared.adapters.strict_yaml import Place, YamlDocument
from shared.domain.visible import quoted, visible

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
    "string_too_short": "is empty: write something",
    "string_too_long": "is longer than {max_length} characters: shorten it",
    "string_pattern_mismatch": "is {input}, which does not fit {pattern}",
    "literal_error": "is {input}; write {expected}",
    "greater_than_equal": "is {input}; write {ge} or more",
    "less_than_equal": "is {input}; write {le} or less",
}


def sentence_at(file: Path, document: YamlDocument, place: Place, sentence: str) -> str:
    """Put file, line and place before a sentence."""
    spoken = ".".join(visible(str(part)) for part in place)
    return f"{file.name}:{document.line_of(place)}: {spoken + ' ' if spoken else ''}{sentence}."


def yaml_faults(file: Path, document: YamlDocument) -> list[str]:
    """The faults that reading found, in order of lines."""
    faults = sorted(document.faults, key=lambda fault: fault.line)
    return [f"{file.name}:{fault.line}: {fault.sentence}" for fault in faults]


def model_faults(file: Path, document: YamlDocument, error: ValidationError, shape: type[BaseModel]) -> list[str]:
    """Every fault that `shape` found in the document."""
    known = sorted(_keys(shape))
    sentences = []
    for fault in error.errors(include_url=False):
        place = tuple(part for part in fault["loc"] if part != "[key]")
        sentences.append(sentence_at(file, document, place, _said(fault, known)))
    return sentences


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
