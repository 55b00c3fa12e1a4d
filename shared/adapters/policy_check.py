"""A folder of policies before it is merged: every fault of its files, and the gates that no case tries."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from shared.adapters.document_faults import sentence_at, where
from shared.adapters.organisation_file import ORGANISATION_FILE
from shared.adapters.people_file import load_people
from shared.adapters.policy_cases import CaseFile, CaseResult, read_cases
from shared.adapters.policy_files import CASES_SUFFIX, LARGEST_POLICY, load_policies, policy_paths
from shared.adapters.strict_yaml import Place, YamlDocument, bytes_of, read_yaml
from shared.domain.errors import DocumentInvalid
from shared.domain.evaluation import Outcome
from shared.domain.gates import ALWAYS_PASS, gates_of
from shared.domain.instants import parse_day
from shared.domain.policy import Policy
from shared.domain.visible import visible

T = TypeVar("T")

# Gates that no key of the file is named like.
_STATED_BY = {"separation_of_duties": "approval:exclude"}


@dataclass(frozen=True, slots=True)
class Checked:
    """What reading a folder found; the counts are of what could be read.

    `warnings` are of what is in order and probably not meant: exceptions that are over.
    """

    folder: Path
    policies: int
    cases: int
    people: int
    faults: tuple[str, ...]
    warnings: tuple[str, ...] = ()


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


def check_folder(folder: Path, today: date) -> Checked:
    """Read policies, people and cases; every fault of all of them at once. `today` is the day in UTC."""
    faults: list[str] = []
    people = _read(lambda: load_people(folder / "directory" / "people.yaml"), None, faults)
    policies: tuple[Policy, ...] = _read(lambda: load_policies(folder, people), (), faults)
    files: list[CaseFile] = _read(lambda: read_cases(folder), [], faults)
    cases = sum(len(file.cases.cases) for file in files)
    warnings = _over(folder, today) if policies else ()
    return Checked(folder, len(policies), cases, len(people.everyone) if people else 0, tuple(faults), tuple(warnings))


def untried_gates(folder: Path, results: Sequence[CaseResult]) -> list[Untried]:
    """Every gate of every policy that no case which holds lets pass, or none sees refuse.

    Args:
        folder: holds the policies.
        results: what came of their cases.

    Raises:
        DocumentInvalid: with every fault of the policies.
    """
    pairs = zip(policy_paths(folder), load_policies(folder), strict=True)
    return [untried for path, policy in pairs for untried in _untried(path, policy, results)]


def _read(reading: Callable[[], T], otherwise: T, faults: list[str]) -> T:
    try:
        return reading()
    except DocumentInvalid as invalid:
        faults.extend(invalid.faults)
        return otherwise


def _over(folder: Path, today: date) -> Iterator[str]:
    """Every exception whose last day lies behind."""
    for path in (path for path in (*policy_paths(folder), folder / ORGANISATION_FILE) if path.is_file()):
        document = read_yaml(bytes_of(path, LARGEST_POLICY), LARGEST_POLICY)
        for index, exception in enumerate(document.value.get("exceptions", [])):
            if parse_day(str(exception["until"])) < today:
                place = ("exceptions", index, "until")
                over = f"is over: {visible(exception['gate'])} is enforced again, remove the exception"
                yield sentence_at(path, document, place, over)


def _untried(path: Path, policy: Policy, results: Sequence[CaseResult]) -> Iterator[Untried]:
    document = read_yaml(bytes_of(path, LARGEST_POLICY), LARGEST_POLICY)
    tried = [result.gates for result in results if result.ok and result.policy == policy.name]
    cases = path.name.replace(".yaml", CASES_SUFFIX)
    for gate, _ in gates_of(policy):
        if policy.mode_of(gate) == "off":
            continue
        place = where(path, document, _place(document, gate))
        seen = {gates[gate] for gates in tried if gate in gates}
        if Outcome.PASSED not in seen:
            add = f"to {cases} a case whose evidence it lets pass: without {gate} under expect.gates"
            yield Untried(policy.name, gate, "passing", place, add)
        if not seen - {Outcome.PASSED} and gate not in ALWAYS_PASS:
            add = f'to {cases} a case that it refuses: expect: {{outcome: failed, gates: {{"{gate}": failed}}}} (or unproven)'
            yield Untried(policy.name, gate, "refusing", place, add)


def _place(document: YamlDocument, gate: str) -> Place:
    """Where the file states a gate: the keys whose names hold the parts of the gate's name, in order."""
    parts = _STATED_BY.get(gate, gate).split(":")
    found = [place for place in document.positions if place and _holds(place, parts)]
    exact = [place for place in found if str(place[-1]) == parts[-1]]
    return min(exact or found, key=len, default=())


def _holds(place: Place, parts: Sequence[str]) -> bool:
    keys = iter(map(str, place))
    return parts[-1] in str(place[-1]) and all(any(part in key for key in keys) for part in parts)
