"""Whether policies keep apart: no version under two policies, no two versions under one name in a registry."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from shared.adapters.policy_document import MatchDocument, TargetDocument
from shared.adapters.strict_yaml import Place
from shared.domain.policy_match import meeting

MOST_COMPARED = 3000
"""Ways through all policies together, each counted with what its patterns leave open: pairs of them are compared."""

Say = Callable[[Place, str], str]


@dataclass(frozen=True, slots=True)
class Scope:
    """What one file governs and where it sends it. `say` puts its file and line before a sentence."""

    policy: str
    match: MatchDocument
    targets: tuple[TargetDocument, ...]
    say: Say


@dataclass(frozen=True, slots=True)
class _Way:
    """All versions of one workspace under one pattern, and the patterns of their names and versions in a registry."""

    scope: Scope
    index: int
    workspace: str
    name: str
    version: str

    @property
    def target(self) -> TargetDocument:
        return self.scope.targets[self.index]

    @property
    def weight(self) -> int:
        """What comparing costs: one, and all that stands behind the first `*`, where many ways to fit are tried."""
        return 1 + len(self.name.partition("*")[2])


def scope_faults(scopes: Sequence[Scope]) -> list[str]:
    """Every fault between policies, and of each one's targets, in the order of the files."""
    faults = [fault for scope in scopes for fault in _own_faults(scope)]
    ways = [way for scope in scopes for way in _ways(scope)]
    weight = sum(way.weight for way in ways)
    if weight > MOST_COMPARED:
        sentence = f"and the other policies have {weight} patterns and wildcards, too many to compare: list fewer"
        heaviest = max(ways, key=lambda way: len(way.scope.match.models)).scope
        return [*faults, heaviest.say(("match",), sentence)]
    for one, other in combinations(scopes, 2):
        faults.extend(_overlaps(one, other))
    return [*faults, *_collisions(ways)]


def _own_faults(scope: Scope) -> Iterator[str]:
    registries = [target.registry for target in scope.targets]
    single = len(scope.match.models) == 1 and not set(scope.match.models[0]) & set("*?")
    for index, target in enumerate(scope.targets):
        place: Place = ("targets", index)
        if registries.index(target.registry) < index:
            yield scope.say(
                place, f"names {target.registry} again: remove one, a promotion has one target in a registry"
            )
        if target.champion_from is not None and target.champion_from not in registries:
            yield scope.say(
                (*place, "champion_from"),
                f"is {target.champion_from}, which targets does not list: list it there, or name one that is",
            )
        if target.name.count("{name}") != 1 and not (single and "{name}" not in target.name):
            yield scope.say(place, "would give two models one name: write {name} once in name")
        if target.version.count("{version}") != 1 or "{name}" in target.version or "{version}" in target.name:
            yield scope.say(
                place, "would give two versions one number: write {version} once, in version, without {name}"
            )


def _overlaps(one: Scope, other: Scope) -> Iterator[str]:
    for workspace in sorted(set(one.match.workspaces) & set(other.match.workspaces)):
        for mine in one.match.models:
            for theirs in other.match.models:
                both = meeting(mine, theirs)
                if both is not None:
                    sentence = f"and policy {one.policy} both match {workspace}:{both}: narrow one of them"
                    yield other.say(("match",), sentence)


def _ways(scope: Scope) -> Iterator[_Way]:
    for index, target in enumerate(scope.targets):
        for workspace in sorted(set(scope.match.workspaces)):
            for model in dict.fromkeys(scope.match.models):
                name = target.name.replace("{workspace}", workspace).replace("{name}", model)
                version = target.version.replace("{workspace}", workspace).replace("{version}", "*")
                yield _Way(scope, index, workspace, name, version)


def _collisions(ways: Sequence[_Way]) -> Iterator[str]:
    """Versions of two workspaces that meet under one name; within one workspace `_own_faults` and overlap suffice."""
    told = set()
    for one, other in combinations(ways, 2):
        where = (one.scope.policy, one.index, other.scope.policy, other.index)
        apart = one.workspace == other.workspace and _same_naming(one.target, other.target)
        if one.target.registry != other.target.registry or apart or where in told:
            continue
        name, version = meeting(one.name, other.name), meeting(one.version, other.version)
        if name is not None and version is not None:
            told.add(where)
            yield other.scope.say(("targets", other.index), _met(one, other, name))


def _same_naming(one: TargetDocument, other: TargetDocument) -> bool:
    return (one.name, one.version) == (other.name, other.version)


def _met(one: _Way, other: _Way, name: str) -> str:
    registry = one.target.registry
    return (
        f"is not injective: {one.workspace} (policy {one.scope.policy}) and {other.workspace} could both name "
        f"{registry}:{name}; set them apart, for instance with name: '{{workspace}}-{{name}}'"
    )
