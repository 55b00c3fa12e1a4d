"""An export as a file: its lines, however long somebody has made them, and its SHA-256."""

from collections.abc import Iterator
from hashlib import file_digest
from pathlib import Path

from shared.domain.export import LONGEST_LINE

_SKIPPED_AT_ONCE = 1024 * 1024


def lines_of(file: Path) -> Iterator[str]:
    """The lines without line ends. One that is too long comes cut, and is refused with its number by whoever reads it.

    A byte that is no UTF-8 becomes half a surrogate pair, which is refused likewise.
    """
    with file.open("rb") as lines:
        while line := lines.readline(LONGEST_LINE + 2):
            whole = line.endswith(b"\n")
            while not whole:
                rest = lines.readline(_SKIPPED_AT_ONCE)
                whole = not rest or rest.endswith(b"\n")
            yield line.removesuffix(b"\n").decode("utf-8", "surrogateescape")


def sha256_of(file: Path) -> str:
    """The SHA-256 of its bytes as 64 lower-case hex digits."""
    with file.open("rb") as content:
        return file_digest(content, "sha256").hexdigest()
