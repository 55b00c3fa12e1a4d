"""Who somebody is: many identifiers, one person, or nobody."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Person:
    """One entry of `policies/directory/people.yaml`.

    `oid` and `tid` are Entra's object and tenant id; `spellings` every name Azure ML or a sender may use (e-mail
    addresses included). For a service principal `accountable` names the ids of the people who answer for it.
    """

    id: str
    name: str
    tid: str | None
    oid: str | None
    spellings: tuple[str, ...]
    groups: tuple[str, ...]
    service_principal: bool = False
    accountable: tuple[str, ...] = ()


@dataclass(frozen=True)
class People:
    """The directory at one moment, with the SHA-256 of the file it came from."""

    everyone: tuple[Person, ...]
    digest: str

    def resolve(self, identifier: str) -> Person | None:
        """Return the one person that `identifier` fits; None when it fits nobody, or two."""
        return _only(self.fitting(identifier))

    def fitting(self, identifier: str) -> tuple[Person, ...]:
        """Everyone whom `identifier` fits, in any spelling and case."""
        return self._by_identifier.get(_folded(identifier), ())

    @cached_property
    def _by_identifier(self) -> Mapping[str, tuple[Person, ...]]:
        found: dict[str, tuple[Person, ...]] = {}
        for person in self.everyone:
            for identifier in _identifiers(person):
                found[identifier] = (*found.get(identifier, ()), person)
        return found

    def by_object(self, tid: str, oid: str) -> Person | None:
        """Return the person with these Entra ids, or None."""
        return _only(p for p in self.everyone if p.oid and (p.tid, p.oid) == (tid.casefold(), oid.casefold()))

    def answerable(self, person: Person) -> tuple[str, ...]:
        """The ids that stand behind `person`: itself, with the accountable people of a service principal."""
        return (person.id, *person.accountable)


def _identifiers(person: Person) -> set[str]:
    known = {person.id, *person.spellings, *([person.oid] if person.oid else [])}
    return {_folded(identifier) for identifier in known}


def _folded(identifier: str) -> str:
    return identifier.strip().casefold()


def _only(found: Iterable[Person]) -> Person | None:
    people = tuple(found)
    return people[0] if len(people) == 1 else None
