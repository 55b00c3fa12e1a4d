"""What a full read of the version leads to: the case begins, begins anew, or its round is judged (R3, R14, R17)."""

from dataclasses import replace

import pytest

from shared.domain import commands, events, states
from shared.domain.commands import NotGoverned, TargetFinding
from shared.domain.ids import Target
from tests.domain.promotion_makers import (
    EU,
    HOUR,
    INCARNATION,
    LATER_INCARNATION,
    MINUTE,
    REGISTERED_AT,
    SECOND,
    SHARED,
    SITUATIONS,
    WAITS,
    Story,
    a_gate,
    a_look,
    all_given_up,
    an_evaluation,
    answers,
    approved,
    asked,
    blocked,
    conflict_before_asking,
    event_of,
    failing,
    importing,
    incomplete,
    landed,
    no_policy,
    promoted,
    refusal_of,
    rejected,
    rejects,
    waiting,
)

GIVE_UP_EU = commands.GiveUpTarget(EU.registry, "olu")
GIVE_UP_SHARED = commands.GiveUpTarget(SHARED.registry, "olu")
ASK_AGAIN = commands.RequestReevaluation("dana")
UNREADABLE = commands.RecordError(None, "throttled", "The workspace answered 429.")
LANDED_LATE = commands.RecordReadBack(SHARED.registry, "lease-1", landed(), own=False)
THEIRS = TargetFinding(SHARED, "not_ours", explanation="No mark of ours.", found="theirs")

# ------------------------------------------------------------------------------------------------ R3: intake


def test_the_first_read_registers_the_version_with_its_incarnation() -> None:
    story = Story().then(a_look(None))

    assert story.told == ["Registered"]
    assert (story.case.incarnation, story.case.registrant, story.case.status) == (INCARNATION, "dana", "received")


def test_a_person_may_ask_for_a_version_that_was_never_read() -> None:
    story = Story().then(ASK_AGAIN, a_look(None))

    assert story.told == ["ReevaluationRequested", "Registered"]
    assert story.case.state == states.Received(asked_by="dana")


@pytest.mark.parametrize("situation", sorted(SITUATIONS.keys() - {"unseen"}))
def test_another_incarnation_begins_anew_in_every_state(situation: str) -> None:
    story = SITUATIONS[situation]()
    before = story.case

    story.then(a_look(None, incarnation=LATER_INCARNATION))

    assert story.case.status == "received"
    assert story.case.incarnation == LATER_INCARNATION
    assert story.case.through is None
    held = {r for r, t in before.targets.items() if isinstance(t.state, states.TargetPromoted | states.Importing)}
    assert {r for r in held if story.case.targets[r].status == "conflict"} == held


def test_a_slow_read_of_the_earlier_incarnation_changes_nothing() -> None:
    story = asked().then(a_look(None, incarnation=LATER_INCARNATION))

    assert story.ask(a_look(an_evaluation())) == ()


def test_what_was_given_up_is_open_again_for_another_incarnation() -> None:
    story = all_given_up().then(a_look(None, incarnation=LATER_INCARNATION))

    assert story.case.left_out == frozenset()
    story.then(a_look(an_evaluation("n"), incarnation=LATER_INCARNATION))
    assert story.case.status == "awaiting_approval"


def test_a_rejection_says_nothing_about_another_incarnation() -> None:
    story = rejected().then(a_look(None, incarnation=LATER_INCARNATION))

    assert story.case.rejection is None


@pytest.mark.parametrize("situation", ["promoted", "rejected", "expired", "withdrawn", "ignored"])
def test_in_a_settled_state_a_look_finds_nothing_but_another_incarnation(situation: str) -> None:
    assert SITUATIONS[situation]().ask(a_look(an_evaluation("z"))) == ()


def test_a_version_that_is_gone_withdraws_its_promotion_unless_it_is_settled() -> None:
    assert asked().ask(commands.RecordSourceGone()) == (events.Withdrawn("source_gone", "clearance"),)
    assert promoted().ask(commands.RecordSourceGone()) == ()


def test_a_version_that_never_was_leaves_no_history() -> None:
    assert Story().ask(commands.RecordSourceGone()) == ()


# ------------------------------------------------------------------------------------------------ R11: the source


def test_trouble_with_the_source_is_recorded_once_and_again_when_it_changes() -> None:
    story = asked().then(UNREADABLE)

    assert story.case.error == "throttled"
    assert story.ask(UNREADABLE) == ()
    assert story.ask(replace(UNREADABLE, code="forbidden")) != ()


@pytest.mark.parametrize("verdict", [an_evaluation(), None])
def test_the_next_read_that_works_records_the_recovery(verdict: object) -> None:
    story = asked().then(UNREADABLE)

    assert story.ask(a_look(verdict)) == (events.PromotionRecovered(None),)  # type: ignore[arg-type]
    assert story.then(a_look(None)).case.error is None


def test_a_read_of_another_incarnation_records_the_recovery_too() -> None:
    story = asked().then(UNREADABLE, a_look(None, incarnation=LATER_INCARNATION))

    assert story.told[-2:] == ["PromotionRecovered", "Reregistered"]
    assert story.case.error is None


# ------------------------------------------------------------------------------------------------ R14: to the asking


def test_a_failed_gate_blocks_at_once_and_unproven_gates_are_named_too() -> None:
    late = replace(a_gate(), gate="metric:auc", outcome=incomplete().gates[0].outcome, absent=True)
    story = Story().then(a_look(failing(gates=(late, *failing().gates))))

    assert story.case.status == "blocked"
    assert event_of(story, events.Blocked).gates == ("tag:owner", "metric:auc")


def test_absent_evidence_is_waited_for_until_grace_is_over() -> None:
    story = waiting()
    until = REGISTERED_AT + 30 * MINUTE

    assert story.case.state == states.Waiting(until)
    story.wait(until - story.now - SECOND)
    assert story.ask(a_look(incomplete())) == ()
    story.wait(SECOND)
    assert story.ask(a_look(incomplete())) == (events.Blocked(1, ("tag:owner",)),)


def test_a_blocked_version_is_blocked_once_and_asks_for_no_new_digest() -> None:
    story = waiting().then(a_look(incomplete()), after=HOUR)

    assert story.told[-1] == "Blocked"
    assert story.case.round == 1
    assert story.ask(a_look(incomplete())) == ()


def test_evidence_that_is_malformed_is_not_waited_for() -> None:
    malformed = incomplete(gates=(replace(incomplete().gates[0], absent=False),))

    assert Story().then(a_look(malformed)).case.status == "blocked"


def test_a_policy_that_grants_more_time_is_waited_for_longer() -> None:
    """Grace is not in the digest: without this, the end of the old grace would be due again and again."""
    longer = incomplete(grace_ends_at=REGISTERED_AT + HOUR)
    story = waiting().then(a_look(longer), after=30 * MINUTE)

    assert story.case.state == states.Waiting(REGISTERED_AT + HOUR)
    assert story.ask(a_look(longer)) == ()


def test_a_target_in_conflict_holds_the_whole_promotion_and_nobody_is_asked() -> None:
    story = conflict_before_asking()

    assert story.told == ["Registered", "EvaluationCompleted", "ConflictFound"]
    assert story.case.state == states.Conflict(None)
    assert story.target().status == "conflict"
    assert story.target(EU).status == "pending"


def test_every_conflict_is_told_at_once() -> None:
    story = Story().then(a_look(an_evaluation(), THEIRS, replace(THEIRS, target=EU, conflict="claimed")))

    assert story.told[-2:] == ["ConflictFound", "ConflictFound"]
    assert story.case.state == states.Conflict(None)


def test_retry_looks_again_and_asks_when_the_obstacle_is_gone() -> None:
    story = conflict_before_asking().then(commands.RetryTarget(SHARED.registry, "olu"))

    assert story.case.status == "received"
    assert story.then(a_look(an_evaluation())).case.status == "awaiting_approval"


def test_giving_up_the_target_in_conflict_asks_for_those_left() -> None:
    story = conflict_before_asking().then(GIVE_UP_SHARED)

    assert story.case.left_out == {SHARED.registry}
    story.then(a_look(an_evaluation("b", targets=(EU,))))
    assert event_of(story, events.ApprovalRequested).targets == (EU,)
    assert story.target().status == "given_up"


def test_a_copy_of_an_earlier_incarnation_found_at_evaluation_is_a_conflict_like_any_other() -> None:
    """If the state stayed received, the same evaluation would be made again for ever."""
    story = Story().then(a_look(an_evaluation(), replace(THEIRS, conflict="other_incarnation")))

    assert story.case.state == states.Conflict(None)


def test_a_registry_that_cannot_be_read_is_unchecked_and_people_are_told() -> None:
    unchecked = TargetFinding(EU, unchecked=True, explanation="contoso-eu answered 503.")
    story = Story().then(a_look(an_evaluation(), TargetFinding(SHARED), unchecked))

    assert isinstance(story.case.state, states.AwaitingApproval)
    assert story.case.state.unchecked == (events.UncheckedTarget(EU.registry, "contoso-eu answered 503."),)


def test_people_are_asked_about_every_target_still_to_do_whatever_was_found_about_it() -> None:
    assert event_of(asked(), events.ApprovalRequested).targets == (SHARED, EU)


@pytest.mark.parametrize("situation", ["waiting", "blocked", "conflict (nobody asked)", "awaiting_approval"])
def test_when_all_targets_are_given_up_before_quorum_the_promotion_is_withdrawn(situation: str) -> None:
    story = SITUATIONS[situation]().then(GIVE_UP_SHARED, GIVE_UP_EU)

    assert story.case.state == states.Withdrawn("given_up", "", story.now)
    assert refusal_of(story, ASK_AGAIN).code == "given_up"


def test_retrying_one_of_the_targets_given_up_opens_the_promotion_again() -> None:
    story = all_given_up().then(commands.RetryTarget(EU.registry, "olu"))

    assert story.case.status == "received"
    assert story.case.left_out == {SHARED.registry}


def test_a_target_left_out_earlier_can_be_retried_after_the_others_were_given_up_too() -> None:
    story = conflict_before_asking().then(GIVE_UP_SHARED, a_look(an_evaluation("b", targets=(EU,))), GIVE_UP_EU)
    assert story.case.status == "withdrawn"

    story.then(commands.RetryTarget(SHARED.registry, "olu"))

    assert story.case.status == "received"


def test_giving_up_all_targets_of_a_rejected_promotion_leaves_it_rejected() -> None:
    story = rejected().then(GIVE_UP_SHARED, GIVE_UP_EU)

    assert story.case.status == "rejected"
    assert refusal_of(story, ASK_AGAIN).code == "given_up"


def test_a_policy_that_names_only_targets_given_up_withdraws() -> None:
    story = blocked().then(GIVE_UP_EU, a_look(an_evaluation("b", targets=())))

    assert story.told[-1] == "EvaluationCompleted"
    assert story.case.state == states.Withdrawn("given_up", "", story.now)


def test_an_evaluation_made_before_a_target_was_given_up_is_not_recorded() -> None:
    """The give-up won the race: the evaluation names the target still, and would bring it back (R4)."""
    story = blocked().then(GIVE_UP_EU)

    assert story.ask(a_look(an_evaluation("b"))) == ()


# ------------------------------------------------------------------------------------------------ R16: a changed digest


def test_a_changed_digest_voids_the_round_shows_the_difference_and_asks_anew() -> None:
    story = asked().then(answers("amir"), a_look(an_evaluation("b")))

    voided = event_of(story, events.RoundVoided)
    assert (voided.round, voided.digest) == (1, "a" * 64)
    assert voided.difference == ('Tag data was "a", is "b".',)
    assert story.case.round == 2
    assert isinstance(story.case.state, states.AwaitingApproval)
    assert story.case.state.decisions == {}


def test_the_new_round_is_for_the_targets_not_yet_promoted() -> None:
    story = approved().imports(SHARED).then(a_look(an_evaluation("b")))

    assert event_of(story, events.ApprovalRequested).targets == (EU,)
    assert story.target().status == "promoted"


def test_what_is_found_at_a_promoted_target_cannot_hold_the_new_round() -> None:
    story = approved().imports(SHARED).then(a_look(an_evaluation("b"), THEIRS))

    assert story.case.status == "awaiting_approval"
    assert story.target().status == "promoted"


def test_a_round_ends_when_no_policy_applies_any_more() -> None:
    story = asked().then(answers("amir"), a_look(no_policy()))

    assert story.told[-2:] == ["RoundVoided", "Ignored"]
    assert story.ask(a_look(no_policy())) == ()


def test_an_ignored_version_says_so_when_the_reason_changes() -> None:
    story = Story().then(a_look(no_policy()))

    assert story.ask(a_look(NotGoverned("not_opted_in", "The tag is missing."))) != ()


def test_giving_up_a_target_after_quorum_does_not_void_the_others() -> None:
    """R15: the re-read before the next import leaves nothing out of what was approved, so its digest is the same."""
    story = approved().then(GIVE_UP_EU)

    assert story.case.given_up == {EU.registry}
    assert story.case.left_out == frozenset()
    assert story.imports(SHARED).case.status == "promoted"


def test_a_round_voided_after_a_give_up_is_followed_by_one_without_that_target() -> None:
    story = approved().then(GIVE_UP_EU, a_look(an_evaluation("b")))

    assert story.told[-1] == "RoundVoided"
    assert story.case.left_out == {EU.registry}
    story.then(a_look(an_evaluation("c", targets=(SHARED,))))
    assert story.case.status == "awaiting_approval"
    assert story.target(EU).status == "given_up"


def test_what_lands_late_at_a_target_that_was_given_up_leaves_the_others_asked() -> None:
    """The operator's word stands: what is found there is shown, and nobody's answer about the others is thrown away."""
    without = a_look(an_evaluation("c", targets=(EU,)))
    story = importing().then(a_look(an_evaluation("b")), GIVE_UP_SHARED, without, answers("amir", facts="c"))
    story.wait(WAITS.lease).then(LANDED_LATE)

    assert story.target().status == "conflict"
    assert story.case.left_out == {SHARED.registry}
    assert story.ask(without) == ()
    story.then(GIVE_UP_SHARED, answers("rosa", facts="c"))
    assert story.case.status == "promoting"


def test_what_landed_late_at_a_target_that_was_given_up_is_left_out_of_every_later_round() -> None:
    story = importing().then(a_look(an_evaluation("b")), GIVE_UP_SHARED).wait(WAITS.lease)
    story.then(LANDED_LATE, a_look(an_evaluation("c", targets=(EU,))))
    story.then(a_look(an_evaluation("d", targets=(EU,))))
    assert story.case.left_out == {SHARED.registry}

    story.then(commands.RetryTarget(SHARED.registry, "olu"))

    assert event_of(story, events.RoundVoided).difference == (f"{SHARED} is wanted again by olu.",)
    assert story.case.left_out == frozenset()


def test_giving_up_a_target_while_people_are_asked_asks_them_anew() -> None:
    story = asked().then(answers("amir"), GIVE_UP_EU)

    assert story.told[-2:] == ["RoundVoided", "TargetGivenUp"]
    assert event_of(story, events.RoundVoided).difference == (f"{EU} was given up by olu.",)
    assert story.case.status == "received"


def test_wanting_a_target_again_while_people_are_asked_without_it_asks_them_anew() -> None:
    story = asked().then(GIVE_UP_EU, a_look(an_evaluation("b", targets=(SHARED,))), answers("amir", facts="b"))

    story.then(commands.RetryTarget(EU.registry, "olu"))

    assert story.told[-2:] == ["RoundVoided", "TargetRetryRequested"]
    assert story.case.left_out == frozenset()


def test_a_target_that_the_policy_no_longer_names_is_not_wanted() -> None:
    story = asked().then(a_look(an_evaluation("b", targets=(SHARED,))))

    assert [target.target for target in story.case.wanted] == [SHARED]
    assert EU.registry not in story.case.targets


def test_a_target_that_the_policy_renames_begins_anew_and_keeps_its_open_error() -> None:
    renamed = Target(EU.registry, "fraud", "7")
    story = asked().then(commands.RecordError(EU.registry, "throttled", "429"))

    story.then(a_look(an_evaluation("b", targets=(SHARED, renamed))))

    after = story.target(EU)
    assert (after.target, after.status, after.error, after.explanation) == (renamed, "errored", "throttled", "429")


def test_an_import_under_way_stays_with_its_target_through_a_new_round() -> None:
    story = importing().then(a_look(an_evaluation("b")))

    assert story.target().status == "importing"
    assert story.target().intent is not None


# ------------------------------------------------------------------------------------------------ R17: looking again


@pytest.mark.parametrize("situation", ["blocked", "rejected", "expired", "withdrawn", "ignored"])
def test_reevaluate_leads_back_to_received(situation: str) -> None:
    story = SITUATIONS[situation]().then(ASK_AGAIN)

    assert story.case.state == states.Received(asked_by="dana")


@pytest.mark.parametrize("situation", ["conflict (nobody asked)", "conflict (after quorum)"])
def test_reevaluate_leads_from_conflict_to_received(situation: str) -> None:
    assert SITUATIONS[situation]().then(ASK_AGAIN).case.status == "received"


@pytest.mark.parametrize("situation", ["received", "waiting", "awaiting_approval", "promoting"])
def test_where_a_look_is_made_anyway_reevaluate_records_nothing(situation: str) -> None:
    assert SITUATIONS[situation]().ask(ASK_AGAIN) == ()


def test_what_is_promoted_is_not_judged_again() -> None:
    assert refusal_of(promoted(), ASK_AGAIN).code == "settled"


def test_expired_needs_no_other_digest_to_be_asked_again() -> None:
    story = SITUATIONS["expired"]().then(ASK_AGAIN, a_look(an_evaluation()))

    assert story.case.status == "awaiting_approval"
    assert story.case.round == 2


def test_a_rejection_stands_while_nothing_has_changed() -> None:
    story = rejected()
    said_no = story.case.state

    story.then(ASK_AGAIN, a_look(an_evaluation()))

    assert story.told[-1] == "RejectionStands"
    assert story.case.state == said_no


def test_another_digest_after_a_rejection_is_asked_about() -> None:
    story = rejected().then(ASK_AGAIN, a_look(an_evaluation("b")))

    assert story.case.status == "awaiting_approval"
    assert story.case.rejection is None


@pytest.mark.parametrize(
    "detour",
    [
        (commands.Withdraw("dana"),),
        (commands.RecordSourceGone(),),
        (a_look(no_policy()),),
    ],
    ids=["withdrawn", "gone", "ignored"],
)
def test_no_detour_leads_around_a_rejection(detour: tuple[commands.Command, ...]) -> None:
    story = rejected().then(ASK_AGAIN, *detour, ASK_AGAIN, a_look(an_evaluation()))

    assert story.told[-1] == "RejectionStands"


def test_a_rejection_after_quorum_stands_too() -> None:
    story = importing().then(rejects("ada"), ASK_AGAIN, a_look(an_evaluation()))

    assert story.case.status == "rejected"


# ------------------------------------------------------------------------------------------------ time, withdrawal


def test_nobody_answered_in_time_is_not_a_no() -> None:
    story = asked()
    assert isinstance(story.case.state, states.AwaitingApproval)
    end = story.case.state.expires_at

    story.wait(end - story.now - SECOND)
    assert story.ask(commands.Expire()) == ()
    story.wait(SECOND)
    assert story.ask(commands.Expire()) == (events.Expired(1, "a" * 64),)


def test_a_withdrawal_is_taken_while_a_target_is_neither_promoted_nor_importing() -> None:
    """R16: the other one is being imported already, and keeps what it gets."""
    story = importing().then(commands.Withdraw("dana"))

    assert story.case.status == "withdrawn"


def test_a_withdrawal_that_could_stop_nothing_is_refused() -> None:
    story = importing().starts(EU, lease="lease-eu")

    assert refusal_of(story, commands.Withdraw("dana")).code == "settled"


def test_an_unknown_promotion_cannot_be_withdrawn() -> None:
    assert refusal_of(Story(), commands.Withdraw("dana")).code == "unknown_promotion"
