"""What follows the history: each sink at its own pace, at least once, never in the way (R5)."""

from dataclasses import replace
from datetime import timedelta

from shared.domain.commands import GiveUpTarget
from shared.domain.ids import Target
from shared.domain.line import champion_of
from shared.ports import PromotionFilter, TimelineFilter
from shared.workflow.advance import advance
from shared.workflow.instruct import instruct
from shared.workflow.summaries import summarise
from tests.domain.evidence_makers import a_promotion
from tests.workflow.world import World


def test_a_topic_that_is_down_stops_neither_lists_nor_promotions() -> None:
    world = World()
    world.publisher.unreachable = True
    world.register()
    world.work()
    world.approve()
    world.work()
    assert world.case().status == "promoted"
    assert len(world.read_models.timeline(TimelineFilter(("risk-dev",)), 100, None).items) == len(world.happened())
    assert world.published() == []
    world.publisher.unreachable = False
    world.pass_time(timedelta(minutes=30))
    assert world.published()[-1] == "Clearance.Promoted"
    assert len(world.published()) == 7


def test_lists_that_are_down_do_not_stop_the_topic() -> None:
    world = World()
    world.read_models.unreachable = True
    world.register()
    world.work()
    assert world.published() == ["Clearance.EvaluationCompleted", "Clearance.ApprovalRequested"]
    world.read_models.unreachable = False
    world.pass_time(timedelta(minutes=5))
    assert len(world.read_models.timeline(TimelineFilter(("risk-dev",)), 100, None).items) == 3


def test_a_relay_position_that_was_lost_is_made_good_by_event_ids() -> None:
    world = World()
    world.register()
    world.work()
    history = world.histories.load(a_promotion())
    world.histories.save_relay(history, {"tables": 0, "topic": 0})
    advance(world.outside, a_promotion())
    ids = [event["id"] for event in world.publisher.published]
    assert sorted(set(ids)) == sorted(ids[: len(ids) // 2])
    assert len(world.read_models.timeline(TimelineFilter(("risk-dev",)), 100, None).items) == 3


def test_the_timeline_tells_each_event_in_one_sentence() -> None:
    world = World()
    world.register()
    world.work()
    entries = world.read_models.timeline(TimelineFilter(("risk-dev",)), 100, None).items
    assert {entry.type for entry in entries} == {"Registered", "EvaluationCompleted", "ApprovalRequested"}
    registered = next(entry for entry in entries if entry.type == "Registered")
    assert registered.summary == "Registered by Dana Osei."
    assert registered.id == "promotion/risk-dev/fraud-detector/7#1"


def test_a_relay_that_was_killed_after_it_wrote_leaves_no_ghost_in_the_inbox() -> None:
    world = World()
    world.register()
    world.work()
    world.approve()
    world.work()
    open_then = replace(summarise(world.case()), status="awaiting_approval", open=True)
    world.read_models.apply((), open_then, None)  # what the killed relay had written
    history = world.histories.load(a_promotion())
    world.histories.save_relay(history, {"tables": 0, "topic": history.sequence})
    advance(world.outside, a_promotion())
    still_open = PromotionFilter(("risk-dev",), open=True)
    assert world.read_models.promotions(still_open, 10, None).items == ()


def champion(world: World, registry: str) -> str | None:
    target = Target(registry, "fraud-detector" if registry == "contoso-shared" else "risk-dev-fraud-detector", "1")
    found = champion_of(world.histories.load(target.line).rows)
    return found.promotion if found else None


def test_a_line_that_was_left_out_for_a_version_gets_the_next_one_as_its_champion() -> None:
    world = World()
    for version in ("7", "8", "9"):
        promotion = a_promotion(version=version)
        world.register(promotion)
        world.work()
        for person in ("amir.approver", "rosa.risk"):
            world.answer(person, promotion=promotion, operation=f"{person}:{version}")
        if version == "8":
            world.registry.unreadable.add("contoso-eu")
            world.work()
            given_up = GiveUpTarget("contoso-eu", "olga.operator")
            instruct(world.outside, promotion, given_up, operation="give up", actor="olga.operator")
        world.work()
        world.registry.unreadable.clear()

    assert champion(world, "contoso-shared") == "risk-dev:fraud-detector:9"
    assert champion(world, "contoso-eu") == "risk-dev:fraud-detector:9"
