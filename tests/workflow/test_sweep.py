"""Timers: what is due is woken, what is settled is let go, what is missing is found (R6, R12, R17)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from shared.adapters.memory import InMemoryCatalog, InMemoryRegistry
from shared.domain.commands import RequestReevaluation
from shared.domain.errors import Unreadable
from shared.domain.ids import Incarnation, Target
from shared.domain.merkle import read_checkpoint
from shared.ports import PromotionFilter
from shared.workflow.daily_checkpoint import daily_checkpoint
from shared.workflow.find_missed_registrations import find_missed_registrations
from shared.workflow.instruct import instruct
from shared.workflow.summaries import summarise
from shared.workflow.sweep import sweep
from tests.domain.evidence_makers import NOW, a_model_version, a_promotion
from tests.workflow.world import World, one_approver


def test_a_settled_promotion_leaves_the_worklist() -> None:
    world = World()
    world.register()
    world.work()
    world.approve()
    world.work()
    assert world.worklist.get(a_promotion()) is not None
    world.pass_time(timedelta(minutes=12))
    assert world.worklist.get(a_promotion()) is None


def test_what_is_not_yet_relayed_stays_on_the_worklist() -> None:
    world = World()
    world.publisher.unreachable = True
    world.register()
    world.work()
    world.approve()
    world.work()
    for _ in range(6):
        world.pass_time(timedelta(minutes=12))
    assert world.worklist.get(a_promotion()) is not None


def test_a_row_that_somebody_touched_lately_stays_though_its_promotion_is_settled() -> None:
    """Whoever touched it is about to append, and history does not say so yet (R6)."""
    world = World()
    world.register()
    world.work()
    world.approve()
    world.work()
    world.worklist.touch(a_promotion(), world.clock.now())

    world.pass_time(timedelta(minutes=9))
    assert world.case().status == "promoted"
    assert world.worklist.get(a_promotion()) is not None

    world.pass_time(timedelta(minutes=12))
    assert world.worklist.get(a_promotion()) is None


def test_a_message_that_was_lost_is_made_good_by_the_sweep() -> None:
    world = World()
    world.register()
    assert world.queue.take() is not None
    world.pass_time(timedelta(minutes=3))
    assert world.case().status == "awaiting_approval"


def test_a_missed_event_is_found() -> None:
    world = World()
    world.register(announce=False)
    missed = find_missed_registrations(world.outside)
    assert missed.found == [str(a_promotion())]
    world.work()
    assert world.case().status == "awaiting_approval"
    assert find_missed_registrations(world.outside).found == []


def test_a_version_registered_anew_is_found_without_an_event() -> None:
    world = World()
    world.register()
    world.work()
    world.catalog.reregister(a_promotion(), world.clock.now())
    assert find_missed_registrations(world.outside).found == [str(a_promotion())]


def test_old_versions_are_counted_and_nobody_is_asked() -> None:
    world = World()
    for number in range(500):
        version = a_model_version()
        old = version.incarnation.__class__(f"old/{number}", NOW - timedelta(days=30))
        world.register(a_promotion(str(number + 100)), announce=False, incarnation=old)
    missed = find_missed_registrations(world.outside)
    assert missed.found == []
    assert missed.old == {"risk-dev": 500}
    assert world.work() == 0


def test_an_old_version_that_is_announced_is_ignored_until_someone_asks() -> None:
    world = World()
    old = a_model_version().incarnation.__class__("old", NOW - timedelta(days=30))
    world.register(incarnation=old)
    world.work()
    assert world.case().status == "ignored"
    instruct(world.outside, a_promotion(), RequestReevaluation("olu"), operation="r", actor="olu")
    world.work()
    assert world.case().status in ("awaiting_approval", "blocked")


def test_a_run_finds_a_bounded_number_and_the_next_goes_on() -> None:
    world = World()
    for number in range(260):
        fresh = a_model_version().incarnation.__class__(f"new/{number}", NOW)
        world.register(a_promotion(str(number)), announce=False, incarnation=fresh)
    found: list[str] = []
    runs = 0
    while len(set(found)) < 260 and runs < 10:
        found += find_missed_registrations(world.outside).found
        world.work(600)
        runs += 1
    assert len(set(found)) == 260
    assert runs > 1


def test_a_run_makes_a_bounded_number_of_calls_and_the_next_goes_on_where_it_stopped() -> None:
    world = World()
    world.outside = replace(world.outside, catalog=a_catalog_of_pages(450))

    runs = [find_missed_registrations(world.outside) for _ in range(4)]

    assert [run.pages for run in runs] == [200, 200, 50, 200]
    assert [run.looked_at for run in runs] == [200, 200, 50, 200]
    assert [run.old["risk-dev"] for run in runs] == [0, 0, 450, 450]


def a_catalog_of_pages(count: int) -> InMemoryCatalog:
    """A workspace that lists one version a call, each from before it was governed."""
    catalog = InMemoryCatalog(("risk-dev",), page_size=1)
    for number in range(count):
        old = Incarnation(f"old/{number}", NOW - timedelta(days=30))
        catalog.put(a_promotion(str(number)), a_model_version(incarnation=old))
    return catalog


def test_a_workspace_that_cannot_be_listed_is_said_so() -> None:
    world = World()
    world.catalog.unreadable.add("risk-dev")
    missed = find_missed_registrations(world.outside)
    assert "risk-dev" in missed.unreadable[0]


def test_the_first_start_fixes_since_when_a_workspace_is_governed() -> None:

    world = World()
    world.outside = replace(world.outside, governed_from={})
    find_missed_registrations(world.outside)
    world.clock.advance(timedelta(days=3))
    later = a_model_version().incarnation.__class__("later", NOW + timedelta(days=1))
    world.register(announce=False, incarnation=later)
    assert find_missed_registrations(world.outside).found == [str(a_promotion())]


def test_a_checkpoint_covers_every_history() -> None:
    world = World()
    world.register()
    world.work()
    world.approve()
    world.work()
    protected = daily_checkpoint(world.outside)
    assert protected.histories == 3
    kept = world.checkpoints.latest()
    assert kept is not None
    assert {head.history for head in read_checkpoint(kept).heads} == {
        "promotion:risk-dev:fraud-detector:7",
        "line:contoso-shared:fraud-detector",
        "line:contoso-eu:risk-dev-fraud-detector",
    }


def test_an_open_promotion_that_fell_off_the_worklist_is_put_back() -> None:
    world = World()
    world.register()
    world.work()
    work = world.worklist.get(a_promotion())
    assert work is not None
    assert world.worklist.remove(work)
    assert daily_checkpoint(world.outside).put_back == (str(a_promotion()),)
    assert world.worklist.get(a_promotion()) is not None


def test_a_row_that_a_late_writer_left_in_the_catalog_is_mended_once_a_day() -> None:
    """A worker that was held up for hours, and killed after its write: nobody else knows of it."""
    world = World(one_approver())
    world.register()
    world.work()
    stale = summarise(world.case())
    world.answer("amir.approver")
    world.work()
    assert daily_checkpoint(world.outside).listed_anew == ()
    world.read_models.apply((), stale, None)

    assert daily_checkpoint(world.outside).listed_anew == (str(a_promotion()),)

    everything = PromotionFilter(("risk-dev",))
    assert world.read_models.promotions(everything, 10, None).items == (summarise(world.case()),)


def test_the_sweep_reports_what_it_did() -> None:
    world = World()
    world.register()
    world.clock.advance(timedelta(minutes=3))
    assert sweep(world.outside).woken == 1


def test_storage_that_is_down_is_raised_for_redelivery_not_swallowed() -> None:
    import pytest

    world = World()
    world.register()
    world.histories.unreachable = True
    with pytest.raises(Unreadable):
        world.work()
    world.histories.unreachable = False
    world.pass_time(timedelta(minutes=3))
    assert world.case().status == "awaiting_approval"


def test_the_version_whose_event_wakes_a_fresh_deployment_is_governed() -> None:
    world = World()
    world.outside = replace(world.outside, governed_from={})
    world.register(incarnation=Incarnation("woke", NOW - timedelta(seconds=40)))
    world.work()
    assert world.case().status == "awaiting_approval"


def test_the_first_sweep_fixes_since_when_a_workspace_is_governed() -> None:
    world = World()
    world.outside = replace(world.outside, governed_from={})
    sweep(world.outside)
    world.clock.advance(timedelta(hours=1))
    world.register(announce=False, incarnation=Incarnation("later", NOW + timedelta(minutes=10)))
    assert find_missed_registrations(world.outside).found == [str(a_promotion())]


class TakesNoMarksNow(InMemoryRegistry):
    """A registry that is too busy for tags while `busy` is set."""

    busy = True

    def mark(self, target: Target, marker: Mapping[str, str]) -> None:
        if self.busy:
            raise Unreadable("azure_ml_busy", "Try again.")
        super().mark(target, marker)


def test_a_mark_that_is_still_to_be_written_survives_the_loss_of_its_row() -> None:
    world = World(one_approver())
    registry = TakesNoMarksNow(world.catalog)
    world.outside = replace(world.outside, registry=registry)
    world.register()
    world.work()
    world.answer("amir.approver")
    world.work()
    assert world.case().status == "promoted"
    row = world.worklist.get(a_promotion())
    assert row is not None
    assert world.worklist.remove(row)
    registry.busy = False
    assert daily_checkpoint(world.outside).put_back == (str(a_promotion()),)
    world.pass_time(timedelta(minutes=1))
    assert world.happened()[-1] == "TargetMarked"
