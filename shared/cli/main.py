"""The command `clearance`: over the HTTP API, and offline what needs no app."""

from pathlib import Path
from typing import Annotated

import typer

from shared.cli import access_report, audit, doctor
from shared.cli import history as histories
from shared.cli import restore as restoring
from shared.cli import webhook as webhooks
from shared.cli.client import Client
from shared.cli.exits import REFUSED, told, usage
from shared.cli.options import (
    EXITS,
    OutputOption,
    PromotionArgument,
    ServerOption,
    client_settings,
    present,
    promotion_id,
    promotion_path,
)
from shared.cli.output import Output, print_json
from shared.cli.policy import policy
from shared.cli.show import show_accepted, show_promotion
from shared.domain.visible import visible
from shared.settings import StoreSettings
from shared.version import __version__

app = typer.Typer(
    name="clearance",
    help="The gate between Azure ML workspaces and shared registries.",
    epilog=EXITS,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    add_completion=False,
)
webhook = typer.Typer(help="Decide as a tool does, by signed webhook.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(webhook, name="webhook")
app.add_typer(policy, name="policy")
app.command("doctor", epilog=doctor.EPILOG)(doctor.doctor)
app.command("restore", epilog=restoring.EPILOG)(restoring.restore)
app.command("access-report", epilog=access_report.EPILOG)(access_report.access_report)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"clearance {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version and exit")
    ] = False,
) -> None:
    """The gate between Azure ML workspaces and shared registries."""


@app.command(epilog=EXITS)
def show(promotion: PromotionArgument, server: ServerOption = None, output: OutputOption = Output.TABLE) -> None:
    """Show where a promotion stands, why, and what mends it."""
    id_, settings = promotion_id(promotion), client_settings(server)
    with told():
        present(Client(settings).get(promotion_path(id_)), show_promotion, output, settings)


@app.command("look-again", epilog=EXITS)
def look_again(
    promotion: PromotionArgument,
    comment: Annotated[str | None, typer.Option(help="Kept with the wish")] = None,
    server: ServerOption = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Have a version read and judged again now: after a tag was mended, a run ended, or it was given up."""
    _wish(promotion, "reevaluate", comment, server, output)


@app.command("give-up", epilog=EXITS)
def give_up(
    promotion: PromotionArgument,
    comment: Annotated[str, typer.Option(help="Why; shown to whoever looks at it")],
    server: ServerOption = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """End the waiting of a version that is waiting or blocked; refused once it has moved on."""
    _wish(promotion, "give-up", comment, server, output)


@app.command(epilog=EXITS)
def history(  # noqa: PLR0913, PLR0917 - each option is an argument
    promotion: Annotated[str | None, typer.Argument(metavar="[PROMOTION]", help="workspace:name:version")] = None,
    model: Annotated[str | None, typer.Option(help="Only of this model")] = None,
    actor: Annotated[str | None, typer.Option(help="Only by this person, or `clearance`")] = None,
    type: Annotated[str | None, typer.Option(help="Only events of this type, such as DecisionRecorded")] = None,
    since: Annotated[str | None, typer.Option("--from", help="A day or an instant, inclusive")] = None,
    until: Annotated[str | None, typer.Option("--to", help="A day or an instant, exclusive")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many entries")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Where the page before ended")] = None,
    server: ServerOption = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Show what happened: the rows of one promotion, or the timeline of all, newest first."""
    filters = {"model": model, "actor": actor, "type": type, "from": since, "to": until, "cursor": cursor}
    if promotion and any(filters.values()):
        raise typer.BadParameter("A promotion's history is whole: leave out the filters, or the promotion.")
    id_, settings = promotion_id(promotion) if promotion else None, client_settings(server)
    path, query = (f"{promotion_path(id_)}/history", None) if id_ else ("/api/history", filters | {"limit": limit})
    with told():
        document = Client(settings).get(path, query)
        present(document, histories.show_rows if id_ else histories.show_timeline, output, settings)


@webhook.command(epilog=f"The key comes from CLEARANCE_WEBHOOK_KEY alone. {EXITS}")
def send(  # noqa: PLR0913, PLR0917 - each option is an argument
    promotion: PromotionArgument,
    sender: Annotated[str, typer.Option(help="The sender's name in CLEARANCE_SENDERS")],
    approve: Annotated[bool, typer.Option("--approve/--reject", help="The verdict", show_default=False)],
    approver: Annotated[str, typer.Option("--as", help="Whom the sender speaks for, in a spelling of people.yaml")],
    evaluation: Annotated[
        str | None, typer.Option(help="Digest of what is answered; the current one is asked for")
    ] = None,
    comment: Annotated[str | None, typer.Option(help="Kept with the decision")] = None,
    limitations: Annotated[str | None, typer.Option(help="What the version must not be used for")] = None,
    ticket: Annotated[str | None, typer.Option(help="Where it was discussed")] = None,
    review_by: Annotated[str | None, typer.Option(help="A day, such as 2027-05-01")] = None,
    record: Annotated[
        list[str] | None, typer.Option(metavar="FIELD=TEXT", help="Of the release record; may repeat")
    ] = None,
    id: Annotated[str | None, typer.Option(help="Webhook id, to send the very same decision again")] = None,
    server: ServerOption = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Send one decision."""
    said = {"comment": comment, "limitations": limitations, "ticket": ticket, "review_by": review_by}
    decision = webhooks.Decision(
        promotion_id(promotion),
        "approve" if approve else "reject",
        approver,
        {**said, "release_record": _record(record or [])},
    )
    settings = client_settings(server)
    with told():
        digest = evaluation or webhooks.current_digest(settings, decision.promotion)
        answer = webhooks.send_decision(settings, sender, decision, digest, id)
        present(answer, webhooks.show_answer, output, settings)


@app.command(epilog=EXITS)
def verify(
    export: Annotated[Path, typer.Argument(metavar="EXPORT.jsonl", exists=True, dir_okay=False)],
    checkpoint: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The newest one, from where it is kept apart")
    ] = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Check exported histories, offline: an edit, a removal or a swap is found and the first bad row named."""
    with told():
        report = audit.verify(export, checkpoint)
    print_json(audit.report_document(report)) if output is Output.JSON else audit.show_report(report)
    if not report.holds:
        raise typer.Exit(REFUSED)


@app.command(epilog=f"Reads the storage account by AzureWebJobsStorage or AzureWebJobsStorage__accountName. {EXITS}")
def export(
    file: Annotated[Path, typer.Argument(metavar="EXPORT.jsonl", dir_okay=False, help="Written anew")],
    checkpoint: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Where to write the newest checkpoint, if there is one")
    ] = None,
) -> None:
    """Write every history as lines of JSON, for who may read the storage account."""
    with usage():
        settings = StoreSettings.from_environment()
    with told():
        written = audit.export(settings, file, checkpoint)
    print(f"{written} lines in {file}")


def _wish(promotion: str, wish: str, comment: str | None, server: str | None, output: Output) -> None:
    id_, settings = promotion_id(promotion), client_settings(server)
    with told():
        answer = Client(settings).wish(f"{promotion_path(id_)}/{wish}", comment)
        present(answer, show_accepted, output, settings)


def _record(fields: list[str]) -> dict[str, str]:
    pairs = [field.partition("=") for field in fields]
    if bad := [name for name, equals, text in pairs if not (name and equals and text)]:
        raise typer.BadParameter(f"{visible(', '.join(bad))}: expected FIELD=TEXT", param_hint="--record")
    return {name: text for name, _, text in pairs}
