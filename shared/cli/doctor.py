"""`clearance doctor`: whether a deployment stands as it must, each finding with the command that mends it."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, get_args

import typer

from shared import bootstrap
from shared.cli.deployment_options import PrincipalOption, SettingsOption, app_url, deployment_settings, object_ids
from shared.cli.exits import REFUSED, UNREACHABLE
from shared.cli.options import EXITS, OutputOption
from shared.cli.output import Output, line, paragraph, print_json
from shared.domain.checks.finding import Finding, State, nothing_reached
from shared.version import __version__
from shared.workflow.check_deployment import check_deployment

EPILOG = (
    "Settings come from the environment, as the app's do, or from --settings FILE. Without --principal the roles of "
    f"whoever runs it are judged. {EXITS}"
)

_INDENT = " " * 9


def doctor(
    settings: SettingsOption = None,
    principal: PrincipalOption = None,
    app: Annotated[
        str | None, typer.Option(metavar="URL", help="Where the app is; CLEARANCE_PUBLIC_URL of the settings")
    ] = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Check a deployment: providers, events, roles, storage, sign-in, versions; exit 1 where something must be mended."""
    principals = object_ids(principal, "--principal")
    findings = check_deployment(bootstrap.deployment(deployment_settings(settings, app_url(app))), principals)
    print_json(findings_document(findings)) if output is Output.JSON else show_findings(findings)
    if nothing_reached(findings):
        raise typer.Exit(UNREACHABLE)
    if any(each.state == "problem" for each in findings):
        raise typer.Exit(REFUSED)


def findings_document(findings: Sequence[Finding]) -> dict[str, Any]:
    """The findings as programs read them; `ok` is whether nothing must be mended."""
    rows = [
        {"check": each.check, "about": each.about, "state": each.state, "kind": each.kind,
         "sentence": each.sentence, "command": each.command}
        for each in findings
    ]  # fmt: skip
    return {"ok": all(each.state != "problem" for each in findings), "version": __version__, "findings": rows}


def show_findings(findings: Sequence[Finding]) -> None:
    """Each finding: how it stands, what it is about, the sentence, and the command as it is to be copied."""
    for each in findings:
        line(f"{each.state:<7}  {each.check}{f': {each.about}' if each.about else ''}")
        paragraph(each.sentence, _INDENT)
        if each.command:
            line(f"{_INDENT}{each.command}")
    counted = Counter(each.state for each in findings)
    told = ", ".join(f"{counted[state]} {state}" for state in get_args(State))
    line()
    line(f"{len(findings)} findings: {told}.")
    line("docs/checks.md says what each means.")
