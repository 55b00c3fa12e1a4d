"""Whether a principal holds the actions that it needs on a resource, and since when."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.azure_roles import DenyAssignment, RoleAssignment, RoleDefinition
from shared.domain.checks.commands import assign, list_denials, list_roles
from shared.domain.checks.finding import Finding, Unseen, finding
from shared.domain.needed_actions import SERVES_AS, Needed
from shared.domain.resource_ids import covers

COUNTS_AFTER = timedelta(hours=1)
"""How long a new role assignment may take to count: 15 to 60 minutes by the deployment guides of Azure ML."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who needs a role. `type` is Azure's word for it, which a new assignment must state."""

    principal: str
    name: str
    type: str = "ServicePrincipal"


@dataclass(frozen=True, slots=True)
class Access:
    """What one principal was given at or above a scope, with the roles' definitions by GUID, and what is denied there.

    The assignments are those of the principal and of every group that it is in, as Azure lists them for it.
    """

    principal: str
    scope: str
    assignments: tuple[RoleAssignment, ...]
    definitions: Mapping[str, RoleDefinition]
    denials: tuple[DenyAssignment, ...] = ()

    def granted_by(self, action: str, *, data: bool) -> tuple[RoleAssignment, ...]:
        """The assignments that let it do an action there, or what serves as well; conditions are left aside."""
        either = (action, SERVES_AS.get(action, action))
        return tuple(
            each
            for each in self.assignments
            if covers(each.scope, self.scope)
            and (role := self.definitions.get(each.role))
            and any(role.allows(one, data=data) for one in either)
        )

    def denied_by(self, action: str, *, data: bool) -> DenyAssignment | None:
        """What takes an action away from it there, if anything does."""
        found = (each for each in self.denials if each.denies(self.principal, self.scope, action, data=data))
        return next(found, None)

    def newest(self, now: datetime) -> timedelta | None:
        """How long ago the youngest of its assignments was made, where Azure says so of any."""
        ages = [now - each.since for each in self.assignments if each.since is not None]
        return min(ages, default=None)


def judge_roles(
    about: str, holder: Holder, needed: Sequence[Needed], access: Access | Unseen, scope: str, now: datetime
) -> list[Finding]:  # fmt: skip
    """Judge one principal on one scope, a finding for each role that lacks something, one if none does."""
    if isinstance(access, Unseen):
        said = f"What {holder.name} may do could not be read (Microsoft.Authorization/roleAssignments/read)."
        return [finding("roles_unseen", about, said, list_roles(holder.principal, scope), unseen=access)]
    amiss = [found for each in needed for found in _judged(about, holder, each, access)]
    fresh = f" It may not yet: {why}." if (why := pending(access, now)) else ""
    return amiss or [finding("roles_suffice", about, f"{holder.name} may do all that it must.{fresh}")]


def pending(access: Access | Unseen | None, now: datetime) -> str | None:
    """Why a refusal may be for now only: a role given too short a time ago; None where that is no reason."""
    if access is None or isinstance(access, Unseen):
        return None
    age = access.newest(now)
    if age is None or age > COUNTS_AFTER:
        return None
    minutes = max(0, int(age.total_seconds()) // 60)
    return f"a role was assigned {minutes} minutes ago, and may take {_minutes(COUNTS_AFTER)} to count"


def _judged(about: str, holder: Holder, needed: Needed, access: Access) -> Iterator[Finding]:
    missing = [action for action, data in needed.each if not access.granted_by(action, data=data)]
    if missing:
        said = f"{holder.name} may not do {', '.join(missing)}; expected the role {needed.role}."
        yield finding("action_missing", about, said, assign(needed, holder.principal, holder.type, access.scope))
    for action, data in needed.each:
        if (denial := access.denied_by(action, data=data)) is not None:
            said = f"The deny assignment {denial.name} takes {action} away from {holder.name}, whatever its roles say."
            yield finding("action_denied", about, said, list_denials(access.scope))
    if not missing and (bound := _bound(needed, access)):
        said = f"{holder.name} may do {', '.join(bound)} under a condition only, which was not evaluated."
        yield finding("role_conditional", about, said, list_roles(holder.principal, access.scope))


def _bound(needed: Needed, access: Access) -> list[str]:
    """The actions that nothing grants without a condition."""
    return [
        action for action, data in needed.each if all(each.condition for each in access.granted_by(action, data=data))
    ]


def _minutes(span: timedelta) -> str:
    return f"{int(span.total_seconds()) // 60} minutes"
