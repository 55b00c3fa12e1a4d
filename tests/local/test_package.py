"""The deployed package: what is in it, what is not, and that two builds are one file."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from local.package.archive import PackageIncomplete, build_package, packaged_files
from shared.version import __version__

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project with one file of each kind that matters."""
    folder = tmp_path / "project"
    for name in (
        "function_app.py",
        "host.json",
        "requirements.txt",
        "functions/http.py",
        "functions/__pycache__/http.cpython-311.pyc",
        "shared/domain/ids.py",
        "shared/web/templates/inbox.html",
        "policies/fraud.yaml",
        "policies/fraud.test.yaml",
        "policies/.draft.yaml",
        "local/demo.py",
        "tests/test_ids.py",
        "local.settings.json",
        ".venv/bin/python",
    ):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    (folder / ".funcignore").write_bytes((PROJECT / ".funcignore").read_bytes())
    return folder


def names(package: Path) -> list[str]:
    with zipfile.ZipFile(package) as opened:
        return opened.namelist()


def test_the_package_holds_the_app_and_its_policies_and_nothing_else(project: Path) -> None:
    build_package(project, project / "build/one.zip")

    assert names(project / "build/one.zip") == [
        "function_app.py",
        "functions/http.py",
        "host.json",
        "policies/fraud.yaml",
        "requirements.txt",
        "shared/domain/ids.py",
        "shared/web/templates/inbox.html",
    ]


def test_what_funcignore_adds_is_left_out(project: Path) -> None:
    with (project / ".funcignore").open("a") as funcignore:
        funcignore.write("/shared/web/\n")

    assert "shared/web/templates/inbox.html" not in [file.as_posix() for file in packaged_files(project)]


def test_the_same_files_give_the_same_bytes_whatever_their_times(project: Path) -> None:
    first = build_package(project, project / "build/one.zip")
    os.utime(project / "host.json", (1_000_000_000, 1_000_000_000))
    (project / "function_app.py").chmod(0o755)

    assert build_package(project, project / "build/two.zip") == first


def test_another_content_gives_another_digest(project: Path) -> None:
    first = build_package(project, project / "build/one.zip")
    (project / "policies/fraud.yaml").write_text("policy: other")

    assert build_package(project, project / "build/two.zip") != first


def test_every_missing_part_is_named_at_once(project: Path) -> None:
    (project / "host.json").unlink()
    (project / "policies/fraud.yaml").unlink()

    with pytest.raises(PackageIncomplete, match=r"host\.json, policies"):
        packaged_files(project)


def test_the_command_writes_the_versioned_zip_and_prints_its_digest(project: Path) -> None:
    command = [sys.executable, "-m", "local.package", "--only-build", "--project", str(project)]
    ran = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)

    assert (project / f"build/clearance-{__version__}.zip").is_file()
    assert f"build/clearance-{__version__}.zip" in ran.stdout
    assert re.search(r"SHA-256 +[0-9a-f]{64}$", ran.stdout, re.MULTILINE)
    assert "7 files" in ran.stdout


def test_an_incomplete_project_is_refused_with_a_sentence(project: Path) -> None:
    (project / "host.json").unlink()
    command = [sys.executable, "-m", "local.package", "--only-build", "--project", str(project)]
    ran = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)

    assert ran.returncode == 1
    assert ran.stderr.startswith("Nothing to deploy from: host.json.")
