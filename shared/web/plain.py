"""An event as plain JSON values, in the very form that docs/history-format.md fixes for the body of a row."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.domain.ids import Target
from shared.domain.instants import instant_text


def plain(value: Any) -> Any:  # noqa: PLR0911 - one line a kind of value
    """Dataclasses become objects, instants and targets texts, spans whole seconds."""
    match value:
        case None | bool() | int():
            return value
        case str():
            return str(value)
        case datetime():
            return instant_text(value)
        case timedelta():
            return value.days * 86_400 + value.seconds
        case Target():
            return str(value)
        case Mapping():
            return {key: plain(item) for key, item in value.items()}
        case tuple() | list():
            return [plain(item) for item in value]
        case _ if is_dataclass(value):
            return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        case _:
            raise TypeError(f"{type(value).__name__} has no plain form")
