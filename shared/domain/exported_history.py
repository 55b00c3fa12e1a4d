"""An export read one history at a time, so that no more than one is held at once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from shared.domain.chain import Row, Tip, check_chain
from shared.domain.errors import DocumentInvalid
from shared.domain.export import SCHEMA, line_document, refuse
from shared.domain.visible import visible


@dataclass(frozen=True, slots=True)
class ExportedHistory:
    """Lines of one history that stand together: its rows in the order they come, bodies included, and its head.

    `line` is the number of the first of them, from 1.
    """

    line: int
    partition: str
    rows: tuple[Row, ...]
    head: Tip | None


def exported_histories(lines: Iterable[str]) -> Iterator[ExportedHistory]:
    """The histories of an export, as they come. One whose lines do not stand together comes several times.

    Raises:
        DocumentInvalid: a line is none of ours; `verify_export` names every one of them.
    """
    return _grouped(_numbered(lines))


def whole_histories(lines: Iterable[str]) -> Iterator[ExportedHistory]:
    """The histories of an export of which nothing is missing, as far as its lines tell: each holds, and comes once.

    Raises:
        DocumentInvalid: it does not begin as an export does, a line is none of ours, or a history does not hold.
    """
    documents = _numbered(lines)
    begins = next(documents, None)
    if begins is None or begins[1]["kind"] != "export":
        refuse(["It does not begin with the line of an export: write it anew with `clearance export`."])
    elif begins[1]["schema"] != SCHEMA:
        refuse([f"It is of schema {begins[1]['schema']}, this program reads {SCHEMA}."])
    seen = set[str]()
    for history in _grouped(documents):
        refuse([f"{visible(history.partition)}: {fault}" for fault in _faults(history, seen)])
        seen.add(history.partition)
        yield history


def _faults(history: ExportedHistory, seen: set[str]) -> Iterator[str]:
    if history.partition in seen:
        yield f"its lines do not stand together, or twice: those from line {history.line} on are apart."
    findings = check_chain(history.partition, history.rows, history.head)
    if findings:
        yield f"{findings[0].sentence} What else is wrong says `clearance verify`: run it, then export anew."


def _numbered(lines: Iterable[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(lines, 1):
        try:
            yield number, line_document(line)
        except DocumentInvalid as error:
            raise DocumentInvalid("The export", [f"Line {number}: {fault}" for fault in error.faults]) from error


def _grouped(documents: Iterable[tuple[int, dict[str, Any]]]) -> Iterator[ExportedHistory]:
    told = ((number, document) for number, document in documents if document["kind"] != "export")
    for partition, group in groupby(told, key=lambda each: str(each[1]["history"])):
        (first, document), *others = group
        yield _history(first, partition, [document, *(each for _, each in others)])


def _history(line: int, partition: str, documents: list[dict[str, Any]]) -> ExportedHistory:
    fields = [(each.pop("kind"), each) for each in documents]
    heads = [Tip(**each) for kind, each in fields if kind == "head"]
    rows = tuple(Row(**each) for kind, each in fields if kind == "row")
    return ExportedHistory(line, partition, rows, heads[-1] if heads else None)
