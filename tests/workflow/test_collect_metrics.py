"""Every gauge, read from a whole deployment in memory."""

from datetime import timedelta

from shared.workflow.collect_metrics import STATUSES, collect_metrics
from shared.workflow.daily_checkpoint import daily_checkpoint
from tests.domain.evidence_makers import a_promotion, tags
from tests.workflow.world import World

HOUR = timedelta(hours=1)


def gauges(world: World) -> dict[tuple[str, ...], float]:
    """The last reading of each, by name and attributes."""
    world.telemetry.measured.clear()
    assert collect_metrics(world.outside) == ()
    return {
        (each.instrument.name, *(value for _, value in each.attributes)): each.value
        for each in world.telemetry.measured
        if each.instrument.kind == "gauge"
    }


def test_an_empty_estate_says_nothing_is_there_and_says_it() -> None:
    world = World()
    world.backlog.depths = {"promotions": 0}

    by_registry = {("clearance.targets.errored", registry): 0 for registry in ("contoso-shared", "contoso-eu")}
    by_status = {(f"clearance.promotions{of}", status): 0 for of in ("", ".oldest") for status in STATUSES}
    assert (
        gauges(world)
        == {("clearance.queue.depth", "promotions"): 0, ("clearance.dead_letters",): 0} | by_status | by_registry
    )


def test_what_waits_is_counted_with_the_age_of_the_oldest() -> None:
    world = World()
    first, second, blocked = (a_promotion(version=number) for number in "123")
    world.register(first)
    world.work()
    world.pass_time(HOUR)
    world.register(blocked, tags=tags(owner=None))
    world.work()
    world.register(second)
    world.work()

    seen = gauges(world)

    assert seen["clearance.promotions", "awaiting_approval"] == 2
    assert seen["clearance.promotions.oldest", "awaiting_approval"] == HOUR.total_seconds()
    assert seen["clearance.promotions", "blocked"] + seen["clearance.promotions", "waiting"] == 1


def test_a_target_that_failed_is_counted_until_it_works() -> None:
    world = World()
    world.register()
    world.work()
    world.approve()
    world.registry.unreadable.add("contoso-eu")
    world.work()
    assert gauges(world)["clearance.targets.errored", "contoso-eu"] == 1
    assert gauges(world)["clearance.targets.errored", "contoso-shared"] == 0

    world.registry.unreadable.clear()
    world.pass_time(HOUR)

    assert gauges(world).get(("clearance.targets.errored", "contoso-eu"), 0) == 0


def test_queues_and_dead_letters_are_told_as_they_are() -> None:
    world = World()
    world.backlog.depths, world.backlog.undelivered = {"model-events": 12, "promotions-poison": 1}, 4

    seen = gauges(world)

    assert (seen["clearance.queue.depth", "model-events"], seen["clearance.queue.depth", "promotions-poison"]) == (
        12,
        1,
    )
    assert seen["clearance.dead_letters",] == 4


def test_a_file_that_lies_among_the_checkpoints_is_told_and_stops_no_other_gauge() -> None:
    world = World()
    world.checkpoints.write("copy.json", b"{}")
    unread = collect_metrics(world.outside)

    assert len(unread) == 1
    assert "'copy.json' is no checkpoint" in unread[0]


def test_a_checkpoint_grows_old() -> None:
    world = World()
    daily_checkpoint(world.outside)
    world.clock.advance(26 * HOUR)

    assert gauges(world)["clearance.checkpoint.age",] == 26 * 3600


def test_what_cannot_be_read_is_said_and_hides_nothing_else() -> None:
    world = World()
    world.read_models.unreachable = True

    unread = collect_metrics(world.outside)

    assert len(unread) == 1
    assert {each.instrument.name for each in world.telemetry.measured} == {"clearance.dead_letters"}
