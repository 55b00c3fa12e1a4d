"""The version stands in shared/version.py and nowhere else; the package, the changelog and the command agree with it."""

import re
import tomllib
from importlib.metadata import version

from shared.version import __version__
from tests.architecture.project import ROOT, SOURCE, named, python_files


def test_no_other_module_repeats_it() -> None:
    literal = re.compile(rf"""["']v?{re.escape(__version__)}["']""")
    assert [named(file) for file in python_files(*SOURCE) if literal.search(file.read_text())] == ["shared/version.py"]


def test_the_build_reads_it_there() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())

    assert "version" not in pyproject["project"]
    assert pyproject["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "shared.version.__version__"}
    assert version("clearance") == __version__


def test_the_changelog_speaks_of_it() -> None:
    assert re.search(rf"^## \[?{re.escape(__version__)}\b", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
