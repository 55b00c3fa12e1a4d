"""The locks are in step with pyproject.toml, hashed, and name no machine and no registry. `make lock` mends them."""

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.project import ROOT

RUNTIME, DEVELOPMENT = ROOT / "requirements.txt", ROOT / "requirements-dev.txt"
PYTHONS = ("3.11", "3.12", "3.13")
PIN = re.compile(
    r"^(?P<requirement>[A-Za-z0-9][^\s;\\]*==[^\s;\\]+(?: ; [^\\]+)?) \\\n(?P<rest>(?:    .*\n)+)", re.MULTILINE
)


def pins(lock: Path) -> list[Requirement]:
    return [Requirement(found["requirement"]) for found in PIN.finditer(lock.read_text())]


def pinned_versions(lock: Path) -> dict[str, set[str]]:
    versions: dict[str, set[str]] = {}
    for pin in pins(lock):
        versions.setdefault(canonicalize_name(pin.name), set()).add(next(iter(pin.specifier)).version)
    return versions


def asked_for_by_us(lock: Path) -> set[str]:
    """The packages whose `via` names pyproject.toml."""
    return {
        canonicalize_name(Requirement(found["requirement"]).name)
        for found in PIN.finditer(lock.read_text())
        if "clearance (pyproject.toml)" in found["rest"]
    }


def stated() -> tuple[list[Requirement], list[Requirement]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    runtime = [Requirement(text) for text in project["dependencies"]]
    extras = [Requirement(text) for group in project["optional-dependencies"].values() for text in group]
    return runtime, extras


def names(requirements: list[Requirement]) -> set[str]:
    return {canonicalize_name(requirement.name) for requirement in requirements}


def test_the_runtime_lock_answers_exactly_what_is_stated() -> None:
    runtime, _ = stated()
    assert asked_for_by_us(RUNTIME) == names(runtime)


def test_the_development_lock_answers_the_extras_too() -> None:
    runtime, extras = stated()
    assert asked_for_by_us(DEVELOPMENT) == names(runtime) | names(extras)


def test_every_pin_is_one_that_pyproject_allows() -> None:
    runtime, extras = stated()
    versions = pinned_versions(DEVELOPMENT)
    outside = [
        f"{asked} is pinned to {version}"
        for asked in runtime + extras
        for version in versions[canonicalize_name(asked.name)]
        if not asked.specifier.contains(version)
    ]
    assert outside == []


def test_tests_run_on_the_versions_that_are_deployed() -> None:
    development = pinned_versions(DEVELOPMENT)
    different = {name for name, versions in pinned_versions(RUNTIME).items() if development.get(name) != versions}
    assert different == set()


@pytest.mark.parametrize("lock", [RUNTIME, DEVELOPMENT], ids=lambda lock: lock.name)
def test_an_extra_that_a_package_asks_for_stands_in_its_pin(lock: Path) -> None:
    """Without it pip looks for the newest release of `name[extra]`, and ends where that is newer than the pin."""
    pinned = {canonicalize_name(pin.name): pin.extras for pin in pins(lock)}
    lacking = {
        f"{asked.name}[{extra}], for {name}"
        for name, extras in pinned.items()
        for asked in requirements_of(name, extras)
        for extra in asked.extras - pinned.get(canonicalize_name(asked.name), set())
    }
    assert lacking == set()


def requirements_of(name: str, extras: set[str]) -> list[Requirement]:
    """What the installed package asks for, here, with the extras that its pin names; nothing if it is for elsewhere."""
    try:
        asked = [Requirement(text) for text in metadata.requires(name) or ()]
    except metadata.PackageNotFoundError:
        return []
    return [
        each
        for each in asked
        if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in {"", *extras})
    ]


@pytest.mark.parametrize("python", PYTHONS)
def test_one_version_of_each_package_is_chosen_for_each_python(python: str) -> None:
    environment = {"python_version": python, "python_full_version": f"{python}.0"}
    chosen = [pin.name for pin in pins(DEVELOPMENT) if pin.marker is None or pin.marker.evaluate(environment)]

    assert sorted(chosen) == sorted(set(chosen))
    assert asked_for_by_us(DEVELOPMENT) <= {canonicalize_name(name) for name in chosen}


def test_azure_functions_follows_the_split_of_its_own_releases() -> None:
    by_python = {str(pin.marker): str(pin.specifier) for pin in pins(RUNTIME) if pin.name == "azure-functions"}

    assert by_python['python_full_version < "3.13"'].startswith("==1.")
    assert by_python['python_full_version >= "3.13"'].startswith("==2.")


@pytest.mark.parametrize("lock", [RUNTIME, DEVELOPMENT], ids=lambda lock: lock.name)
def test_every_pin_carries_hashes_and_no_line_names_a_source(lock: Path) -> None:
    text = lock.read_text()
    pinned_lines = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]

    assert len(pins(lock)) == len(pinned_lines)
    assert all("--hash=sha256:" in found["rest"] for found in PIN.finditer(text))
    assert re.findall(r"://|--index|--extra-index|--find-links|--trusted-host| @ ", text) == []
