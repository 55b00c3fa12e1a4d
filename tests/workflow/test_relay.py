"""What follows the history: each sink at its own pace, at least once, never in the way (R5)."""

from dataclasses import replace
from datetime import timedelta

from shared.ports import PromotionFilter, TimelineFilter
from shared.workflow.advance import advance
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
