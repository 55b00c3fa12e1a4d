"""Events as plain JSON values and back: strict, versioned by type, and readable for ever (invariant 6).

A body is written whole at the newest schema version of its type. One of an older version is lifted by upcasters, one
version at a time. How each kind of value is written stands in docs/history-format.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from shared.adapters.strict_values import strict_converter, structure
from shared.domain.errors import DocumentInvalid
from shared.domain.events import Event

Body = dict[str, Any]
Upcaster = Callable[[Body], Body]

EVENT_TYPES: dict[str, type] = {kind.__name__: kind for kind in get_args(Event)}

# The newest schema version of each type that ever changed; every other type is at 1.
SCHEMAS: Mapping[str, int] = {}

# (type, version) -> what lifts a body of that version to the next one. An entry is never removed.
UPCASTERS: Mapping[tuple[str, int], Upcaster] = {}


@dataclass(frozen=True, slots=True)
class Encoded:
    """An event as a row holds it: the name of its type, the schema version, and the body as plain JSON values."""

    type: str
    schema: int
    body: Body


class EventCodec:
    """Writes events at the newest schema version and reads those of every version.

    Args:
        schemas: the newest version by type; a type that is not named is at 1.
        upcasters: by type and version, what lifts a body to the next version.
    """

    def __init__(
        self,
        schemas: Mapping[str, int] = SCHEMAS,
        upcasters: Mapping[tuple[str, int], Upcaster] = UPCASTERS,
    ) -> None:
        self._schemas = schemas
        self._upcasters = upcasters
        self._converter = strict_converter()

    def encode(self, event: Event) -> Encoded:
        """Write an event.

        Raises:
            DocumentInvalid: a value has no exact text: an instant without time zone, a span of part of a second.
        """
        kind = type(event).__name__
        try:
            body = self._converter.unstructure(event)
        except ValueError as error:
            raise DocumentInvalid(f"The event {kind}", [f"It cannot be written: {error}."]) from error
        return Encoded(kind, self.newest(kind), body)

    def newest(self, kind: str) -> int:
        """The schema version that a type is written at."""
        return self._schemas.get(kind, 1)

    def decode(self, kind: str, schema: int, body: Any) -> Event:
        """Read an event of any released version.

        Raises:
            DocumentInvalid: the type is unknown, the version is newer than this program, or the body has faults,
                all of them listed.
        """
        what = f"The event {kind} in schema version {schema}"
        known = EVENT_TYPES.get(kind)
        if known is None:
            raise DocumentInvalid(what, ["This program knows no such type: a newer release wrote it, use that one."])
        event: Event = structure(self._converter, self._lifted(what, kind, schema, body), known, what)
        return event

    def _lifted(self, what: str, kind: str, schema: int, body: Any) -> Any:
        newest = self.newest(kind)
        if not 1 <= schema <= newest:
            raise DocumentInvalid(what, [f"This program reads versions 1 to {newest}: use the release that wrote it."])
        for version in range(schema, newest):
            body = self._upcasters[kind, version](dict(body))
        return body


CODEC = EventCodec()
