"""Frozen dataclasses as plain JSON values and back, with no guessing: a wrong type is a fault, never converted."""

from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from functools import partial
from types import GenericAlias
from typing import Any, TypeVar, get_args, get_origin

import cattrs
from cattrs.errors import ClassValidationError, ForbiddenExtraKeysError, IterableValidationError
from cattrs.gen import make_dict_structure_fn
from cattrs.v import transform_error

from shared.domain.errors import DocumentInvalid, InvalidId
from shared.domain.ids import Target
from shared.domain.instants import instant_text, parse_day, parse_instant, parse_time

T = TypeVar("T")


def strict_converter() -> cattrs.Converter:
    """A converter that refuses unknown keys and wrong types, and writes instants, days, times, spans and targets as text or number."""
    converter = cattrs.Converter(forbid_extra_keys=True, detailed_validation=True)
    for kind in (str, int, bool):
        converter.register_structure_hook(kind, _exactly(kind))
    converter.register_structure_hook(datetime, lambda value, _: parse_instant(_typed(value, str)))
    converter.register_unstructure_hook(datetime, instant_text)
    converter.register_structure_hook(date, lambda value, _: parse_day(_typed(value, str)))
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_structure_hook(time, lambda value, _: parse_time(_typed(value, str)))
    converter.register_unstructure_hook(time, lambda value: f"{value:%H:%M}")
    converter.register_structure_hook(timedelta, lambda value, _: timedelta(seconds=_typed(value, int)))
    converter.register_unstructure_hook(timedelta, _whole_seconds)
    converter.register_structure_hook(Target, lambda value, _: _target(_typed(value, str)))
    converter.register_unstructure_hook(Target, str)
    converter.register_unstructure_hook_factory(
        lambda kind: _origin(kind) is tuple, lambda _: lambda values: [converter.unstructure(value) for value in values]
    )
    own: Callable[[Any], bool]
    for own, factory in (
        (lambda kind: isinstance(kind, type) and is_dataclass(kind), _object),
        (lambda kind: _origin(kind) is tuple, _list),
        (lambda kind: _origin(kind) is Mapping, _mapping),
    ):
        converter.register_structure_hook_factory(own, partial(factory, converter))
    return converter


def structure(converter: cattrs.Converter, value: Any, kind: type[T], what: str) -> T:
    """Read a value.

    Raises:
        DocumentInvalid: with every fault and where it stands, `$` being the whole value.
    """
    try:
        return converter.structure(value, kind)
    except (ClassValidationError, IterableValidationError) as error:
        faults = transform_error(error, format_exception=_fault)
        raise DocumentInvalid(what, [f"{fault}." for fault in faults]) from error
    except TypeError as error:
        raise DocumentInvalid(what, [f"{error} @ $."]) from error


def _exactly(kind: type) -> Callable[[Any, Any], Any]:
    def read(value: Any, asked: Any) -> Any:
        found = _typed(value, kind)
        # An enumeration of texts is a text to cattrs, which would leave its members as they are written.
        return asked(found) if isinstance(asked, type) and issubclass(asked, Enum) else found

    return read


def _typed(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise TypeError(f"expected {_JSON_NAMES[kind]}, found {_JSON_NAMES.get(type(value), type(value).__name__)}")
    return value


_JSON_NAMES: Mapping[type, str] = {
    str: "a text",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    dict: "an object",
    float: "a number with a fraction",
    type(None): "null",
}


def _whole_seconds(span: timedelta) -> int:
    if span.microseconds:
        raise ValueError(f"a span is kept in whole seconds, and {span} is not")
    return span.days * 86_400 + span.seconds


def _target(text: str) -> Target:
    parts = text.split(":")
    if len(parts) != 3:
        raise InvalidId("target", text, "registry:name:version")
    return Target(*parts)


def _origin(kind: Any) -> Any:
    return get_origin(kind)


def _object(converter: cattrs.Converter, kind: Any) -> Callable[[Any, Any], Any]:
    read = make_dict_structure_fn(kind, converter, _cattrs_forbid_extra_keys=True)
    return lambda value, asked: read(_typed(value, dict), asked)


def _list(converter: cattrs.Converter, kind: Any) -> Callable[[Any, Any], Any]:
    """Tuples are lists in JSON; without the check of the type a text passes for a list of letters."""
    items = get_args(kind)
    as_list = GenericAlias(list, (items[0],))
    read = converter.get_structure_hook(as_list)
    length = None if items[-1] is ... else len(items)

    def as_tuple(value: Any, _: Any) -> Any:
        if length not in (None, len(_typed(value, list))):
            raise TypeError(f"expected a list of {length}, found one of {len(value)}")
        return tuple(read(value, as_list))

    return as_tuple


def _mapping(converter: cattrs.Converter, kind: Any) -> Callable[[Any, Any], Any]:
    as_dict = GenericAlias(dict, get_args(kind))
    read = converter.get_structure_hook(as_dict)
    return lambda value, _: read(_typed(value, dict), as_dict)


def _fault(error: BaseException, _: type | None) -> str:
    if isinstance(error, KeyError):
        return "required field missing"
    if isinstance(error, ForbiddenExtraKeysError):
        return f"unknown keys {', '.join(sorted(error.extra_fields))}"
    return str(error).rstrip(".")
