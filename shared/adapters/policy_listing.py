"""What a folder of policies holds: the files that are read, and a fault for each that looks like one and is not."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from shared.adapters.plain_files import file_fault, irregular, shown
from shared.domain.errors import DocumentInvalid
from shared.domain.faults import Fault

ORGANISATION_FILE = "organisation.yaml"
CASES_SUFFIX = ".test.yaml"
PEOPLE_FOLDER = "directory"

MOST_POLICIES = 500
"""Files in the folder: each pair of them is compared."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The policies of a folder by name, the organisation's file where there is one, and what is not read."""

    policies: tuple[Path, ...]
    organisation: Path | None
    faults: tuple[Fault, ...]

    @property
    def read(self) -> tuple[Path, ...]:
        """Every file that says what is in force."""
        return (*self.policies, *([self.organisation] if self.organisation else []))


def listing(folder: Path) -> Listing:
    """What stands in `folder`. What looks like a file to be read and is not is a fault: a floor that nobody reads is none.

    Raises:
        DocumentInvalid: there is no such folder.
    """
    if not folder.is_dir():
        missing = file_fault(folder, "There is no such folder", "create it, or name another")
        raise DocumentInvalid(f"The policy folder {shown(folder)}", [missing])
    policies, organisation, faults = list[Path](), None, list[Fault]()
    for path in sorted(folder.iterdir()):
        if not _is_yaml(path) or path.name.endswith(CASES_SUFFIX):
            continue
        if unread := _unread(path):
            faults.append(unread)
        elif path.name == ORGANISATION_FILE:
            organisation = path
        else:
            policies.append(path)
    faults += [file_fault(path, "Only this folder is read", "move it up") for path in _below(folder)]
    if len(policies) > MOST_POLICIES:
        many = f"It holds {len(policies)} policies; at most {MOST_POLICIES} are read"
        faults.append(file_fault(folder, many, "merge some"))
    if not policies and not faults:
        faults.append(file_fault(folder, "It holds no *.yaml", "add a policy"))
    return Listing(tuple(policies[:MOST_POLICIES]), organisation, tuple(faults))


def _below(folder: Path) -> Iterator[Path]:
    """What looks like a policy in folders inside, but for that of people and hidden ones, which tools make for themselves."""
    for around, folders, files in os.walk(folder):
        inside = Path(around)
        if inside == folder:
            folders[:] = [name for name in folders if name != PEOPLE_FOLDER]
        else:
            yield from filter(_is_yaml, (inside / name for name in sorted(files)))
        folders[:] = sorted(name for name in folders if not name.startswith("."))


def _is_yaml(path: Path) -> bool:
    return path.suffix.casefold() in {".yaml", ".yml"}


def _unread(path: Path) -> Fault | None:
    name = path.with_suffix(".yaml").name
    if path.suffix != ".yaml":
        return file_fault(path, "Only *.yaml is read", f"rename it to {name}")
    if path.name.casefold() == ORGANISATION_FILE and path.name != ORGANISATION_FILE:
        return file_fault(path, "Names are read as they are written", f"rename it to {ORGANISATION_FILE}")
    return irregular(path)
