"""What the cases of policies leave untried: gates that none lets pass or sees refuse, and bounds that none holds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.adapters.case_evidence import situation
from shared.adapters.document_faults import where
from shared.adapters.people_file import load_people
from shared.adapters.plain_files import bytes_of, shown
from shared.adapters.policy_bounds import Moved, moved_bounds
from shared.adapters.policy_cases import CaseResult, run_case
from shared.adapters.policy_files import LARGEST_POLICY, load_policies, policy_paths
from shared.adapters.policy_listing import CASES_SUFFIX
from shared.adapters.strict_yaml import Place, YamlDocument, read_yaml
from shared.domain.evaluation import Outcome
from shared.domain.gates import ALWAYS_PASS, gates_of
from shared.domain.people import People
from shared.domain.policy import Policy

# Gates that no key of the file is named like.
_STATED_BY = {"separation_of_duties": "approval:exclude"}


@dataclass(frozen=True, slots=True)
class Untried:
    """A gate that no case lets pass, or that no case sees refuse: `lacks` is "passing" or "refusing".

    `place` is where the policy states it, as `file:line:column`; `add` is what to write, and where.
    """

    policy: str
    gate: str
    lacks: str
    place: str
    add: str


@dataclass(frozen=True, slots=True)
class OpenBound:
    """A bound that could be another one, and no case would notice; `could_be` says which, as half a sentence.

    `place` and `add` are as in `Untried`.
    """

    policy: str
    could_be: str
    place: str
    add: str


def untried(folder: Path, results: Sequence[CaseResult]) -> tuple[list[Untried], list[OpenBound]]:
    """What no case that holds tries of the policies of a folder, in the order of their files.

    Args:
        folder: holds the policies.
        results: what came of their cases.

    Raises:
        DocumentInvalid: with every fault of the policies or of the directory.
    """
    people = load_people(folder / "directory" / "people.yaml")
    policies = load_policies(folder, people)
    gates, bounds = list[Untried](), list[OpenBound]()
    for path, policy in zip(policy_paths(folder), policies, strict=True):
        document = read_yaml(bytes_of(path, LARGEST_POLICY), LARGEST_POLICY)
        held = [result for result in results if result.ok and result.policy == policy.name]
        cases = shown(path.with_name(path.name.replace(".yaml", CASES_SUFFIX)))
        gates += _untried_gates(path, document, policy, held, cases)
        for moved in moved_bounds(policy):
            if moved.place in document.positions and not _is_noticed(moved, held, policies, people):
                add = f"to {cases} {moved.add}"
                bounds.append(OpenBound(policy.name, str(moved), where(path, document, moved.place), add))
    return gates, bounds


def _untried_gates(
    path: Path, document: YamlDocument, policy: Policy, held: Sequence[CaseResult], cases: str
) -> Iterator[Untried]:
    for gate, _ in gates_of(policy):
        if policy.mode_of(gate) == "off":
            continue
        place = where(path, document, _place(document, gate))
        seen = {result.gates[gate] for result in held if gate in result.gates}
        if Outcome.PASSED not in seen:
            add = f"to {cases} a case whose evidence it lets pass: without {gate} under expect.gates"
            yield Untried(policy.name, gate, "passing", place, add)
        if not seen - {Outcome.PASSED} and gate not in ALWAYS_PASS:
            add = f'to {cases} a case that it refuses: expect: {{outcome: failed, gates: {{"{gate}": failed}}}} (or unproven)'
            yield Untried(policy.name, gate, "refusing", place, add)


def _is_noticed(moved: Moved, held: Sequence[CaseResult], policies: Sequence[Policy], people: People) -> bool:
    """Whether a case that holds comes out otherwise by the policy with the bound moved."""
    if moved.gate is None:
        changed = tuple(moved.policy if policy.name == moved.policy.name else policy for policy in policies)
        return any(not run_case(result.of, changed, people).ok for result in held)
    judge = dict(gates_of(moved.policy))[moved.gate]  # alone, for a suite has many cases, and a policy many gates
    tried = (result for result in held if moved.gate in result.gates)
    return any(
        judge(situation(each.of.evidence, moved.policy).given(moved.policy, people)).outcome != each.gates[moved.gate]
        for each in tried
    )


def _place(document: YamlDocument, gate: str) -> Place:
    """Where the file states a gate: the keys whose names hold the parts of the gate's name, in order."""
    parts = _STATED_BY.get(gate, gate).split(":")
    found = [place for place in document.positions if place and _holds(place, parts)]
    exact = [place for place in found if str(place[-1]) == parts[-1]]
    return min(exact or found, key=len, default=())


def _holds(place: Place, parts: Sequence[str]) -> bool:
    keys = iter(map(str, place))
    return parts[-1] in str(place[-1]) and all(any(part in key for key in keys) for part in parts)
