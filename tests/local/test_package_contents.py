"""What a package may hold, and what its sources state: both read without running anything."""

import subprocess
import zipfile
from pathlib import Path

import pathspec
import pytest

from local.package.archive import build_package, packaged_files
from local.package.refused import refused_files
from local.package.report import deployed_on
from local.package.stated import read_sources
from tests.architecture.project import ROOT


def package_of(folder: Path, name: str, content: str = "text") -> Path:
    package = folder / "one.zip"
    with zipfile.ZipFile(package, "w") as written:
        written.writestr("function_app.py", "app = None\n")
        written.writestr(name, content)
    return package


@pytest.mark.parametrize(
    "name",
    [
        "local/demo.py",
        "tests/domain/test_ids.py",
        "docs/security.md",
        "infra/main.bicep",
        "policies/fraud.test.yaml",
        "local.settings.json",
        "shared/local.settings.production.json",
        "shared/__pycache__/ids.cpython-311.pyc",
        "shared/tls/server.PEM",
        "policies/.env",
        "policies/.env.production",
        "shared/id_rsa",
        "policies/directory/credentials.json",
        "policies/secrets.yaml",
    ],
)
def test_a_file_that_must_not_be_deployed_is_refused_by_its_name(tmp_path: Path, name: str) -> None:
    [fault] = refused_files(package_of(tmp_path, name))

    assert fault.startswith(f"{name}: ")
    assert fault.endswith("Leave it out with a line in .funcignore.")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("-----BEGIN " + "RSA PRIVATE KEY-----\nMII", "a private key"),
        ("AccountName=x;AccountKey=" + "a" * 86 + "==;", "the key of a storage account"),
        ("https://x.blob.core.windows.net/y?sv=2024&sig=" + "a" * 43 + "%3D", "a shared access signature"),
        ("whsec_" + "b" * 43 + "=", "a webhook key"),
        ("eyJ" + "a" * 30 + ".eyJ" + "b" * 30 + "." + "c" * 30, "a token"),
    ],
    ids=lambda each: each if each.startswith(("a ", "the ")) else "",
)
def test_a_file_that_holds_a_secret_is_refused_and_the_secret_is_not_repeated(
    tmp_path: Path, content: str, what: str
) -> None:
    [fault] = refused_files(package_of(tmp_path, "policies/fraud.yaml", f"note: {content}\n"))

    assert fault == (
        f"policies/fraud.yaml: it holds what looks like {what}. Take it out; secrets belong into Key Vault."
    )


def test_this_project_packs_nothing_that_is_refused(tmp_path: Path) -> None:
    build_package(ROOT, tmp_path / "one.zip")

    assert refused_files(tmp_path / "one.zip") == []


def test_what_azd_would_pack_is_what_is_packed_here() -> None:
    """azd and Core Tools take all that .funcignore leaves, and do not know which parts we name."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout, so what belongs to the project cannot be told from what lies beside it")
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    files = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    ignored = pathspec.GitIgnoreSpec.from_lines((ROOT / ".funcignore").read_text().splitlines())

    left = {file for file in files if (ROOT / file).is_file() and not ignored.match_file(file)}
    assert left == {file.as_posix() for file in packaged_files(ROOT)}


SOURCE = """
import json
from typing import TYPE_CHECKING
import azure.functions as func
from shared import bootstrap
from . import sibling

if TYPE_CHECKING:
    import of_type_checkers

try:
    import faster
except ImportError:
    faster = None

try:
    import needed_all_the_same
except ValueError:
    raise

@triggers.function_name("sweep")
@triggers.timer_trigger(arg_name="timer", schedule="0 * * * * *")
def sweep(timer):
    import used.late
"""


def test_sources_state_their_functions_and_what_they_cannot_do_without(tmp_path: Path) -> None:
    (tmp_path / "functions").mkdir()
    (tmp_path / "functions/schedule.py").write_text(SOURCE)
    (tmp_path / "function_app.py").write_text("import json\n")

    stated = read_sources(tmp_path)

    assert stated.functions == ["sweep"]
    assert stated.modules == {
        "json": "function_app.py",
        "typing": "functions/schedule.py",
        "azure.functions": "functions/schedule.py",
        "shared": "functions/schedule.py",
        "needed_all_the_same": "functions/schedule.py",
        "used.late": "functions/schedule.py",
    }


def test_the_python_that_the_templates_deploy_on_is_read_from_them() -> None:
    assert deployed_on(ROOT) in ("3.11", "3.12", "3.13")


def test_without_templates_nobody_knows_what_is_deployed_on(tmp_path: Path) -> None:
    assert deployed_on(tmp_path) is None
