"""Every history as lines of JSON that anybody can keep and check without any service (docs/history-format.md)."""

from collections.abc import Iterator, Sequence

from shared.domain.chain import Row, Tip
from shared.domain.export import export_lines
from shared.ports import every
from shared.workflow.outside import Outside


def export_histories(outside: Outside) -> Iterator[str]:
    """All histories, promotions and lines, one page of heads at a time; lines without line ends."""
    return export_lines(_histories(outside), outside.clock.now(), outside.version)


def _histories(outside: Outside) -> Iterator[tuple[Sequence[Row], Tip | None]]:
    for head in every(outside.histories.heads):
        raw = outside.histories.raw(head.id)
        yield raw.rows, raw.head
