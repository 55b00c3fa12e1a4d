"""Who needs the place it claimed (R7)."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from shared.domain import commands
from shared.domain.claims import needs_claim
from shared.domain.ids import Target
from tests.domain.promotion_makers import (
    SHARED,
    STOPPED,
    Story,
    all_given_up,
    approved,
    asked,
    blocked,
    conflict_before_asking,
    expired,
    importing,
    promoted,
    received,
    rejected,
    withdrawn,
)


@pytest.mark.parametrize("tell", [asked, approved, importing, promoted, conflict_before_asking])
def test_a_place_is_needed_while_people_are_asked_and_from_then_on(tell: Callable[[], Story]) -> None:
    assert needs_claim(tell().case, SHARED)


@pytest.mark.parametrize("tell", [received, blocked, rejected, expired, withdrawn, all_given_up])
def test_a_place_is_not_needed_once_nobody_is_asked_any_more(tell: Callable[[], Story]) -> None:
    assert not needs_claim(tell().case, SHARED)


@pytest.mark.parametrize("tell", STOPPED.values(), ids=STOPPED)
def test_a_started_import_needs_its_place_until_it_was_judged(tell: Callable[[], Story]) -> None:
    assert needs_claim(tell().case, SHARED)


def test_what_was_given_up_after_quorum_is_not_needed() -> None:
    assert not needs_claim(approved().then(commands.GiveUpTarget(SHARED.registry, "olu")).case, SHARED)


def test_a_promotion_needs_the_names_that_its_policy_gives_now_and_no_other() -> None:
    assert not needs_claim(asked().case, replace(SHARED, name="another-name"))
    assert not needs_claim(asked().case, Target("contoso-moon", SHARED.name, SHARED.version))
