"""Whether what the app was told makes sense, beyond its form: identity, senders, policies, the number of the policy."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from shared.domain.azure_facts import Caller
from shared.domain.checks.commands import login, set_setting, show_reference
from shared.domain.checks.finding import Finding, Unseen, finding
from shared.domain.people import People
from shared.domain.visible import quoted

_CLOCKS = timedelta(minutes=5)
_PLACEHOLDERS = (0, 1)


def judge_settings(faults: Sequence[str], references: Mapping[str, str]) -> list[Finding]:
    """Judge how settings could be read; `references` maps a setting to the vault that holds its secret."""
    found = [finding("setting_faulty", fault.partition(":")[0], fault, _mend(fault)) for fault in faults]
    for name in references:
        said = f"{name} is a reference to Key Vault, which only the app resolves: its value was not looked at."
        found.append(finding("setting_not_looked_at", name, said, show_reference(name)))
    return found if faults else [finding("settings_read", "", "All settings can be read."), *found]


def judge_identity(caller: Caller | Unseen, tenant: str | None) -> Finding:
    """Judge as whom the checks run; `tenant` is that of the people, None where settings do not say it."""
    if isinstance(caller, Unseen):
        said = "Azure gives no token to whoever runs this."
        return finding("identity_unseen", "", said, login(tenant or "<tenant>"), unseen=caller)
    kind = "application" if caller.application else "person"
    who = f"The checks run as the {kind} {caller.name} (object id {caller.object_id}, tenant {caller.tenant})."
    if tenant is not None and caller.tenant.casefold() != tenant.casefold():
        return finding("identity_of_other_tenant", "", f"{who} Expected tenant {tenant}.", login(tenant))
    return finding("identity_known", "", who)


def judge_policy_build(build: int | None, now: datetime, *, in_azure: bool) -> Finding:
    """Judge the number of the policy, by custom the UTC seconds of the deployment."""
    mend = set_setting("POLICY_BUILD")
    if build is None:
        return finding("policy_build_unseen", "", "POLICY_BUILD could not be read.", mend)
    if in_azure and build in _PLACEHOLDERS:
        said = (
            f"POLICY_BUILD is {build}; expected the seconds since 1970 of the deployment, for it must grow with each."
        )
        return finding("policy_build_placeholder", "", said, mend)
    if build > (now + _CLOCKS).timestamp():
        said = f"POLICY_BUILD is {build}, in the future: an instance of a later deployment would wait until then."
        return finding("policy_build_in_future", "", said, mend)
    return finding("policy_build_sane", "", f"POLICY_BUILD is {build}.")


def judge_policies(folder: str, counts: str, faults: Sequence[str]) -> list[Finding]:
    """Judge what reading policies and people found; `counts` says how many there are."""
    command = "clearance policy check"
    amiss = [finding("policy_faulty", folder, fault, command) for fault in faults]
    return amiss or [finding("policies_load", folder, f"They load: {counts}.")]


def judge_senders(senders: Mapping[str, Sequence[str]] | None, people: People | None) -> list[Finding]:
    """Judge the senders of webhooks, each with the people it may speak for; None is what could not be read."""
    mend = set_setting("CLEARANCE_SENDERS")
    if senders is None or people is None:
        unread = "CLEARANCE_SENDERS" if senders is None else "directory/people.yaml"
        said = f"{unread} could not be read, so whether senders speak for people is not known."
        return [finding("senders_unseen", "", said, mend if senders is None else "clearance policy check")]
    if not senders:
        return [finding("senders_none", "", "No sender is configured: nobody can answer by webhook yet.", mend)]
    strangers = list(_strangers(senders, people))
    known = f"{', '.join(senders)}: keys are usable, and people are known."
    return strangers or [finding("senders_known", "", known)]


def _strangers(senders: Mapping[str, Sequence[str]], people: People) -> Iterator[Finding]:
    ids = {person.id for person in people.everyone}
    for sender, spoken_for in senders.items():
        for person in [each for each in spoken_for if each not in ids]:
            said = f"It speaks for {quoted(person)}, who is no id of directory/people.yaml: list the person, or correct the id."
            yield finding("sender_person_unknown", sender, said, set_setting("CLEARANCE_SENDERS"))


def _mend(fault: str) -> str:
    name = fault.partition(":")[0]
    return set_setting(name if " " not in name else "<setting>")
