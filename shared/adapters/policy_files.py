"""Policy as code: a folder of `*.yaml` read into policies, with every fault of every file at once."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from shared.adapters.document_faults import told
from shared.adapters.organisation_file import (
    OrganisationFile,
    against,
    organisation_of,
    overlooked,
    read_organisation,
)
from shared.adapters.plain_files import bytes_of, shown
from shared.adapters.policy_document import PolicyDocument
from shared.adapters.policy_gate_faults import champion_findings, gate_findings
from shared.adapters.policy_listing import Listing, listing
from shared.adapters.policy_scopes import Scope, scope_faults, scope_of
from shared.adapters.readable import Finding, Readable, finding, read_file
from shared.adapters.rule_document import rule_findings
from shared.adapters.strict_yaml import Place
from shared.domain.errors import DocumentInvalid
from shared.domain.faults import Fault
from shared.domain.organisation import Organisation, tightened
from shared.domain.people import People
from shared.domain.policy import Policy

LARGEST_POLICY = 65_536
"""Bytes of one policy file."""

PolicyFile = Readable[PolicyDocument]


@dataclass(slots=True)
class PolicyReading:
    """A folder read as far as it can be; `faults` are all of them, in the order of files and lines."""

    listing: Listing
    organisation: OrganisationFile
    files: tuple[PolicyFile, ...]
    faults: tuple[Fault, ...]

    @property
    def asked(self) -> Organisation:
        """What the organisation asks of every policy, as far as that could be read."""
        return organisation_of(self.organisation)

    def policies(self) -> tuple[Policy, ...]:
        """Every policy, with what the organisation asks for in force; of a folder without faults."""
        organisation = self.asked
        return tuple(tightened(file.value.as_policy(), organisation) for file in self.files if file.value)

    def warnings(self) -> Iterator[Fault]:
        """What is in order and probably not meant: floors of the organisation that hold nothing in a policy."""
        for file in self.files:
            if file.value:
                yield from overlooked(self.organisation, file.value.as_policy(), file, self.asked)


def load_policies(folder: Path, people: People | None = None) -> tuple[Policy, ...]:
    """Read every policy of `folder`, in the order of file names.

    Args:
        folder: holds `*.yaml`; `*.test.yaml` and folders inside are not read here. What `organisation.yaml` asks for
            is in force in every policy returned.
        people: where given, each policy's groups must hold enough people for its quorum.

    Raises:
        DocumentInvalid: with every fault of every file.
    """
    reading = read_policies(folder, people)
    if reading.faults:
        raise DocumentInvalid(f"The policy folder {shown(folder)}", reading.faults)
    return reading.policies()


def read_policies(folder: Path, people: People | None = None) -> PolicyReading:
    """The same, with the faults listed and what could be read beside them.

    Raises:
        DocumentInvalid: there is no such folder.
    """
    found = listing(folder)
    files = tuple(_read(path) for path in found.policies)
    organisation = read_organisation(found.organisation)
    asked = organisation_of(organisation)
    faults = [[*file.faults, *_between(file, organisation, asked, people)] for file in files]
    scopes = [scope_of(file, file.value) for file in files if file.value]
    by_name = {shown(file.path): of for file, of in zip(files, faults, strict=True)}
    for fault in (*scope_faults(scopes), *_same_names(scopes)):
        by_name[fault.file].append(fault)
    ordered = [fault for file, of in zip(files, faults, strict=True) for fault in _ordered(file, of)]
    every = (*found.faults, *_ordered(organisation, organisation.faults), *ordered)
    return PolicyReading(found, organisation, files, every)


def policy_paths(folder: Path) -> list[Path]:
    """The policy files of a folder, by name.

    Raises:
        DocumentInvalid: where there is no such folder, or what it holds is not read.
    """
    found = listing(folder)
    if found.faults:
        raise DocumentInvalid(f"The policy folder {shown(folder)}", found.faults)
    return list(found.policies)


@dataclass(slots=True)
class PolicyFolder:
    """The port `PolicySource` on a folder; parsed again only when its bytes change."""

    folder: Path
    _known: tuple[str, tuple[Policy, ...]] | None = field(default=None, init=False)

    def policies(self) -> tuple[Policy, ...]:
        """Every policy; raises `DocumentInvalid` with every fault."""
        found = listing(self.folder)
        digest = "" if found.faults else _digest(found.read)
        if self._known is None or self._known[0] != digest:
            self._known = (digest, load_policies(self.folder))
        return self._known[1]


def _digest(paths: Iterable[Path]) -> str:
    parts = (f"{path.name} {hashlib.sha256(bytes_of(path, LARGEST_POLICY)).hexdigest()}" for path in paths)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _read(path: Path) -> PolicyFile:
    file = read_file(PolicyDocument, path, LARGEST_POLICY, "write a policy")
    if file.value is not None:
        file.faults += file.told(file.value.findings())
    return file


def _between(
    file: PolicyFile, organisation: OrganisationFile, asked: Organisation, people: People | None
) -> Iterator[Fault]:
    """What a policy says against the organisation and of its own gates, and whom it asks for that there are not."""
    if file.value is None:
        return
    policy = file.value.as_policy()
    tight = tightened(policy, asked)
    yield from file.told(against(organisation, policy, file, asked))
    gates = gate_findings(tight, policy.exceptions, scope_of(file, file.value).models)
    own = (*gates, *champion_findings(tight))
    elsewhere = organisation.unread
    yield from file.told(each for each in own if not any(elsewhere.touches(place) for place in each.needs))
    yield from file.told(rule_findings(file.value.rules, tight))
    if people is not None:
        yield from file.told(_unreachable(file.value, people))


def _same_names(scopes: Sequence[Scope]) -> Iterator[Fault]:
    first: dict[str, Scope] = {}
    for scope in scopes:
        if scope.file.unread.covers(("policy",)):
            continue
        other = first.setdefault(scope.policy, scope)
        if other is not scope:
            yield scope.say(("policy",), f"is taken by {shown(other.file.path)}", "choose another name")


def _unreachable(document: PolicyDocument, people: People) -> Iterator[Finding]:
    approval = document.approval
    persons = [person for person in people.everyone if not person.service_principal]
    held = {group for person in persons for group in person.groups}
    for group in sorted(set(approval.groups) - held):
        item: Place = ("approval", "groups", approval.groups.index(group))
        yield finding(("approval", "groups"), f"lists {group}, which nobody belongs to", "add people to it", item)
    able = [person for person in persons if set(person.groups) & set(approval.groups)]
    if approval.quorum > len(able):
        fault = f"is {approval.quorum}, but the groups hold {len(able)} people"
        at: Place = ("approval", "quorum")
        yield finding(at, fault, "lower it, or add people", at, ("approval", "groups"))


def _ordered(file: PolicyFile | OrganisationFile, faults: Sequence[Fault]) -> list[Fault]:
    """The faults of one file from top to bottom, and no more than anybody reads."""
    return told(sorted(faults, key=lambda fault: fault.order), file.path, len(faults) + file.more)
