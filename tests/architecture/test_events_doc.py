"""docs/events.md names every event that is published, and every field of the one that tools answer."""

from pathlib import Path

from shared.workflow.cloud_events import TYPES
from tests.workflow.world import World

PAGE = (Path(__file__).parents[2] / "docs" / "events.md").read_text("utf-8")


def test_every_type_is_in_the_page() -> None:
    missing = [name for name in TYPES.values() if f"| `{name}` |" not in PAGE]
    assert missing == []


def test_every_field_of_the_question_is_in_the_page() -> None:
    world = World()
    world.register()
    world.work()
    asked = next(event for event in world.publisher.published if event["type"] == "Clearance.ApprovalRequested")
    fields = {*asked, *asked["data"], *asked["data"]["gates"][0]} - {"specversion", "datacontenttype", "data"}
    assert sorted(field for field in fields if f"`{field}`" not in PAGE) == []
