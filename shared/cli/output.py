"""What commands print: JSON as the server gave it, or text for people that no control character can disturb."""

import json
import textwrap
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from shared.domain.visible import visible

WIDTH = 80
_LONGEST = 4000


class Output(StrEnum):
    """How a command answers."""

    TABLE = "table"
    JSON = "json"


def print_json(document: Any) -> None:
    """JSON in ASCII: whatever is not plain is escaped."""
    print(json.dumps(document, indent=2, ensure_ascii=True))


def line(text: str = "") -> None:
    """One line as it is, for what is to be copied."""
    print(visible(text, _LONGEST))


def paragraph(text: str, indent: str = "") -> None:
    """Text wrapped at 80 columns."""
    shown = visible(text, _LONGEST)
    print(textwrap.fill(shown, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False))


def heading(text: str) -> None:
    """A title with an empty line before it."""
    print()
    line(text)


def columns(rows: Iterable[Sequence[Any]], indent: str = "") -> None:
    """Aligned columns, at most 80 wide: what does not fit is cut with `…` at the end of the line."""
    texts = [[visible(str(cell)) if cell is not None else "" for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    for row in texts:
        told = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print(visible(f"{indent}{told.rstrip()}", WIDTH))


def seconds(instant: str | None) -> str:
    """An instant to the second, in UTC: `2026-11-23 06:14:00Z`."""
    return f"{instant[:10]} {instant[11:19]}Z" if instant else ""
