"""Change windows in the loop: approved waits, says until when, and begins by itself."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from shared.domain import events
from shared.domain.change_window import ChangeWindow
from shared.ports import PromotionFilter
from shared.workflow.summaries import explain_state
from tests.domain.evidence_makers import NOW, a_policy
from tests.workflow.world import World

# The world begins on a Sunday at noon.
MONDAYS = ChangeWindow("UTC", ("mon",), time(9), time(17))
OPENS = datetime(2026, 3, 2, 9, tzinfo=UTC)
SAID = "Imports wait for the change window (mon 09:00-17:00 UTC), which opens at 2026-03-02 09:00 UTC."


def approved(window: ChangeWindow = MONDAYS) -> World:
    world = World(a_policy(change_window=window))
    world.register()
    world.work()
    world.approve()
    world.work()
    return world


def test_what_is_approved_waits_and_says_until_when_everywhere() -> None:
    world = approved()
    assert world.case().status == "promoting"
    assert world.registry.imports == []
    assert explain_state(world.case(), world.clock.now()) == SAID
    everything = PromotionFilter(("risk-dev",))
    assert [row.explanation for row in world.read_models.promotions(everything, 10, None).items] == [SAID]
    told = {event["type"]: event["data"] for event in world.publisher.published}
    assert told["Clearance.ApprovalRequested"]["change_window"] == "mon 09:00-17:00 UTC"
    assert told["Clearance.Approved"]["waits"] == SAID


def test_it_begins_by_itself_when_the_window_opens() -> None:
    world = approved()
    world.pass_time(OPENS - NOW - timedelta(seconds=1))
    assert world.registry.imports == []
    world.pass_time(timedelta(seconds=2))
    assert world.case().status == "promoted"
    assert all(each.reread_at >= OPENS for each in world.events(events.ImportStarted))
    assert explain_state(world.case(), world.clock.now()) == ""


def test_a_person_may_still_stop_it_while_it_waits() -> None:
    world = approved()
    world.answer("rosa.risk", "reject")
    world.pass_time(OPENS - NOW)
    assert world.case().status == "rejected"
    assert world.registry.imports == []


def test_a_window_that_was_moved_meanwhile_voids_what_was_approved_under_it() -> None:
    world = approved()
    frozen = replace(MONDAYS, freezes=((date(2026, 3, 2), date(2026, 3, 2)),))
    world.policies.loaded = (a_policy(change_window=frozen),)
    world.pass_time(OPENS - NOW)
    assert world.registry.imports == []
    assert world.case().status == "awaiting_approval"
    (voided,) = world.events(events.RoundVoided)
    assert any(told.startswith("The change window was") for told in voided.difference)


def test_without_a_window_nothing_waits() -> None:
    world = World()
    world.register()
    world.work()
    world.approve()
    world.work()
    assert world.case().status == "promoted"
    told = {event["type"]: event["data"] for event in world.publisher.published}
    assert told["Clearance.Approved"]["waits"] == ""
