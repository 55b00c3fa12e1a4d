"""What stands in a policy folder and is not read is told, for a floor that nobody reads is none."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.adapters.people_file import load_people
from shared.adapters.policy_files import PolicyFolder, load_policies, policy_paths
from shared.domain.errors import DocumentInvalid
from shared.domain.faults import Fault
from tests.adapters.test_organisation_file import ORGANISATION
from tests.adapters.test_policy_files import FRAUD, faults_of, folder_of, within

PIPE = "This is no file, but a pipe, a socket or a device: put a file in its place, or remove it."
FOLDER = "This is a folder: put a file in its place, or remove it."
LINK = "The link leads nowhere: mend it, or remove it."


def linked(path: Path) -> None:
    path.symlink_to(path.parent / "nowhere")


def device(path: Path) -> None:
    path.symlink_to("/dev/null")


@pytest.mark.parametrize("name", ["organisation.yaml", "b.yaml"])
@pytest.mark.parametrize(
    ("make", "sentence"), [(Path.mkdir, FOLDER), (linked, LINK), (os.mkfifo, PIPE), (device, PIPE)]
)
def test_what_bears_the_name_of_a_file_and_is_none_is_a_fault(
    tmp_path: Path, name: str, make: Callable[[Path], None], sentence: str
) -> None:
    make(tmp_path / name)
    assert faults_of(tmp_path, FRAUD) == (f"{name}: {sentence}",)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("organisation.yml", "organisation.yaml"),
        ("organisation.YAML", "organisation.yaml"),
        ("b.yml", "b.yaml"),
        ("b.Yml", "b.yaml"),
        ("a.test.yml", "a.test.yaml"),
    ],
)
def test_a_name_that_is_not_read_is_a_fault_with_the_one_that_is(tmp_path: Path, name: str, meant: str) -> None:
    (tmp_path / name).write_text("quorum: 5\n")
    assert faults_of(tmp_path, FRAUD) == (f"{name}: Only *.yaml is read: rename it to {meant}.",)


def test_the_organisation_is_spelled_in_small_letters(tmp_path: Path) -> None:
    (tmp_path / "Organisation.yaml").write_text(ORGANISATION)
    (fault,) = faults_of(tmp_path, FRAUD)
    assert fault == "Organisation.yaml: Names are read as they are written: rename it to organisation.yaml."


def test_it_is_told_together_with_the_faults_of_files(tmp_path: Path) -> None:
    (tmp_path / "organisation.yml").write_text(ORGANISATION)
    (tmp_path / "z.yaml").mkdir()
    assert len(faults_of(tmp_path, FRAUD.replace("quorum: 2", "quorum: 0"))) == 3


@pytest.mark.parametrize(
    "name", ["team/other.yaml", "team/deep/organisation.yaml", "team/a.test.yaml", "b.yaml.d/c.yml"]
)
def test_what_stands_in_a_folder_inside_is_not_read_and_told_so(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_text(FRAUD)
    assert faults_of(tmp_path, FRAUD) == (f"{name}: Only this folder is read: move it up.",)


@pytest.mark.parametrize("name", ["directory/people.yaml", "..data/a.yaml", ".git/a.yaml", "team/.cache/a.yaml"])
def test_the_people_and_what_tools_hide_stand_where_they_belong(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_text(FRAUD)
    assert len(load_policies(folder_of(tmp_path, FRAUD))) == 1


def test_a_folder_that_holds_only_what_is_not_read_says_why_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "fraud.yml").write_text(FRAUD)
    assert faults_of(tmp_path) == ("fraud.yml: Only *.yaml is read: rename it to fraud.yaml.",)
    with pytest.raises(DocumentInvalid, match="rename it"):
        policy_paths(tmp_path)


def test_a_fault_of_a_file_knows_its_parts(tmp_path: Path) -> None:
    (tmp_path / "organisation.yml").touch()
    with pytest.raises(DocumentInvalid) as caught:
        load_policies(folder_of(tmp_path, FRAUD))
    (fault,) = caught.value.faults
    assert isinstance(fault, Fault)
    assert fault.parts() == {
        "file": str(tmp_path / "organisation.yml"),
        "line": None,
        "column": None,
        "place": "",
        "fault": "Only *.yaml is read",
        "fix": "rename it to organisation.yaml",
    }


def test_links_to_files_are_read_and_other_files_left_alone(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text(FRAUD)
    (tmp_path / "a.yaml").symlink_to(tmp_path / "kept.txt")
    (tmp_path / "README.md").touch()
    (tmp_path / "archive").mkdir()
    assert len(load_policies(tmp_path)) == 1


def test_policies_known_already_do_not_outlive_a_floor_that_cannot_be_read(tmp_path: Path) -> None:
    source = PolicyFolder(folder_of(tmp_path, FRAUD))
    assert len(source.policies()) == 1
    (tmp_path / "organisation.yaml").mkdir()
    with pytest.raises(DocumentInvalid, match="This is a folder"):
        source.policies()
    (tmp_path / "organisation.yaml").rmdir()
    (tmp_path / "organisation.yml").touch()
    with pytest.raises(DocumentInvalid, match="rename it to organisation"):
        source.policies()


def test_people_that_are_no_file_are_told_so(tmp_path: Path) -> None:
    (tmp_path / "people.yaml").mkdir()
    with pytest.raises(DocumentInvalid) as caught:
        load_people(tmp_path / "people.yaml")
    assert within(tmp_path, caught.value.faults) == (f"people.yaml: {FOLDER}",)


def test_people_under_a_name_that_is_not_read_are_told_so(tmp_path: Path) -> None:
    (tmp_path / "people.yml").touch()
    with pytest.raises(DocumentInvalid) as caught:
        load_people(tmp_path / "people.yaml")
    assert within(tmp_path, caught.value.faults) == ("people.yml: Only people.yaml is read: rename it.",)
