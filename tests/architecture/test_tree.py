"""The top of the tree reads as a table of contents: what must be there is, and nothing else grows beside it."""

import subprocess

import pytest

from tests.architecture.project import ROOT, named, python_files

TOP = {
    ".ci",
    ".editorconfig",
    ".funcignore",
    ".gitattributes",
    ".github",
    ".gitignore",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "SECURITY.md",
    "azure.yaml",
    "docs",
    "function_app.py",
    "functions",
    "host.json",
    "infra",
    "local",
    "local.settings.sample.json",
    "policies",
    "pyproject.toml",
    "requirements-dev.txt",
    "requirements.txt",
    "shared",
    "tests",
}
BANNED_NAMES = {"manager", "helper", "helpers", "util", "utils", "handler", "handlers", "data", "process", "misc"}


def test_the_top_of_the_tree_is_the_one_that_is_agreed() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout, so what belongs to the project cannot be told from what lies beside it")
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert {line.split("/")[0] for line in tracked.splitlines()} == TOP


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [named(file) for file in python_files() if BANNED_NAMES & set(file.stem.split("_"))] == []


def test_function_app_only_gathers_the_triggers() -> None:
    assert len((ROOT / "function_app.py").read_text().splitlines()) <= 40
