"""The main job in memory: registered, evaluated, asked, approved, in two registries."""

from datetime import timedelta

from shared.domain import events, states
from shared.domain.ids import LineId, Target
from shared.domain.line import champion_of
from shared.ports import PromotionFilter
from shared.workflow.advance import advance
from shared.workflow.receive_model_event import ask_for_look
from tests.domain.evidence_makers import a_promotion, a_run, tags
from tests.workflow.world import World

SHARED = Target("contoso-shared", "fraud-detector", "7")
EUROPE = Target("contoso-eu", "risk-dev-fraud-detector", "7")


def test_a_registered_version_is_evaluated_and_people_are_asked() -> None:
    world = World()
    world.register()
    world.work()
    assert world.happened() == ["Registered", "EvaluationCompleted", "ApprovalRequested"]
    assert world.case().status == "awaiting_approval"
    assert {str(target) for target in world.events(events.ApprovalRequested)[0].targets} == {str(SHARED), str(EUROPE)}


def test_an_approved_version_reaches_both_registries_and_is_marked() -> None:
    world = World()
    world.register()
    world.work()
    world.approve()
    world.work()
    assert world.case().status == "promoted"
    assert world.promoted_registries() == {"contoso-shared", "contoso-eu"}
    for target in (SHARED, EUROPE):
        held = world.registry.read(target)
        assert held is not None
        assert held.marker["clearance_promotion"] == "risk-dev:fraud-detector:7"
        assert held.marker["clearance_approvers"] == "amir.approver,rosa.risk"
    assert [type(t.state).__name__ for t in world.case().targets.values()] == ["TargetPromoted", "TargetPromoted"]
    assert all(
        t.state == states.TargetPromoted(t.state.asset_id, 1, "done")
        for t in world.case().targets.values()
        if isinstance(t.state, states.TargetPromoted)
    )


def test_one_handling_makes_at_most_one_import_then_sends_its_message_again() -> None:
    world = World()
    world.register()
    world.work()
    world.approve()
    while world.queue.take():
        pass
    advance(world.outside, a_promotion())
    assert len(world.promoted_registries()) == 1
    assert world.work() >= 1
    assert len(world.promoted_registries()) == 2


def test_the_loop_is_safe_to_run_again_at_any_time() -> None:
    world = World()
    world.register()
    world.work()
    world.approve()
    world.work()
    before = world.happened()
    for _ in range(3):
        advance(world.outside, a_promotion())
    world.work()
    assert world.happened() == before


def test_what_happened_is_published_once_and_in_order() -> None:
    world = World()
    world.register()
    world.work()
    world.approve()
    world.work()
    assert world.published() == [
        "Clearance.EvaluationCompleted",
        "Clearance.ApprovalRequested",
        "Clearance.DecisionRecorded",
        "Clearance.DecisionRecorded",
        "Clearance.Approved",
        "Clearance.Promoted",
        "Clearance.Promoted",
    ]
    first = world.publisher.published[0]
    assert first["id"] == "promotion/risk-dev/fraud-detector/7#2"
    assert first["subject"] == "promotion/risk-dev/fraud-detector/7"


def test_approval_requested_carries_what_an_approvers_tool_needs() -> None:
    world = World()
    world.register()
    world.work()
    asked = next(e for e in world.publisher.published if e["type"] == "Clearance.ApprovalRequested")["data"]
    assert asked["promotion"] == "risk-dev:fraud-detector:7"
    assert asked["evaluation"] == world.digest()
    assert asked["quorum"] == 2
    assert asked["required_groups"] == ["risk-officers"]
    assert asked["excluded"] == ["dana.submitter"]
    assert asked["page"] == "https://clearance.contoso.com/promotions/risk-dev/fraud-detector/7"
    assert {gate["gate"] for gate in asked["gates"]} >= {"tag:owner", "metric:auc"}


def test_each_promoted_target_becomes_the_champion_of_its_line() -> None:
    world = World()
    world.register()
    world.work()
    world.approve()
    world.work()
    for line in (SHARED.line, EUROPE.line):
        champion = champion_of(world.histories.load(line).rows)
        assert champion is not None
        assert champion.promotion == "risk-dev:fraud-detector:7"
        assert champion.metrics["auc"] == "0.94"


def test_the_next_version_is_compared_with_the_champion() -> None:
    world = World()
    world.register()
    world.work()
    world.approve()
    world.work()
    next_one = a_promotion("8")
    world.register(next_one)
    world.work()
    evaluation = world.case(next_one).evaluation
    assert evaluation is not None
    assert evaluation.champion is not None
    assert evaluation.champion.promotion == "risk-dev:fraud-detector:7"
    assert champion_of(world.histories.load(LineId("contoso-shared", "fraud-detector")).rows) == evaluation.champion


def test_a_champion_that_comes_after_people_were_asked_voids_nothing() -> None:
    """A round is judged to its end against the champion it began with (R8, R17)."""
    world = World()
    first, second = a_promotion("7"), a_promotion("8")
    for promotion in (first, second):
        run = f"evaluate-{promotion.version}"
        world.register(promotion, tags=tags(evaluation_run=run))
        world.catalog.put_run("risk-dev", a_run(id=run, model=f"fraud-detector:{promotion.version}"))
    world.catalog.put_run("risk-dev", a_run())
    world.work()
    world.approve(first)
    world.work()
    ask_for_look(world.outside, second)
    world.work()
    world.approve(second)
    world.work()

    judged = world.case(second)
    assert (judged.status, judged.round) == ("promoted", 1)
    assert judged.evaluation is not None
    assert judged.evaluation.champion is None


def test_the_inbox_lists_what_is_open_and_lets_go_of_what_is_settled() -> None:
    world = World()
    world.register()
    world.work()
    everything = PromotionFilter(("risk-dev",))
    still_open = PromotionFilter(("risk-dev",), open=True)
    assert [s.status for s in world.read_models.promotions(still_open, 10, None).items] == ["awaiting_approval"]
    world.approve()
    world.work()
    assert world.read_models.promotions(still_open, 10, None).items == ()
    assert [s.status for s in world.read_models.promotions(everything, 10, None).items] == ["promoted"]


def test_people_who_do_not_answer_let_it_expire() -> None:
    world = World()
    world.register()
    world.work()
    world.pass_time(timedelta(days=7, minutes=1))
    assert world.case().status == "expired"
    assert world.published()[-1] == "Clearance.Expired"


def test_an_instance_with_an_older_policy_neither_evaluates_nor_imports() -> None:
    from dataclasses import replace

    world = World()
    world.register()
    world.work()
    world.approve()
    while world.queue.take():
        pass
    older = replace(world.outside, policy_build=0)
    advance(older, a_promotion())
    assert world.case().status == "promoting"
    assert world.events(events.ImportStarted) == []
    work = world.worklist.get(a_promotion())
    assert work is not None
    assert work.due == world.clock.now() + world.outside.waits.work_due


def test_a_message_alone_is_enough_when_the_worklist_row_was_lost() -> None:
    world = World()
    world.register(announce=False)
    advance(world.outside, a_promotion())
    assert world.case().status == "awaiting_approval"


def test_a_message_for_a_workspace_that_nobody_governs_is_set_aside() -> None:
    world = World()
    advance(world.outside, a_promotion(workspace="elsewhere"))
    (kept,) = world.quarantine.page(10, None).items
    assert "no governed workspace" in kept.reason
    assert kept.body == b"elsewhere:fraud-detector:7"
