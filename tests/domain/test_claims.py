"""Who needs the place it claimed (R7)."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from shared.domain import commands
from shared.domain.claims import held_places, needs_claim
from shared.domain.ids import Target
from tests.domain.promotion_makers import (
    EU,
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


@pytest.mark.parametrize("tell", [asked, approved, importing, promoted])
def test_what_is_open_or_promoted_holds_the_places_of_its_round(tell: Callable[[], Story]) -> None:
    assert set(held_places(tell().case)) == {(SHARED, 1), (EU, 1)}


@pytest.mark.parametrize("tell", [received, blocked, rejected, expired, withdrawn, all_given_up])
def test_what_is_over_holds_no_place(tell: Callable[[], Story]) -> None:
    assert held_places(tell().case) == ()


def test_a_target_in_conflict_holds_none_and_the_others_theirs() -> None:
    places = held_places(conflict_before_asking().case)

    assert len(places) == 1
    assert SHARED not in dict(places)


@pytest.mark.parametrize("tell", STOPPED.values(), ids=STOPPED)
def test_a_started_import_holds_its_place_for_its_own_round(tell: Callable[[], Story]) -> None:
    case = tell().case
    known = case.targets[SHARED.registry]

    assert known.intent is not None
    assert dict(held_places(case))[known.intent.target] >= known.intent.round


def test_what_was_promoted_in_an_earlier_round_holds_its_place_for_that_one() -> None:
    case = promoted().case
    again = replace(case, round=case.round + 2)

    assert set(held_places(again)) == {(SHARED, 1), (EU, 1)}
