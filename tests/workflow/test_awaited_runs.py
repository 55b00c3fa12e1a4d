"""The end of a run wakes whoever waits for it; lost, early, late and repeated events change nothing (R2, R3, R17)."""

import json
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.commands import GiveUpWaiting
from shared.domain.errors import Unreadable
from shared.workflow.instruct import instruct
from shared.workflow.receive_model_event import Intake, receive_model_event
from shared.workflow.replay_quarantined import replay_quarantined
from tests.domain.evidence_makers import a_model_version, a_promotion, a_run, tags
from tests.workflow.world import TOPIC, World

OTHER = a_promotion(version="8")


def event(run: Any = "evaluate-7", **changes: Any) -> dict[str, Any]:
    """As documented: learn.microsoft.com/azure/event-grid/event-schema-machine-learning."""
    return {
        "topic": TOPIC,
        "subject": f"experiments/0fa9dfaa-0000-4000-8000-000000000001/runs/{run}",
        "eventType": "Microsoft.MachineLearningServices.RunCompleted",
        "eventTime": "2026-03-01T11:50:00.1234567Z",
        "id": "9db2f0d4-0000-4000-8000-000000000002",
        "data": {"experimentId": "0fa9dfaa", "experimentName": "e", "runId": run, "runType": None, "runTags": {}},
        "dataVersion": "",
        "metadataVersion": "1",
    } | changes


def cloud_event() -> dict[str, Any]:
    grid = event()
    return {
        "specversion": "1.0",
        "source": TOPIC.upper(),
        "type": "Microsoft.MachineLearningServices.RunCompleted",
        "id": "1",
        "time": "2026-03-01T11:50:00.1234567Z",
        "subject": grid["subject"],
        "data": {"runId": "evaluate-7", "RunTags": {}},
    }


def arrives(world: World, *said: dict[str, Any]) -> Intake:
    world.clock.advance(timedelta(seconds=1))
    intake = receive_model_event(world.outside, json.dumps(list(said)).encode(), "model-events")
    world.work()
    return intake


def waiting(world: World | None = None) -> World:
    """Registered while its evaluation still runs."""
    world = world or World()
    world.register()
    world.catalog.put_run("risk-dev", a_run(status="RUNNING", ended_at=None, metrics={}))
    world.work()
    assert world.case().status == "waiting"
    return world


def ends(world: World) -> None:
    world.catalog.put_run("risk-dev", a_run())


@pytest.mark.parametrize("said", [event(), cloud_event()], ids=["event-grid", "cloudevents"])
def test_the_end_of_the_run_wakes_who_waits_for_it(said: dict[str, Any]) -> None:
    world = waiting()
    ends(world)
    assert arrives(world, said).promotions == (a_promotion(),)
    assert world.case().status == "awaiting_approval"


def test_a_run_that_is_not_there_yet_is_waited_for_too() -> None:
    world = World()
    world.register(tags=tags(evaluation_run="evaluate-later"))
    world.work()
    world.catalog.put_run("risk-dev", a_run(id="evaluate-later"))
    arrives(world, event("evaluate-later"))
    assert world.case().status == "awaiting_approval"


def test_the_job_that_trained_it_is_waited_for_too() -> None:
    world = World()
    world.register()
    world.catalog.put_job("risk-dev", "train-7", "Running")
    world.work()
    world.catalog.put_job("risk-dev", "train-7", "Completed")
    arrives(world, event("train-7"))
    assert world.case().status == "awaiting_approval"


def test_what_is_blocked_for_lack_of_evidence_is_woken() -> None:
    world = waiting()
    world.pass_time(timedelta(hours=2))
    assert world.case().status == "blocked"
    ends(world)
    arrives(world, event())
    assert world.case().status == "awaiting_approval"


def test_all_who_wait_for_one_run_are_woken() -> None:
    world = waiting()
    world.catalog.put(OTHER, a_model_version())
    world.catalog.put_run("risk-dev", a_run(status="RUNNING", ended_at=None, metrics={}, model=None))
    arrives(world, {**event(), "eventType": "Microsoft.MachineLearningServices.ModelRegistered", "subject": "",
                    "data": {"modelName": "fraud-detector", "modelVersion": "8"}})  # fmt: skip
    assert world.case(OTHER).status == "waiting"
    world.catalog.put_run("risk-dev", a_run(model=None))
    assert set(arrives(world, event()).promotions) == {a_promotion(), OTHER}
    assert world.case(OTHER).status == "awaiting_approval"


def test_an_event_for_a_run_that_nobody_waits_for_costs_one_read_and_leaves_nothing() -> None:
    world = World()
    world.worklist.unreachable = world.queue.unreachable = world.histories.unreachable = True
    assert arrives(world, event()) == Intake((), ())
    assert world.awaited_runs.reads == 1


def test_an_event_that_comes_again_or_before_the_end_changes_nothing() -> None:
    world = waiting()
    arrives(world, event(), event(), event())
    arrives(world, event())
    assert world.case().status == "waiting"
    ends(world)
    arrives(world, event(), event())
    happened = world.happened()
    arrives(world, event())
    assert world.happened() == happened


def test_an_event_that_comes_before_anybody_waits_is_made_good_by_the_next_look() -> None:
    world = World()
    arrives(world, event())
    waiting(world)
    ends(world)
    world.pass_time(timedelta(minutes=6))
    assert world.case().status == "awaiting_approval"


def test_a_lost_event_is_made_good_by_the_next_look() -> None:
    world = waiting()
    ends(world)
    world.pass_time(timedelta(minutes=6))
    assert world.case().status == "awaiting_approval"


def test_who_waits_no_more_is_not_woken() -> None:
    world = waiting()
    ends(world)
    arrives(world, event())
    assert arrives(world, event()).promotions == ()
    again = waiting(World())
    instruct(again.outside, a_promotion(), GiveUpWaiting("olu", "no use"), operation="g", actor="olu")
    again.work()
    assert arrives(again, event()).promotions == ()


def test_who_names_another_run_waits_for_that_one() -> None:
    world = waiting()
    world.catalog.change(a_promotion(), tags=tags(evaluation_run="evaluate-8"))
    world.pass_time(timedelta(minutes=6))
    assert arrives(world, event()).promotions == ()
    world.catalog.put_run("risk-dev", a_run(id="evaluate-8"))
    assert arrives(world, event("evaluate-8")).promotions == (a_promotion(),)
    assert world.case().status == "awaiting_approval"


def test_who_waits_is_on_the_worklist_before_its_message_is_sent() -> None:
    world = waiting()
    ends(world)
    world.clock.advance(timedelta(seconds=1))
    world.queue.unreachable = True
    with pytest.raises(Unreadable):
        receive_model_event(world.outside, json.dumps(event()).encode(), "model-events")
    work = world.worklist.get(a_promotion())
    assert work is not None
    assert work.looks.look_is_asked


def test_while_the_index_is_away_nothing_else_waits_for_it() -> None:
    world = World()
    world.awaited_runs.unreachable = True
    waiting(world)
    ends(world)
    world.pass_time(timedelta(minutes=6))
    assert world.case().status == "awaiting_approval"


def test_an_event_that_cannot_be_looked_up_is_delivered_again() -> None:
    world = waiting()
    world.awaited_runs.unreachable = True
    with pytest.raises(Unreadable):
        receive_model_event(world.outside, json.dumps(event()).encode(), "model-events")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (event(data=None), '"runId" as text'),
        (event(data={"runId": 7}), '"runId" as text'),
        (event(data={"runId": ""}), '"runId" as text'),
        (event(subject="experiments/e/runs/other"), "does not fit its data"),
        (event(subject=7), "does not fit its data"),
        (event(topic="/subscriptions/x"), "governed workspaces"),
        (event(eventType="Microsoft.MachineLearningServices.RunStatusChanged"), "its type is"),
    ],
)
def test_what_says_nothing_is_quarantined_with_the_reason(said: dict[str, Any], reason: str) -> None:
    world = World()
    (quarantined,) = arrives(world, said).quarantined
    kept = world.quarantine.get(quarantined)
    assert kept is not None
    assert reason.casefold() in kept.reason.casefold()


@pytest.mark.parametrize("run", ["../../x?#%00", "a/b\\c", "\u202e" * 300, "x" * 10_000, "'; drop"])
def test_a_runs_id_may_be_any_text(run: str) -> None:
    world = World()
    world.register(tags=tags(evaluation_run=run))
    world.work()
    assert arrives(world, event(run)).promotions == (a_promotion(),)


def test_a_quarantined_event_wakes_who_waits_when_it_is_replayed() -> None:
    world = waiting()
    (id_,) = arrives(world, event(topic="/subscriptions/x")).quarantined
    ends(world)
    world.clock.advance(timedelta(seconds=1))
    outcome = replay_quarantined(world.outside, id_, by="olu", body=json.dumps(event()).encode())
    world.work()
    assert outcome.promotions == (str(a_promotion()),)
    assert world.case().status == "awaiting_approval"
