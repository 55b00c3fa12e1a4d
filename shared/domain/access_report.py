"""Who can write, delete, get past Clearance or rewrite its history, through which role, and whether the design has that.

Groups are shown as groups: who is in one only Microsoft Graph tells. Conditions are not evaluated, and what is denied is
told beside: both can only take away. Rights that somebody may activate for a while (PIM) are not among assignments.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from shared.domain.access_rights import DEAD_LETTERS, RIGHTS, Action, Right, designed
from shared.domain.azure_roles import DenyAssignment, RoleAssignment, RoleDefinition
from shared.domain.needed_actions import Part
from shared.domain.resource_ids import Kind, Resource, covers, same, type_of

Verdict = Literal["flagged", "shown", "accepted", "designed"]
"""designed: the app holds what it must. shown: usual there. accepted: named as known. flagged: all else."""

UNKNOWN_ROLE: Final = "role_unknown"


@dataclass(frozen=True, slots=True)
class Access:
    """All that is assigned at, above and below some resources, what is denied, and the definitions of roles by GUID."""

    assignments: tuple[RoleAssignment, ...] = ()
    definitions: Mapping[str, RoleDefinition] = field(default_factory=dict)
    denials: tuple[DenyAssignment, ...] = ()


@dataclass(frozen=True, slots=True)
class Expected:
    """Who is expected to hold rights: object ids of the apps, with the part each is, and of principals that are known.

    `promoter_storage` are the ids of accounts that hold what the app with rights on registries runs.
    """

    apps: Mapping[str, Part] = field(default_factory=dict)
    accepted: frozenset[str] = frozenset()
    promoter_storage: frozenset[str] = frozenset()

    def part_of(self, principal: str) -> Part | None:
        """Which part of the deployment a principal is, None where it is no app of ours."""
        return {each.casefold(): part for each, part in self.apps.items()}.get(principal.casefold())

    def keeps_out(self, part: Part, resource: Resource) -> bool:
        """Whether this part of the deployment may hold nothing at all there."""
        return part == "people" and any(same(each, resource.id) for each in self.promoter_storage)

    def accepts(self, principal: str) -> bool:
        """Whether somebody said that this one is known."""
        return principal.casefold() in {each.casefold() for each in self.accepted}


@dataclass(frozen=True, slots=True)
class Holding:
    """One right of one principal on one resource, by one assignment.

    `right` is `role_unknown` where the definition of the role is not at hand. `inherited_from` is the scope of the
    assignment where that lies above the resource, `below` where it lies within it, a table or a container for example.
    `because` says why it is judged so.
    """

    resource: Resource
    right: Right | Literal["role_unknown"]
    assignment: RoleAssignment
    role: str
    verdict: Verdict
    because: str

    @property
    def inherited_from(self) -> str | None:
        """Where it comes from, None where it was assigned on the resource itself or within it."""
        scope = self.assignment.scope
        return scope if covers(scope, self.resource.id) and not same(scope, self.resource.id) else None

    @property
    def below(self) -> str | None:
        """Where within the resource it was assigned, None where it counts on all of it."""
        scope = self.assignment.scope
        return None if covers(scope, self.resource.id) else scope


@dataclass(frozen=True, slots=True)
class Report:
    """What there is to say of all resources, flagged first; `denials` are those that bear on one of them."""

    holdings: tuple[Holding, ...]
    denials: tuple[DenyAssignment, ...]

    @property
    def flagged(self) -> tuple[Holding, ...]:
        """What the design does not have."""
        return tuple(each for each in self.holdings if each.verdict == "flagged")


def report(resources: Sequence[Resource], access: Access, expected: Expected) -> Report:
    """Judge everybody on every resource."""
    holdings = [each for resource in resources for each in _on(resource, access, expected)]
    order = {"flagged": 0, "accepted": 1, "shown": 2, "designed": 3}
    holdings.sort(key=lambda each: (resources.index(each.resource), order[each.verdict]))
    denials = [each for each in access.denials if any(covers(each.scope, one.id) for one in resources)]
    return Report(tuple(holdings), tuple(denials))


def _on(resource: Resource, access: Access, expected: Expected) -> Iterator[Holding]:
    for assignment in access.assignments:
        if not bears_on(assignment.scope, resource):
            continue
        role = access.definitions.get(assignment.role)
        if role is None:
            because = (
                "the role's definition is not at hand, so what it allows is not known; list the roles of this scope, "
                "for what is made for a resource group is in no list of the subscription"
            )
            name = assignment.role_name or assignment.role
            yield Holding(resource, UNKNOWN_ROLE, assignment, name, _unless(assignment, expected, "flagged"), because)
            continue
        for right, actions in RIGHTS.get(resource.kind, {}).items():
            held = [
                each
                for each in actions
                if role.allows(each[0], data=each[1]) and _counts_at(each[0], assignment.scope, resource)
            ]
            if held:
                verdict, because = _judged(resource, right, held, assignment, expected)
                yield Holding(resource, right, assignment, role.name, verdict, because)


def bears_on(scope: str, resource: Resource) -> bool:
    """Whether what is assigned at a scope counts on a resource, or on a part of it."""
    return covers(scope, resource.id) or covers(resource.id, scope)


def _counts_at(action: str, scope: str, resource: Resource) -> bool:
    """Whether an action can be done at a scope at all: below a storage account only what is about that part of it.

    Storage names its actions after the types of its parts; Azure ML does not, so there any of them counts.
    """
    if resource.kind != "storage" or covers(scope, resource.id) or covers("/Microsoft.Authorization", f"/{action}"):
        return True
    return covers(f"/{type_of(scope)}", f"/{action}")


def _judged(
    resource: Resource, right: Right, held: Iterable[Action], assignment: RoleAssignment, expected: Expected
) -> tuple[Verdict, str]:
    part = expected.part_of(assignment.principal)
    if part is not None and expected.keeps_out(part, resource):
        return "flagged", "who changes what the promoter runs acts with its rights on registries"
    if part is not None:
        return _of_app(resource.kind, part, held)
    if resource.kind == "workspace" and right != "bypass":
        said = "data scientists write here" if right == "write" else "what is deleted here cannot be promoted any more"
        return _unless(assignment, expected, "shown"), said
    if right == "rewrite_history" and DEAD_LETTERS in assignment.scope.casefold() + "/":
        return _unless(
            assignment, expected, "shown"
        ), "what Event Grid could not deliver is kept here, and is no history"
    return _unless(assignment, expected, "flagged"), _WHY[right]


def _of_app(kind: Kind, part: Part, held: Iterable[Action]) -> tuple[Verdict, str]:
    beyond = [action for action, data in held if (action, data) not in designed(kind, part)]
    if beyond:
        return "flagged", f"the app needs no {', '.join(beyond)} here"
    return "designed", "the app needs it"


def _unless(assignment: RoleAssignment, expected: Expected, verdict: Verdict) -> Verdict:
    return "accepted" if verdict == "flagged" and expected.accepts(assignment.principal) else verdict


_WHY: Mapping[Right, str] = {
    "write": "nobody but the app writes to a registry",
    "delete": "nobody deletes from a registry",
    "bypass": "who changes roles can get past Clearance",
    "rewrite_history": "nobody but the app changes what it recorded",
}
