"""What is known of a release goes with every request, answer and promotion, to tools and to the registry."""

from typing import Any

from shared.domain import events
from shared.domain.ids import Target
from shared.domain.provenance import LONGEST_TAG
from tests.domain.evidence_makers import a_promotion, tags
from tests.workflow.world import World


def told(world: World, kind: str) -> list[dict[str, Any]]:
    """The data of every published event of one kind."""
    found: list[Any] = [each["data"] for each in world.publisher.published if each["type"] == f"Clearance.{kind}"]
    return found


def field(record: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in record["fields"] if each["field"] == name)


def asked(**changed: str | None) -> World:
    world = World()
    world.register(tags=tags(**changed))
    world.work()
    return world


def test_a_request_carries_the_record_with_what_is_still_missing() -> None:
    (request,) = told(asked(scope=None), "ApprovalRequested")
    assert field(request["record"], "owner")["said"] == [{"by": None, "text": "dana.submitter@contoso.com"}]
    assert (field(request["record"], "scope")["status"], request["missing_record"]) == ("missing", ["scope"])


def test_an_answer_is_told_with_the_record_as_it_then_stands() -> None:
    world = asked(scope=None)
    world.answer(release_record={"scope": "cards", "owner": "amir"}, limitations="not for loans")
    world.work()
    (answer,) = told(world, "DecisionRecorded")
    assert field(answer["record"], "scope")["text"] == "cards"
    assert field(answer["record"], "owner")["status"] == "contradictory"
    assert answer["record"]["limitations"] == [{"by": "amir.approver", "text": "not for loans"}]
    assert "Stated: owner: amir; scope: cards; limitations: not for loans." in answer["summary"]


def test_what_is_promoted_is_told_and_stamped_with_the_record_of_its_approval() -> None:
    world = asked(scope=None)
    world.answer(release_record={"scope": "cards " * 200}, ticket="RISK-7", review_by="2027-05-01")
    world.answer("rosa.risk", limitations="EU only")
    world.work()
    shared, _ = told(world, "Promoted")
    assert shared["record"]["review_by"] == "2027-05-01"
    held = world.registry.read(Target("contoso-shared", "fraud-detector", "7"))
    assert held is not None
    assert held.marker["clearance_promotion"] == str(a_promotion())
    assert held.marker["clearance_limitations"] == "rosa.risk: EU only"
    assert held.marker["clearance_ticket"] == "RISK-7"
    assert "… sha256:" in held.marker["clearance_record_scope"]
    assert len(held.marker["clearance_record_scope"]) == LONGEST_TAG
    (first, _) = world.events(events.DecisionRecorded)
    assert dict(first.decision.release_record)["scope"] == "cards " * 200
