"""docs/checks.md has every kind of finding under its check, with its state, and every right and verdict of the report."""

import re
from typing import get_args

import pytest

from shared.domain.access_report import UNKNOWN_ROLE, Verdict
from shared.domain.access_rights import Right
from shared.domain.checks.finding import KINDS, Check, State
from tests.architecture.project import ROOT

TEXT = (ROOT / "docs/checks.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[tuple[str, ...]]:
    """The cells of every row of the tables right below a heading, without the backticks of the first."""
    section = re.split(rf"^#+ {re.escape(heading)}$", TEXT, flags=re.MULTILINE)[1]
    own = re.split(r"^#+ ", section, maxsplit=1, flags=re.MULTILINE)[0]
    cells = [tuple(cell.strip().strip("`") for cell in line.split("|")[1:-1]) for line in own.splitlines()]
    return [each for each in cells if len(each) > 1 and not each[0].startswith("---")]


@pytest.mark.parametrize("check", get_args(Check))
def test_every_finding_of_a_check_has_its_row_with_its_state_and_every_row_its_finding(check: str) -> None:
    told = {each[0]: each[1] for each in rows(check)[1:]}

    assert told == {kind: state for kind, (of, state) in KINDS.items() if of == check}
    assert all(len(each[2]) > 5 for each in rows(check))


def test_checks_stand_in_the_order_in_which_they_are_shown() -> None:
    headings = re.findall(r"^### (\w+)$", TEXT, re.MULTILINE)

    assert headings == list(get_args(Check))
    assert [check for check, _ in KINDS.values()] == sorted(
        (check for check, _ in KINDS.values()), key=get_args(Check).index
    )


def test_states_are_explained() -> None:
    assert [each[0] for each in rows("Run the doctor")[1:]] == list(get_args(State))


def test_rights_and_verdicts_are_explained() -> None:
    told = {each[0] for each in rows("Who can get past it")} - {"right", "verdict"}

    assert told == {*get_args(Right), UNKNOWN_ROLE, *get_args(Verdict)}
