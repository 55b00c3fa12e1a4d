"""Which policy governs a model version, and whether two policies could govern one.

Patterns know `*` (any characters) and `?` (one character). They are matched without backtracking, in a time bounded by
the product of both lengths, and compared with each other in much less.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from shared.domain.policy import Policy

_STARS = re.compile(r"\*+")


class Standing(StrEnum):
    """How a model version stands to the policies."""

    GOVERNED = "governed"
    NO_POLICY = "no_policy"
    NOT_OPTED_IN = "not_opted_in"
    POLICY_OFF = "policy_off"


@dataclass(frozen=True, slots=True)
class PolicyMatch:
    """The answer to which policy governs; `policy` is None only where there is none (`NO_POLICY`)."""

    standing: Standing
    policy: Policy | None

    @property
    def reason(self) -> str:
        """Why nothing governs the version, as a sentence; empty where a policy does."""
        if self.policy is None:
            return "No policy names this workspace and model."
        if self.standing is Standing.POLICY_OFF:
            return f"Policy {self.policy.name} is off."
        if self.standing is Standing.NOT_OPTED_IN:
            return (
                f"Policy {self.policy.name} asks for the tag {self.policy.opt_in_tag}, and the version has not set it."
            )
        return ""


def match_policy(policies: Sequence[Policy], workspace: str, name: str, tags: Mapping[str, str]) -> PolicyMatch:
    """Find the policy of a version. Loading refuses two that match one version, so the first is the only one."""
    found = next((policy for policy in policies if matches(policy, workspace, name)), None)
    if found is None:
        return PolicyMatch(Standing.NO_POLICY, None)
    if found.mode == "off":
        return PolicyMatch(Standing.POLICY_OFF, found)
    if found.opt_in_tag is not None and not _opted_in(tags.get(found.opt_in_tag)):
        return PolicyMatch(Standing.NOT_OPTED_IN, found)
    return PolicyMatch(Standing.GOVERNED, found)


def policy_for(policies: Sequence[Policy], workspace: str, name: str, tags: Mapping[str, str]) -> Policy | None:
    """Return the policy that governs a version, None where none does, it is off, or the version has not opted in."""
    found = match_policy(policies, workspace, name, tags)
    return found.policy if found.standing is Standing.GOVERNED else None


def matches(policy: Policy, workspace: str, name: str) -> bool:
    """Whether a policy names this workspace and model, whatever the tags say."""
    return workspace in policy.workspaces and any(fits(pattern, name) for pattern in policy.models)


def overlap(one: Policy, other: Policy) -> str | None:
    """Return a `workspace:name` that both policies match, None where there is none.

    Opt-in tags do not keep policies apart: a version can carry both.
    """
    workspaces = sorted(set(one.workspaces) & set(other.workspaces))
    names = _meetings(one.models, other.models)
    return next((f"{workspace}:{name}" for workspace in workspaces for name in names), None)


def fits(pattern: str, text: str) -> bool:
    """Whether `text` fits `pattern`, case and all."""
    at, star, resume = 0, -1, 0
    position = 0
    while position < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, resume, at = at, position, at + 1
        elif at < len(pattern) and pattern[at] in ("?", text[position]):
            at, position = at + 1, position + 1
        elif star >= 0:  # let the last star take one character more
            resume += 1
            at, position = star + 1, resume
        else:
            return False
    return all(character == "*" for character in pattern[at:])


def meeting(one: str, other: str) -> str | None:
    """Return a text that fits both patterns, None where there is none.

    A text is put together character by character of `other`. The places in `one` that it may have come to are the bits of
    one number, so a pair costs a few operations a character, however many wildcards it has.
    """
    one, other = _STARS.sub("*", one), _STARS.sub("*", other)
    places = _places(one)
    reached = [places.past_a_star(1)]
    for character in other:
        following = places.after(reached[-1], character)
        if not following:
            return None
        reached.append(following)
    return _found(one, other, reached) if reached[-1] >> len(one) & 1 else None


@dataclass(frozen=True, slots=True)
class _Places:
    """A pattern as sets of places, each a number whose bits are positions: of its stars, of what takes each character."""

    every: int
    stars: int
    any: int
    of: Mapping[str, int]

    def past_a_star(self, reached: int) -> int:
        """The same, and behind each star, which may take nothing."""
        return reached | (reached & self.stars) << 1

    def after(self, reached: int, character: str) -> int:
        """Where a character of the other pattern leads to."""
        if character == "*":
            return self.every & -(reached & -reached)  # everything from the first place on
        taking = self.every & ~self.stars if character == "?" else self.of.get(character, 0) | self.any
        return self.past_a_star((reached & taking) << 1 & self.every | reached & self.stars)


@lru_cache(maxsize=1024)
def _places(pattern: str) -> _Places:
    of: dict[str, int] = {}
    for index, character in enumerate(pattern):
        of[character] = of.get(character, 0) | 1 << index
    return _Places((2 << len(pattern)) - 1, of.pop("*", 0), of.pop("?", 0), of)


def _found(one: str, other: str, reached: Sequence[int]) -> str:
    """The text that led to the ends of both patterns, followed back from there."""
    here, there, text = len(one), len(other), list[str]()
    while (here, there) != (0, 0):
        left, right = one[here - 1 : here], other[there - 1 : there]
        if left == "*" and reached[there] >> (here - 1) & 1:
            here -= 1  # it took nothing more
        elif right == "*" and reached[there - 1] >> here & 1:
            there -= 1
        elif right == "*":
            here -= 1  # it took what the other pattern asks for
            text.append(left)
        elif (left == right or "?" in (left, right)) and left not in {"", "*"} and reached[there - 1] >> (here - 1) & 1:
            here, there = here - 1, there - 1
            text.append(right if left == "?" else left)
        else:
            there -= 1  # the star of `one` took it
            text.append(right)
    return "".join(reversed(text)).replace("?", "x")


def _meetings(ones: Iterable[str], others: Sequence[str]) -> list[str]:
    pairs = ((one, other) for one in ones for other in others)
    return [found for one, other in pairs if (found := meeting(one, other)) is not None]


def _opted_in(value: str | None) -> bool:
    return value is not None and value.strip().casefold() not in {"", "false"}
