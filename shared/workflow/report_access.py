"""Report who can write, delete, get past Clearance or rewrite its history, from role assignments as they stand now."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from shared.domain.access_report import Access
from shared.domain.checks.finding import Unseen
from shared.domain.resource_ids import Resource, same
from shared.workflow.deployment import Deployment
from shared.workflow.look_outside import View

_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Seen:
    """What could be read: the resources, all that is assigned at, above and below them, and why others could not be read."""

    resources: tuple[Resource, ...]
    access: Access
    unseen: Mapping[str, Unseen]


def read_access(deployment: Deployment, further: Sequence[Resource]) -> Seen:
    """Read role assignments of every workspace and registry that settings name, and of `further` resources."""
    view = View(deployment)
    found: dict[str, Resource | Unseen] = dict(deployment.told.workspaces)
    found |= {name: _registry(view, name) for name in deployment.told.registries}
    known = [each for each in found.values() if isinstance(each, Resource)]
    known += [each for each in further if not any(same(each.id, one.id) for one in known)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        read = list(pool.map(lambda each: view.ask(lambda: _access(view, each)), known))
    seen = [(each, access) for each, access in zip(known, read, strict=True) if isinstance(access, Access)]
    unseen = {name: each for name, each in found.items() if isinstance(each, Unseen)}
    unseen |= {each.name: why for each, why in zip(known, read, strict=True) if isinstance(why, Unseen)}
    return Seen(tuple(each for each, _ in seen), _together([access for _, access in seen]), unseen)


def _registry(view: View, name: str) -> Resource | Unseen:
    found = view.registry(name)
    if found is not None:
        return found
    place = view.place(name)
    return place if isinstance(place, Unseen) else Unseen("not_found", f"Registry {name} was not found.")


def _access(view: View, resource: Resource) -> Access:
    control_plane = view.deployment.control_plane
    assignments = control_plane.assignments(resource.id)
    return Access(assignments, view.definitions(assignments, resource.id), control_plane.denials(resource.id))


def _together(each: Sequence[Access]) -> Access:
    """What was read for several resources, with what they inherit alike told once."""
    assignments = dict.fromkeys(one for access in each for one in access.assignments)
    definitions = {role: one for access in each for role, one in access.definitions.items()}
    denials = dict.fromkeys(one for access in each for one in access.denials)
    return Access(tuple(assignments), definitions, tuple(denials))
