"""What happens at one target: announcing an import, judging what is found, marking it (R8, R9, R11)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.domain import commands, events, states
from shared.domain.commands import Absent, Different
from shared.domain.ids import Target
from shared.domain.imports import closed_window, is_promoting, judged_by, may_start
from tests.domain.promotion_makers import (
    DAY,
    EU,
    HOUR,
    LATER_INCARNATION,
    MINUTE,
    MONDAYS,
    SECOND,
    SHARED,
    STOPPED,
    WAITS,
    Story,
    a_look,
    an_evaluation,
    answers,
    approved,
    asked,
    conflict_after_quorum,
    conflict_before_asking,
    event_of,
    expired,
    importing,
    landed,
    promoted,
    received,
    refusal_of,
    rejected,
    rejects,
)

NAME = SHARED.registry
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
THEIRS = Different("Another model.", "azureml://registries/contoso-shared/models/other/versions/7")
LANDED = commands.RecordReadBack(NAME, "lease-1", landed(), own=True)
NOTHING_THERE = commands.RecordReadBack(NAME, "lease-1", Absent(), own=True)
TROUBLE = commands.RecordError(NAME, "throttled", "contoso-shared answered 429.")
GIVE_UP = commands.GiveUpTarget(NAME, "olu")
RETRY = commands.RetryTarget(NAME, "olu")


def start(story: Story, **changes: object) -> commands.StartImport:
    command = commands.StartImport(NAME, "worker-1", "lease-1", "a" * 64, story.now)
    return replace(command, **changes)  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------ the intent (R8.3)


def test_an_import_is_announced_with_its_lease_and_the_instant_of_the_reread() -> None:
    story = approved()

    (started,) = story.ask(start(story))

    assert started == events.ImportStarted(NAME, 1, "worker-1", "lease-1", story.now, story.now + 15 * MINUTE)


def test_an_import_starts_only_for_the_approved_digest() -> None:
    story = approved()

    assert refusal_of(story, start(story, digest="b" * 64)).code == "stale_evaluation"


def test_an_import_starts_only_after_a_reread_of_the_last_minute() -> None:
    story = approved()
    command = start(story)

    story.wait(WAITS.reread_max_age)
    assert story.ask(command) != ()
    story.wait(SECOND)
    assert refusal_of(story, command).code == "reread_too_old"


def windowed(story: Callable[..., Story] = approved) -> Story:
    """As told on Sunday, with a window that opens on Monday morning."""
    return story(rules={"change_window": MONDAYS})


def test_an_import_starts_only_while_the_change_window_is_open() -> None:
    story = windowed()

    refusal = refusal_of(story, start(story))
    assert refusal.code == "window_closed"
    assert "which opens at 2026-03-02 09:00 UTC." in str(refusal)

    story.now = MONDAY
    assert story.ask(start(story)) != ()
    story.now = MONDAY + 8 * HOUR
    assert refusal_of(story, start(story)).code == "window_closed"


def test_an_import_under_way_goes_on_when_the_window_closes() -> None:
    story = windowed()
    story.now = MONDAY + 8 * HOUR - 2 * SECOND
    story.starts().wait(MINUTE).reads_back(landed())

    assert story.target().status == "promoted"


def test_a_closed_window_is_waited_for_only_where_an_import_could_start() -> None:
    assert closed_window(windowed(asked).case, MONDAY - DAY) is None
    story = windowed()
    assert closed_window(story.case, MONDAY - DAY) == MONDAYS
    assert closed_window(story.case, MONDAY) is None
    assert closed_window(approved().case, MONDAY - DAY) is None
    assert closed_window(received().case, MONDAY) is None


def test_an_import_under_way_is_not_started_twice() -> None:
    story = importing()

    assert refusal_of(story, start(story, lease="lease-2")).code == "not_promoting"


@pytest.mark.parametrize("begin", [rejected, expired, conflict_before_asking, promoted])
def test_no_import_starts_unless_promoting(begin: Callable[[], Story]) -> None:
    story = begin()

    assert refusal_of(story, start(story)).code == "not_promoting"


def test_a_target_left_out_of_what_was_approved_is_not_imported() -> None:
    """Given up before people were asked, retried after they approved: they never said yes to it (invariant 3)."""
    story = conflict_before_asking().then(GIVE_UP, a_look(an_evaluation("b", targets=(EU,))))
    story.then(answers("amir", facts="b"), answers("rosa", facts="b"), RETRY)

    assert story.target().status == "pending"
    assert refusal_of(story, start(story, digest="b" * 64)).code == "not_promoting"
    assert story.ask(commands.RecordPresent(NAME, landed(), True)) == ()


def test_a_target_left_out_cannot_be_retried_once_the_others_are_promoted() -> None:
    story = conflict_before_asking().then(GIVE_UP, a_look(an_evaluation("b", targets=(EU,))))
    story.then(answers("amir", facts="b"), answers("rosa", facts="b")).imports(EU, "b")

    assert story.case.status == "promoted"
    assert refusal_of(story, RETRY).code == "target_left_out"


def test_an_unknown_registry_is_refused_with_those_known() -> None:
    refusal = refusal_of(approved(), commands.RetryTarget("contoso-moon", "olu"))

    assert refusal.code == "unknown_target"
    assert "contoso-eu, contoso-shared" in str(refusal)
    assert "none yet" in str(refusal_of(received(), RETRY))


# ------------------------------------------------------------------------------------------------ there already (R8.1)


def test_what_carries_our_mark_is_adopted() -> None:
    story = approved().then(commands.RecordPresent(NAME, landed(), True))

    assert event_of(story, events.TargetPromoted) == events.TargetPromoted(
        SHARED, 1, landed().asset_id, True, ("flavors",)
    )
    assert story.target().status == "promoted"


def test_an_equal_model_without_our_mark_is_a_conflict() -> None:
    story = approved().then(commands.RecordPresent(NAME, landed(), False))

    assert event_of(story, events.ConflictFound).kind == "not_ours"


@pytest.mark.parametrize("ours", [True, False])
def test_something_else_is_a_conflict_whatever_its_marks_say(ours: bool) -> None:
    story = approved().then(commands.RecordPresent(NAME, THEIRS, ours))

    assert event_of(story, events.ConflictFound).kind == "other_content"


def test_what_is_found_before_an_import_says_nothing_while_one_is_under_way() -> None:
    assert importing().ask(commands.RecordPresent(NAME, THEIRS, False)) == ()


# ------------------------------------------------------------------------------------------------ the judgement (R9)


def test_an_import_that_landed_is_promoted_by_the_round_that_approved_it() -> None:
    story = importing().then(LANDED)

    assert event_of(story, events.TargetPromoted) == events.TargetPromoted(
        SHARED, 1, landed().asset_id, False, ("flavors",)
    )
    assert story.target().state == states.TargetPromoted(landed().asset_id, 1, "due")


def test_a_lost_answer_costs_nothing_when_the_model_is_there() -> None:
    """Whoever takes over an ended lease reads the target back first."""
    story = importing().wait(WAITS.lease).then(replace(LANDED, own=False))

    assert story.target().status == "promoted"


def test_another_model_in_the_place_is_a_conflict() -> None:
    story = importing().then(replace(LANDED, found=THEIRS))

    assert event_of(story, events.ConflictFound).kind == "other_content"
    assert story.case.status == "promoting"
    assert story.target().intent is None


def test_a_failed_import_is_an_error_until_its_lease_ends() -> None:
    """The service may finish what it failed to answer for: nobody starts again before the lease has ended."""
    story = importing().then(replace(NOTHING_THERE, error=("import_failed", "The service answered 500.")))

    assert story.target().error == "import_failed"
    assert story.target().status == "importing"
    assert not may_start(story.case, story.target())


def test_an_import_that_ended_without_a_word_is_an_error_too() -> None:
    story = importing().then(NOTHING_THERE)

    assert story.target().error == "import_not_landed"


def test_what_has_not_landed_when_the_lease_ends_may_start_again() -> None:
    story = importing().wait(WAITS.lease).then(NOTHING_THERE)

    assert event_of(story, events.ImportNotLanded).final
    assert story.target().intent is None
    assert may_start(story.case, story.target())


def test_a_worker_whose_intent_is_no_longer_current_appends_nothing() -> None:
    story = importing().wait(WAITS.lease).then(NOTHING_THERE).starts(lease="lease-2")

    assert story.ask(LANDED) == ()
    assert story.ask(commands.LeaveRunning(NAME, "lease-1")) == ()


def test_an_equal_copy_on_a_target_already_promoted_is_no_finding() -> None:
    assert importing().then(LANDED).ask(LANDED) == ()


def test_an_import_that_takes_long_is_left_running() -> None:
    story = importing().then(commands.LeaveRunning(NAME, "lease-1"))

    assert story.told[-1] == "ImportStillRunning"
    assert story.target().status == "importing"


# ------------------------------------------------------------------------------------------------ stopped meanwhile (R9)

IN_EVERY_STOPPED_STATE = pytest.mark.parametrize("stopped", STOPPED.values(), ids=STOPPED.keys())


@IN_EVERY_STOPPED_STATE
def test_what_landed_after_the_stop_is_a_conflict(stopped: Callable[[], Story]) -> None:
    story = stopped()
    status = story.case.status

    story.wait(WAITS.lease).then(replace(LANDED, own=False))

    assert event_of(story, events.ConflictFound).kind == "landed_late"
    assert story.target().status == "conflict"
    assert story.target().intent is None
    assert story.case.status == status


@IN_EVERY_STOPPED_STATE
def test_what_the_worker_itself_saw_landing_in_time_is_promoted(stopped: Callable[[], Story]) -> None:
    story = stopped().then(LANDED)

    assert story.target().status == "promoted"


@IN_EVERY_STOPPED_STATE
def test_what_the_worker_itself_sees_after_its_lease_is_a_conflict(stopped: Callable[[], Story]) -> None:
    story = stopped().wait(WAITS.lease).then(LANDED)

    assert story.target().status == "conflict"


@IN_EVERY_STOPPED_STATE
def test_another_reader_does_not_judge_for_the_worker(stopped: Callable[[], Story]) -> None:
    story = stopped().then(replace(LANDED, own=False))

    assert story.target().status == "conflict"


@IN_EVERY_STOPPED_STATE
def test_what_has_not_landed_is_looked_at_once_more(stopped: Callable[[], Story]) -> None:
    story = stopped().wait(WAITS.lease).then(NOTHING_THERE)
    assert not event_of(story, events.ImportNotLanded).final
    assert story.target().intent is not None

    story.then(NOTHING_THERE, after=30 * MINUTE)

    assert event_of(story, events.ImportNotLanded).final
    assert story.target().intent is None


@IN_EVERY_STOPPED_STATE
def test_two_that_read_back_at_once_make_one_look(stopped: Callable[[], Story]) -> None:
    """Duplicate messages are normal: the second reader's answer must not stand for the look half an hour later."""
    story = stopped().wait(WAITS.lease).then(NOTHING_THERE)

    assert story.ask(NOTHING_THERE) == ()


@IN_EVERY_STOPPED_STATE
def test_what_lands_between_the_two_looks_is_found(stopped: Callable[[], Story]) -> None:
    story = stopped().wait(WAITS.lease).then(NOTHING_THERE).then(replace(LANDED, own=False), after=30 * MINUTE)

    assert story.target().status == "conflict"


@IN_EVERY_STOPPED_STATE
def test_something_else_in_the_place_is_a_conflict_after_a_stop_too(stopped: Callable[[], Story]) -> None:
    story = stopped().wait(WAITS.lease).then(replace(LANDED, found=THEIRS, own=False))

    assert event_of(story, events.ConflictFound).kind == "other_content"


def test_a_new_round_may_start_again_while_the_second_look_is_still_due() -> None:
    story = importing().then(a_look(an_evaluation("b"))).wait(WAITS.lease).then(NOTHING_THERE)
    story.then(answers("amir", facts="b"), answers("rosa", facts="b"))

    assert story.starts(facts="b", lease="lease-2").target().status == "importing"


def test_what_an_earlier_round_started_is_promoted_when_the_new_round_is_approved_too() -> None:
    story = importing().then(a_look(an_evaluation("b")), answers("amir", facts="b"), answers("rosa", facts="b"))

    assert judged_by(story.case, NAME) == 2
    story.wait(WAITS.lease).then(replace(LANDED, own=False))

    assert story.target().state == states.TargetPromoted(landed().asset_id, 2)


def test_what_a_round_left_that_was_stopped_is_judged_by_what_that_round_approved() -> None:
    assert judged_by(approved().case, NAME) == 1
    story = importing().then(a_look(an_evaluation("b")))
    assert story.case.round == 2
    assert judged_by(story.case, NAME) == 1

    story.then(LANDED)

    assert story.target().state == states.TargetPromoted(landed().asset_id, 1)


def test_what_an_earlier_incarnation_left_is_a_conflict_even_when_the_new_one_is_approved() -> None:
    story = importing().then(
        a_look(None, incarnation=LATER_INCARNATION), a_look(an_evaluation("n"), incarnation=LATER_INCARNATION)
    )
    story.then(answers("amir", facts="n"), answers("rosa", facts="n"))
    assert story.case.status == "promoting"
    assert not is_promoting(story.case, story.target())

    story.then(LANDED)

    assert story.target().status == "conflict"
    assert story.target().intent is None


def test_what_lands_under_a_name_that_the_policy_has_changed_is_a_conflict() -> None:
    renamed = an_evaluation("b", targets=(Target(NAME, "fraud", "7"), EU))
    story = importing().then(a_look(renamed), answers("amir", facts="b"), answers("rosa", facts="b"), LANDED)

    assert event_of(story, events.ConflictFound).target == SHARED
    assert story.target().target.name == "fraud"


def test_a_target_given_up_while_importing_is_looked_at_as_one_that_was_stopped() -> None:
    story = importing().then(GIVE_UP).imports(EU)
    assert story.case.status == "promoted"

    story.wait(WAITS.lease).then(replace(LANDED, own=False))

    assert story.case.status == "conflict"


def test_a_target_given_up_while_importing_and_wanted_again_is_read_back_before_it_starts_again() -> None:
    story = importing().then(GIVE_UP, RETRY)

    assert story.target().status == "pending"
    assert not may_start(story.case, story.target())
    assert story.then(LANDED).target().status == "promoted"


# ------------------------------------------------------------------------------------------------ marks (R8.6)


def test_a_mark_is_recorded_once() -> None:
    story = importing().then(LANDED, commands.RecordMark(NAME, True, ""))

    assert story.target().state == states.TargetPromoted(landed().asset_id, 1, "done")
    assert story.ask(commands.RecordMark(NAME, True, "")) == ()


def test_a_mark_refused_for_good_is_not_tried_again() -> None:
    story = importing().then(LANDED, commands.RecordMark(NAME, False, "The registry takes no tags."))

    assert story.target().state == states.TargetPromoted(landed().asset_id, 1, "refused")


def test_a_mark_ends_the_trouble_with_marking() -> None:
    story = importing().then(LANDED, TROUBLE, commands.RecordMark(NAME, True, ""))

    assert story.told[-2:] == ["PromotionRecovered", "TargetMarked"]


# ------------------------------------------------------------------------------------------------ trouble (R11)


def test_the_same_error_is_appended_once_however_often_the_import_is_tried() -> None:
    story = importing()
    for attempt in range(2, 6):
        story.then(replace(NOTHING_THERE, lease=f"lease-{attempt - 1}")).wait(WAITS.lease)
        story.then(replace(NOTHING_THERE, lease=f"lease-{attempt - 1}")).starts(lease=f"lease-{attempt}")

    assert story.told.count("PromotionErrored") == 1
    assert "PromotionRecovered" not in story.told


def test_another_error_is_appended_and_success_records_the_recovery() -> None:
    story = importing().then(TROUBLE, replace(TROUBLE, code="forbidden"), LANDED)

    assert story.told[-4:] == ["PromotionErrored", "PromotionErrored", "PromotionRecovered", "TargetPromoted"]
    assert story.target().error is None


def test_adoption_records_the_recovery_too() -> None:
    story = approved().then(TROUBLE, commands.RecordPresent(NAME, landed(), True))

    assert story.told[-2:] == ["PromotionRecovered", "TargetPromoted"]


def test_a_pending_target_with_an_open_error_is_errored() -> None:
    story = approved().then(TROUBLE)

    assert story.target().status == "errored"
    assert story.target().explanation == "contoso-shared answered 429."


def test_a_conflict_ends_the_trouble_for_nothing_is_tried_again() -> None:
    story = approved().then(TROUBLE, commands.RecordPresent(NAME, THEIRS, False), RETRY)

    assert story.target().status == "pending"


@pytest.mark.parametrize(
    "command", [TROUBLE, commands.RecordMark(NAME, True, ""), commands.RecordPresent(NAME, THEIRS, False)]
)
def test_work_at_a_target_that_the_policy_dropped_meanwhile_is_forgotten_quietly(command: commands.Command) -> None:
    """Expected trouble never raises out of a handler: only what a person asks is refused."""
    story = asked().then(a_look(an_evaluation("b", targets=(EU,))))

    assert story.ask(command) == ()


# ------------------------------------------------------------------------------------------------ people: retry, give up


def test_a_retry_of_a_target_in_conflict_leads_back_to_promoting() -> None:
    story = conflict_after_quorum().then(RETRY)

    assert story.case.status == "promoting"
    assert story.target().status == "pending"


def test_giving_up_the_last_conflict_promotes_what_is_left() -> None:
    assert conflict_after_quorum().then(GIVE_UP).case.status == "promoted"


def test_a_target_given_up_can_be_retried_and_what_was_promoted_is_promoting_again() -> None:
    story = conflict_after_quorum().then(GIVE_UP, RETRY)

    assert story.case.status == "promoting"
    assert may_start(story.case, story.target())


def test_a_target_being_imported_is_not_retried_before_its_lease_has_ended() -> None:
    assert refusal_of(importing(), RETRY).code == "target_importing"


@pytest.mark.parametrize("command", [RETRY, GIVE_UP])
def test_what_is_promoted_is_neither_retried_nor_given_up(command: commands.Command) -> None:
    assert refusal_of(promoted(), command).code == "target_promoted"


def test_what_is_given_up_is_not_given_up_again() -> None:
    refusal = refusal_of(approved().then(GIVE_UP), GIVE_UP)

    assert refusal.code == "target_given_up"
    assert "olu" in str(refusal)


def test_giving_up_ends_the_trouble() -> None:
    story = approved().then(TROUBLE, GIVE_UP)

    assert (story.target().error, story.target().status) == (None, "given_up")


# ------------------------------------------------------------------------------------------------ R15


def test_one_registrys_trouble_neither_undoes_nor_blocks_another() -> None:
    story = approved().then(TROUBLE).imports(EU)

    assert story.case.status == "promoting"
    assert story.target(EU).status == "promoted"


def test_a_conflict_waits_for_the_targets_still_to_do() -> None:
    story = approved().then(commands.RecordPresent(NAME, THEIRS, False))
    assert story.case.status == "promoting"

    assert story.imports(EU).case.status == "conflict"


def test_all_given_up_after_quorum_is_withdrawn() -> None:
    story = approved().then(GIVE_UP, replace(GIVE_UP, registry=EU.registry))

    assert story.case.state == states.Withdrawn("given_up", "", story.now)


def test_rejected_stays_rejected_whatever_targets_do_later() -> None:
    story = importing().then(rejects("ada"), LANDED)

    assert story.case.status == "rejected"
    assert story.target().status == "promoted"


def test_a_place_that_another_promotion_claimed_is_a_conflict_before_an_import_and_nothing_during_one() -> None:
    claimed = commands.RecordClaimed(NAME, "risk-lab:fraud-detector:7")
    story = approved().then(claimed)

    assert event_of(story, events.ConflictFound).kind == "claimed"
    assert story.target().status == "conflict"
    assert importing().ask(claimed) == ()
    assert approved().ask(commands.RecordClaimed("contoso-moon", "risk-lab:fraud-detector:7")) == ()
