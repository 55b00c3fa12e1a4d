"""`organisation.yaml` in the policy folder, and what a policy file says against it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from shared.adapters.document_faults import model_faults, sentence_at, where, yaml_faults
from shared.adapters.organisation_document import OrganisationDocument
from shared.adapters.strict_yaml import YamlDocument, bytes_of, read_yaml
from shared.domain.organisation import Organisation, loosenings
from shared.domain.policy import Policy

ORGANISATION_FILE = "organisation.yaml"
LARGEST_ORGANISATION = 65_536
"""Bytes of the file."""


@dataclass(frozen=True, slots=True)
class OrganisationFile:
    """The file read. Without one, or with faults, `organisation` asks for nothing."""

    path: Path
    document: YamlDocument
    organisation: Organisation
    faults: tuple[str, ...] = ()

    def faults_of(self, policy: Policy, path: Path, document: YamlDocument) -> Iterator[str]:
        """Each value that a policy's file states looser, with where both files state it."""
        for found in loosenings(policy, self.organisation):
            if found.key in document.positions:
                asked = f"{where(self.path, self.document, found.floor)} asks for {found.asked}"
                sentence = f"is {found.value}, but {asked}: write that, or remove it"
                yield sentence_at(path, document, found.key, sentence)


def read_organisation(folder: Path) -> OrganisationFile:
    """Read the file where there is one; faults are listed, never raised."""
    path = folder / ORGANISATION_FILE
    nothing = Organisation("")
    if not path.is_file():
        return OrganisationFile(path, YamlDocument(None, {}, ()), nothing)
    document = read_yaml(bytes_of(path, LARGEST_ORGANISATION), LARGEST_ORGANISATION)
    faults = yaml_faults(path, document)
    if document.value is None:
        empty = sentence_at(path, document, (), "The file is empty: write what every policy is held to, or remove it")
        return OrganisationFile(path, document, nothing, tuple(faults or [empty]))
    try:
        asked = OrganisationDocument.model_validate(document.value)
    except ValidationError as error:
        faults += model_faults(path, document, error, OrganisationDocument)
        return OrganisationFile(path, document, nothing, tuple(faults))
    return OrganisationFile(path, document, asked.as_organisation(), tuple(faults))
