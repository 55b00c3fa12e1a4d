"""The gate on what a submitter may not state: tags and properties that only Clearance writes, or that a policy reserves."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from shared.domain.errors import InvalidId
from shared.domain.evaluation import GateResult
from shared.domain.evidence import Evidence
from shared.domain.gate_input import Gate, GateInput
from shared.domain.ids import PromotionId
from shared.domain.mending import remove_run_tags, remove_tags
from shared.domain.policy import Policy
from shared.domain.provenance import PREFIX, is_mark
from shared.domain.visible import quoted, visible

NAME = "reserved_tags"
MOST_NAMED = 20
"""Forged names of one kind that are named, and held in the digest: a version may carry thousands."""


@dataclass(frozen=True, slots=True)
class Forged:
    """What a version and its run state that is not theirs to state, by name; at most `MOST_NAMED` of each kind."""

    tags: Mapping[str, str]
    properties: Mapping[str, str]
    run_tags: Mapping[str, str]

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.tags or self.properties or self.run_tags)


def forged(policy: Policy, evidence: Evidence) -> Forged:
    """The reserved names among what was read; upper and lower case are the same."""
    version, run = evidence.version, evidence.run
    listed = frozenset(name.casefold() for name in policy.reserved_tags)
    return Forged(
        _reserved(version.tags, listed),
        _reserved(version.properties, listed),
        _reserved(run.tags, listed) if run else {},
    )


def reserved_tags(given: GateInput) -> Iterator[GateResult]:
    """A failed gate where the version, or the run that proves it, carries fields of ours; none otherwise."""
    found = forged(given.policy, given.evidence)
    if found:
        gate = Gate(given, NAME, _expected(given.policy), _source(given))
        yield gate.failed(_actual(found), " ".join(_sentences(given, found)), "\n".join(_commands(given, found)))


def _reserved(stated: Mapping[str, str], listed: Collection[str]) -> dict[str, str]:
    ours = [name for name in stated if is_mark(name) or name.casefold() in listed]
    return {name: stated[name] for name in sorted(ours)[:MOST_NAMED]}


def _source(given: GateInput) -> str:
    run = f", and the run {given.evidence.run.id}" if given.evidence.run else ""
    return f"the tags and properties of {given.promotion}{run}"


def _expected(policy: Policy) -> str:
    listed = [f"{PREFIX}…", *sorted(visible(name) for name in policy.reserved_tags)]
    return f"none of {', '.join(listed)}, which are not the submitter's to state"


def _actual(found: Forged) -> str:
    return ", ".join(map(visible, (*found.tags, *found.properties, *found.run_tags)))


def _sentences(given: GateInput, found: Forged) -> Iterator[str]:
    if found.tags:
        yield f"The version carries {_named('tag', found.tags)}."
    if found.properties:
        yield f"The version carries {_named('property', found.properties)}: register it anew without."
    if found.run_tags:
        yield f"Its run carries {_named('tag', found.run_tags)}."
    source = _copied_from(given.promotion, found.tags)
    if source:
        yield (
            f"They are the marks of {source}, so this seems to be a copy of what that was promoted as. Remove them, and "
            "it is judged as the version of its own that it is; the registry's version keeps its marks."
        )
    else:
        yield "Only Clearance says who approved a version, and when: remove what was written in its name."


def _named(kind: str, names: Iterable[str]) -> str:
    listed = [quoted(name) for name in names]
    more = " and maybe more" if len(listed) == MOST_NAMED else ""
    return f"the reserved {kind} {', '.join(listed)}{more}"


def _copied_from(promotion: PromotionId, tags: Mapping[str, str]) -> PromotionId | None:
    """The other promotion whose marks these are, if they are those of one."""
    try:
        named = PromotionId.parse(tags[f"{PREFIX}promotion"])
    except (KeyError, InvalidId):
        return None
    return named if named != promotion and f"{PREFIX}incarnation" in tags else None


def _commands(given: GateInput, found: Forged) -> Iterator[str]:
    run = given.evidence.run
    if found.tags:
        yield remove_tags(given.promotion, given.address, found.tags)
    if found.properties:
        yield given.another_version
    if run and found.run_tags:
        yield remove_run_tags(run.id, found.run_tags)
