"""A folder of policies before it is merged: every fault of its files."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from shared.adapters.case_files import read_cases
from shared.adapters.document_faults import Said
from shared.adapters.organisation_file import OrganisationFile
from shared.adapters.people_file import people_of
from shared.adapters.plain_files import file_fault, irregular, shown
from shared.adapters.policy_files import PolicyFile, PolicyReading, read_policies
from shared.adapters.strict_yaml import Place
from shared.domain.errors import DocumentInvalid
from shared.domain.faults import Fault, as_fault
from shared.domain.visible import visible


@dataclass(frozen=True, slots=True)
class Checked:
    """What reading a folder found; the counts are of what could be read.

    `warnings` are of what is in order and probably not meant: exceptions that are over, floors that hold nothing.
    """

    folder: Path
    policies: int
    cases: int
    people: int
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...] = ()


def check_folder(folder: Path, today: date) -> Checked:
    """Read policies, people and cases; every fault of all of them at once. `today` is the day in UTC."""
    if not folder.is_dir():
        missing = file_fault(folder, "There is no such file or folder", "create it, or name another")
        return Checked(folder, 0, 0, 0, (irregular(folder) or missing,))
    people, faults = people_of(folder / "directory" / "people.yaml")
    reading = read_policies(folder, people)
    cases, of_cases = 0, list[Fault]()
    try:
        cases = len(read_cases(folder))
    except DocumentInvalid as invalid:
        of_cases = [as_fault(fault) for fault in invalid.faults]
    return Checked(
        folder,
        sum(not any(fault.file == shown(file.path) for fault in reading.faults) for file in reading.files),
        cases,
        len(people.everyone) if people and not faults else 0,
        (*faults, *reading.faults, *of_cases),
        (*reading.warnings(), *_over(reading, today)),
    )


def _over(reading: PolicyReading, today: date) -> Iterator[Fault]:
    """Every exception whose last day lies behind."""
    files: list[PolicyFile | OrganisationFile] = [*reading.files, reading.organisation]
    for file in files:
        for index, exception in enumerate(file.value.exceptions if file.value else ()):
            place: Place = ("exceptions", index, "until")
            if exception.until < today and not file.unread.touches(place[:2]):
                over = f"is over: {visible(exception.gate)} is enforced again"
                yield file.say(place, Said(over, "remove the exception", f"{over}, remove the exception"))
