"""Every state answers every command with a named outcome, and docs/lifecycle.md shows the same table."""

from typing import get_args

import pytest

from shared.domain.commands import Command
from shared.domain.states import State
from tests.domain import lifecycle_doc
from tests.domain.lifecycle_table import ASKED, outcome_of, pairs
from tests.domain.promotion_makers import SITUATIONS

PAIRS = pairs()


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_command_does_in_each_situation_what_the_table_says(situation: str, asked: str) -> None:
    assert outcome_of(situation, asked) == PAIRS[situation, asked]


def test_the_table_holds_no_pair_that_is_not_asked() -> None:
    assert PAIRS.keys() == {(situation, asked) for situation in SITUATIONS for asked in ASKED}


def test_every_state_has_a_situation_and_every_command_a_wording() -> None:
    assert {type(tell().case.state) for tell in SITUATIONS.values()} == set(get_args(State))
    assert {type(asked(SITUATIONS["promoting"]())) for asked in ASKED.values()} == set(get_args(Command))


def test_a_situation_is_named_by_its_status() -> None:
    assert {name: tell().case.status for name, tell in SITUATIONS.items()} == {
        name: name.partition(" ")[0] for name in SITUATIONS
    }


def test_the_page_on_the_lifecycle_is_current() -> None:
    assert lifecycle_doc.PAGE.read_text(encoding="utf-8") == lifecycle_doc.page(), (
        "write it anew: python -m tests.domain.lifecycle_doc"
    )
