"""Findings: what a check of a deployment says, and how it stands. docs/checks.md has a row for each kind."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

T = TypeVar("T")

State = Literal["ok", "problem", "waiting", "unknown"]
"""problem: something must be mended. waiting: nothing is, something has still to happen. unknown: it could not be seen."""

Check = Literal[
    "settings",
    "identity",
    "clock",
    "providers",
    "workspaces",
    "registries",
    "events",
    "roles",
    "storage",
    "policies",
    "policy_build",
    "senders",
    "sign_in",
    "app",
]

KINDS: Mapping[str, tuple[Check, State]] = {
    "settings_read": ("settings", "ok"),
    "setting_faulty": ("settings", "problem"),
    "setting_not_looked_at": ("settings", "unknown"),
    "identity_known": ("identity", "ok"),
    "identity_of_other_tenant": ("identity", "problem"),
    "identity_unseen": ("identity", "unknown"),
    "clock_agrees": ("clock", "ok"),
    "clock_differs": ("clock", "problem"),
    "clock_unseen": ("clock", "unknown"),
    "provider_registered": ("providers", "ok"),
    "provider_not_registered": ("providers", "problem"),
    "provider_registering": ("providers", "waiting"),
    "provider_unseen": ("providers", "unknown"),
    "workspace_answers": ("workspaces", "ok"),
    "workspace_not_found": ("workspaces", "problem"),
    "workspace_forbidden": ("workspaces", "problem"),
    "workspace_role_pending": ("workspaces", "waiting"),
    "workspace_unseen": ("workspaces", "unknown"),
    "registry_answers": ("registries", "ok"),
    "registry_forbidden": ("registries", "problem"),
    "registry_foreign_host": ("registries", "problem"),
    "registry_unreachable": ("registries", "problem"),
    "registry_role_pending": ("registries", "waiting"),
    "registry_unseen": ("registries", "unknown"),
    "events_arrive": ("events", "ok"),
    "system_topic_missing": ("events", "problem"),
    "subscription_missing": ("events", "problem"),
    "subscription_not_provisioned": ("events", "problem"),
    "subscription_pending": ("events", "waiting"),
    "event_types_missing": ("events", "problem"),
    "dead_letter_missing": ("events", "problem"),
    "events_dead_lettered": ("events", "problem"),
    "events_dropped": ("events", "problem"),
    "events_undelivered": ("events", "problem"),
    "events_unseen": ("events", "unknown"),
    "deliveries_unseen": ("events", "unknown"),
    "roles_suffice": ("roles", "ok"),
    "action_missing": ("roles", "problem"),
    "action_denied": ("roles", "problem"),
    "role_conditional": ("roles", "unknown"),
    "roles_unseen": ("roles", "unknown"),
    "storage_answers": ("storage", "ok"),
    "storage_part_missing": ("storage", "problem"),
    "storage_forbidden": ("storage", "problem"),
    "storage_unreachable": ("storage", "problem"),
    "storage_role_pending": ("storage", "waiting"),
    "storage_unseen": ("storage", "unknown"),
    "messages_set_aside": ("storage", "waiting"),
    "policies_load": ("policies", "ok"),
    "policy_faulty": ("policies", "problem"),
    "policy_build_sane": ("policy_build", "ok"),
    "policy_build_in_future": ("policy_build", "problem"),
    "policy_build_placeholder": ("policy_build", "problem"),
    "policy_build_unseen": ("policy_build", "unknown"),
    "senders_known": ("senders", "ok"),
    "senders_none": ("senders", "waiting"),
    "sender_person_unknown": ("senders", "problem"),
    "senders_unseen": ("senders", "unknown"),
    "sign_in_on": ("sign_in", "ok"),
    "sign_in_not_configured": ("sign_in", "problem"),
    "page_open_to_anybody": ("sign_in", "problem"),
    "sign_in_unseen": ("sign_in", "unknown"),
    "app_answers": ("app", "ok"),
    "app_unreachable": ("app", "problem"),
    "app_is_another": ("app", "problem"),
    "app_settings_faulty": ("app", "problem"),
    "app_version_differs": ("app", "problem"),
    "port_does_not_answer": ("app", "problem"),
    "app_unseen": ("app", "unknown"),
}
"""Every kind of finding, with the check it belongs to and how that stands then; checks in the order they are shown."""

_OUTSIDE: frozenset[Check] = frozenset({"clock", "providers", "workspaces", "registries", "events", "storage", "app"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check says.

    `about` names what it is about, a workspace's alias for example, and may be empty; `command` is what mends or shows
    it, empty where there is nothing to do. `reached` is whether anything outside answered at all for it.
    """

    kind: str
    about: str
    sentence: str
    command: str = ""
    reached: bool = True

    @property
    def check(self) -> Check:
        """The check it belongs to."""
        return KINDS[self.kind][0]

    @property
    def state(self) -> State:
        """How that stands."""
        return KINDS[self.kind][1]


@dataclass(frozen=True, slots=True)
class Unseen:
    """What could not be read, and why. `reason` is how the outside answered, in the words of docs/runbook.md."""

    reason: str
    sentence: str

    @property
    def reached(self) -> bool:
        """Whether there was any answer."""
        return self.reason not in {"unreachable", "no_token"}


def finding(kind: str, about: str, sentence: str, command: str = "", *, unseen: Unseen | None = None) -> Finding:
    """One finding of a known kind; with `unseen`, the sentence is followed by why."""
    if unseen is None:
        return Finding(kind, about, sentence, command)
    return Finding(kind, about, f"{sentence} {unseen.sentence}", command, unseen.reached)


def nothing_reached(findings: Iterable[Finding]) -> bool:
    """Whether nothing outside gave any answer: no network, or nobody signed in."""
    outside = [each for each in findings if each.check in _OUTSIDE]
    return bool(outside) and not any(each.reached for each in outside)
