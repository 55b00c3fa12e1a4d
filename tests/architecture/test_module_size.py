"""A module that outgrows one screenful of purpose is two modules."""

from pathlib import Path

import pytest

from tests.architecture.project import ROOT, SOURCE, named, python_files

SOURCE_CEILING = 400
TEST_AND_TEMPLATE_CEILING = 600


def lines_of(file: Path) -> int:
    return len(file.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("file", python_files(*SOURCE), ids=named)
def test_a_module_stays_below_its_ceiling(file: Path) -> None:
    assert lines_of(file) <= SOURCE_CEILING, "split it: a module has one purpose, and its first sentence no 'and'"


@pytest.mark.parametrize("file", [*python_files("tests"), *sorted(ROOT.glob("shared/web/**/*.html"))], ids=named)
def test_a_test_or_template_stays_below_its_ceiling(file: Path) -> None:
    assert lines_of(file) <= TEST_AND_TEMPLATE_CEILING
