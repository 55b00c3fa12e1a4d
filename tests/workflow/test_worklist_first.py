"""Nothing is appended that the worklist does not hold: a worker that dies in between has forgotten nothing (R6)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.domain.errors import Unreadable
from shared.domain.ids import PromotionId
from shared.workflow.advance import advance
from shared.workflow.receive_model_event import ask_for_look
from tests.domain.evidence_makers import a_model_version, a_promotion
from tests.workflow.world import World


class Untouchable:
    """The worklist, in which no row can be put before an append."""

    def __init__(self, world: World) -> None:
        self._real = world.worklist

    def touch(self, promotion: PromotionId, due: datetime) -> str:
        raise Unreadable("storage_unreachable", f"The row of {promotion}, due {due}, cannot be written.")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def asked() -> World:
    world = World()
    world.register()
    world.work()
    world.outside = replace(world.outside, worklist=Untouchable(world))
    return world


def test_no_answer_is_appended_that_the_worklist_does_not_hold() -> None:
    world = asked()
    before = world.happened()

    with pytest.raises(Unreadable):
        world.answer("amir.approver")

    assert world.happened() == before


def test_nothing_read_is_appended_that_the_worklist_does_not_hold() -> None:
    world = asked()
    before = world.happened()
    world.catalog.change(a_promotion(), tags={**a_model_version().tags, "classification": "restricted"})
    world.clock.advance(timedelta(minutes=1))
    ask_for_look(world.outside, a_promotion())

    with pytest.raises(Unreadable):
        advance(world.outside, a_promotion())

    assert world.happened() == before
