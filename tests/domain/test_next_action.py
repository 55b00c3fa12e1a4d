"""What is due now, and what is due later: order, backoff, schedules, and never a busy loop (R1, R3, R9, R11, R17)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from shared.domain import commands
from shared.domain.change_window import SEARCHED
from shared.domain.commands import Absent
from shared.domain.evaluation import GateException, GateResult, Outcome
from shared.domain.looks import Attempts, Looks
from shared.domain.next_action import (
    Do,
    Import,
    LetExpire,
    Look,
    Mark,
    Next,
    ReadBack,
    Settled,
    WaitUntil,
    next_action,
)
from tests.domain.promotion_makers import (
    DAY,
    EU,
    HOUR,
    MINUTE,
    MONDAYS,
    SECOND,
    SHARED,
    SITUATIONS,
    STOPPED,
    WAITS,
    Story,
    a_gate,
    a_look,
    all_given_up,
    an_evaluation,
    approved,
    asked,
    blocked,
    conflict_after_quorum,
    conflict_before_asking,
    expired,
    ignored,
    importing,
    landed,
    promoted,
    received,
    rejected,
    waiting,
    withdrawn,
)


def next_of(story: Story, looks: Looks | None = None) -> Next:
    return next_action(story.case, looks or Looks(looked=story.now), story.now, WAITS)


def schedule(story: Story, most: int = 400) -> list[datetime]:
    """When a promotion is looked at if nothing ever changes."""
    looks, looked = Looks(looked=story.now), []
    for _ in range(most):
        due = next_of(story, looks)
        if isinstance(due, WaitUntil):
            story.wait(due.at - story.now)
        elif due == Do(Look()):
            looked.append(story.now)
            looks = replace(looks, looked=story.now)
        else:
            return looked
    raise AssertionError(f"still looking after {most} steps: {looked[-3:]}")


# ------------------------------------------------------------------------------------------------ each state


@pytest.mark.parametrize(
    "settled",
    [promoted, rejected, expired, withdrawn, all_given_up, ignored, conflict_before_asking, conflict_after_quorum],
)
def test_a_settled_promotion_waits_for_somebody_to_ask(settled: Callable[[], Story]) -> None:
    assert next_of(settled()) == Settled()


def test_what_is_received_is_looked_at() -> None:
    assert next_of(received()) == Do(Look())


def test_nothing_is_due_for_what_nobody_asked_about() -> None:
    assert next_of(Story(), Looks()) == Settled()


def test_a_version_that_could_not_be_read_is_read_again_even_when_its_row_is_lost() -> None:
    story = Story().then(commands.RecordError(None, "throttled", "429"))

    assert next_of(story, Looks()) == Do(Look())


def test_people_are_given_their_time() -> None:
    story = asked()
    end = story.now + 7 * DAY

    assert next_of(story) == WaitUntil(end)
    assert next_of(story.wait(7 * DAY)) == Do(LetExpire())


def test_what_is_approved_is_imported_target_by_target() -> None:
    story = approved()

    assert next_of(story) == Do(Import(SHARED.registry))
    assert next_of(story.imports(SHARED)) == Do(Import(EU.registry))


def test_what_is_promoted_is_marked() -> None:
    story = approved().imports(SHARED, marked=False).imports(EU, marked=False)

    assert story.case.status == "promoted"
    assert next_of(story) == Do(Mark(SHARED.registry))


def test_a_mark_refused_for_good_settles_the_promotion() -> None:
    story = approved().imports(SHARED).imports(EU, marked=False)

    assert next_of(story.then(commands.RecordMark(EU.registry, False, "No tags."))) == Settled()


def test_an_import_under_way_is_left_alone_and_the_other_target_is_imported() -> None:
    assert next_of(importing()) == Do(Import(EU.registry))


def test_a_target_left_out_is_not_imported() -> None:
    story = approved().then(commands.GiveUpTarget(EU.registry, "olu")).starts(SHARED)

    assert isinstance(next_of(story), WaitUntil)


# ------------------------------------------------------------------------------------------------ asked (R3)


@pytest.mark.parametrize("situation", sorted(SITUATIONS.keys() - {"awaiting_approval"}))
def test_asked_later_than_looked_makes_a_read_due_in_every_state(situation: str) -> None:
    story = SITUATIONS[situation]()
    looks = Looks(asked=story.now, looked=story.now, answered=story.now - SECOND)

    assert next_of(story, looks) == Do(Look())
    assert next_of(story, replace(looks, answered=story.now)) != Do(Look()) or story.case.status == "received"


def test_a_source_that_cannot_be_read_is_tried_again_after_its_pause() -> None:
    story = received()
    looks = Looks(asked=story.now, source=Attempts(3, story.now + MINUTE, "throttled"))

    assert next_of(story, looks) == WaitUntil(story.now + MINUTE)
    assert next_of(story.wait(MINUTE), looks) == Do(Look())


# ------------------------------------------------------------------------------------------------ order and backoff


def test_the_order_is_read_backs_expiry_look_marks_imports() -> None:
    """Told backwards: each thing that comes to be due takes the place of those after it."""
    story = approved().imports(EU, marked=False)
    looks = Looks(looked=story.now)
    assert next_of(story, looks) == Do(Mark(EU.registry))

    looks = replace(looks, asked=story.now + SECOND)
    assert next_of(story, looks) == Do(Look())

    story.starts(SHARED).wait(WAITS.lease)
    assert next_of(story, looks) == Do(ReadBack(SHARED.registry))

    story.then(a_look(an_evaluation("b"))).wait(7 * DAY)
    looks = looks.with_target(SHARED.registry, Attempts(1, story.now + MINUTE))
    assert next_of(story, looks) == Do(LetExpire())


@pytest.mark.parametrize(
    ("story", "action"),
    [
        (approved().imports(EU), Import(SHARED.registry)),
        (approved().imports(EU).imports(SHARED, marked=False), Mark(SHARED.registry)),
        (importing().imports(EU).wait(WAITS.lease), ReadBack(SHARED.registry)),
    ],
    ids=["import", "mark", "read back"],
)
def test_trouble_at_a_target_makes_it_wait(story: Story, action: object) -> None:
    looks = Looks(looked=story.now).with_target(SHARED.registry, Attempts(1, story.now + MINUTE))

    assert next_of(story, looks) == WaitUntil(story.now + MINUTE)
    later = replace(story, now=story.now + MINUTE)
    assert next_of(later, looks) == Do(action)  # type: ignore[arg-type]


def test_trouble_at_one_target_does_not_make_another_wait() -> None:
    story = approved()
    looks = Looks(looked=story.now).with_target(SHARED.registry, Attempts(1, story.now + MINUTE))

    assert next_of(story, looks) == Do(Import(EU.registry))


# ------------------------------------------------------------------------------------------------ read-backs (R9)


@pytest.mark.parametrize("stopped", STOPPED.values(), ids=STOPPED.keys())
def test_an_ended_lease_is_read_back_in_every_state_and_once_more(stopped: Callable[[], Story]) -> None:
    story = stopped()
    intent = story.target().intent
    assert intent is not None
    ends_at, nothing = intent.ends_at, commands.RecordReadBack(SHARED.registry, "lease-1", Absent(), False)

    story.wait(ends_at - story.now - SECOND)
    assert next_of(story) != Do(ReadBack(SHARED.registry))
    assert next_of(story.wait(SECOND)) == Do(ReadBack(SHARED.registry))
    story.then(nothing)
    assert next_of(story) != Do(ReadBack(SHARED.registry))
    story.wait(WAITS.read_back_again)
    assert next_of(story) == Do(ReadBack(SHARED.registry))
    assert next_of(story.then(nothing)) != Do(ReadBack(SHARED.registry))


def test_the_worker_reads_back_before_anybody_else_so_nothing_is_due_while_its_lease_lasts() -> None:
    story = importing().imports(EU)

    assert next_of(story) == WaitUntil(story.target().intent.ends_at)  # type: ignore[union-attr]


# ------------------------------------------------------------------------------------------------ change windows

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_what_is_approved_waits_until_the_change_window_opens() -> None:
    story = approved(rules={"change_window": MONDAYS})
    assert next_of(story) == WaitUntil(MONDAY)
    story.now = MONDAY
    assert next_of(story) == Do(Import(SHARED.registry))


def test_a_next_try_that_falls_out_of_the_window_waits_for_the_next_one() -> None:
    story = approved(rules={"change_window": MONDAYS})
    story.now = MONDAY + 8 * HOUR - MINUTE
    looks = Looks(looked=story.now)
    for target in (SHARED, EU):
        looks = looks.with_target(target.registry, Attempts(3, story.now + 2 * MINUTE, "throttled"))
    assert next_of(story, looks) == WaitUntil(MONDAY + 7 * DAY)


def test_a_window_that_does_not_open_in_sight_is_seen_again_in_ten_years() -> None:
    never = replace(MONDAYS, freezes=((date(2026, 1, 1), date(2099, 12, 31)),))
    story = approved(rules={"change_window": never})
    assert next_of(story) == WaitUntil(story.now + SEARCHED)


def test_read_backs_and_marks_wait_for_no_window() -> None:
    story = approved(rules={"change_window": MONDAYS})
    story.now = MONDAY
    story.imports(SHARED, marked=False)
    story.now = MONDAY + DAY
    assert next_of(story) == Do(Mark(SHARED.registry))


# ------------------------------------------------------------------------------------------------ exceptions


def excepted(until: date) -> GateResult:
    return replace(a_gate(Outcome.FAILED), exception=GateException("rosa", "RISK-311", until))


def test_an_ended_exception_asks_for_a_look_before_anybody_answers_on_it() -> None:
    ends_at = datetime(2026, 3, 4, tzinfo=UTC)
    story = asked(gates=(excepted(date(2026, 3, 3)), excepted(date(2026, 3, 5))))
    assert next_of(story) == WaitUntil(ends_at)
    story.wait(ends_at - story.now)
    assert next_of(story, Looks(looked=ends_at - SECOND)) == Do(Look())
    assert next_of(story, Looks()) == Do(Look())
    assert next_of(story, Looks(looked=ends_at)) == WaitUntil(story.case.state.expires_at)  # type: ignore[union-attr]


# ------------------------------------------------------------------------------------------------ looking again (R17)


def test_what_waits_for_evidence_is_read_every_five_minutes_until_grace_is_over() -> None:
    story = waiting()
    began = story.now

    assert next_of(story) == WaitUntil(began + 5 * MINUTE)
    almost = Looks(looked=began + 28 * MINUTE)
    assert next_of(story, almost) == WaitUntil(story.case.state.until)  # type: ignore[union-attr]


def test_what_is_blocked_is_read_every_five_minutes_for_an_hour_and_hourly_for_a_week() -> None:
    story = blocked()
    began = story.now

    looked = [at - began for at in schedule(story)]

    assert looked[:12] == [5 * MINUTE * count for count in range(1, 13)]
    assert looked[12:15] == [2 * HOUR, 3 * HOUR, 4 * HOUR]
    assert looked[-1] == 7 * DAY
    assert len(looked) == 12 + 167


@pytest.mark.parametrize("begin", [waiting, blocked])
def test_a_lost_row_means_looking_sooner(begin: Callable[[], Story]) -> None:
    """Without the time of the last look, waiting from now would put the look off for ever (R1)."""
    assert next_of(begin(), Looks()) == Do(Look())
    assert next_of(begin().wait(3 * HOUR), Looks()) == Do(Look())


def test_a_lost_row_does_not_begin_another_week() -> None:
    assert next_of(blocked().wait(8 * DAY), Looks()) == Settled()


def test_a_new_digest_begins_another_week() -> None:
    story = blocked().wait(8 * DAY).then(a_look(an_evaluation("x", gates=blocked().case.evaluation.gates)))  # type: ignore[union-attr]

    assert next_of(story) == WaitUntil(story.now + 5 * MINUTE)


def test_a_landed_import_ends_the_wait_for_its_lease() -> None:
    story = approved().imports(EU).starts(SHARED).reads_back(landed())

    assert next_of(story) == Do(Mark(SHARED.registry))
