"""`clearance policy backtest`: recorded evaluations, from an export or from the app, judged by proposed policies."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer

from shared import bootstrap
from shared.cli.client import Client
from shared.cli.exits import in_our_form
from shared.cli.options import promotion_path
from shared.domain.backtest import Backtest
from shared.domain.ids import PromotionId
from shared.settings import ClientSettings

_PAGE = 200


def day_or_instant(text: str) -> datetime:
    """What was typed as a day, which begins at midnight UTC, or as an instant.

    Raises:
        typer.BadParameter: it is neither.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(
            "expected a day such as 2026-11-23, or an instant such as 2026-11-23T06:14:00Z"
        ) from error
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def from_export(folder: Path, export: Path, since: datetime, until: datetime | None, most: int) -> Backtest:
    """Judge the evaluations of an export, line by line.

    Raises:
        DocumentInvalid: the policies have faults, or the export is not whole.
    """
    with export.open(encoding="utf-8", errors="surrogateescape", newline="\n") as lines:
        whole = (text.rstrip("\n") for text in _shown(lines, export.stat().st_size))
        return bootstrap.backtest_export(folder, whole, since=since, until=until, most=most)


def from_app(folder: Path, settings: ClientSettings, since: datetime, until: datetime | None, most: int) -> Backtest:
    """Judge the evaluations that the caller may read, one promotion after the other.

    Raises:
        DocumentInvalid: the policies have faults.
        NotPassed: refused, or not reached.
    """
    with in_our_form(settings.server), _counting() as count:
        rows = (count(row) for row in _rows(Client(settings), since, until))
        return bootstrap.backtest_rows(folder, rows, most=most)


def _rows(client: Client, since: datetime, until: datetime | None) -> Iterator[tuple[str, Any]]:
    """Each evaluation's row, with its instant. A history is asked for once while its rounds come together."""
    asked = {"type": "EvaluationCompleted", "from": since.isoformat(), "to": until.isoformat() if until else None}
    cursor, known, history = None, "", dict[int, Any]()
    while True:
        page = client.get("/api/history", {**asked, "limit": _PAGE, "cursor": cursor})
        for entry in page["items"]:
            if entry["history"] != known:
                known = entry["history"]
                path = promotion_path(PromotionId.parse(known.removeprefix("promotion:")))
                history = {row["sequence"]: row for row in client.get(f"{path}/history")["items"]}
            row = history[entry["sequence"]]
            yield row["at"], row["data"]
        cursor = page["cursor"]
        if cursor is None:
            return


def _shown(lines: Iterator[str], size: int) -> Iterator[str]:
    """The lines, with a bar on a terminal that shows how much of the file is read."""
    if not sys.stderr.isatty():
        yield from lines
        return
    with typer.progressbar(length=size, label="Replaying", file=sys.stderr) as bar:
        for text in lines:
            yield text
            bar.update(len(text.encode("utf-8", "surrogateescape")))


@contextmanager
def _counting() -> Iterator[Any]:
    """A function that passes on what it is given, and counts it on a terminal: nobody knows how much will come."""
    counted = 0

    def count(row: Any) -> Any:
        nonlocal counted
        counted += 1
        if sys.stderr.isatty():
            print(f"\rReplaying  {counted} evaluations", end="", file=sys.stderr, flush=True)
        return row

    yield count
    if counted and sys.stderr.isatty():
        print(file=sys.stderr)
