"""Answers of people: counted once, by person, on exactly the digest they saw (R4, R16)."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from shared.domain import events
from shared.domain.errors import CommandRefused, HistoryClash
from shared.domain.ids import PromotionId
from shared.ports import History, NewEvent
from tests.domain.evidence_makers import a_model_version, a_policy, a_promotion, an_approval_rule
from tests.workflow.world import World


def asked() -> World:
    world = World()
    world.register()
    world.work()
    return world


def refused(world: World, person: str, verdict: str = "approve", **changes: Any) -> CommandRefused:
    with pytest.raises(CommandRefused) as refusal:
        world.answer(person, verdict, **changes)
    return refusal.value


def test_answers_are_counted_until_the_quorum() -> None:
    world = asked()
    first = world.answer("amir.approver")
    assert (first.status, first.approvals, first.required) == ("awaiting_approval", 1, 2)
    second = world.answer("rosa.risk")
    assert (second.status, second.approvals, second.required) == ("promoting", 2, 2)


def test_the_same_answer_again_counts_nothing_and_is_answered_the_same() -> None:
    world = asked()
    first = world.answer("amir.approver", operation="webhook:pipeline:1")
    world.answer("rosa.risk")
    again = world.answer("amir.approver", operation="webhook:pipeline:1")
    assert again == first
    assert len(world.events(events.DecisionRecorded)) == 2


def test_one_person_under_two_spellings_is_one_person() -> None:
    world = asked()
    world.answer("amir.approver", operation="1")
    answer = world.answer("Amir Haddad", operation="2")
    assert answer.approvals == 1


def test_who_registered_the_version_does_not_count() -> None:
    assert refused(asked(), "dana.submitter").code == "self_approval"


def test_who_is_in_no_group_does_not_count() -> None:
    assert refused(asked(), "ana.auditor").code == "not_in_group"


def test_answers_are_judged_by_the_rules_that_people_were_asked_under() -> None:
    """The policy that is loaded now, looser or tighter, counts from the next evaluation on (R18)."""
    world = asked()
    looser = an_approval_rule(quorum=1, groups=("auditors",), required_groups=(), exclude=())
    world.policies.loaded = (a_policy(approval=looser, release_record=()),)

    assert refused(world, "dana.submitter").code == "self_approval"
    assert refused(world, "ana.auditor").code == "not_in_group"
    first = world.answer("amir.approver")
    assert (first.status, first.approvals, first.required) == ("awaiting_approval", 1, 2)
    assert world.answer("rosa.risk").status == "promoting"


def test_an_answer_on_another_digest_is_told_the_current_one() -> None:
    world = asked()
    refusal = refused(world, "amir.approver", digest="0" * 64)
    assert refusal.code == "stale_evaluation"
    assert refusal.facts["current"] == world.digest()


def test_an_answer_that_comes_too_late_is_refused_even_before_the_sweep_saw_it() -> None:
    world = asked()
    world.clock.advance(timedelta(days=8))
    assert refused(world, "amir.approver").code == "expired"


def test_an_answer_after_the_quorum_is_told_who_settled_it() -> None:
    world = asked()
    world.approve()
    refusal = refused(world, "rosa.risk", operation="later")
    assert refusal.code == "settled"
    assert refusal.facts["by"] == "amir.approver, rosa.risk"


def test_a_promotion_nobody_knows_is_said_so() -> None:
    world = asked()
    assert (
        refused(world, "amir.approver", promotion=PromotionId("risk-dev", "nothing", "1")).code == "unknown_promotion"
    )


def test_nobody_is_asked_about_what_is_blocked() -> None:
    world = World()
    world.register(tags={**a_model_version().tags, "owner": "nobody"})
    world.work()
    assert refused(world, "amir.approver").code == "not_awaiting_approval"


def test_nothing_is_approved_without_the_release_record() -> None:
    world = World()
    tags = {name: value for name, value in a_model_version().tags.items() if name != "rollback_path"}
    world.register(tags=tags)
    world.work()
    world.answer("amir.approver")
    refusal = refused(world, "rosa.risk")
    assert refusal.code == "release_record_missing"
    assert "rollback_path" in str(refusal)
    answer = world.answer("rosa.risk", release_record={"rollback_path": "version 6"})
    assert answer.status == "promoting"


class LostAnswers:
    """The histories, with the answer of the next append lost after it was committed."""

    def __init__(self, world: World) -> None:
        self._real = world.histories
        self.lose_next = True

    def append(self, loaded: History, events: Sequence[NewEvent], at: Any, snapshot: Any) -> History:
        after = self._real.append(loaded, events, at, snapshot)
        if self.lose_next:
            self.lose_next = False
            raise HistoryClash("The answer was lost.")
        return after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def test_the_winner_is_told_so_even_when_the_first_reply_was_lost() -> None:
    from dataclasses import replace

    world = asked()
    world.outside = replace(world.outside, histories=LostAnswers(world))
    answer = world.answer("amir.approver", operation="webhook:pipeline:1")
    assert answer.approvals == 1
    assert len(world.events(events.DecisionRecorded)) == 1


def test_approve_and_reject_at_once_have_one_winner() -> None:
    for round_ in range(20):
        world = World(a_policy())
        world.register()
        world.work()
        world.answer("amir.approver")
        with ThreadPoolExecutor(2) as pool:
            approve = pool.submit(_outcome, world, "rosa.risk", "approve", f"a{round_}")
            reject = pool.submit(_outcome, world, "amir.approver", "reject", f"r{round_}")
        outcomes = [type(e).__name__ for e in world.events(events.Approved) + world.events(events.Rejected)]
        assert len(outcomes) >= 1
        assert world.events(events.Approved) == [] or approve.result() == "promoting"
        assert reject.result() in ("rejected", "settled")
        assert world.case(a_promotion()).status in ("promoting", "rejected")


def _outcome(world: World, person: str, verdict: str, operation: str) -> str:
    try:
        return world.answer(person, verdict, operation=operation).status
    except CommandRefused as refusal:
        return refusal.code
