"""Cases of a policy: evidence in, expected outcome and gates, run by `clearance policy test`.

`<policy>.test.yaml` holds the evidence of a version that passes, and cases that each say what differs (`but`, merged
into it; null takes a key away) and what must come of it (`expect`; a gate not named there must have passed).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from shared.adapters.case_document import Expectation
from shared.adapters.case_evidence import situation
from shared.adapters.case_files import Case, read_cases
from shared.adapters.people_file import load_people
from shared.adapters.policy_files import load_policies
from shared.domain.durations import spelled_span
from shared.domain.evaluation import Evaluation, Outcome
from shared.domain.people import People
from shared.domain.policy import Policy
from shared.domain.policy_match import PolicyMatch, match_policy
from shared.domain.visible import visible


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case run: `faults` say what came out otherwise, empty when the case held; `gates` is what each gate said."""

    of: Case
    faults: tuple[str, ...]
    gates: Mapping[str, Outcome]

    @property
    def policy(self) -> str:
        """The name of the policy that it is a case of."""
        return self.of.policy

    @property
    def ok(self) -> bool:
        """Whether everything came out as expected."""
        return not self.faults


def run_cases(folder: Path) -> list[CaseResult]:
    """Run the cases of every policy in `folder` against the policies and `directory/people.yaml` there.

    Raises:
        DocumentInvalid: with every fault of the policies, else of the directory, else of the files of cases.
    """
    people = load_people(folder / "directory" / "people.yaml")
    policies = load_policies(folder, people)
    return [run_case(case, policies, people) for case in read_cases(folder)]


def run_case(case: Case, policies: tuple[Policy, ...], people: People) -> CaseResult:
    """Judge one case by the policy that governs it, and say what came out otherwise."""
    evidence = case.evidence
    found = match_policy(policies, evidence.workspace, evidence.name, evidence.tags)
    if found.policy is None or found.reason or found.policy.name != case.policy:
        return CaseResult(case, tuple(_ungoverned(case, found)), {})
    given = situation(evidence, found.policy)
    evaluation = given.evaluated(found.policy, people)
    faults = tuple(_unlike(evaluation, case.expect, given.now))
    return CaseResult(case, faults, {gate.gate: gate.outcome for gate in evaluation.gates})


def _ungoverned(case: Case, found: PolicyMatch) -> Iterator[str]:
    """What is unlike what was expected, where the policy of that name does not govern the case."""
    if found.policy is not None and not found.reason:
        yield f"expected policy {case.policy}, but {found.policy.name} governs this version."
    elif case.expect.outcome != found.standing:
        yield f"expected {case.expect.outcome}, but {found.reason}"
    else:
        stated = sorted(case.expect.model_fields_set - {"outcome"})
        yield from (f"expects {key}, but there is no evaluation: {found.reason}" for key in stated)


def _unlike(evaluation: Evaluation, expected: Expectation, now: datetime) -> Iterator[str]:
    if evaluation.outcome != expected.outcome:
        yield f"expected {expected.outcome}, came out {evaluation.outcome}."
    yield from _unlike_gates(evaluation, expected)
    for key, told in _TOLD.items():
        wanted, found = getattr(expected, key), told(evaluation, now)
        if wanted is not None and _spoken(wanted) != _spoken(found):
            yield f"{key}: expected {_spoken(wanted)}, came out {_spoken(found)}."


def _unlike_gates(evaluation: Evaluation, expected: Expectation) -> Iterator[str]:
    names = [gate.gate for gate in evaluation.gates]
    for name in sorted({*expected.gates, *expected.modes} - set(names)):
        yield f"expects gate {name}, which the policy does not have; it has {', '.join(names)}."
    for gate in evaluation.gates:
        wanted = expected.gates.get(gate.gate, Outcome.PASSED)
        if gate.outcome != wanted:
            yield f"gate {gate.gate}: expected {wanted}, came out {gate.outcome}: {gate.explanation}"
        if gate.mode != expected.modes.get(gate.gate, gate.mode):
            yield f"gate {gate.gate}: expected mode {expected.modes[gate.gate]}, came out {gate.mode}."


# What an evaluation says besides its gates, by the key of what is expected.
_TOLD: Mapping[str, Callable[[Evaluation, datetime], Any]] = {
    "waits": lambda evaluation, now: bool(evaluation.not_passed) and evaluation.may_wait(now),
    "quorum": lambda evaluation, _: evaluation.rules.quorum,
    "rejections": lambda evaluation, _: evaluation.rules.rejections,
    "groups": lambda evaluation, _: evaluation.rules.groups,
    "required_groups": lambda evaluation, _: evaluation.rules.required_groups,
    "excluded": lambda evaluation, _: evaluation.rules.excluded,
    "expires_after": lambda evaluation, _: evaluation.rules.expires_after,
    "missing_record": lambda evaluation, _: evaluation.missing_record,
    "targets": lambda evaluation, _: [str(target) for target in evaluation.targets],
    "exceptions": lambda evaluation, _: [gate.gate for gate in evaluation.gates if gate.exception],
}


def _spoken(value: Any) -> str:
    """As cases write it; a list in one order, for none counts."""
    match value:
        case list() | tuple():
            return f"[{', '.join(map(visible, sorted(value)))}]"
        case timedelta():
            return spelled_span(value)
    return str(value).lower()
