"""`organisation.yaml` in the policy folder, and what a policy file says against it."""

from collections.abc import Iterator
from pathlib import Path

from shared.adapters.document_faults import Said
from shared.adapters.organisation_document import OrganisationDocument
from shared.adapters.policy_document import PolicyDocument
from shared.adapters.policy_listing import ORGANISATION_FILE
from shared.adapters.readable import Finding, Readable, Unread, finding, read_file
from shared.adapters.strict_yaml import Place, YamlDocument
from shared.domain.evidence_floor import Lack, lacks, unheld
from shared.domain.faults import Fault
from shared.domain.organisation import Organisation, loosenings
from shared.domain.policy import Policy

LARGEST_ORGANISATION = 65_536
"""Bytes of the file."""

OrganisationFile = Readable[OrganisationDocument]


def read_organisation(path: Path | None) -> OrganisationFile:
    """Read the file where there is one; faults are listed, never raised. Without one nothing is asked for."""
    if path is None:
        return Readable(Path(ORGANISATION_FILE), YamlDocument(None, {}, ()), None, [], Unread(), {})
    file = read_file(
        OrganisationDocument, path, LARGEST_ORGANISATION, "write what every policy is held to, or remove it"
    )
    if file.value is not None:
        file.faults += file.told(file.value.findings())
    return file


def organisation_of(file: OrganisationFile) -> Organisation:
    """What the file asks for; nothing where it could not be read."""
    return Organisation("") if file.value is None else file.value.as_organisation()


def against(
    file: OrganisationFile, policy: Policy, stated: Readable[PolicyDocument], organisation: Organisation
) -> Iterator[Finding]:
    """Each value that a policy's file states looser, and what it lacks, with where both files state it."""
    for found in loosenings(policy, organisation):
        if stated.states(found.key) and not any(file.unread.touches(place) for place in _parts(found.floor)):
            fault = f"is {found.value}, but {file.where(found.floor)} asks for {found.asked}"
            yield finding(found.key, fault, "write that, or remove it", *_parts(found.key))
    for lack in lacks(policy.evidence, organisation.evidence):
        yield from _lacking(file, lack, "asks for it")


def overlooked(
    file: OrganisationFile, policy: Policy, stated: Readable[PolicyDocument], organisation: Organisation
) -> Iterator[Fault]:
    """Floors that hold nothing in a policy, as warnings."""
    found = (_lacking(file, lack, "has a floor") for lack in unheld(policy.evidence, organisation.evidence))
    yield from stated.told(each for findings in found for each in findings)


def _lacking(file: OrganisationFile, lack: Lack, says: str) -> Iterator[Finding]:
    key, floor = ("evidence", *lack.key), ("evidence", *lack.floor)
    if not file.unread.touches(floor):
        yield Finding(key, Said(f"{lack.fault}, but {file.where(floor)} {says}", lack.fix), (key,))


def _parts(key: Place) -> tuple[Place, ...]:
    """The places that have a part in how a value is judged: its own, and what says what it means."""
    if key[0] == "exceptions":
        return ((*key, "gate"),)
    meaning = {"metrics": "better", "documents": "kind"}.get(
        str(key[1]) if key[0] == "evidence" and len(key) > 2 else ""
    )
    return (key, (*key[:3], meaning)) if meaning else (key,)
