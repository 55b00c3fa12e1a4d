"""`clearance policy`: what a policy says of a version, and what a changed one would say, before it is merged."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from shared.cli import backtest as backtests
from shared.cli import policy_files as files
from shared.cli.backtest import day_or_instant
from shared.cli.backtest_report import backtest_document, markdown, show_backtest
from shared.cli.client import Client
from shared.cli.exits import REFUSED, told
from shared.cli.options import (
    EXITS,
    JsonOption,
    OutputOption,
    PromotionArgument,
    ServerOption,
    client_settings,
    present,
    promotion_id,
    promotion_path,
)
from shared.cli.output import Output, line, paragraph, print_json

FOLDER = Path("policies")

policy = typer.Typer(help="Policy as code.", no_args_is_help=True, rich_markup_mode=None)


@policy.command(epilog=EXITS)
def explain(
    promotion: PromotionArgument,
    round: Annotated[int | None, typer.Option(min=1, help="Which round; the latest unless said")] = None,
    server: ServerOption = None,
    output: OutputOption = Output.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Say what policy found: each rule, actual, expected, where the value came from, and the command that mends it."""
    id_, settings = promotion_id(promotion), client_settings(server)
    with told():
        document = Client(settings).get(f"{promotion_path(id_)}/explanation", {"round": round})
        present(document, _show_explanation, Output.JSON if as_json else output, settings)


@policy.command(epilog=EXITS)
def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE", help="Files or folders of policies; each folder is read whole [policies]"),
    ] = None,
    output: OutputOption = Output.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Read policies, people and cases, offline, and list every fault; exit 1 where there is one."""
    with told():
        checked = files.check(paths or [FOLDER])
    _answer(checked, files.show_check, Output.JSON if as_json else output)


@policy.command("test", epilog=EXITS)
def run_cases(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A file or folder of policies, read whole: *.yaml, *.test.yaml, directory/people.yaml",
        ),
    ] = FOLDER,
    output: OutputOption = Output.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Run the cases of policies, offline; exit 1 where one comes out otherwise, or something is left untried."""
    with told():
        tested = files.run_cases(path)
    _answer(tested, files.show_cases, Output.JSON if as_json else output)


@policy.command(epilog=f"Without --export it asks the app, for what CLEARANCE_TOKEN may read. {EXITS}")
def backtest(  # noqa: PLR0913, PLR0917 - each option is an argument
    since: Annotated[
        datetime, typer.Option("--from", parser=day_or_instant, metavar="DATE", help="Recorded from then on")
    ],
    until: Annotated[
        datetime | None, typer.Option("--to", parser=day_or_instant, metavar="DATE", help="Recorded before then")
    ] = None,
    folder: Annotated[Path, typer.Option(help="Holds the proposed policies, or a file of them")] = FOLDER,
    export: Annotated[
        Path | None, typer.Option(metavar="EXPORT.jsonl", exists=True, dir_okay=False, help="What `export` wrote")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many are named; all are counted")] = 50,
    server: ServerOption = None,
    output: OutputOption = Output.TABLE,
    as_json: JsonOption = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="For a comment on a pull request")] = False,
) -> None:
    """Replay proposed policies over recorded evidence: whose outcome would flip, and through which gate."""
    if as_markdown and (as_json or output is Output.JSON):
        raise typer.BadParameter("A report is Markdown or JSON: leave out one.", param_hint="--markdown")
    if until is not None and until <= since:
        raise typer.BadParameter("Nothing is recorded between the two: name a later day.", param_hint="--to")
    settings = None if export else client_settings(server)
    with told():
        folder = files.folder_of(folder)
        if export:
            found = backtests.from_export(folder, export, since, until, limit)
        elif settings:
            found = backtests.from_app(folder, settings, since, until, limit)
    report = backtest_document(found)
    if as_markdown:
        print(markdown(report), end="")
    elif as_json or output is Output.JSON:
        print_json(report)
    else:
        show_backtest(report)


def _answer(document: dict[str, Any], show: Callable[[dict[str, Any]], None], output: Output) -> None:
    print_json(files.in_parts(document)) if output is Output.JSON else show(document)
    if not document["ok"]:
        raise typer.Exit(REFUSED)


def _show_explanation(document: dict[str, Any]) -> None:
    line(f"{document['promotion']}  round {document['round']}  {document['outcome']}")
    for told_line in document["explanation"]:
        if told_line.startswith("  to mend:"):
            line(told_line)  # whole, to be copied
        else:
            paragraph(told_line.strip(), "  " if told_line.startswith(" ") else "")
