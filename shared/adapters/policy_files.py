"""Policy as code: a folder of `*.yaml` read into policies, with every fault of every file at once."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from shared.adapters.document_faults import model_faults, sentence_at, yaml_faults
from shared.adapters.organisation_file import ORGANISATION_FILE, OrganisationFile, read_organisation
from shared.adapters.policy_document import MatchDocument, PolicyDocument, TargetDocument
from shared.adapters.policy_gate_faults import gate_faults
from shared.adapters.policy_scopes import Scope, scope_faults
from shared.adapters.rule_document import rule_faults
from shared.adapters.strict_yaml import Place, YamlDocument, bytes_of, read_yaml
from shared.domain.errors import DocumentInvalid
from shared.domain.organisation import tightened
from shared.domain.people import People
from shared.domain.policy import Policy
from shared.domain.visible import visible

LARGEST_POLICY = 65_536
"""Bytes of one policy file."""

MOST_POLICIES = 500
"""Files in the folder: each pair of them is compared."""

CASES_SUFFIX = ".test.yaml"

_TARGETS = TypeAdapter(list[TargetDocument])


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    document: YamlDocument
    policy: PolicyDocument | None
    faults: tuple[str, ...]

    def say(self, place: Place, sentence: str) -> str:
        return sentence_at(self.path, self.document, place, sentence)


def load_policies(folder: Path, people: People | None = None) -> tuple[Policy, ...]:
    """Read every policy of `folder`, in the order of file names.

    Args:
        folder: holds `*.yaml`; `*.test.yaml` and folders inside are not read here. What `organisation.yaml` asks for
            is in force in every policy returned.
        people: where given, each policy's groups must hold enough people for its quorum.

    Raises:
        DocumentInvalid: with every fault of every file.
    """
    files = [_read(path) for path in policy_paths(folder)]
    organisation = read_organisation(folder)
    faults = [*organisation.faults, *(fault for file in files for fault in file.faults)]
    faults += [fault for file in files for fault in _held_faults(file, organisation)]
    faults += scope_faults([scope for file in files if (scope := _scope(file))])
    faults += _same_names(files)
    if people is not None:
        faults += [fault for file in files for fault in _unreachable(file, people)]
    if faults:
        raise DocumentInvalid(f"The policy folder {folder.name}", faults)
    return tuple(tightened(file.policy.as_policy(), organisation.organisation) for file in files if file.policy)


def policy_paths(folder: Path) -> list[Path]:
    """The policy files of a folder, by name.

    Raises:
        DocumentInvalid: where there is no such folder, no policy in it, or too many.
    """
    if not folder.is_dir():
        raise DocumentInvalid(
            f"The policy folder {folder.name}", ["There is no such folder: create it, or name another."]
        )
    paths = [path for path in sorted(folder.glob("*.yaml")) if path.is_file() and _is_policy(path.name)]
    if not paths:
        raise DocumentInvalid(f"The policy folder {folder.name}", ["It holds no *.yaml: add a policy."])
    if len(paths) > MOST_POLICIES:
        fault = f"It holds {len(paths)} policies; at most {MOST_POLICIES} are read: merge some."
        raise DocumentInvalid(f"The policy folder {folder.name}", [fault])
    return paths


def _is_policy(name: str) -> bool:
    return name != ORGANISATION_FILE and not name.endswith(CASES_SUFFIX)


@dataclass(slots=True)
class PolicyFolder:
    """The port `PolicySource` on a folder; parsed again only when its bytes change."""

    folder: Path
    _known: tuple[str, tuple[Policy, ...]] | None = field(default=None, init=False)

    def policies(self) -> tuple[Policy, ...]:
        """Every policy; raises `DocumentInvalid` with every fault."""
        organisation = self.folder / ORGANISATION_FILE
        digest = _digest([*policy_paths(self.folder), *([organisation] if organisation.is_file() else [])])
        if self._known is None or self._known[0] != digest:
            self._known = (digest, load_policies(self.folder))
        return self._known[1]


def _digest(paths: Iterable[Path]) -> str:
    parts = (f"{path.name} {hashlib.sha256(bytes_of(path, LARGEST_POLICY)).hexdigest()}" for path in paths)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _read(path: Path) -> _File:
    document = read_yaml(bytes_of(path, LARGEST_POLICY), LARGEST_POLICY)
    faults = yaml_faults(path, document)
    if document.value is None:
        return _File(
            path,
            document,
            None,
            tuple(faults or [sentence_at(path, document, (), "The file is empty: write a policy")]),
        )
    try:
        policy = PolicyDocument.model_validate(document.value)
    except ValidationError as error:
        faults += model_faults(path, document, error, PolicyDocument)
        return _File(path, document, None, tuple(faults))
    file = _File(path, document, policy, ())
    return _File(path, document, policy, (*faults, *_exclusion_faults(file, policy)))


def _held_faults(file: _File, organisation: OrganisationFile) -> list[str]:
    """What a policy says against the organisation, and about gates that it has not even with what that asks for."""
    if file.policy is None:
        return []
    policy = file.policy.as_policy()
    looser = organisation.faults_of(policy, file.path, file.document)
    tight = tightened(policy, organisation.organisation)
    rules = [file.say(place, fault) for place, fault in rule_faults(tight)]
    return [*looser, *gate_faults(tight, file.say), *rules]


def _exclusion_faults(file: _File, policy: PolicyDocument) -> list[str]:
    if policy.approval.exclude is None:
        return []
    place, asked = ("approval", "exclude"), set(policy.approval.exclude)
    needed = set(policy.roles_to_exclude)
    faults = [f"does not name {role}, who may never approve: add it" for role in sorted(needed - asked)]
    faults += [f"names {role}, but no evidence asks for a run: remove it" for role in sorted(asked - needed)]
    return [file.say(place, fault) for fault in faults]


def _scope(file: _File) -> Scope | None:
    """What the file governs, even where other sections of it are faulty, so that faults show all at once."""
    value = file.document.value
    if not isinstance(value, dict):
        return None
    try:
        match = MatchDocument.model_validate(value.get("match"))
        targets = _TARGETS.validate_python(value.get("targets"))
    except ValidationError:
        return None  # told as a fault of the file already
    return Scope(visible(str(value.get("policy", file.path.stem))), match, tuple(targets), file.say)


def _same_names(files: Sequence[_File]) -> list[str]:
    first: dict[str, str] = {}
    return [
        file.say(("policy",), f"is taken by {first[file.policy.policy]}: choose another name")
        for file in files
        if file.policy and first.setdefault(file.policy.policy, file.path.name) != file.path.name
    ]


def _unreachable(file: _File, people: People) -> list[str]:
    if file.policy is None:
        return []
    approval = file.policy.approval
    persons = [person for person in people.everyone if not person.service_principal]
    able = [person for person in persons if set(person.groups) & set(approval.groups)]
    empty = sorted(g for g in set(approval.groups) if not any(g in person.groups for person in persons))
    faults = [file.say(("approval", "groups"), f"lists {g}, which nobody belongs to: add people to it") for g in empty]
    if approval.quorum > len(able):
        sentence = f"is {approval.quorum}, but the groups hold {len(able)} people: lower it, or add people"
        faults.append(file.say(("approval", "quorum"), sentence))
    return faults
