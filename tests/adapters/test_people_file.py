import hashlib
import json
from pathlib import Path

import pytest

from shared.adapters.people_file import LARGEST_DIRECTORY, PeopleFile, load_people, read_people
from shared.domain.errors import DocumentInvalid

ROOT = Path(__file__).parents[2]
OURS = ROOT / "policies" / "directory" / "people.yaml"
SAMPLES = ROOT / "local" / "people.json"

TWO = """
people:
  - id: dana
    name: Dana Osei
    tid: 72F988BF-0000-4000-8000-000000000001
    oid: DA4A0000-0000-4000-8000-000000000011
    spellings: [dana@contoso.com]
    groups: [data-scientists]
  - id: svc
    name: Pipeline
    service_principal: true
    accountable: [dana]
""".lstrip()


def faults_of(content: str) -> tuple[str, ...]:
    with pytest.raises(DocumentInvalid) as caught:
        read_people(Path("people.yaml"), content.encode())
    return caught.value.faults


def test_people_are_read_with_the_digest_of_the_file() -> None:
    people = read_people(Path("people.yaml"), TWO.encode())
    assert people.digest == hashlib.sha256(TWO.encode()).hexdigest()
    dana, pipeline = people.everyone
    assert (dana.tid, dana.oid) == ("72f988bf-0000-4000-8000-000000000001", "da4a0000-0000-4000-8000-000000000011")
    assert (pipeline.service_principal, pipeline.accountable) == (True, ("dana",))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("id: svc", "id: DANA", 'people.yaml:8:5: people.1.id is "DANA": write what fits'),
        ("id: svc", "id: svc\n    oid: da4a0000-0000-4000-8000-000000000011\n    tid: 72f988bf-0000-4000-8000-000000000001",
         'people.yaml:8:5: people.1 has "da4a0000-0000-4000-8000-000000000011", which dana has already'),
        ("name: Pipeline", "name: Pipeline\n    spellings: [' Dana@Contoso.com ']", 'has "dana@contoso.com", which dana has'),
        ("accountable: [dana]", "accountable: [nobody]", 'people.yaml:8:5: people.1 names "nobody" as accountable'),
        ("accountable: [dana]", "accountable: [svc]", 'names "svc" as accountable, who is no person here'),
        ("accountable: [dana]", "accountable: []", "is a service principal that nobody answers for"),
        ("service_principal: true", "service_principal: false", "without being a service principal"),
        ("    tid: 72F988BF-0000-4000-8000-000000000001\n", "", "people.yaml:2:5: people.0 has an oid without tid"),
        ("oid: DA4A0000", "oid: DA4A", 'people.0.oid is "DA4A-0000-4000-8000-000000000011": write what fits'),
        ("name: Dana Osei", "nam: Dana Osei", "people.yaml:3:5: people.0.nam is no key known here: write name, or remove it."),
        ("groups: [data-scientists]", "groups: [Data Scientists]", 'people.0.groups.0 is "Data Scientists"'),
        ("people:", "people: []\nmore:", "people is empty: list at least one."),
        ("name: Dana Osei", "name: Dana Osei\n    name: Dana", 'people.yaml:4:5: The key "name" stands on line 3 already'),
        (TWO, "", "people.yaml:1:1: The file is empty: list people."),
        (TWO, "[", "This is not YAML"),
        (TWO, "people: 7", "people.yaml:1:1: people must be a list"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_line_and_fix(old: str, new: str, fault: str) -> None:
    assert old in TWO
    faults = faults_of(TWO.replace(old, new, 1))
    assert any(fault in told for told in faults), faults


def test_every_fault_is_told_at_once() -> None:
    content = TWO.replace("accountable: [dana]", "accountable: [x, y]").replace(
        "name: Pipeline", "name: Pipeline\n    spellings: [dana@contoso.com]"
    )
    assert len(faults_of(content)) == 3


def test_a_file_that_is_missing_or_too_large_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(DocumentInvalid, match="There is no file"):
        load_people(tmp_path / "people.yaml")
    assert "more than 1048576 bytes" in faults_of("#" * (LARGEST_DIRECTORY + 1))[0]


def test_a_people_file_reads_again_when_its_bytes_change(tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    path.write_text(TWO)
    source = PeopleFile(path)
    first = source.people()
    assert source.people() is first
    path.write_text(TWO.replace("Dana Osei", "Dana O."))
    assert source.people().everyone[0].name == "Dana O."
    path.unlink()
    with pytest.raises(DocumentInvalid, match="There is no file"):
        source.people()


def test_the_directory_lists_the_people_of_the_laptop_platform() -> None:
    """The token issuer signs tokens for these people; the directory must know each by the same ids."""
    people, samples = load_people(OURS), json.loads(SAMPLES.read_text())
    for id_, sample in samples["people"].items():
        person = people.by_object(samples["tenant_id"], sample["oid"])
        assert person is not None
        assert (person.id, person.name, list(person.groups)) == (id_, sample["name"], sample["groups"])
        assert people.resolve(sample["upn"]) is person
        assert people.resolve(sample["name"]) is person


def test_the_training_pipeline_is_answered_for() -> None:
    people = load_people(OURS)
    pipeline = people.resolve("57c00000-0000-4000-8000-000000000022")
    assert pipeline is not None
    assert people.answerable(pipeline) == ("svc-train", "dana.submitter")
