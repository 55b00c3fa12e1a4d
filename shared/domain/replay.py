"""Judge by other policies what a recorded evaluation saw, as at the instant that it judged by."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from typing import Any, NoReturn, TypeVar

from shared.domain.errors import ClearanceError
from shared.domain.evaluate import evaluate
from shared.domain.evaluation import Evaluation, Facts, Outcome
from shared.domain.events import EvaluationCompleted
from shared.domain.evidence import Evidence
from shared.domain.explanation import explain
from shared.domain.ids import PromotionId
from shared.domain.people import People, Person
from shared.domain.policy import Policy
from shared.domain.policy_match import match_policy
from shared.domain.seen import Seen, readings

T = TypeVar("T")


class NotRecorded(ClearanceError):
    """What a policy asks about was not kept with the evaluation, so nobody can say how it would judge."""

    code = "not_recorded"


@dataclass(frozen=True, slots=True)
class GateFlip:
    """A gate through which an outcome flips. `was` and `would_be` are outcomes, or "not asked"."""

    gate: str
    was: str
    would_be: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Replay:
    """One recorded evaluation judged anew.

    `was` and `would_be` are outcomes; `would_be` may also be why nothing governs the version ("no_policy",
    "not_opted_in", "policy_off"), or "undecidable", with the reason in `why`. `through` is empty unless it flips.
    """

    promotion: str
    round: int
    at: datetime
    was: str
    would_be: str
    through: tuple[GateFlip, ...] = ()
    why: str = ""

    @property
    def undecidable(self) -> bool:
        """Whether nobody can say, because something was not recorded."""
        return self.would_be == "undecidable"

    @property
    def flips(self) -> bool:
        """Whether the version would be asked about and was not, or the other way round."""
        return not self.undecidable and (self.was == Outcome.PASSED) != (self.would_be == Outcome.PASSED)


def replay(policies: Sequence[Policy], recorded: EvaluationCompleted, at: datetime) -> Replay:
    """Judge a recorded evaluation anew.

    Args:
        policies: those that are proposed.
        recorded: the evaluation, and what it saw.
        at: when it was recorded, for the report.
    """
    before = recorded.evaluation
    same = Replay(before.promotion, recorded.round, at, before.outcome, before.outcome)
    try:
        after = judged_anew(policies, recorded)
    except NotRecorded as missing:
        return replace(same, would_be="undecidable", why=str(missing))
    if isinstance(after, tuple):
        standing, reason = after
        found = replace(same, would_be=standing, why=reason)
        return replace(found, through=(GateFlip("policy", same.was, standing, reason),)) if found.flips else found
    found = replace(same, would_be=after.outcome)
    return replace(found, through=tuple(_through(before, after))) if found.flips else found


def judged_anew(policies: Sequence[Policy], recorded: EvaluationCompleted) -> Evaluation | tuple[str, str]:
    """The evaluation by the policy that would govern the version; or how it stands to the policies, and why.

    Raises:
        NotRecorded: something that the policy asks about was not kept.
    """
    before, seen = recorded.evaluation, recorded.seen
    if seen is None:
        raise NotRecorded("It was recorded by a release that did not keep its evidence.")
    promotion, evidence = PromotionId.parse(before.promotion), _evidence(before.facts, seen)
    version = evidence.version
    match = match_policy(policies, promotion.workspace, promotion.name, version.tags)
    if match.policy is None or match.reason:
        return match.standing, match.reason
    if missing := readings(match.policy, promotion, version) - set(seen.readings):
        raise NotRecorded(f"Not looked up then: {', '.join(sorted(missing))}.")
    return evaluate(
        match.policy,
        policy_build=before.policy_build,
        promotion=promotion,
        evidence=evidence,
        champion=before.champion,
        people=_people(seen),
        given_up=frozenset(seen.given_up),
        address=None,
        now=seen.at,
    )


def _through(before: Evaluation, after: Evaluation) -> Iterator[GateFlip]:
    was = {gate.gate: gate.outcome.value for gate in before.gates}
    told = {gate.gate: gate for gate in explain(after).gates}
    for gate in after.not_passed or before.not_passed:
        now = told.get(gate.gate)
        would_be, sentence = (now.outcome.value, now.sentence) if now else ("not asked", f"{gate.gate} is not asked.")
        yield GateFlip(gate.gate, was.get(gate.gate, "not asked"), would_be, sentence)


def _people(seen: Seen) -> People:
    """Whom registrant and run submitter fitted then: who is in the directory now says nothing about that day."""
    spellings: dict[str, list[str]] = {}
    accountable: dict[str, tuple[str, ...]] = {}
    for spelling, fitting in seen.persons.items():
        for person in fitting:
            spellings.setdefault(person.id, []).append(spelling)
            accountable[person.id] = person.accountable
    everyone = (
        Person(id_, id_, None, None, tuple(spelled), (), bool(accountable[id_]), accountable[id_])
        for id_, spelled in spellings.items()
    )
    return People(tuple(everyone), "")


def _evidence(facts: Facts, seen: Seen) -> Evidence:
    version = replace(seen.evidence.version, artifacts=facts.artifacts)
    known = {
        "version.tags": facts.tags,
        "version.properties": facts.properties,
        "run.metrics": _taken(facts, "last"),
        "results.metrics": _taken(facts, "results"),
    }
    return _guarded(replace(seen.evidence, version=version), "", seen.left_out, known)


def _taken(facts: Facts, how: str) -> dict[str, str]:
    """The metrics that were taken so. A best value or a mean is no entry of any map: the run's own is the last value."""
    return {name: text for name, text in facts.metrics.items() if facts.taken.get(name, "last") == how}


def _guarded(value: T, place: str, left_out: Mapping[str, int], known: Mapping[str, Mapping[str, str]]) -> T:
    """The same, but what was left out answers nothing instead of "absent"."""
    guarded: Any = value
    if isinstance(value, Mapping):
        inner = {name: _guarded(item, f"{place}.{name}", left_out, known) for name, item in value.items()}
        whole = len(inner) + left_out.get(place, 0)
        guarded = Partial(place, inner | dict(known.get(place, {})), whole) if place in left_out else inner
    elif place in left_out:
        raise NotRecorded(f"Its evidence was cut: {place} was too much to be kept whole.")
    elif is_dataclass(value) and not isinstance(value, type):
        named = {each.name: f"{place}.{each.name}".lstrip(".") for each in fields(value)}
        guarded = replace(value, **{n: _guarded(getattr(value, n), at, left_out, known) for n, at in named.items()})
    return guarded  # type: ignore[no-any-return] # of the kind that came in


class Partial(Mapping[str, Any]):
    """A map some of whose entries were not kept: it tells what was kept, and how many there were."""

    def __init__(self, place: str, kept: Mapping[str, Any], whole: int) -> None:
        self._place = place
        self._kept = kept
        self._whole = whole

    def __getitem__(self, name: str) -> Any:
        return self._kept[name] if name in self._kept else self._refuse(name)

    def __iter__(self) -> Iterator[str]:
        return self._refuse("all of them")

    def __len__(self) -> int:
        return self._whole

    def _refuse(self, asked: str) -> NoReturn:
        raise NotRecorded(f"Its evidence was cut: {self._place} does not tell {asked}.")
