"""Whether workspaces and registries answer; 403, 404 and "not yet" told apart."""

from dataclasses import dataclass
from datetime import datetime

from shared.domain.azure_facts import RegistryPlace
from shared.domain.checks.commands import get, list_roles, list_workspaces, set_setting, show_registry
from shared.domain.checks.finding import Finding, Unseen, finding
from shared.domain.checks.roles import Access, pending
from shared.domain.resource_ids import Resource


@dataclass(frozen=True, slots=True)
class Asker:
    """Who was refused, or not: as whom the checks run, and what that one was given on the resource.

    `judged` is whether it is one of the identities that the checks are about; else a refusal says nothing of the app.
    """

    principal: str
    judged: bool
    access: Access | Unseen | None = None


def judge_workspace(alias: str, workspace: Resource, seen: Unseen | None, asker: Asker, now: datetime) -> Finding:
    """Judge one workspace; `seen` is None where it answered."""
    if seen is None:
        return finding("workspace_answers", alias, f"{workspace.name} in {workspace.group} answers.")
    if seen.reason == "not_found":
        said = f"There is no workspace {workspace.name} in {workspace.group}: correct CLEARANCE_WORKSPACES."
        command = list_workspaces(workspace.subscription)
        return finding("workspace_not_found", alias, said, command, unseen=seen)
    if seen.reason != "forbidden" or not asker.judged:
        said = f"{workspace.name} could not be read by whoever runs this."
        return finding("workspace_unseen", alias, said, list_roles(asker.principal, workspace.id), unseen=seen)
    return _refused("workspace", alias, f"{workspace.name} may not be read", workspace.id, seen, asker, now)


def judge_registry(
    name: str, place: RegistryPlace | Unseen, host: str, known: Resource | None, asker: Asker, now: datetime
) -> Finding:
    """Judge one registry by what discovery answered.

    Args:
        name: of the registry.
        place: where it is served.
        host: of the discovery service that was asked.
        known: the registry as the resource manager lists it, where it does.
        asker: who asked.
        now: this instant.
    """
    if isinstance(place, RegistryPlace):
        return _placed(name, place)
    if place.reason in {"unreachable", "timeout"}:
        said = f"The discovery host {host} gives no answer; the app must be able to reach it."
        return finding("registry_unreachable", name, said, get(f"https://{host}/"), unseen=place)
    if place.reason != "forbidden" or not asker.judged:
        said = f"Registry {name} could not be looked up by whoever runs this."
        return finding("registry_unseen", name, said, show_registry(name), unseen=place)
    if known is None:
        said = f"Registry {name} may not be read, or there is none of that name: Azure answers the same to both."
        return finding("registry_forbidden", name, said, show_registry(name), unseen=place)
    return _refused("registry", name, f"Registry {name} may not be read", known.id, place, asker, now)


def _placed(name: str, place: RegistryPlace) -> Finding:
    if place.trusted:
        return finding("registry_answers", name, f"It is served by {place.host}.")
    said = f"It is served by {place.host}, a host that gets no token of ours: add it to CLEARANCE_TRUSTED_HOSTS if it is right."
    return finding("registry_foreign_host", name, said, set_setting("CLEARANCE_TRUSTED_HOSTS"))


def _refused(what: str, about: str, sentence: str, scope: str, seen: Unseen, asker: Asker, now: datetime) -> Finding:
    command = list_roles(asker.principal, scope)
    if why := pending(asker.access, now):
        return finding(f"{what}_role_pending", about, f"{sentence} yet: {why}.", command)
    return finding(f"{what}_forbidden", about, f"{sentence}.", command, unseen=seen)
