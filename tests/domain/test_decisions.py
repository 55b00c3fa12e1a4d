"""Who may answer, when an answer counts, and what the quorum is (R16, R18, invariants 3 to 5)."""

from datetime import timedelta
from typing import Any

import pytest

from shared.domain import commands, events, states
from shared.domain.decisions import approvals, nothing_left_to_stop, promoted_registries
from tests.domain.promotion_makers import (
    DAY,
    EU,
    SHARED,
    SITUATIONS,
    a_decision,
    a_look,
    an_evaluation,
    answers,
    approved,
    asked,
    conflict_after_quorum,
    event_of,
    expired,
    importing,
    promoted,
    refusal_of,
    rejected,
    rejects,
)

ADA_APPROVES = answers("ada")

# ------------------------------------------------------------------------------------------------ the quorum


def test_enough_distinct_persons_with_each_required_group_approve() -> None:
    story = asked().then(answers("amir"))
    assert story.case.status == "awaiting_approval"

    story.then(answers("rosa"))

    assert event_of(story, events.Approved) == events.Approved(1, "a" * 64, ("amir", "rosa"))
    assert story.case.status == "promoting"


def test_two_of_one_group_are_not_enough_without_the_required_group() -> None:
    story = asked().then(answers("amir"), answers("ada"))

    assert story.case.status == "awaiting_approval"
    assert story.then(answers("rosa")).case.status == "promoting"


def test_one_person_twice_is_one_person() -> None:
    story = asked().then(answers("rosa"), answers("rosa", spelling="Rosa Lind"))

    assert story.case.status == "awaiting_approval"


def test_groups_count_as_they_stood_when_the_person_answered() -> None:
    story = asked().then(answers("rosa"), answers("amir", groups=("ml-approvers", "anything-else")))

    assert story.case.status == "promoting"


@pytest.mark.parametrize("verdict", ["approve", "reject"])
def test_whoever_the_policy_excludes_never_counts(verdict: events.Verdict) -> None:
    assert refusal_of(asked(), answers("dana", verdict)).code == "self_approval"


def test_whoever_is_in_no_deciding_group_is_refused() -> None:
    refusal = refusal_of(asked(), answers("olu", groups=("platform-team",)))

    assert refusal.code == "not_in_group"
    assert "ml-approvers, risk-officers" in str(refusal)


def test_answers_are_judged_by_the_rules_stored_with_the_evaluation() -> None:
    story = asked(rules={"quorum": 1, "required_groups": ()}).then(answers("amir"))

    assert story.case.status == "promoting"


# ------------------------------------------------------------------------------------------------ until quorum


def test_a_later_answer_of_the_same_person_replaces_the_earlier() -> None:
    story = asked(rules={"rejections": 2}).then(answers("amir"), rejects("amir"), answers("rosa"))

    assert isinstance(story.case.state, states.AwaitingApproval)
    assert set(approvals(story.case.state.decisions)) == {"rosa"}
    assert story.then(answers("amir")).case.status == "promoting"


def test_one_rejection_ends_the_round() -> None:
    story = asked().then(answers("amir"), rejects("rosa"))

    assert event_of(story, events.Rejected) == events.Rejected(1, "a" * 64, ("rosa",), ())
    assert story.case.state == states.Rejected("a" * 64, ("rosa",), story.now)


def test_a_policy_may_ask_for_more_rejections() -> None:
    story = asked(rules={"rejections": 2}).then(rejects("amir"))
    assert story.case.status == "awaiting_approval"

    assert story.then(rejects("rosa")).case.state == states.Rejected("a" * 64, ("amir", "rosa"), story.now)


def test_an_answer_on_an_earlier_digest_is_stale_and_told_the_current_one() -> None:
    story = asked().then(a_look(an_evaluation("b")))

    refusal = refusal_of(story, answers("amir", facts="a"))

    assert (refusal.code, refusal.facts) == ("stale_evaluation", {"current": "b" * 64})


def test_an_answer_after_the_time_to_answer_is_refused() -> None:
    story = asked().wait(7 * DAY)

    assert refusal_of(story, answers("amir")).code == "expired"


def test_an_answer_in_the_last_moment_counts() -> None:
    story = asked()
    story.wait(7 * DAY - timedelta(microseconds=1))

    assert story.ask(answers("amir")) != ()


@pytest.mark.parametrize(
    "situation", ["unseen", "received", "waiting", "blocked", "conflict (nobody asked)", "ignored"]
)
def test_where_nobody_is_asked_no_answer_is_taken(situation: str) -> None:
    refusal = refusal_of(SITUATIONS[situation](), answers("amir"))

    assert (refusal.code, refusal.facts["status"]) == ("not_awaiting_approval", situation.partition(" ")[0])


# ------------------------------------------------------------------------------------------------ the release record

RECORD: dict[str, Any] = {
    "rules": {"release_record": ("owner", "rollback_path")},
    "release_record": {"owner": "dana@contoso.com"},
}


def test_nothing_is_approved_without_the_release_record() -> None:
    story = asked(**RECORD).then(answers("amir"))

    refusal = refusal_of(story, answers("rosa"))

    assert refusal.code == "release_record_missing"
    assert "rollback_path" in str(refusal)
    assert "owner" not in str(refusal)


def test_what_tags_do_not_state_may_be_stated_with_any_answer() -> None:
    story = asked(**RECORD).then(answers("amir", release_record=(("rollback_path", "version 6"),)), answers("rosa"))

    assert story.case.status == "promoting"


def test_blank_text_states_nothing() -> None:
    story = asked(**RECORD).then(answers("amir", release_record=(("rollback_path", "  "),)))

    assert refusal_of(story, answers("rosa")).code == "release_record_missing"


# ------------------------------------------------------------------------------------------------ after quorum (R16)


def test_after_quorum_an_approval_is_settled_and_told_who_and_when() -> None:
    story = approved()

    refusal = refusal_of(story, ADA_APPROVES)

    assert refusal.code == "settled"
    assert refusal.facts == {"status": "promoting", "by": "amir, rosa", "at": story.now.isoformat()}


def test_after_quorum_a_rejection_is_taken_while_something_can_be_stopped() -> None:
    story = approved().imports(SHARED).then(rejects("ada"))

    assert event_of(story, events.Rejected).promoted == (SHARED.registry,)
    assert story.case.status == "rejected"
    assert story.target().status == "promoted"
    assert promoted_registries(story.case) == (SHARED.registry,)


def test_after_quorum_an_approver_may_still_think_better_of_it() -> None:
    assert approved().then(rejects("rosa")).case.status == "rejected"


def test_a_rejection_that_could_stop_nothing_is_settled() -> None:
    story = importing().starts(EU, lease="lease-eu")

    assert nothing_left_to_stop(story.case)
    assert refusal_of(story, rejects("ada")).code == "settled"


def test_the_excluded_cannot_reject_after_quorum_either() -> None:
    assert refusal_of(approved(), rejects("dana")).code == "self_approval"


def test_a_rejection_is_taken_while_a_target_is_in_conflict() -> None:
    """A target in conflict is neither promoted nor importing: R16 takes the answer."""
    story = conflict_after_quorum().then(rejects("ada"))

    assert story.case.status == "rejected"
    assert event_of(story, events.Rejected).promoted == (EU.registry,)


def test_an_approval_while_a_target_is_in_conflict_is_settled() -> None:
    assert refusal_of(conflict_after_quorum(), ADA_APPROVES).facts["by"] == "amir, rosa"


def test_rejections_before_and_after_quorum_count_together() -> None:
    story = asked(rules={"rejections": 2}).then(rejects("ada"), answers("amir"), answers("rosa"))
    assert story.case.status == "promoting"

    story.then(rejects("ben"))

    assert event_of(story, events.Rejected).by == ("ada", "ben")


def test_rejections_count_on_while_a_target_goes_in_and_out_of_conflict() -> None:
    different = commands.Different("Another model.", "theirs")
    story = approved(rules={"rejections": 3}).imports(SHARED).then(rejects("ada"))
    assert story.case.status == "promoting"

    story.then(commands.RecordPresent(EU.registry, different, False), rejects("ben"))
    assert story.case.status == "conflict"
    story.then(commands.RetryTarget(EU.registry, "olu"))
    assert story.case.status == "promoting"

    assert story.then(rejects("cleo")).case.status == "rejected"
    assert event_of(story, events.Rejected).by == ("ada", "ben", "cleo")


def test_an_answer_recorded_in_no_round_changes_nothing() -> None:
    """Not led to by any command; a history that holds it folds all the same (invariant 6)."""
    story = promoted()

    assert story.record(events.DecisionRecorded(1, a_decision())).case.status == "promoted"


# ------------------------------------------------------------------------------------------------ settled: who and when


@pytest.mark.parametrize("command", [ADA_APPROVES, rejects("ada")])
@pytest.mark.parametrize(
    ("situation", "by"),
    [
        ("promoted", "amir, rosa"),
        ("rejected", "rosa"),
        ("expired", "nobody in time"),
        ("withdrawn", "dana"),
        ("withdrawn (all given up)", "operators"),
    ],
)
def test_an_answer_to_a_settled_promotion_is_told_who_settled_it(
    situation: str, by: str, command: commands.Command
) -> None:
    story = SITUATIONS[situation]()
    facts = story.case.evaluation.digest[0] if story.case.evaluation else "a"
    assert isinstance(command, commands.RecordDecision)
    answer = answers("ada", command.decision.verdict, facts)

    refusal = refusal_of(story, answer)

    assert (refusal.code, refusal.facts["by"]) == ("settled", by)


def test_a_rejection_that_stands_is_told_with_the_persons_who_made_it() -> None:
    story = rejected().then(commands.RequestReevaluation("dana"), a_look(an_evaluation()))

    assert refusal_of(story, ADA_APPROVES).facts["by"] == "rosa"


def test_an_expired_round_takes_no_late_answer() -> None:
    assert refusal_of(expired(), ADA_APPROVES).facts["status"] == "expired"
