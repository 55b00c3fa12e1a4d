"""Which policy governs a model version, and whether two policies could govern one.

Patterns know `*` (any characters) and `?` (one character). They are matched without backtracking, in a time bounded by
the product of both lengths.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.domain.policy import Policy


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
    """Return a text that fits both patterns, None where there is none."""
    ends = (len(one), len(other))
    found = {(0, 0): ""}
    waiting = deque(found)
    while waiting:
        state = waiting.popleft()
        if state == ends:
            return found[state]
        for successor, character in _steps(one, other, state):
            if successor not in found:
                found[successor] = found[state] + character
                # A step without a character goes first, which keeps the text found short.
                (waiting.append if character else waiting.appendleft)(successor)
    return None


def _steps(one: str, other: str, state: tuple[int, int]) -> Iterable[tuple[tuple[int, int], str]]:
    here, there = state
    left, right = one[here : here + 1], other[there : there + 1]
    if left == "*":
        yield (here + 1, there), ""
    if right == "*":
        yield (here, there + 1), ""
    open_ended = {"*", "?"}
    if left and right and (left in open_ended or right in open_ended or left == right):
        character = next((each for each in (left, right) if each not in open_ended), "x")
        yield (here + (left != "*"), there + (right != "*")), character


def _meetings(ones: Iterable[str], others: Sequence[str]) -> list[str]:
    pairs = ((one, other) for one in ones for other in others)
    return [found for one, other in pairs if (found := meeting(one, other)) is not None]


def _opted_in(value: str | None) -> bool:
    return value is not None and value.strip().casefold() not in {"", "false"}
