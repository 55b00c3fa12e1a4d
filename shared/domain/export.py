"""Histories as lines of JSON that anybody can keep, and their verification without any service (invariant 7).

docs/history-format.md specifies the lines and works one example through.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from shared.domain import strict_json
from shared.domain.canonical import canonical
from shared.domain.chain import Finding, Row, Tip, body_fits, check_chain
from shared.domain.errors import DocumentInvalid
from shared.domain.instants import instant_text
from shared.domain.merkle import Unprotected, check_against_checkpoint, read_checkpoint

SCHEMA = 1
LONGEST_LINE = 64 * 1024 * 1024
"""Bytes of one line."""
_DEEPEST = 64
_FAULTS_SHOWN = 20

_FIELDS: Mapping[str, Mapping[str, type]] = {
    "export": {"schema": int, "at": str, "version": str},
    "head": {"history": str, "sequence": int, "hash": str},
    "row": {
        **dict.fromkeys(("history", "previous", "at", "operation", "actor", "type", "body_sha256", "hash"), str),
        **dict.fromkeys(("sequence", "schema", "body_size"), int),
        "body": object,
    },
}


@dataclass(frozen=True, slots=True)
class BodyMissing:
    """A row whose body was not where it is kept when the export was made, or was not the one that was written."""

    history: str
    sequence: int


@dataclass(slots=True)
class _Read:
    """What an export holds: rows of each history in the order they come, without the bodies that fit, and heads."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    heads: dict[str, Tip] = field(default_factory=dict)
    without_body: list[BodyMissing] = field(default_factory=list)

    def take(self, document: dict[str, Any]) -> None:
        """One line; raises `DocumentInvalid` where it contradicts those before."""
        kind = document.pop("kind")
        if kind == "row":
            self._take_row(Row(**document))
        elif kind == "head":
            tip = Tip(**document)
            if self.heads.setdefault(tip.history, tip) != tip:
                raise DocumentInvalid("A line", [f"{tip.history} has another head above."])
        elif document["schema"] != SCHEMA:
            told = f"The export is of schema {document['schema']}, this program reads {SCHEMA}."
            raise DocumentInvalid("A line", [told])

    def _take_row(self, row: Row) -> None:
        if row.body is None:
            self.without_body.append(BodyMissing(row.history, row.sequence))
        fits = row.body is not None and body_fits(row)
        self.rows.setdefault(row.history, []).append(replace(row, body=None) if fits else row)


@dataclass(frozen=True, slots=True)
class Report:
    """What a verification found.

    `findings` is what is not as it was written, `unprotected` what no checkpoint speaks of yet, `without_body` are rows
    that hold by the digest of a body that the export lacks; `checkpoint_at` is None where none was given.
    """

    histories: int
    rows: int
    checkpoint_at: datetime | None
    findings: tuple[Finding, ...]
    unprotected: tuple[Unprotected, ...]
    without_body: tuple[BodyMissing, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether everything is as it was written, as far as can be told."""
        return not self.findings


def export_lines(histories: Iterable[tuple[Sequence[Row], Tip | None]], at: datetime, version: str) -> Iterator[str]:
    """Write histories, each with its rows and its head, as lines without line ends.

    Args:
        histories: rows as they stand in the store, and the head row, of one history after the other.
        at: when the export was made.
        version: the release that made it.
    """
    yield _line({"kind": "export", "schema": SCHEMA, "at": instant_text(at), "version": version})
    for rows, head in histories:
        for row in rows:
            yield _line({"kind": "row", **asdict(row)})
        if head is not None:
            yield _line({"kind": "head", **asdict(head)})


def verify_export(lines: Iterable[str], checkpoint: bytes | None = None) -> Report:
    """Check an export from its lines alone, and against a checkpoint where there is one.

    Raises:
        DocumentInvalid: a line is none of ours, or the checkpoint cannot be read; every fault with its line.
    """
    read = read_export(lines)
    rows, heads, bare = read.rows, read.heads, tuple(read.without_body)
    names = sorted(rows.keys() | heads.keys())
    findings = [found for name in names for found in check_chain(name, rows.get(name, []), heads.get(name))]
    counted = sum(len(each) for each in rows.values())
    hashes = {name: {row.sequence: row.hash for row in each} for name, each in rows.items()}
    if checkpoint is None:
        newer = tuple(Unprotected(name, 1, max(each)) for name, each in sorted(hashes.items()))
        return Report(len(names), counted, None, tuple(findings), newer, bare)
    document = read_checkpoint(checkpoint)
    compared = check_against_checkpoint(document, hashes, heads)
    told = tuple(_without_repeats([*findings, *compared.findings]))
    return Report(len(names), counted, document.at, told, compared.unprotected, bare)


def read_export(lines: Iterable[str]) -> _Read:
    """Read the rows of each history in the order they come, and the heads. A body that fits its digest is let go.

    Raises:
        DocumentInvalid: a line is none of ours; every fault with its line, the first twenty of them.
    """
    read = _Read()
    faults: list[str] = []
    for number, line in enumerate(lines, 1):
        try:
            read.take(line_document(line))
        except DocumentInvalid as error:
            faults += [f"Line {number}: {fault}" for fault in error.faults]
    refuse(faults)
    return read


def refuse(faults: Sequence[str]) -> None:
    """Refuse an export that has faults, with the first twenty of them and how many more there are.

    Raises:
        DocumentInvalid: there is a fault.
    """
    if faults:
        more = [f"{len(faults) - _FAULTS_SHOWN} more."] if len(faults) > _FAULTS_SHOWN else []
        raise DocumentInvalid("The export", [*faults[:_FAULTS_SHOWN], *more])


def _line(document: Mapping[str, Any]) -> str:
    return canonical(dict(document), "A line of the export").decode()


def line_document(line: str) -> dict[str, Any]:
    """One line as it was written: `kind`, and the fields of that kind.

    Raises:
        DocumentInvalid: it is none of ours; every fault of it.
    """
    try:
        content = line.encode()
    except UnicodeEncodeError as error:
        raise DocumentInvalid("A line", ["It holds half of a surrogate pair."]) from error
    document = strict_json.loads(content, max_bytes=LONGEST_LINE, max_depth=_DEEPEST, what="A line")
    if not isinstance(document, dict) or document.get("kind") not in tuple(_FIELDS):
        raise DocumentInvalid("A line", [f'It is no object whose "kind" is one of {", ".join(sorted(_FIELDS))}.'])
    wanted = _FIELDS[document["kind"]]
    faults = [
        f"{name} is missing, or not {kind.__name__}."
        for name, kind in wanted.items()
        if name not in document or (kind is not object and type(document[name]) is not kind)
    ]
    faults += [f"{name!r:.60} is not known." for name in document.keys() - wanted.keys() - {"kind"}]
    if faults:
        raise DocumentInvalid("A line", faults)
    return document


def _without_repeats(findings: Iterable[Finding]) -> Iterator[Finding]:
    """A missing end is told once, whether its head or the checkpoint tells it."""
    told: set[tuple[str, int | None, str]] = set()
    for finding in findings:
        key = (finding.history, finding.sequence, finding.kind)
        if key not in told:
            told.add(key)
            yield finding
