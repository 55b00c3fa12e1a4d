"""Imports that break, land late, or are stopped meanwhile (R8, R9)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.domain import events, states
from shared.domain.commands import GiveUpTarget, RetryTarget, Withdraw
from shared.domain.evidence import Artifact, RegistryVersion
from shared.domain.ids import Target
from shared.domain.line import champion_of
from shared.ports import History, NewEvent
from shared.workflow.advance import advance
from shared.workflow.instruct import instruct
from shared.workflow.receive_model_event import ask_for_look
from tests.domain.evidence_makers import NOW, a_model_version, a_promotion, tags
from tests.workflow.world import World, one_approver

SHARED = Target("contoso-shared", "fraud-detector", "7")


def approved(world: World) -> World:
    """One target, approved by one person, nothing imported yet."""
    world.register()
    world.work()
    world.answer("amir.approver")
    return world


def one_target() -> World:
    return approved(World(one_approver()))


def test_an_import_whose_answer_was_lost_is_found_by_reading_back() -> None:
    world = one_target()
    world.registry.script("contoso-shared", "raise_after")
    world.work()
    assert world.case().status == "promoted"
    assert len(world.registry.imports) == 1


def test_the_intent_stands_in_the_history_before_the_import_begins() -> None:
    world = one_target()
    seen: list[list[str]] = []
    world.registry.on_share = lambda _promotion, _target: seen.append(world.happened())
    world.work()
    assert seen[0][-1] == "ImportStarted"


def test_an_import_that_failed_is_started_again_only_after_its_lease() -> None:
    world = one_target()
    world.registry.script("contoso-shared", "raise_before")
    world.work()
    assert world.case().targets["contoso-shared"].status == "importing"
    assert world.happened()[-1] == "PromotionErrored"
    world.pass_time(timedelta(minutes=5))
    assert world.registry.imports == []
    world.pass_time(timedelta(minutes=10, seconds=1))
    world.pass_time(timedelta(minutes=2))
    assert world.case().status == "promoted"
    assert "ImportNotLanded" in world.happened()
    assert len(world.registry.imports) == 1


def test_what_an_error_that_nobody_foresaw_says_is_told_in_one_line_without_its_secrets() -> None:
    """A history is for ever: what stands in it can be taken out by nobody."""
    world = one_target()

    def breaks(*_: object) -> None:
        raise RuntimeError("PUT https://x.blob.core.windows.net/c?sig=canary\r\nAuthorization: Bearer " + "canary" * 99)

    world.registry.on_share = breaks
    world.work()

    (errored,) = world.events(events.PromotionErrored)
    assert errored.code == "import_unknown"
    assert errored.explanation.startswith(
        "The import ended with RuntimeError: PUT https://x.blob.core.windows.net/c?sig="
    )
    assert "canary" not in errored.explanation
    assert errored.explanation.isprintable()


def test_an_import_that_lands_late_is_judged_at_its_leases_end_and_not_repeated() -> None:
    world = one_target()
    world.registry.script("contoso-shared", "lands_late")
    world.work()
    world.registry.land_late()
    world.pass_time(timedelta(minutes=15, seconds=1))
    assert world.case().status == "promoted"
    assert len(world.registry.imports) == 1


def test_an_import_that_lands_after_the_promotion_was_stopped_is_a_conflict() -> None:
    world = World()
    world.register()
    world.work()
    world.approve()
    world.registry.script("contoso-shared", "lands_late")
    while world.queue.take():
        pass
    advance(world.outside, a_promotion())
    instruct(world.outside, a_promotion(), Withdraw("dana.submitter"), operation="w1", actor="dana.submitter")
    world.registry.land_late()
    world.pass_time(timedelta(minutes=15, seconds=1))
    assert world.case().status == "withdrawn"
    found = world.events(events.ConflictFound)
    assert [conflict.kind for conflict in found] == ["landed_late"]


def test_a_stopped_import_is_looked_for_twice() -> None:
    world = World()
    world.register()
    world.work()
    world.approve()
    world.registry.script("contoso-shared", "raise_before")
    while world.queue.take():
        pass
    advance(world.outside, a_promotion())
    instruct(world.outside, a_promotion(), Withdraw("dana.submitter"), operation="w1", actor="dana.submitter")
    world.pass_time(timedelta(minutes=15, seconds=1))
    assert [e.final for e in world.events(events.ImportNotLanded)] == [False]
    world.pass_time(timedelta(minutes=31))
    assert [e.final for e in world.events(events.ImportNotLanded)] == [False, True]
    assert world.case().targets["contoso-shared"].intent is None


def test_what_changed_since_the_approval_is_not_imported() -> None:
    world = one_target()
    world.catalog.change(a_promotion(), tags={**a_model_version().tags, "classification": "restricted"})
    world.work()
    assert world.registry.imports == []
    assert world.case().status == "awaiting_approval"
    assert world.case().round == 2
    (voided,) = world.events(events.RoundVoided)
    assert "classification" in " ".join(voided.difference)


def test_evidence_that_cannot_be_read_before_the_import_voids_nothing() -> None:
    world = one_target()
    world.catalog.unreadable.add("risk-dev")
    world.work()
    assert world.case().status == "promoting"
    assert world.events(events.RoundVoided) == []
    world.catalog.unreadable.clear()
    world.pass_time(timedelta(minutes=5))
    assert world.case().status == "promoted"
    assert world.happened().count("PromotionErrored") == 1


def test_a_registry_that_is_away_for_hours_fills_no_history() -> None:
    world = one_target()
    world.registry.unreadable.add("contoso-shared")
    world.work()
    before = len(world.happened())
    for _ in range(24):
        world.pass_time(timedelta(minutes=30))
    assert len(world.happened()) == before
    world.registry.unreadable.clear()
    world.pass_time(timedelta(minutes=45))
    assert world.case().status == "promoted"


def test_one_registrys_outage_does_not_hold_up_the_other() -> None:
    world = World()
    world.register()
    world.work()
    world.approve()
    world.registry.unreadable.add("contoso-eu")
    world.work()
    assert world.promoted_registries() == {"contoso-shared"}
    assert world.case().targets["contoso-eu"].status == "errored"
    world.registry.unreadable.clear()
    world.pass_time(timedelta(minutes=5))
    assert world.case().status == "promoted"


def test_another_model_that_appeared_in_the_registry_is_a_conflict_and_stays_untouched() -> None:
    world = one_target()
    theirs = RegistryVersion("azureml://theirs", "custom_model", (), None, {})
    world.registry.put(SHARED, theirs)
    world.work()
    assert world.case().status == "conflict"
    assert world.registry.read(SHARED) == theirs
    assert world.events(events.ConflictFound)[0].kind == "other_content"


def test_an_equal_model_without_our_mark_is_a_conflict() -> None:
    world = one_target()
    version = a_model_version()
    world.registry.put(
        SHARED, RegistryVersion("azureml://x", version.asset_type, version.flavors, version.artifacts, {})
    )
    world.work()
    assert world.events(events.ConflictFound)[0].kind == "not_ours"


def test_our_own_marked_copy_is_adopted() -> None:
    world = one_target()
    version = a_model_version()
    ours = {"clearance_promotion": str(a_promotion()), "clearance_incarnation": "2026-03-01T11:50:00.000000Z"}
    held = RegistryVersion("azureml://x", version.asset_type, version.flavors, version.artifacts, ours)
    world.registry.put(SHARED, held)
    world.work()
    (promoted,) = world.events(events.TargetPromoted)
    assert promoted.adopted
    assert world.registry.imports == []


def test_a_conflict_is_tried_again_when_an_operator_asks() -> None:
    world = one_target()
    world.registry.put(SHARED, RegistryVersion("azureml://theirs", "custom_model", (), None, {}))
    world.work()
    world.registry.delete(SHARED)
    instruct(world.outside, a_promotion(), RetryTarget("contoso-shared", "olu"), operation="r1", actor="olu")
    world.work()
    assert world.case().status == "promoted"


def test_a_target_that_is_given_up_leaves_the_rest_promoted() -> None:
    world = World()
    world.register()
    world.work()
    world.approve()
    world.registry.unreadable.add("contoso-eu")
    world.work()
    instruct(world.outside, a_promotion(), GiveUpTarget("contoso-eu", "olu"), operation="g1", actor="olu")
    world.work()
    assert world.case().status == "promoted"
    assert world.promoted_registries() == {"contoso-shared"}
    assert world.claims.read(Target("contoso-eu", "risk-dev-fraud-detector", "7")) is None


def test_a_registry_that_takes_no_tags_is_promoted_unmarked() -> None:
    world = one_target()
    world.registry.refuses_marks.add("contoso-shared")
    world.work()
    state = world.case().targets["contoso-shared"].state
    assert isinstance(state, states.TargetPromoted)
    assert state.mark == "refused"
    assert world.case().status == "promoted"


def test_an_import_still_running_at_its_deadline_is_left_to_its_lease() -> None:
    import threading

    release = threading.Event()
    policy = one_approver()
    world = World(policy)
    world.outside = replace(world.outside, waits=replace(world.outside.waits, import_deadline=timedelta(seconds=0.05)))
    approved(world)

    def wait(_promotion: object, _target: object) -> None:
        release.wait(5)

    world.registry.on_share = wait
    world.work()
    assert world.happened()[-1] == "ImportStillRunning"
    release.set()
    for thread in threading.enumerate():
        if thread.name.startswith("import "):
            thread.join(5)
    world.pass_time(timedelta(minutes=15, seconds=1))
    assert world.case().status == "promoted"
    assert len(world.registry.imports) == 1


def test_a_worker_that_stalled_after_its_re_read_does_not_start() -> None:
    world = one_target()
    world.outside = replace(world.outside, waits=replace(world.outside.waits, lease_needed=timedelta(minutes=16)))
    world.work()
    assert world.registry.imports == []
    assert world.happened()[-1] == "ImportStarted"


def test_a_worker_that_stalled_after_its_intent_does_not_start_on_an_old_re_read() -> None:
    """Enough of the lease is left, so that the age of the re-read alone stops it."""
    world = one_target()
    world.outside = replace(world.outside, histories=Stalling(world))
    world.work()
    assert world.happened()[-1] == "ImportStarted"
    assert world.registry.imports == []


class Stalling:
    """The histories, with a worker that sleeps for two minutes right after its intent was appended."""

    def __init__(self, world: World) -> None:
        self._world = world

    def append(self, loaded: History, new: Sequence[NewEvent], at: datetime, snapshot: Any) -> History:
        after = self._world.histories.append(loaded, new, at, snapshot)
        if isinstance(new[-1].event, events.ImportStarted):
            self._world.clock.advance(timedelta(minutes=2))
        return after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world.histories, name)


def test_nobody_judges_an_import_of_another_worker_before_its_lease_ends() -> None:
    """The other worker's import is under way: what is not there yet may still come."""
    world = one_target()
    during: list[list[str]] = []

    def meanwhile(_promotion: object, _target: object) -> None:
        world.registry.on_share = None
        world.clock.advance(timedelta(minutes=5))
        advance(replace(world.outside, worker="worker-2"), a_promotion())
        during.append(world.happened())

    world.registry.on_share = meanwhile
    world.work()
    assert during[0][-1] == "ImportStarted"
    assert len(world.registry.imports) == 1


@pytest.mark.parametrize("stopper", ["reject", "withdraw"])
def test_a_stop_during_one_import_keeps_what_landed(stopper: str) -> None:
    world = World()
    world.register()
    world.work()
    world.approve()

    def stop(_promotion: object, _target: object) -> None:
        world.registry.on_share = None
        if stopper == "reject":
            world.answer("rosa.risk", "reject")
        else:
            instruct(world.outside, a_promotion(), Withdraw("dana"), operation="w1", actor="dana")

    world.registry.on_share = stop
    world.work()
    assert world.promoted_registries() == {"contoso-shared"}
    assert world.case().status == ("rejected" if stopper == "reject" else "withdrawn")
    assert world.clock.now() >= NOW


def test_what_landed_for_a_round_that_was_voided_meanwhile_stands_for_that_round_everywhere() -> None:
    """The worker's lease was current, so it counts as promoted (R9): with the digest that people approved."""
    world = approved(World(one_approver()))
    approved_digest = world.digest()

    def somebody_finds_other_tags(_promotion: object, _target: object) -> None:
        world.catalog.change(a_promotion(), tags=tags(classification="restricted"))
        world.clock.advance(timedelta(seconds=1))
        ask_for_look(world.outside, a_promotion())
        advance(world.outside, a_promotion())

    world.registry.on_share = somebody_finds_other_tags
    world.work()
    assert world.case().round == 2
    (promoted,) = world.events(events.TargetPromoted)
    assert promoted.round == 1
    champion = champion_of(world.histories.load(SHARED.line).rows)
    assert champion is not None
    assert (champion.round, champion.digest) == (1, approved_digest)


def test_what_an_earlier_round_left_is_judged_by_what_was_approved_since() -> None:
    """The files changed before the copy was made, and people approved the changed files before it was judged."""
    world = approved(World(one_approver()))
    world.registry.script("contoso-shared", "lands_late")
    world.work()
    world.catalog.change(a_promotion(), artifacts=(Artifact("model.pkl", 666, None),))
    world.registry.land_late()
    world.clock.advance(timedelta(seconds=1))
    ask_for_look(world.outside, a_promotion())
    world.work()
    world.answer("amir.approver", operation="again")
    world.pass_time(timedelta(minutes=16))
    (promoted,) = world.events(events.TargetPromoted)
    assert promoted.round == 2
    held = world.registry.read(SHARED)
    assert held is not None
    assert held.marker["clearance_digest"] == world.digest()


def test_files_that_nobody_approved_are_no_promotion_though_a_new_round_asks_about_them() -> None:
    """They are read back by another worker, which knows the new round alone, while the first one's lease goes on."""
    world = approved(World(one_approver()))

    def somebody_finds_other_files(_promotion: object, _target: object) -> None:
        world.catalog.change(a_promotion(), artifacts=(Artifact("model.pkl", 666, None),))
        world.clock.advance(timedelta(seconds=1))
        ask_for_look(world.outside, a_promotion())
        advance(world.outside, a_promotion())

    world.registry.on_share = somebody_finds_other_files
    world.work()
    assert world.case().round == 2
    assert world.events(events.TargetPromoted) == []
    assert world.events(events.ConflictFound)[0].kind == "other_content"
