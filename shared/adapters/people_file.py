"""The directory as a file: `policies/directory/people.yaml` read into people, with every fault at once."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field

from shared.adapters import schema_rules
from shared.adapters.document_faults import told
from shared.adapters.plain_files import bytes_of, file_fault, shown
from shared.adapters.policy_values import Group, Section, Text, text_schema
from shared.adapters.readable import Finding, Readable, finding, read_as
from shared.adapters.strict_yaml import Place, read_yaml
from shared.domain.errors import DocumentInvalid
from shared.domain.faults import Fault
from shared.domain.people import People, Person
from shared.domain.visible import quoted

LARGEST_DIRECTORY = 1_048_576
"""Bytes of the file."""

_GUID = r"^[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}$"
_PERSON_ID = r"^[a-z0-9][a-z0-9.-]{0,63}$"
Guid = Annotated[str, Field(pattern=_GUID), text_schema(_GUID, "72f988bf-0000-4000-8000-000000000001")]
PersonId = Annotated[str, Field(pattern=_PERSON_ID), text_schema(_PERSON_ID, "dana.submitter")]


class PersonDocument(Section):
    """One person, or one service principal with the people who answer for it."""

    model_config = ConfigDict(json_schema_extra=schema_rules.PERSON)

    id: PersonId = Field(description="The one id that histories and quorums know this person by; never change it.")
    name: Text = Field(description="The name that people are shown.")
    tid: Guid | None = Field(default=None, description="The id of the Entra tenant that the object id belongs to.")
    oid: Guid | None = Field(default=None, description="The object id in that tenant, as tokens carry it.")
    spellings: list[Text] = Field(
        default=[],
        description="Every other name that Azure ML, Entra or a webhook's sender may use; each means one person.",
    )
    groups: list[Group] = Field(default=[], description="The groups that policies ask for.")
    service_principal: bool = Field(default=False, description="true: no person, but what acts for one.")
    accountable: list[str] = Field(
        default=[],
        description="The ids of the people who answer for a service principal: they count as its registrant.",
    )

    def as_person(self) -> Person:
        """The same as a value of the domain; Entra's ids compare in lower case."""
        return Person(
            id=self.id,
            name=self.name,
            tid=self.tid and self.tid.casefold(),
            oid=self.oid and self.oid.casefold(),
            spellings=tuple(self.spellings),
            groups=tuple(self.groups),
            service_principal=self.service_principal,
            accountable=tuple(self.accountable),
        )

    @property
    def identifiers(self) -> Iterator[tuple[str, Place]]:
        """All that resolves to this person, as `People.resolve` compares it, and where it stands."""
        texts = [(self.id, ("id",)), (self.oid, ("oid",))]
        spelled = [(text, ("spellings", index)) for index, text in enumerate(self.spellings)]
        yield from ((text.strip().casefold(), place) for text, place in (*texts, *spelled) if text)


class DirectoryDocument(Section):
    """Everybody, each once."""

    people: Annotated[list[PersonDocument], Field(min_length=1)] = Field(
        description="Every person and service principal that policies and histories may name."
    )

    def as_people(self, digest: str) -> People:
        """The same as a value of the domain."""
        return People(tuple(person.as_person() for person in self.people), digest)


PeopleReading = Readable[DirectoryDocument]


def load_people(path: Path) -> People:
    """Read the directory; its digest is the SHA-256 of the file's bytes, lower-case hex.

    Raises:
        DocumentInvalid: with every fault of the file.
    """
    try:
        return read_people(path, bytes_of(path, LARGEST_DIRECTORY))
    except FileNotFoundError as fault:
        raise DocumentInvalid(path.name, [_missing(path)]) from fault


def read_people(path: Path, content: bytes) -> People:
    """Read the directory from bytes; `path` names it in faults."""
    reading = _read(path, content)
    if reading.faults or reading.value is None:
        faults = told(sorted(reading.faults, key=lambda each: each.order), path, len(reading.faults) + reading.more)
        raise DocumentInvalid(path.name, faults)
    return reading.value.as_people(hashlib.sha256(content).hexdigest())


def people_of(path: Path) -> tuple[People | None, list[Fault]]:
    """The people, as far as they can be read and nobody's groups are in doubt; and every fault of the file."""
    try:
        reading = _read(path, bytes_of(path, LARGEST_DIRECTORY))
    except FileNotFoundError:
        return None, [_missing(path)]
    except DocumentInvalid as invalid:
        return None, [each for each in invalid.faults if isinstance(each, Fault)]
    faults = told(sorted(reading.faults, key=lambda each: each.order), path, len(reading.faults) + reading.more)
    return (reading.value.as_people("") if reading.value and _knows_groups(reading) else None), faults


def _read(path: Path, content: bytes) -> PeopleReading:
    reading = read_as(DirectoryDocument, path, read_yaml(content, LARGEST_DIRECTORY), "list people")
    if reading.value is not None:
        reading.faults += reading.told((*_shared(reading.value.people), *_accountable(reading.value.people)))
    return reading


def _knows_groups(reading: PeopleReading) -> bool:
    keys = ("groups", "service_principal")
    people = reading.value.people if reading.value else ()
    doubtful = (reading.unread.touches(("people", index, key)) for index in range(len(people)) for key in keys)
    return not any(doubtful)


def _missing(path: Path) -> Fault:
    other = path.with_suffix(".yml")
    if other.exists():
        return file_fault(other, f"Only {path.name} is read", "rename it")
    text = f"There is no file {shown(path)}: create it, or name another."
    return Fault(text, file=shown(path), fault="There is no such file", fix="create it, or name another")


@dataclass(slots=True)
class PeopleFile:
    """The port `Directory` on a file; parsed again only when its bytes change."""

    path: Path
    _known: People | None = field(default=None, init=False)

    def people(self) -> People:
        """Everyone, as the file stands now; raises `DocumentInvalid` with every fault."""
        if self._known is None or self._known.digest != self._digest():
            self._known = load_people(self.path)
        return self._known

    def _digest(self) -> str:
        return hashlib.sha256(bytes_of(self.path, LARGEST_DIRECTORY)).hexdigest() if self.path.is_file() else ""


def _shared(people: Sequence[PersonDocument]) -> Iterator[Finding]:
    """What means two people."""
    owners: dict[str, tuple[int, Place]] = {}
    for index, person in enumerate(people):
        for identifier, key in sorted(person.identifiers):
            at: Place = ("people", index, *key)
            first, place = owners.setdefault(identifier, (index, at))
            if first != index:
                fault = f"has {quoted(identifier)}, which {people[first].id} has already"
                yield finding(("people", index), fault, "it must mean one person", at, place, ("people", first, "id"))


def _accountable(people: Sequence[PersonDocument]) -> Iterator[Finding]:
    persons = {person.id for person in people if not person.service_principal}
    known = [("people", index, key) for index in range(len(people)) for key in ("id", "service_principal")]
    for index, person in enumerate(people):
        place: Place = ("people", index)
        answering, principal = (*place, "accountable"), (*place, "service_principal")
        for id_ in sorted(set(person.accountable) - persons):
            fault = f"names {quoted(id_)} as accountable, who is no person here"
            yield finding(place, fault, "list the person, or correct the id", answering, *known)
        if person.service_principal and not person.accountable:
            fault = "is a service principal that nobody answers for"
            yield finding(place, fault, "name people under accountable", answering, principal)
        if person.accountable and not person.service_principal:
            fault = "names accountable people without being a service principal"
            yield finding(place, fault, "add service_principal: true", answering, principal)
        if person.oid is not None and person.tid is None:
            fault = "has an oid without tid"
            fix = "an object id means somebody only in its tenant, so add tid"
            yield finding(place, fault, fix, (*place, "oid"), (*place, "tid"))
