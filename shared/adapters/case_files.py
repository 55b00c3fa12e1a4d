"""Files of cases, read: `<policy>.test.yaml` beside a policy, with every fault where it stands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from shared.adapters.case_document import CasesDocument, EvidenceCase, Expectation
from shared.adapters.document_faults import placed_errors, said_of, told
from shared.adapters.plain_files import bytes_of, shown
from shared.adapters.policy_files import LARGEST_POLICY
from shared.adapters.policy_listing import CASES_SUFFIX, listing
from shared.adapters.readable import Readable, finding, read_as
from shared.adapters.strict_yaml import Place, read_yaml
from shared.domain.errors import DocumentInvalid
from shared.domain.faults import Fault
from shared.domain.visible import visible

LARGEST_CASES = 262_144
"""Bytes of one file of cases."""

_MOST_NAMED = 20  # policies that one sentence offers


@dataclass(frozen=True, slots=True)
class Case:
    """One case: the evidence with what differs in it, and what must come of it. `place` is `file:line:column`."""

    policy: str
    case: str
    place: str
    evidence: EvidenceCase
    expect: Expectation


def read_cases(folder: Path) -> list[Case]:
    """Read every file of cases in a folder, in the order of names.

    Raises:
        DocumentInvalid: with every fault of every file.
    """
    paths = sorted(folder.glob(f"*{CASES_SUFFIX}"))
    names = sorted(_policy_names(folder)) if paths else []
    files = [_read(path, names) for path in paths]
    if faults := [fault for _, found in files for fault in found]:
        raise DocumentInvalid(f"The cases in {shown(folder)}", faults)
    return [case for cases, _ in files for case in cases]


def _policy_names(folder: Path) -> Iterator[str]:
    """The names of the policies in a folder, of faulty ones too."""
    for path in listing(folder).policies:
        value = read_yaml(bytes_of(path, LARGEST_POLICY), LARGEST_POLICY).value
        if isinstance(value, Mapping) and "policy" in value:
            yield str(value["policy"])


def _read(path: Path, names: list[str]) -> tuple[list[Case], list[Fault]]:
    document = read_yaml(bytes_of(path, LARGEST_CASES), LARGEST_CASES)
    reading = read_as(CasesDocument, path, document, "write cases, or remove it")
    faults, cases = list(reading.faults), list[Case]()
    if reading.value is not None:
        if reading.value.policy not in names:
            known = ", ".join(map(visible, names[:_MOST_NAMED]))
            fault = f"is {visible(reading.value.policy)}, which no policy here is called"
            faults += reading.told([finding(("policy",), fault, f"write one of {known}")])
        for case in _cases(reading, reading.value):
            cases.append(case) if isinstance(case, Case) else faults.append(case)
    faults.sort(key=lambda fault: fault.order)
    return cases, told(faults, path, len(faults) + reading.more)


def _cases(reading: Readable[CasesDocument], cases: CasesDocument) -> Iterator[Case | Fault]:
    """Each case; of one whose evidence cannot be read, what is wrong with what differs in it."""
    base = reading.document.value.get("evidence")
    known = _validated(base)
    told_already = {(place, detail["type"]) for place, detail in known} if isinstance(known, list) else set()
    for index, case in enumerate(cases.cases):
        evidence = _validated(_merged(base, case.but))
        if isinstance(evidence, EvidenceCase):
            yield Case(cases.policy, case.case, reading.where(("cases", index)), evidence, case.expect)
        elif isinstance(base, Mapping):
            around: Place = ("cases", index, "but")
            for place, detail in evidence:
                if (place, detail["type"]) not in told_already and not reading.document.is_unread((*around, *place)):
                    yield from (reading.say((*around, *place), said) for said in said_of(detail, EvidenceCase))


def _validated(evidence: Any) -> EvidenceCase | list[tuple[Place, Any]]:
    """The evidence; or everything that is wrong with it."""
    try:
        return EvidenceCase.model_validate(evidence)
    except ValidationError as error:
        return placed_errors(error)


def _merged(base: Any, change: Any) -> Any:
    if not isinstance(base, Mapping) or not isinstance(change, Mapping):
        return change
    merged = {key: _merged(base.get(key), value) for key, value in change.items()}
    return {key: value for key, value in {**base, **merged}.items() if value is not None}
