"""Hypothesis strategies: any event of any type, with every kind of value that its fields may hold."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from shared.adapters.event_codec import EVENT_TYPES
from shared.domain.events import Event
from shared.domain.ids import Target

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - timezones says it
SPANS = st.integers(0, 10**8).map(lambda seconds: timedelta(seconds=seconds))
NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{1,20}", fullmatch=True)
TARGETS = st.builds(Target, NAMES, NAMES, NAMES)

_PLAIN: Mapping[Any, st.SearchStrategy[Any]] = {
    str: TEXTS,
    int: st.integers(-(2**53) + 1, 2**53 - 1),
    bool: st.booleans(),
    datetime: INSTANTS,
    time: st.builds(time, st.integers(0, 23), st.integers(0, 59)),
    date: st.dates(max_value=date(9000, 1, 1)),
    timedelta: SPANS,
    Target: TARGETS,
    NoneType: st.none(),
}


def values_of(kind: Any) -> st.SearchStrategy[Any]:
    """Any value that a field of this type may hold."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return st.one_of([values_of(argument) for argument in arguments])
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is Mapping:
        return st.dictionaries(*map(values_of, arguments), max_size=3)
    if origin is tuple:
        return _tuples(arguments)
    return st.sampled_from(kind) if issubclass(kind, Enum) else _objects(kind)


def _tuples(arguments: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    if arguments[-1] is ...:
        return st.lists(values_of(arguments[0]), max_size=3).map(tuple)
    return st.tuples(*map(values_of, arguments))


def _objects(kind: Any) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind)
    return st.builds(kind, **{field.name: values_of(hints[field.name]) for field in fields(kind)})


def events_of(kind: str) -> st.SearchStrategy[Event]:
    """Any event of one type."""
    return values_of(EVENT_TYPES[kind])


EVENTS = st.sampled_from(sorted(EVENT_TYPES)).flatmap(events_of)
