"""A history as it stands in its store, for export and verification."""

from dataclasses import dataclass

from shared.domain.chain import Row, Tip


@dataclass(frozen=True, slots=True)
class RawHistory:
    """Rows as they were written: not decoded, and not checked. Large bodies are left where they are."""

    rows: tuple[Row, ...]
    head: Tip | None
