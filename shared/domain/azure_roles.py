"""What Azure's roles allow: actions with wildcards, exceptions from them, conditions, and what is denied outright.

Rules: learn.microsoft.com/azure/role-based-access-control/role-definitions ("Actions", "NotActions") and /deny-assignments.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from shared.domain.resource_ids import covers, same

EVERYBODY = "00000000-0000-0000-0000-000000000000"
"""The id that stands for every principal in a deny assignment."""


@dataclass(frozen=True, slots=True)
class Permission:
    """One entry of a role's `permissions`. Patterns may hold `*` anywhere; case does not count."""

    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()

    def allows(self, action: str, *, data: bool = False) -> bool:
        """Whether it lets a concrete action be done; `data` tells actions on data from those on resources."""
        granted, withheld = self.actions, self.not_actions
        if data:
            granted, withheld = self.data_actions, self.not_data_actions
        return _any(granted, action) and not _any(withheld, action)


@dataclass(frozen=True, slots=True)
class RoleDefinition:
    """A role. `id` is its GUID in lower case, which is the same at every scope."""

    id: str
    name: str
    permissions: tuple[Permission, ...]

    def allows(self, action: str, *, data: bool = False) -> bool:
        """Whether any of its permissions does; what one withholds another may still grant."""
        return any(permission.allows(action, data=data) for permission in self.permissions)


@dataclass(frozen=True, slots=True)
class RoleAssignment:
    """A role given to a principal at a scope.

    `role` is the definition's GUID. `principal_type` is Azure's word (User, Group, ServicePrincipal, ...);
    `principal_name` and `role_name` are empty where the listing does not tell. `since` is when it was made or last
    changed, where that is told.
    """

    scope: str
    role: str
    principal: str
    principal_type: str = ""
    principal_name: str = ""
    role_name: str = ""
    condition: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class DenyAssignment:
    """What is denied at a scope, whatever roles say. Members of groups among its principals cannot be told."""

    name: str
    scope: str
    permissions: tuple[Permission, ...]
    principals: tuple[str, ...]
    excluded: tuple[str, ...] = ()
    only_here: bool = False

    def denies(self, principal: str, resource: str, action: str, *, data: bool = False) -> bool:
        """Whether it names the principal, or everybody, and takes the action away on the resource."""
        named = {each.casefold() for each in self.principals} & {principal.casefold(), EVERYBODY}
        spared = principal.casefold() in {each.casefold() for each in self.excluded}
        here = same(self.scope, resource) if self.only_here else covers(self.scope, resource)
        return bool(named) and not spared and here and any(p.allows(action, data=data) for p in self.permissions)


def role_guid(definition_id: str) -> str:
    """The GUID of a role definition, from its id at whatever scope."""
    return definition_id.rstrip("/").rpartition("/")[2].casefold()


def matches(pattern: str, action: str) -> bool:
    """Whether an action fits a pattern, in which `*` stands for any run of characters, none too.

    It runs in time that grows with the two lengths alone, whatever the pattern: role definitions come from outside.
    """
    first, *others = pattern.lower().split("*")
    text = action.lower()
    if not others:
        return text == first
    if not text.startswith(first):
        return False
    place = len(first)
    for piece in others[:-1]:
        found = text.find(piece, place)
        if found < 0:
            return False
        place = found + len(piece)
    return text.endswith(others[-1]) and len(text) - len(others[-1]) >= place


def _any(patterns: Iterable[str], action: str) -> bool:
    return any(matches(pattern, action) for pattern in patterns)
