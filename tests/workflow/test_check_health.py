"""Health asks every port, and says which one does not answer and why."""

import pytest

from shared.workflow.check_health import check_health
from tests.workflow.world import World


def test_every_port_answers() -> None:
    assert all(port.ok for port in check_health(World().outside))


def test_an_app_that_faces_people_alone_asks_azure_ml_for_nothing() -> None:
    world = World()
    world.catalog.unreadable.add("risk-dev")
    world.registry.unreadable.add("contoso-shared")

    names = [port.name for port in check_health(world.outside, promotes=False)]

    assert {"workspaces", "registries"} & {*names} == set()
    assert len(names) == len(check_health(world.outside)) - 2


@pytest.mark.parametrize(
    ("store", "port"),
    [
        ("histories", "history"),
        ("claims", "claims"),
        ("quarantine", "quarantine"),
        ("checkpoints", "checkpoints"),
        ("bookmarks", "worklist"),
        ("read_models", "read_models"),
        ("queue", "queue"),
        ("publisher", "event_topic"),
        ("directory", "directory"),
        ("policies", "policies"),
    ],
)
def test_a_port_that_does_not_answer_is_named(store: str, port: str) -> None:
    world = World()
    getattr(world, store).unreachable = True
    faulty = [each for each in check_health(world.outside) if not each.ok]
    assert [each.name for each in faulty] == [port]
    assert "unreachable" in faulty[0].explanation


@pytest.mark.parametrize(("reachable", "port"), [("catalog", "workspaces"), ("registry", "registries")])
def test_azure_ml_out_of_reach_is_named(reachable: str, port: str) -> None:
    world = World()
    getattr(world, reachable).unreadable.add("risk-dev")
    assert [each.name for each in check_health(world.outside) if not each.ok] == [port]
