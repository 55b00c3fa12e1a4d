"""A fault of a file: a sentence for people that knows its parts, for programs."""

from typing import Any, Self

_PARTS = ("file", "line", "column", "place", "fault", "fix")


class Fault(str):
    """`file:line:column: place fault: fix.` as text; the parts stand beside it.

    `file` is the path as it is shown; `line` and `column` are from 1, None for a fault of the file as a whole. `place` is
    the keys around it, `evidence.metrics.auc`, empty for the whole document. `fix` says what to do.
    """

    __slots__ = _PARTS

    file: str
    line: int | None
    column: int | None
    place: str
    fault: str
    fix: str

    def __new__(
        cls,
        text: str,
        *,
        file: str = "",
        at: tuple[int, int] | None = None,
        place: str = "",
        fault: str = "",
        fix: str = "",
    ) -> Self:
        """A fault said as `text`, at a line and column."""
        said = super().__new__(cls, text)
        said.file, said.place, said.fault, said.fix = file, place, fault or text, fix
        said.line, said.column = at or (None, None)
        return said

    @property
    def order(self) -> tuple[int, int]:
        """Where it stands in its file, from top to bottom."""
        return self.line or 0, self.column or 0

    def parts(self) -> dict[str, Any]:
        """The parts as JSON values, by name."""
        return {name: getattr(self, name) for name in _PARTS}


def as_fault(text: str) -> Fault:
    """A fault as it is, and any other sentence as one without parts."""
    return text if isinstance(text, Fault) else Fault(text)
