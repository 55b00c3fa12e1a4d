"""Modes and exceptions in the loop: what does not block is still told, and who is asked stays asked."""

from datetime import timedelta

from shared.domain import events
from shared.domain.commands import RequestReevaluation
from shared.domain.policy import ExceptionRule, Policy
from shared.workflow.instruct import instruct
from shared.workflow.summaries import explain_state
from shared.workflow.timeline import describe
from tests.domain.evidence_makers import NOW, a_policy, a_promotion, tags
from tests.workflow.world import World


def looked_at(policy: Policy) -> World:
    """A version without its tag classification, evaluated."""
    world = World(policy)
    world.register(tags=tags(classification=None))
    world.work()
    return world


def test_a_gate_in_warn_does_not_block_and_approvers_are_told() -> None:
    world = looked_at(a_policy(modes={"tag:classification": "warn"}))
    assert world.case().status == "awaiting_approval"
    told = "tag:classification unproven (warning, it does not block): The tag classification is missing."
    assert explain_state(world.case(), world.clock.now()) == told
    (asked,) = [e for e in world.publisher.published if e["type"] == "Clearance.ApprovalRequested"]
    (gate,) = [gate for gate in asked["data"]["gates"] if gate["gate"] == "tag:classification"]
    assert (gate["mode"], gate["blocks"], gate["note"]) == ("warn", False, "warning, it does not block")


def test_a_gate_in_shadow_is_recorded_and_is_no_reason() -> None:
    world = looked_at(a_policy(modes={"tag:*": "shadow"}))
    assert world.case().status == "awaiting_approval"
    assert explain_state(world.case(), world.clock.now()) == ""
    (asked,) = [e for e in world.publisher.published if e["type"] == "Clearance.ApprovalRequested"]
    (gate,) = [gate for gate in asked["data"]["gates"] if gate["gate"] == "tag:classification"]
    assert (gate["outcome"], gate["note"]) == ("unproven", "shadow: would have blocked")


def test_people_answer_in_every_mode() -> None:
    world = looked_at(a_policy(mode="shadow"))
    assert world.case().status == "awaiting_approval"
    assert world.promoted_registries() == set()
    world.approve()
    world.work()
    assert world.case().status == "promoted"


def test_a_policy_that_is_off_leaves_its_versions_ignored_until_it_is_on_again_and_somebody_asks() -> None:
    world = looked_at(a_policy(mode="off"))
    (ignored,) = world.events(events.Ignored)
    assert (ignored.reason, ignored.explanation) == ("policy_off", "Policy fraud is off.")
    world.policies.loaded = (a_policy(tags={}),)
    world.pass_time(timedelta(hours=2))
    assert world.case().status == "ignored"
    again = RequestReevaluation("dana.submitter")
    instruct(world.outside, a_promotion(), again, operation="page:1", actor="dana.submitter")
    world.work()
    assert world.case().status == "awaiting_approval"


def test_a_mode_that_changes_after_the_approval_voids_it() -> None:
    world = looked_at(a_policy(modes={"tag:classification": "warn"}))
    world.answer("amir.approver")
    world.answer("rosa.risk")
    world.policies.loaded = (a_policy(),)
    world.work()
    assert world.case().status == "waiting"
    (voided,) = world.events(events.RoundVoided)
    assert 'The mode of gate tag:classification was "warn", is "enforce".' in voided.difference


# ------------------------------------------------------------------------------------------------ exceptions

UNTIL = NOW.date()
FOR_TODAY = ExceptionRule("tag:classification", ("fraud-*",), "rosa.risk@contoso.com", "RISK-311", UNTIL)


def test_approvers_are_told_of_an_exception_wherever_they_look() -> None:
    world = looked_at(a_policy(exceptions=(FOR_TODAY,)))
    assert world.case().status == "awaiting_approval"
    note = f"exception until {UNTIL}, rosa.risk@contoso.com: RISK-311"
    assert f"tag:classification unproven ({note})" in explain_state(world.case(), world.clock.now())
    (asked,) = [e for e in world.publisher.published if e["type"] == "Clearance.ApprovalRequested"]
    (gate,) = [gate for gate in asked["data"]["gates"] if gate["gate"] == "tag:classification"]
    assert (gate["note"], gate["exception"]["until"]) == (note, str(UNTIL))
    (evaluated,) = world.events(events.EvaluationCompleted)
    assert f"Let through by exception: tag:classification until {UNTIL}." in describe(evaluated)


def test_an_ended_exception_is_enforced_again_and_voids_what_was_approved_on_it() -> None:
    """Approved the evening before, with the registry away until the day after."""
    world = looked_at(a_policy(exceptions=(FOR_TODAY,)))
    world.registry.unreadable.update({"contoso-shared", "contoso-eu"})
    world.approve()
    world.work()
    assert world.case().status == "promoting"
    world.registry.unreadable.clear()
    world.clock.advance(timedelta(hours=12))
    world.pass_time(timedelta(minutes=30))
    assert world.registry.imports == []
    assert world.case().status == "blocked"
    (voided,) = world.events(events.RoundVoided)
    assert any("The exception from gate tag:classification is gone" in told for told in voided.difference)


def test_people_are_no_longer_asked_once_an_exception_has_ended() -> None:
    world = looked_at(a_policy(exceptions=(FOR_TODAY,)))
    world.pass_time(timedelta(hours=11))
    assert world.case().status == "awaiting_approval"
    world.pass_time(timedelta(hours=1))
    assert world.case().status == "blocked"
