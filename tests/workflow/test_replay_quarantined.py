"""Quarantined messages are replayed, as they are or corrected; poison ends in the quarantine (invariant 10)."""

import json

import pytest

from shared.domain.errors import CommandRefused
from shared.workflow.quarantine_poison import quarantine_poison
from shared.workflow.receive_model_event import receive_model_event
from shared.workflow.replay_quarantined import replay_quarantined
from tests.domain.evidence_makers import a_promotion
from tests.workflow.test_receive_model_event import event
from tests.workflow.world import World


def quarantined(world: World) -> str:
    broken = json.dumps(event(topic="/subscriptions/typo")).encode()
    return receive_model_event(world.outside, broken, "model-events").quarantined[0]


def test_a_corrected_message_is_taken_in_and_the_original_stays() -> None:
    world = World()
    world.register(announce=False)
    id_ = quarantined(world)
    outcome = replay_quarantined(world.outside, id_, by="olu.operator", body=json.dumps(event()).encode())
    assert outcome.promotions == (str(a_promotion()),)
    world.work()
    assert world.case().status == "awaiting_approval"
    kept = world.quarantine.get(id_)
    assert kept is not None
    assert b"typo" in kept.body
    assert [(by, digest) for _at, by, digest in kept.replays] == [("olu.operator", outcome.digest)]


def test_of_endless_faults_the_first_twenty_are_told_and_how_many_more() -> None:
    """The answer would have tens of megabytes: each event of a message has its own."""
    world = World()
    body = json.dumps([event(topic=f"/subscriptions/{number}") for number in range(500)]).encode()
    (id_,) = receive_model_event(world.outside, body, "push").quarantined

    with pytest.raises(CommandRefused) as refusal:
        replay_quarantined(world.outside, id_, by="olu.operator", body=None)

    assert str(refusal.value).count("is none of the governed workspaces") == 20
    assert str(refusal.value).endswith(" 480 more events say nothing that can be acted on.")


def test_a_message_that_is_still_wrong_is_refused_with_its_faults() -> None:
    world = World()
    id_ = quarantined(world)
    with pytest.raises(CommandRefused, match="governed workspaces") as refusal:
        replay_quarantined(world.outside, id_, by="olu.operator", body=None)
    assert refusal.value.code == "still_invalid"


def test_an_unknown_id_is_said_so() -> None:
    with pytest.raises(CommandRefused) as refusal:
        replay_quarantined(World().outside, "0" * 64, by="olu.operator", body=None)
    assert refusal.value.code == "unknown_quarantined"


def test_a_poison_message_is_kept_and_replayed_as_it_is() -> None:
    world = World()
    world.register(announce=False)
    id_ = quarantine_poison(world.outside, str(a_promotion()).encode(), "promotions-poison")
    with pytest.raises(CommandRefused) as refusal:
        replay_quarantined(world.outside, id_, by="olu.operator", body=b"other")
    assert refusal.value.code == "not_correctable"
    assert replay_quarantined(world.outside, id_, by="olu.operator", body=None).promotions == (str(a_promotion()),)
    world.work()
    assert world.case().status == "awaiting_approval"


def test_a_poison_event_goes_through_intake_again() -> None:
    world = World()
    world.register(announce=False)
    id_ = quarantine_poison(world.outside, json.dumps(event()).encode(), "model-events-poison")
    replay_quarantined(world.outside, id_, by="olu.operator", body=None)
    world.work()
    assert world.case().status == "awaiting_approval"
