"""A table for people: for a terminal of 80 columns, and as Markdown."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 80


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        heading: of the columns.
        rows: their cells.
        notes: headings of further columns, whose cells are sentences: a terminal shows them below.
        noted: the sentences of each row.
    """

    heading: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()
    noted: Sequence[Sequence[str]] = ()

    def markdown(self) -> str:
        """All columns side by side."""
        heading = [*self.heading, *self.notes]
        rows = [[*row, *self._noted(number)] for number, row in enumerate(self.rows)]
        return "\n".join(_markdown_row(row) for row in (heading, ["---"] * len(heading), *rows))

    def text(self) -> str:
        """Columns as wide as they must be, sentences wrapped below."""
        shown = [[_plain(cell) for cell in row] for row in (self.heading, *self.rows)]
        widths = [max(len(row[column]) for row in shown) for column in range(len(self.heading))]
        lines = [_text_row(row, widths) for row in shown]
        return "\n".join([*lines, *self._sentences()])

    def _sentences(self) -> list[str]:
        lines = []
        for number, row in enumerate(self.rows):
            told = [f"{note}: {said}" for note, said in zip(self.notes, self._noted(number), strict=True) if said]
            if told:
                lines += ["", *_wrapped(f"{row[0]}"), *(line for each in told for line in _wrapped(each, "    "))]
        return lines

    def _noted(self, number: int) -> Sequence[str]:
        return self.noted[number] if self.noted else ()


def paragraph(text: str) -> str:
    """Sentences wrapped for a terminal."""
    return "\n".join(_wrapped(text))


def _wrapped(text: str, indent: str = "  ") -> list[str]:
    return textwrap.wrap(_plain(text), WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False)


def _plain(text: str) -> str:
    return text.replace("`", "")


def _markdown_row(row: Sequence[str]) -> str:
    return f"| {' | '.join(row)} |"


def _text_row(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        cell.ljust(width) if column == 0 else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return ("  " + "  ".join([first, *others])).rstrip()
