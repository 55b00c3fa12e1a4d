"""`clearance restore`: the histories of an export, back in a storage account that holds none."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from shared import bootstrap
from shared.cli import audit
from shared.cli.exits import NotPassed, told, usage
from shared.cli.export_file import lines_of, sha256_of
from shared.cli.options import EXITS
from shared.cli.output import line, paragraph
from shared.domain.errors import Unreadable
from shared.domain.visible import visible
from shared.settings import StoreSettings
from shared.workflow.plan_restore import RestorePlan, plan_restore
from shared.workflow.restore_histories import Destination, RestoreRefused, restore_histories, standing

EPILOG = (
    "Writes to the storage account by AzureWebJobsStorage or AzureWebJobsStorage__accountName, which must hold no history. "
    f"docs/upgrade.md says what comes before and after. {EXITS}"
)
_LINES_OF_PROGRESS = 10


def restore(
    export: Annotated[Path, typer.Argument(metavar="EXPORT.jsonl", exists=True, dir_okay=False)],
    checkpoint: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The one that was copied with the export")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask")] = False,
) -> None:
    """Bring exported histories back into an empty storage account, row by row as they were; publishes nothing again."""
    settings = _checked(export, yes=yes)
    with told():
        _verify(export, checkpoint)
        destination, sha256 = bootstrap.destination(settings, _wait), sha256_of(export)
        begun = standing(destination, sha256) == "begun"
        plan = plan_restore(destination.histories, lines_of(export))
        _show(plan, destination.place, sha256, begun=begun)
        if not yes and not typer.confirm("Write this?"):
            raise NotPassed("Nothing was written.")
        _write(destination, plan, export, sha256)
    line(f"Restored {len(plan.histories)} histories, {plan.rows} rows: the heads there are those of the export.")


def _checked(export: Path, *, yes: bool) -> StoreSettings:
    """What was typed and set; exit 2 where that has faults."""
    if not export.is_file():
        raise typer.BadParameter("It is read several times: expected a file, no pipe.", param_hint="EXPORT.jsonl")
    if not yes and not sys.stdin.isatty():
        raise typer.BadParameter("There is nobody to ask here: say it if it is meant.", param_hint="--yes")
    with usage():
        return StoreSettings.from_environment()


def _verify(export: Path, checkpoint: Path | None) -> None:
    report = audit.verify(export, checkpoint)
    audit.show_report(report)
    if not report.holds:
        raise NotPassed("Nothing was restored: take an export that holds, and the checkpoint that was copied with it.")
    if not report.histories:
        raise NotPassed("Nothing was restored: the export holds no history.")


def _show(plan: RestorePlan, place: str, sha256: str, *, begun: bool) -> None:
    lines = len(plan.histories) - plan.promotions
    line()
    line(f"from    the export with SHA-256 {sha256}")
    line(f"into    {place}")
    line(f"writes  {plan.promotions} promotions, {plan.open} of them open, and {lines} lines: {plan.rows} rows")
    line(f"claims  {len(plan.claims)} places in registries")
    for partition in plan.bare:
        line(f"  cannot be worked on until its bodies are put back  {partition}")
    if begun:
        line("A restore of this very export has begun there: what stands is left, the rest is written.")
    paragraph("No app may run on this account until it is done, and none on the old one ever again.")


def _write(destination: Destination, plan: RestorePlan, export: Path, sha256: str) -> None:
    try:
        with _progress(len(plan.histories)) as progress:
            restore_histories(destination, plan, lines_of(export), sha256, progress)
    except RestoreRefused as refused:
        raise NotPassed(str(refused), refused.faults) from refused
    except Unreadable as away:
        sentence = f"{away} What was written stays: the same command goes on from there."
        raise Unreadable(away.code, sentence, away.retry_after) from away


@contextmanager
def _progress(count: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal; elsewhere a line now and then. Both on standard error."""
    if sys.stderr.isatty():
        with typer.progressbar(length=count, label="Restoring", file=sys.stderr) as bar:
            yield lambda _done: bar.update(1)
        return
    step = max(1, count // _LINES_OF_PROGRESS)
    yield lambda done: print(f"{done} of {count} histories", file=sys.stderr, flush=True) if done % step == 0 else None


def _wait(seconds: float, trouble: Unreadable) -> None:
    print(f"{visible(str(trouble), 1000)} It is tried again in {seconds:g} s.", file=sys.stderr, flush=True)
    time.sleep(seconds)
