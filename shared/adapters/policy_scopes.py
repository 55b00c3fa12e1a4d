"""Whether policies keep apart: no version under two policies, no two versions under one name in a registry."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from shared.adapters.document_faults import Said
from shared.adapters.policy_document import PolicyDocument, TargetDocument
from shared.adapters.readable import Finding, Readable, finding
from shared.adapters.strict_yaml import Place
from shared.domain.faults import Fault
from shared.domain.policy_match import meeting

MOST_COMPARED = 3000
"""Patterns of which pairs are compared, each counted with what it leaves open: ways through all policies together, and
the models of one policy with those of its exceptions."""


def weight_of(pattern: str) -> int:
    """What comparing a pattern counts: one, and all that stands behind its first `*`, where many names fit."""
    return 1 + len(pattern.partition("*")[2])


@dataclass(frozen=True, slots=True)
class Scope:
    """What one file governs and where it sends it, as far as that could be read: targets by their number in the file."""

    policy: str
    workspaces: tuple[str, ...]
    models: tuple[str, ...]
    targets: Mapping[int, TargetDocument]
    file: Readable[PolicyDocument]

    def say(self, place: Place, fault: str, fix: str) -> Fault:
        """A fault with its file and line."""
        return self.file.say(place, Said(fault, fix))


def scope_of(file: Readable[PolicyDocument], document: PolicyDocument) -> Scope:
    """The scope of a file: what is unread in one of its lists hides none of the others."""
    match, unread = document.match, file.unread
    targets = {index: each for index, each in enumerate(document.targets) if not unread.touches(("targets", index))}
    return Scope(
        document.policy,
        tuple(w for index, w in enumerate(match.workspaces) if not unread.covers(("match", "workspaces", index))),
        tuple(model for index, model in enumerate(match.models) if not unread.covers(("match", "models", index))),
        targets,
        file,
    )


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


def scope_faults(scopes: Sequence[Scope]) -> list[Fault]:
    """Every fault between policies, and of each one's targets, in the order of the files."""
    faults = [fault for scope in scopes for fault in _own_faults(scope)]
    ways = [way for scope in scopes for way in _ways(scope)]
    weight = sum(weight_of(way.name) for way in ways)
    if weight > MOST_COMPARED:
        fault = f"and the other policies have {weight} patterns and wildcards, too many to compare"
        heaviest = max(ways, key=lambda way: len(way.scope.models)).scope
        return [*faults, heaviest.say(("match",), fault, "list fewer")]
    for one, other in combinations(scopes, 2):
        faults.extend(_overlaps(one, other))
    return [*faults, *_collisions(ways)]


def _own_faults(scope: Scope) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for index, target in scope.targets.items():
        if first.setdefault(target.registry, index) < index:
            fault = f"names {target.registry} again"
            yield scope.say(("targets", index), fault, "remove one, a promotion has one target in a registry")
    yield from scope.file.told(_naming_findings(scope.file.value) if scope.file.value else ())
    yield from _champion_faults(scope)


def _naming_findings(document: PolicyDocument) -> Iterator[Finding]:
    models = document.match.models
    single = len(models) == 1 and not set(models[0]) & set("*?")
    for index, target in enumerate(document.targets):
        place: Place = ("targets", index)
        name, version = (*place, "name"), (*place, "version")
        if target.name.count("{name}") != 1 and not (single and "{name}" not in target.name):
            needs = [name, *([("match", "models")] if len(models) == 1 else [])]
            yield finding(place, "would give two models one name", "write {name} once in name", *needs)
        if target.version.count("{version}") != 1 or "{name}" in target.version or "{version}" in target.name:
            fix = "write {version} once, in version, without {name}"
            yield finding(place, "would give two versions one number", fix, name, version)


def _champion_faults(scope: Scope) -> Iterator[Fault]:
    """A round compares with one champion: the targets that say whose must agree, and name one of the registries here."""
    registries = [target.registry for target in scope.targets.values()]
    named = {index: target.champion_from for index, target in scope.targets.items() if target.champion_from}
    for index, registry in named.items():
        place: Place = ("targets", index, "champion_from")
        first, asked = next(iter(named.items()))
        if registry not in registries and not scope.file.unread.touches(("targets",)):
            fix = "list it there, or name one that is"
            yield scope.say(place, f"is {registry}, which targets does not list", fix)
        if registry != asked:
            fault = f"is {registry}, but targets.{first} says {asked}, and a round compares with one champion"
            yield scope.say(place, fault, "keep one of both")


def _overlaps(one: Scope, other: Scope) -> Iterator[Fault]:
    for workspace in sorted(set(one.workspaces) & set(other.workspaces)):
        for mine in one.models:
            for theirs in other.models:
                both = meeting(mine, theirs)
                if both is not None:
                    fault = f"and policy {one.policy} both match {workspace}:{both}"
                    yield other.say(("match",), fault, "narrow one of them")


def _ways(scope: Scope) -> Iterator[_Way]:
    for index, target in scope.targets.items():
        for workspace in sorted(set(scope.workspaces)):
            for model in dict.fromkeys(scope.models):
                name = target.name.replace("{workspace}", workspace).replace("{name}", model)
                version = target.version.replace("{workspace}", workspace).replace("{version}", "*")
                yield _Way(scope, index, workspace, name, version)


def _collisions(ways: Sequence[_Way]) -> Iterator[Fault]:
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
            fix = "set them apart, for instance with name: '{workspace}-{name}'"
            yield other.scope.say(("targets", other.index), _met(one, other, name), fix)


def _same_naming(one: TargetDocument, other: TargetDocument) -> bool:
    return (one.name, one.version) == (other.name, other.version)


def _met(one: _Way, other: _Way, name: str) -> str:
    registry = one.target.registry
    return (
        f"is not injective: {one.workspace} (policy {one.scope.policy}) and {other.workspace} could both name "
        f"{registry}:{name}"
    )
