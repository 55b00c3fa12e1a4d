"""`clearance access-report`: who can write, delete, get past Clearance or rewrite its history."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shared import bootstrap
from shared.cli.deployment_options import PrincipalOption, SettingsOption, deployment_settings, object_ids
from shared.cli.exits import REFUSED, UNREACHABLE, told, usage
from shared.cli.options import EXITS, OutputOption
from shared.cli.output import Output, heading, line, paragraph, print_json
from shared.domain.access_report import UNKNOWN_ROLE, Expected, Holding, Report, bears_on, report
from shared.domain.access_rights import RIGHTS
from shared.domain.checks.commands import list_definitions
from shared.domain.checks.finding import Unseen
from shared.domain.errors import InvalidId
from shared.domain.needed_actions import Part
from shared.domain.resource_ids import Resource, covers, segments
from shared.domain.visible import quoted
from shared.workflow.report_access import Seen, read_access

if TYPE_CHECKING:
    from shared.settings.deployment import DeploymentSettings

EPILOG = f"Without --assignments it reads them live, for what settings and --resource name. {EXITS}"
_NOTES = (
    "Groups are shown as groups: who is in one, only Microsoft Graph tells (az ad group member list).",
    "What somebody may activate for a while (Privileged Identity Management) is no assignment, and is not here.",
)
_OF_FILES = (
    "What az role assignment list prints for a scope leaves out what is assigned below it, on a table or a container: "
    "docs/checks.md has the call that lists that too."
)
_UNLISTED = Unseen("not_found", "No assignment is listed at or above it; was its scope listed?")
_INDENT = " " * 10


def access_report(  # noqa: PLR0913, PLR0917 - each option is an argument
    assignments: Annotated[
        list[Path] | None,
        typer.Option(
            exists=True, dir_okay=False, metavar="FILE.json", help="What az role assignment list -o json printed; may repeat"
        ),
    ] = None,
    definitions: Annotated[
        list[Path] | None,
        typer.Option(
            exists=True, dir_okay=False, metavar="FILE.json", help="What az role definition list -o json printed; may repeat"
        ),
    ] = None,
    resource: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="A further workspace, registry or storage account; may repeat"),
    ] = None,
    settings: SettingsOption = None,
    principal: PrincipalOption = None,
    people_principal: Annotated[
        list[str] | None,
        typer.Option(metavar="OBJECT_ID", help="The identity of an app that faces people only; may repeat"),
    ] = None,
    promoter_storage: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="A further account, of the promoter's package: other apps hold nothing there"),
    ] = None,
    accept: Annotated[
        list[str] | None,
        typer.Option(metavar="OBJECT_ID", help="Somebody known to hold more: shown, not flagged; may repeat"),
    ] = None,
    output: OutputOption = Output.TABLE,
) -> None:  # fmt: skip
    """Report who can write, delete or bypass each registry and workspace; exit 1 where the design does not have it so."""
    if definitions and not assignments:
        raise typer.BadParameter("they say what roles mean; name --assignments too", param_hint="--definitions")
    apps: dict[str, Part] = dict.fromkeys(object_ids(principal, "--principal"), "whole")
    apps |= dict.fromkeys(object_ids(people_principal, "--people-principal"), "people")
    expected = Expected(apps, frozenset(object_ids(accept, "--accept")), frozenset(promoter_storage or ()))
    with usage():
        further = [Resource.parse(each) for each in (*(resource or ()), *(promoter_storage or ()))]
    _refuse_others(further)
    with told():
        seen = _seen(assignments or [], definitions or [], further, settings)
    found = report(seen.resources, seen.access, expected)
    document = report_document(found, seen, (*_NOTES, _OF_FILES) if assignments else _NOTES)
    print_json(document) if output is Output.JSON else _show(document)
    if seen.unseen and not seen.resources:
        raise typer.Exit(UNREACHABLE)
    if not document["ok"]:
        raise typer.Exit(REFUSED)


def report_document(found: Report, seen: Seen, notes: Sequence[str] = _NOTES) -> dict[str, Any]:
    """The report as programs read it; `ok` is whether nothing is flagged and everything could be read."""
    resources = [
        {"id": each.id, "kind": each.kind, "name": each.name,
         "holdings": [_row(one) for one in found.holdings if one.resource == each]}
        for each in seen.resources
    ]  # fmt: skip
    return {
        "ok": not found.flagged and not seen.unseen,
        "resources": resources,
        "denials": [{"name": each.name, "scope": each.scope} for each in found.denials],
        "unseen": [{"name": name, "why": why.sentence} for name, why in seen.unseen.items()],
        "notes": list(notes),
    }


def _seen(
    assignments: Sequence[Path], definitions: Sequence[Path], further: Sequence[Resource], settings: Path | None
) -> Seen:
    if not assignments:
        loaded = deployment_settings(settings)
        _refuse_nothing(loaded, further)
        return read_access(bootstrap.deployment(loaded), further)
    access = bootstrap.read_az_files(assignments, definitions)
    told_of = deployment_settings(settings).told if settings else None
    named = [*(told_of.workspaces.values() if told_of else ()), *further]
    resources = {each.id.casefold(): each for each in (*named, *_in_scopes(each.scope for each in access.assignments))}
    registries = told_of.registries if told_of else ()
    if not (resources or registries):
        raise typer.BadParameter("nothing names a registry, workspace or storage account", param_hint="--resource")
    scopes = [each.scope for each in access.assignments]
    listed = [each for each in resources.values() if any(bears_on(scope, each) for scope in scopes)]
    whole = [each for each in listed if any(covers(scope, each.id) for scope in scopes)]
    unseen = {each.name: _UNLISTED for each in resources.values() if each not in whole}
    unseen |= {name: _UNLISTED for name in registries if not _has_registry(name, whole)}
    return Seen(tuple(listed), access, unseen)


def _has_registry(name: str, resources: Iterable[Resource]) -> bool:
    """Settings name a registry by its name alone, which is the only one of that name in Azure."""
    return any(each.kind == "registry" and each.name.casefold() == name.casefold() for each in resources)


def _refuse_others(further: Iterable[Resource]) -> None:
    """Nobody holds a right that is reported on other kinds: to say so would look like an answer."""
    if others := [each.id for each in further if each.kind not in RIGHTS]:
        raise typer.BadParameter(
            f"{', '.join(map(quoted, others))}: expected a {', '.join(RIGHTS)}", param_hint="--resource"
        )


def _refuse_nothing(loaded: "DeploymentSettings", further: Sequence[Resource]) -> None:
    if not (loaded.told.workspaces or loaded.told.registries or further):
        faults = "".join(f"\n- {fault}" for fault in loaded.told.faults)
        raise typer.BadParameter(
            f"settings name no workspace and no registry; name a file of settings, or resources.{faults}",
            param_hint="--settings, --resource",
        )


def _in_scopes(scopes: Any) -> list[Resource]:
    """The resources that scopes of assignments name, or lie below."""
    found = []
    for parts in (segments(scope)[:8] for scope in dict.fromkeys(scopes)):
        try:
            found.append(Resource.parse("/" + "/".join(parts)))
        except InvalidId:
            continue
    return [each for each in found if each.kind in RIGHTS]


def _row(each: Holding) -> dict[str, Any]:
    assignment = each.assignment
    return {
        "verdict": each.verdict,
        "right": each.right,
        "principal": assignment.principal,
        "principal_type": assignment.principal_type,
        "principal_name": assignment.principal_name,
        "role": each.role,
        "scope": assignment.scope,
        "inherited": each.inherited_from is not None,
        "below": each.below is not None,
        "condition": assignment.condition,
        "because": each.because,
        "command": list_definitions(each.resource.id) if each.right == UNKNOWN_ROLE else "",
    }


def _show(document: Mapping[str, Any]) -> None:
    for resource in document["resources"]:
        heading(f"{resource['kind']} {resource['name']}")
        line(f"{_INDENT}{resource['id']}")
        for row in resource["holdings"]:
            _show_row(row)
        if not resource["holdings"]:
            line(f"{_INDENT}nobody holds any of these rights")
    for denial in document["denials"]:
        heading("denied besides, and not taken into account")
        line(f"{_INDENT}{denial['name']} at {denial['scope']}")
    for each in document["unseen"]:
        heading(f"not looked at: {each['name']}")
        paragraph(each["why"], _INDENT)
    line()
    for note in document["notes"]:
        paragraph(note)


def _show_row(row: Mapping[str, Any]) -> None:
    name = f" ({row['principal_name']})" if row["principal_name"] else ""
    line(f"{row['verdict']:<8}  {row['right']}: {row['principal_type'] or 'principal'} {row['principal']}{name}")
    origin = f"inherited from {row['scope']}" if row["inherited"] else "assigned here"
    origin = "assigned below it" if row["below"] else origin
    bound = "; under a condition, not evaluated" if row["condition"] else ""
    paragraph(f"by {row['role']}, {origin}{bound}: {row['because']}", _INDENT)
    # What is to be copied is not wrapped.
    for whole in (row["scope"] if row["below"] else "", row["command"]):
        if whole:
            line(f"{_INDENT}{whole}")
