"""The people and the application that the issuer knows, read from a JSON or YAML file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml

SAMPLE_PEOPLE = Path(__file__).parents[1] / "people.json"


class PeopleFault(Exception):
    """The people file is faulty; the text lists every fault."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in.

    Attributes:
        key: short name that the issuer's requests use.
        name: display name.
        oid: Entra object id, a GUID in text.
        upn: user principal name, an e-mail address.
        roles: app roles that the token carries.
        groups: names of groups, for whoever sets up the directory; tokens carry none.
    """

    key: str
    name: str
    oid: str
    upn: str
    roles: tuple[str, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ManagedIdentity:
    """The identity that the app runs as."""

    name: str
    client_id: str
    oid: str


@dataclass(frozen=True, slots=True)
class People:
    """All that the issuer vouches for.

    Attributes:
        tenant_id: Entra tenant, a GUID in text.
        client_id: the application that people sign in to: the audience of their tokens.
        managed_identity: who asks at the identity endpoint.
        people: by key.
    """

    tenant_id: str
    client_id: str
    managed_identity: ManagedIdentity
    people: dict[str, Person]


def read_people(path: Path = SAMPLE_PEOPLE) -> People:
    """Read a people file; the sample beside this package shows the form.

    Raises:
        PeopleFault: with every fault of the file.
    """
    try:
        document = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise PeopleFault(f"{path}: cannot be read: {error}") from error
    faults: list[str] = []
    found = _people(document if isinstance(document, dict) else {}, faults)
    if faults:
        raise PeopleFault(f"{path}: " + "; ".join(faults))
    return found


def _people(document: dict[str, Any], faults: list[str]) -> People:
    identity = _mapping(document, "managed_identity", "", faults)
    listed = _mapping(document, "people", "", faults)
    return People(
        _guid(document, "tenant_id", "", faults),
        _guid(document, "client_id", "", faults),
        ManagedIdentity(
            _text(identity, "name", "managed_identity.", faults),
            _guid(identity, "client_id", "managed_identity.", faults),
            _guid(identity, "oid", "managed_identity.", faults),
        ),
        {key: _person(key, _mapping(listed, key, "people.", faults), faults) for key in listed},
    )


def _person(key: str, fields: dict[str, Any], faults: list[str]) -> Person:
    place = f"people.{key}."
    return Person(
        key,
        _text(fields, "name", place, faults),
        _guid(fields, "oid", place, faults),
        _text(fields, "upn", place, faults),
        _texts(fields, "roles", place, faults),
        _texts(fields, "groups", place, faults),
    )


def _mapping(fields: dict[str, Any], key: str, place: str, faults: list[str]) -> dict[str, Any]:
    value = fields.get(key)
    if isinstance(value, dict) and value:
        return value
    faults.append(f"{place}{key} must be an object with entries")
    return {}


def _text(fields: dict[str, Any], key: str, place: str, faults: list[str]) -> str:
    value = fields.get(key)
    if isinstance(value, str) and value.strip():
        return value
    faults.append(f"{place}{key} must be text")
    return ""


def _guid(fields: dict[str, Any], key: str, place: str, faults: list[str]) -> str:
    value = fields.get(key)
    try:
        return str(UUID(value)) if isinstance(value, str) else str(UUID(""))
    except ValueError:
        faults.append(f"{place}{key} must be a GUID such as 72f988bf-0000-4000-8000-000000000001")
        return ""


def _texts(fields: dict[str, Any], key: str, place: str, faults: list[str]) -> tuple[str, ...]:
    value = fields.get(key, [])
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    faults.append(f"{place}{key} must be a list of texts")
    return ()
