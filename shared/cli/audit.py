"""`clearance export` and `clearance verify`: histories as lines of JSON, and their check without any service."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared import bootstrap
from shared.cli.export_file import lines_of
from shared.cli.output import line, paragraph
from shared.domain.chain import Row, Tip
from shared.domain.errors import DocumentInvalid
from shared.domain.export import Report, export_lines, verify_export
from shared.domain.ids import parse_partition
from shared.domain.instants import instant_text
from shared.domain.merkle import read_checkpoint
from shared.settings import StoreSettings
from shared.version import __version__

if TYPE_CHECKING:
    from shared.bootstrap import TableHistories


def export(settings: StoreSettings, file: Path, checkpoint: Path | None) -> int:
    """Write every history to `file`, and the newest checkpoint to `checkpoint` if there is one; returns the lines.

    A history is read as long as one of its rows stands, or the checkpoint speaks of it: `verify` says what is gone.

    Raises:
        Unreadable: the store cannot be reached.
    """
    histories, checkpoints = bootstrap.read_store(settings)
    document = checkpoints.latest()
    if checkpoint is not None and document is not None:
        checkpoint.write_bytes(document)
    protected = [head.history for head in read_checkpoint(document).heads] if document else []
    clock, _ = bootstrap.clock_and_ids()
    written = 0
    with file.open("w", encoding="utf-8", newline="\n") as out:
        for text in export_lines(_raw(histories, protected), clock.now(), __version__):
            out.write(f"{text}\n")
            written += 1
    return written


def verify(file: Path, checkpoint: Path | None) -> Report:
    """Check an export, and against a checkpoint where one is named.

    Raises:
        DocumentInvalid: a line is none of ours, or the checkpoint cannot be read.
    """
    return verify_export(lines_of(file), checkpoint.read_bytes() if checkpoint else None)


def report_document(report: Report) -> dict[str, Any]:
    """The report as JSON values."""
    return {
        "ok": report.holds,
        "histories": report.histories,
        "rows": report.rows,
        "checkpoint_at": instant_text(report.checkpoint_at) if report.checkpoint_at else None,
        "findings": [asdict(finding) for finding in report.findings],
        "unprotected": [asdict(newer) for newer in report.unprotected],
        "without_body": [asdict(row) for row in report.without_body],
    }


def show_report(report: Report) -> None:
    """What was checked, what is wrong, and what no checkpoint speaks of yet."""
    line(f"{report.histories} histories, {report.rows} rows: {'hold' if report.holds else 'DO NOT HOLD'}")
    for finding in report.findings:
        place = f" row {finding.sequence}" if finding.sequence is not None else ""
        line(f"  {finding.kind}  {finding.history}{place}")
        paragraph(finding.sentence, "    ")
    for bare in report.without_body:
        line(f"  body not at hand  {bare.history} row {bare.sequence}")
    _show_unprotected(report)


def _show_unprotected(report: Report) -> None:
    if report.checkpoint_at is None:
        paragraph("No checkpoint was given: whoever can write to the store could have chained every row anew.", "  ")
        return
    line(f"  checkpoint of {instant_text(report.checkpoint_at)}")
    for newer in report.unprotected:
        line(f"  not yet protected  {newer.history} rows {newer.first} to {newer.last}")


def _raw(histories: "TableHistories", protected: Iterable[str]) -> Iterator[tuple[tuple[Row, ...], Tip | None]]:
    for partition in dict.fromkeys([*histories.partitions(), *protected]):
        raw = histories.raw(parse_partition(partition))
        yield tuple(_whole(histories, row) for row in raw.rows), raw.head


def _whole(histories: "TableHistories", row: Row) -> Row:
    """With a body that is kept elsewhere; without it where that is gone or edited, which other rows do not suffer for."""
    try:
        return histories.with_body(row)
    except DocumentInvalid:
        return row
