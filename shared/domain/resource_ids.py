"""Azure resource ids: what one names, and whether a scope lies at or above it."""

from dataclasses import dataclass
from typing import Final, Literal

from shared.domain.errors import InvalidId

Kind = Literal["workspace", "registry", "storage", "topic", "vault", "component"]

TYPES: Final[dict[Kind, str]] = {
    "workspace": "Microsoft.MachineLearningServices/workspaces",
    "registry": "Microsoft.MachineLearningServices/registries",
    "storage": "Microsoft.Storage/storageAccounts",
    "topic": "Microsoft.EventGrid/topics",
    "vault": "Microsoft.KeyVault/vaults",
    "component": "Microsoft.Insights/components",
}
"""The kinds of resources that Clearance asks rights on, with their types in Azure."""

_KINDS = {each.casefold(): kind for kind, each in TYPES.items()}
_WORDS = ["subscriptions", "resourcegroups", "providers"]
_FORM = (
    f"/subscriptions/<id>/resourceGroups/<group>/providers/<type>/<name>, its type one of {', '.join(TYPES.values())}"
)
_MANAGEMENT_GROUP = ["providers", "microsoft.management", "managementgroups"]


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource that Clearance asks rights on."""

    id: str
    kind: Kind
    subscription: str
    group: str
    name: str

    @classmethod
    def parse(cls, text: str) -> "Resource":
        """Read the id of a resource of one of these kinds; the type is compared without case.

        Raises:
            InvalidId: it is the id of something else, or none.
        """
        parts, named = segments(text), _folded(text)
        kind = _KINDS.get("/".join(named[5:7]))
        if len(parts) != 8 or named[0:6:2] != _WORDS or kind is None:
            raise InvalidId("resource", text, _FORM)
        return cls(f"/{'/'.join(parts)}", kind, parts[1], parts[3], parts[7])


def resource_id(kind: Kind, subscription: str, group: str, name: str) -> str:
    """The id of a resource in Azure's own spelling."""
    return f"/subscriptions/{subscription}/resourceGroups/{group}/providers/{TYPES[kind]}/{name}"


def segments(text: str) -> list[str]:
    """The parts of an id between its slashes."""
    return text.strip("/").split("/") if text.strip("/") else []


def type_of(id: str) -> str:
    """The type of what an id names, with its parents' types: Microsoft.Storage/storageAccounts/queueServices for example."""
    named = segments(id)[5:]
    return "/".join([*named[:1], *named[1::2]])


def covers(scope: str, resource: str) -> bool:
    """Whether a role assigned at `scope` counts on `resource`: at the same place or above it, by whole segments.

    `/` is above everything. So is a management group: Azure lists it for a resource only if it is.
    """
    above, below = _folded(scope), _folded(resource)
    return scope.startswith("/") and (is_management_group(scope) or below[: len(above)] == above)


def is_management_group(scope: str) -> bool:
    """Whether a scope is a management group."""
    return _folded(scope)[:3] == _MANAGEMENT_GROUP


def same(one: str, other: str) -> bool:
    """Whether two ids name the same thing: Azure does not tell upper from lower case."""
    return _folded(one) == _folded(other)


def _folded(text: str) -> list[str]:
    return [part.casefold() for part in segments(text)]
