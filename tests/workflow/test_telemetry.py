"""What the use cases tell of themselves: one trace from the event to the registry, and measures of what happened."""

from collections import Counter
from datetime import timedelta

import pytest

from shared.domain.errors import CommandRefused
from shared.domain.traces import Step, trace_id
from shared.workflow.daily_checkpoint import daily_checkpoint
from shared.workflow.find_missed_registrations import find_missed_registrations
from shared.workflow.quarantine_poison import quarantine_poison
from shared.workflow.receive_model_event import receive_model_event
from tests.domain.evidence_makers import a_promotion
from tests.workflow.world import World


def measured(world: World, name: str) -> list[tuple[float, dict[str, str]]]:
    return [(m.value, dict(m.attributes)) for m in world.telemetry.measured if m.instrument.name == name]


def test_one_trace_leads_from_the_event_to_the_registries_over_queue_sweep_and_people() -> None:
    world = World()
    world.register()
    world.work()
    world.approve()
    world.work()
    world.pass_time(timedelta(hours=1))

    steps = world.telemetry.steps

    assert {step.trace for step in steps} == {trace_id(a_promotion())}
    taken = Counter(step.step for step in steps)
    assert (taken[Step.INTAKE], taken[Step.DECISION], taken[Step.IMPORT], taken[Step.MARK]) == (1, 2, 2, 2)
    assert {step.below.step for step in steps if step.below} == {Step.ADVANCE}
    imported = {step.attributes["registry"] for step in steps if step.step is Step.IMPORT}
    assert imported == world.promoted_registries()


def test_trouble_marks_its_step_with_its_code() -> None:
    world = World()
    world.register()
    world.work()
    world.approve()
    world.registry.unreadable.add("contoso-eu")

    world.work()

    failed = [(step.step, step.attributes["registry"]) for step in world.telemetry.steps if step.error]
    assert failed == [(Step.IMPORT, "contoso-eu")]
    assert measured(world, "clearance.target.errors") == [
        (1, {"registry": "contoso-eu", "code": "azure_ml_unreachable"})
    ]


def test_a_sink_that_is_away_marks_the_relay() -> None:
    world = World()
    world.register()
    world.publisher.unreachable = True

    world.work()

    assert [step.step for step in world.telemetry.steps if step.error] == [Step.RELAY]


def test_a_refused_answer_is_a_step_and_no_failure() -> None:
    world = World()
    world.register()
    world.work()

    with pytest.raises(CommandRefused):
        world.answer("dana.submitter")

    assert [step.error for step in world.telemetry.steps if step.step is Step.DECISION] == [None]


def test_each_event_is_measured_once_however_often_it_is_looked_at() -> None:
    world = World()
    world.register()
    for _ in range(3):
        world.work()
        world.pass_time(timedelta(hours=1))

    assert len(measured(world, "clearance.evaluations")) == 1


def test_what_is_set_aside_is_counted_by_where_it_came_from() -> None:
    world = World()
    receive_model_event(world.outside, b"no json", "push")
    quarantine_poison(world.outside, b"risk-dev:fraud:7", "promotions-poison")

    assert measured(world, "clearance.messages.quarantined") == [
        (1, {"source": "push"}),
        (1, {"source": "promotions-poison"}),
    ]


def test_registrations_that_were_missed_are_counted() -> None:
    world = World()
    world.register(announce=False)

    find_missed_registrations(world.outside)

    assert measured(world, "clearance.registrations.missed") == [(1, {"workspace": "risk-dev"})]


def test_a_checkpoint_that_fails_is_told_and_still_fails() -> None:
    world = World()
    daily_checkpoint(world.outside)
    world.checkpoints.unreachable = True
    with pytest.raises(Exception, match="unreachable"):
        daily_checkpoint(world.outside)

    assert measured(world, "clearance.checkpoints") == [(1, {"outcome": "written"}), (1, {"outcome": "failed"})]


def test_the_sweep_says_how_late_it_is() -> None:
    world = World()
    world.register()
    world.work()
    world.telemetry.measured.clear()
    world.clock.advance(timedelta(days=8))  # the round has expired meanwhile, and nobody swept
    world.pass_time(timedelta())

    (late, _), *_ = measured(world, "clearance.sweep.lag")
    assert late == timedelta(days=1).total_seconds()
