"""The directory as a file: `policies/directory/people.yaml` read into people, with every fault at once."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.adapters.document_faults import model_faults, sentence_at, yaml_faults
from shared.adapters.policy_values import Group, Text
from shared.adapters.strict_yaml import YamlDocument, bytes_of, read_yaml
from shared.domain.errors import DocumentInvalid
from shared.domain.people import People, Person
from shared.domain.visible import quoted

LARGEST_DIRECTORY = 1_048_576
"""Bytes of the file."""

_GUID = r"^[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}$"
Guid = Annotated[str, Field(pattern=_GUID)]


class PersonDocument(BaseModel):
    """One person, or one service principal with the people who answer for it."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")]
    name: Text
    tid: Guid | None = None
    oid: Guid | None = None
    spellings: list[Text] = []
    groups: list[Group] = []
    service_principal: bool = False
    accountable: list[str] = []

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
    def identifiers(self) -> set[str]:
        """All that resolves to this person, as `People.resolve` compares it."""
        return {text.strip().casefold() for text in (self.id, self.oid, *self.spellings) if text}


class DirectoryDocument(BaseModel):
    """Everybody, each once."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    people: Annotated[list[PersonDocument], Field(min_length=1)]


def load_people(path: Path) -> People:
    """Read the directory; its digest is the SHA-256 of the file's bytes, lower-case hex.

    Raises:
        DocumentInvalid: with every fault of the file.
    """
    try:
        return read_people(path, bytes_of(path, LARGEST_DIRECTORY))
    except FileNotFoundError as fault:
        raise DocumentInvalid(path.name, [f"There is no file {path}: create it, or name another."]) from fault


def read_people(path: Path, content: bytes) -> People:
    """Read the directory from bytes; `path` names it in faults."""
    document = read_yaml(content, LARGEST_DIRECTORY)
    faults = yaml_faults(path, document)
    try:
        directory = None if document.value is None else DirectoryDocument.model_validate(document.value)
    except ValidationError as error:
        raise DocumentInvalid(path.name, faults + model_faults(path, document, error, DirectoryDocument)) from error
    if directory is None:
        raise DocumentInvalid(path.name, faults or [sentence_at(path, document, (), "The file is empty: list people")])
    faults += _between(path, document, directory.people)
    if faults:
        raise DocumentInvalid(path.name, faults)
    return People(tuple(p.as_person() for p in directory.people), hashlib.sha256(content).hexdigest())


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


def _between(path: Path, document: YamlDocument, people: Sequence[PersonDocument]) -> list[str]:
    faults = [*_shared(people), *_accountable(people)]
    return [sentence_at(path, document, ("people", index), sentence) for index, sentence in sorted(faults)]


def _shared(people: Sequence[PersonDocument]) -> Iterator[tuple[int, str]]:
    owners: dict[str, int] = {}
    for index, person in enumerate(people):
        for identifier in sorted(person.identifiers):
            owner = people[owners.setdefault(identifier, index)]
            if owner is not person:
                yield index, f"has {quoted(identifier)}, which {owner.id} has already: it must mean one person"


def _accountable(people: Sequence[PersonDocument]) -> Iterator[tuple[int, str]]:
    persons = {person.id for person in people if not person.service_principal}
    for index, person in enumerate(people):
        for id_ in sorted(set(person.accountable) - persons):
            yield (
                index,
                f"names {quoted(id_)} as accountable, who is no person here: list the person, or correct the id",
            )
        if person.service_principal and not person.accountable:
            yield index, "is a service principal that nobody answers for: name people under accountable"
        if person.accountable and not person.service_principal:
            yield index, "names accountable people without being a service principal: add service_principal: true"
        if person.oid is not None and person.tid is None:
            yield index, "has an oid without tid: an object id means somebody only in its tenant, so add tid"
