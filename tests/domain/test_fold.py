"""State is the fold of history (invariant 6): what no command leads to, and what a broken history is answered with."""

from collections.abc import Callable

import pytest

from shared.domain import commands, events, states
from shared.domain.evidence import Champion
from shared.domain.fold import fold
from tests.domain.promotion_makers import (
    EU,
    PROMOTION,
    SHARED,
    SITUATIONS,
    STOPPED,
    Story,
    a_look,
    an_evaluation,
    approved,
    asked,
    conflict_before_asking,
    importing,
    promoted,
    received,
    rejected,
    rejects,
)

LATE = events.ConflictFound(SHARED, "landed_late", "It landed after the stop.", "theirs")


@pytest.mark.parametrize("tell", [*SITUATIONS.values(), *STOPPED.values()], ids=[*SITUATIONS, *STOPPED])
def test_a_case_is_the_fold_of_its_history(tell: Callable[[], Story]) -> None:
    story = tell()

    assert fold(PROMOTION, story.history) == story.case
    assert story.case.sequence == len(story.history)


def test_a_case_knows_when_it_began_and_last_changed() -> None:
    story = promoted()

    assert story.case.first_at == story.history[0].at
    assert story.case.changed_at == story.history[-1].at


def test_an_event_of_a_line_is_no_part_of_a_promotion() -> None:
    champion = Champion(str(PROMOTION), SHARED, 1, "a" * 64, {}, None)
    story = received().record()
    rows = [*story.history, *Story().record().history]
    foreign = events.Recorded(2, story.now, "op", "clearance", events.ChampionChanged(champion, None), "", "")

    with pytest.raises(TypeError, match="ChampionChanged belongs to a line"):
        fold(PROMOTION, [*rows, foreign])


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (events.PromotionErrored("contoso-moon", "throttled", "429"), "could have erred"),
        (events.PromotionRecovered("contoso-moon"), "could have recovered"),
        (events.TargetMarked("contoso-moon", True, ""), "TargetMarked cannot follow"),
    ],
)
def test_an_event_about_an_unknown_target_cannot_follow(event: events.PromotionEvent, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        asked().record(event)


def test_an_event_that_carries_its_target_brings_it_along() -> None:
    """A stray copy found where the policy no longer names a target is told all the same."""
    story = asked().then(a_look(an_evaluation("b", targets=(EU,)))).record(LATE)

    assert story.target().status == "conflict"


# ------------------------------------------------------------------------------------------------ conflict and state (R14)


def test_a_conflict_found_while_rejected_leaves_the_promotion_rejected() -> None:
    story = importing().then(rejects("ada")).record(LATE)

    assert story.case.status == "rejected"
    assert story.target().status == "conflict"


def test_a_conflict_read_back_before_the_evaluation_does_not_stand_in_its_way() -> None:
    """Only a conflict at evaluation holds the promotion: a new look that was asked for is made."""
    story = importing().then(rejects("ada"), commands.RequestReevaluation("dana")).record(LATE)

    assert story.case.state == states.Received(asked_by="dana")


def test_a_conflict_found_while_people_are_asked_leaves_them_asked() -> None:
    story = importing().then(a_look(an_evaluation("b"))).record(LATE)

    assert story.case.status == "awaiting_approval"


def test_a_retry_after_quorum_never_leads_back_to_received() -> None:
    story = approved().record(LATE, events.TargetRetryRequested(SHARED.registry, "olu"))

    assert story.case.status == "promoting"


def test_the_last_conflict_given_up_before_asking_withdraws() -> None:
    story = conflict_before_asking().then(commands.GiveUpTarget(EU.registry, "olu"))
    assert story.case.status == "received"

    assert story.then(commands.GiveUpTarget(SHARED.registry, "olu")).case.status == "withdrawn"


# ------------------------------------------------------------------------------------------------ no command leads here


def test_a_mark_on_what_is_not_promoted_changes_nothing() -> None:
    story = approved()
    before = story.target()

    assert story.record(events.TargetMarked(SHARED.registry, True, "")).target() == before


def test_a_read_back_without_an_intent_changes_nothing() -> None:
    story = approved()
    before = story.target()

    assert story.record(events.ImportNotLanded(SHARED.registry, "lease-1", False)).target() == before


def test_a_rejection_that_stands_in_a_history_without_one_names_nobody() -> None:
    story = received().record(events.RejectionStands(1, "a" * 64))

    assert story.case.state == states.Rejected("a" * 64, (), story.now)


def test_an_approval_out_of_nowhere_carries_no_rejections() -> None:
    story = rejected().record(events.Approved(1, "a" * 64, ("amir", "rosa")))

    assert isinstance(story.case.state, states.Promoting)
    assert story.case.state.rejections == {}
