"""What is brought back from an export: everything that follows from the histories, and nobody is told or asked twice."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.adapters import memory
from shared.adapters.history_rows import new_rows
from shared.domain import events
from shared.domain.chain import Tip
from shared.domain.errors import DocumentInvalid, HistoryClash, Unreadable
from shared.domain.evidence import RegistryVersion
from shared.domain.export import export_lines, verify_export
from shared.domain.fold import fold
from shared.domain.ids import HistoryId, LineId, PromotionId, Target
from shared.domain.line import champion_of
from shared.ports import Head, History, NewEvent, PromotionFilter, TimelineFilter
from shared.workflow.advance import advance
from shared.workflow.daily_checkpoint import daily_checkpoint
from shared.workflow.export_histories import export_histories
from shared.workflow.outside import Outside
from shared.workflow.plan_restore import plan_restore
from shared.workflow.restore_histories import Destination, RestoreRefused, restore_histories, standing
from shared.workflow.sweep import sweep
from tests.domain.evidence_makers import NOW, a_promotion, a_run, tags
from tests.domain.promotion_makers import SHARED, Story, asked, importing, promoted
from tests.workflow.world import World, at

SHA = "ab" * 32
WORKSPACES = ("risk-dev",)
GONE = events.Expired(1, "d" * 64)


class Killed(BaseException):
    """A worker dies in an import."""


@dataclass
class Restored:
    """Stores that hold nothing, and an app on them in the same world of workspaces and registries."""

    world: World
    paused: list[float] = field(default_factory=list)
    histories: memory.InMemoryHistories = field(default_factory=memory.InMemoryHistories)
    claims: memory.InMemoryClaims = field(default_factory=memory.InMemoryClaims)
    bookmarks: memory.InMemoryBookmarks = field(default_factory=memory.InMemoryBookmarks)
    publisher: memory.InMemoryPublisher = field(default_factory=memory.InMemoryPublisher)

    def __post_init__(self) -> None:
        self.destination = Destination(
            "the new account", self.histories, self.claims, self.bookmarks, self.world.clock, self.pause
        )
        self.queue = memory.InMemoryQueue(self.world.clock)
        self.outside: Outside = replace(
            self.world.outside,
            histories=self.histories,
            claims=self.claims,
            bookmarks=self.bookmarks,
            publisher=self.publisher,
            queue=self.queue,
            worklist=memory.InMemoryWorklist(self.world.clock),
            read_models=memory.InMemoryReadModels(),
            checkpoints=memory.InMemoryCheckpoints(),
            awaited_runs=memory.InMemoryAwaitedRuns(),
            replay_ids=memory.InMemoryReplayIds(),
        )

    def pause(self, seconds: float, trouble: Unreadable) -> None:
        """Note how long, and let no time pass."""
        assert "told to be unreachable" in str(trouble)
        self.paused.append(seconds)

    def restore(self, lines: Sequence[str], sha256: str = SHA) -> list[int]:
        """Bring them back; how many stood, as it was told."""
        told: list[int] = []
        plan = plan_restore(self.histories, lines)
        restore_histories(self.destination, plan, lines, sha256, told.append)
        return told

    def work(self) -> None:
        """Handle what is in the queue until it is empty."""
        while (promotion := self.queue.take()) is not None:
            advance(self.outside, promotion)

    def catch_up(self) -> None:
        """What the timers and their messages do of themselves: the checkpoint and its mending, a sweep, the queue."""
        daily_checkpoint(self.outside)
        sweep(self.outside)
        self.work()


def lived_in() -> World:
    """A world with promotions in many states: each is told apart by its model."""
    world = World()
    for name in ("promoted", "asked", "rejected", "stopped", "taken"):
        register(world, named(name))
    register(world, named("blocked"), owner="somebody@example.com")
    world.registry.put(Target("contoso-shared", "fraud-taken", "7"), RegistryVersion("theirs", "x", (), None, {}))
    world.work()
    world.approve(named("promoted"))
    world.answer(promotion=named("asked"))
    world.answer("rosa.risk", "reject", promotion=named("rejected"))
    world.work()
    world.approve(named("stopped"))
    _die_in_an_import(world, named("stopped"))
    return world


def register(world: World, promotion: PromotionId, **changes: str | None) -> None:
    """With a run of its own, so that each is judged by its own evidence."""
    run = f"evaluate-{promotion.name}-{promotion.version}"
    world.register(promotion, tags=tags(evaluation_run=run, **changes))
    world.catalog.put_run(promotion.workspace, a_run(id=run, model=f"{promotion.name}:{promotion.version}"))


def _die_in_an_import(world: World, promotion: PromotionId) -> None:
    def dies(call: Any, _limit: Any) -> bool:
        call()
        raise Killed

    with pytest.raises(Killed):
        advance(replace(world.outside, call_apart=dies), promotion)


def relay_what_is_left(world: World) -> None:
    """What the worker that died had not told of yet."""
    world.pass_time(timedelta(minutes=3))


def named(name: str) -> PromotionId:
    return a_promotion(name=f"fraud-{name}")


def heads(histories: memory.InMemoryHistories) -> dict[HistoryId, Head]:
    return {head.id: head for head in histories.heads(None).items}


def listed(outside: Outside) -> Any:
    return outside.read_models.promotions(PromotionFilter(WORKSPACES), 100, None).items


def timeline(outside: Outside) -> dict[str, Any]:
    page = outside.read_models.timeline(TimelineFilter(WORKSPACES), 200, None)
    return {entry.id: entry for entry in page.items}


def lines_of(*histories: tuple[HistoryId, Iterable[events.Event]], skip: int = 0) -> list[str]:
    """An export of histories that hold by themselves, whatever they tell."""
    told = []
    for history, happened in histories:
        new = [NewEvent(event, f"op-{number}", "clearance") for number, event in enumerate(happened)]
        rows = new_rows(History(history), new, NOW)[skip:]
        told.append((rows, Tip(history.partition, rows[-1].sequence, rows[-1].hash)))
    return list(export_lines(told, NOW, "0.1.0"))


# ------------------------------------------------------------------------------------------------ what comes back


def test_histories_heads_and_claims_are_as_they_were() -> None:
    world = lived_in()
    lines = list(export_histories(world.outside))
    new = Restored(world)

    assert new.restore(lines) == list(range(1, len(heads(world.histories)) + 1))
    assert heads(new.histories) == heads(world.histories)
    assert new.claims.standing == world.claims.standing
    assert len(new.claims.standing) == 7  # two each of promoted, asked and stopped; the free place of taken
    assert list(export_histories(new.outside)) == lines
    assert {each.partition for each in new.histories._rows} == {each.partition for each in world.histories._rows}


def test_the_app_makes_lists_again_and_tells_nobody_anything() -> None:
    world = lived_in()
    relay_what_is_left(world)
    before, told, imported = listed(world.outside), timeline(world.outside), list(world.registry.imports)
    new = Restored(world)
    new.restore(list(export_histories(world.outside)))
    new.catch_up()

    assert listed(new.outside) == before
    assert timeline(new.outside) == told
    assert len(told) == sum(head.sequence for head in heads(new.histories).values() if isinstance(head.id, PromotionId))
    assert new.publisher.published == []
    assert world.registry.imports == imported


def test_an_import_that_was_announced_is_read_back_and_not_made_again() -> None:
    world = lived_in()
    new = Restored(world)
    new.restore(list(export_histories(world.outside)))
    new.catch_up()
    assert fold(named("stopped"), new.histories.load(named("stopped")).rows).status == "promoting"
    world.clock.advance(world.outside.waits.lease + timedelta(minutes=1))
    sweep(new.outside)
    new.work()

    case = fold(named("stopped"), new.histories.load(named("stopped")).rows)
    targets = [target.name for promotion, target in world.registry.imports if promotion == named("stopped")]
    assert case.status == "promoted"
    assert sorted(targets) == ["fraud-stopped", "risk-dev-fraud-stopped"]
    sent = {str(event["subject"]) for event in new.publisher.published}
    assert sent == {named("stopped").subject}
    assert "Clearance.ApprovalRequested" not in {event["type"] for event in new.publisher.published}


def test_people_go_on_where_they_were() -> None:
    world = lived_in()
    new = Restored(world)
    new.restore(list(export_histories(world.outside)))
    new.catch_up()
    world.outside, world.histories = new.outside, new.histories
    world.answer("rosa.risk", promotion=named("asked"))
    new.work()

    assert world.case(named("asked")).status == "promoted"
    assert world.promoted_registries(named("asked")) == {"contoso-shared", "contoso-eu"}


def test_a_line_keeps_its_champion_and_gains_none_twice() -> None:
    world = lived_in()
    line = LineId("contoso-shared", "fraud-promoted")
    before = world.histories.load(line).rows
    new = Restored(world)
    new.restore(list(export_histories(world.outside)))
    new.catch_up()

    assert new.histories.load(line).rows == before
    assert champion_of(before) is not None


def test_a_checkpoint_of_before_holds_afterwards() -> None:
    world = lived_in()
    daily_checkpoint(world.outside)
    checkpoint = world.checkpoints.latest()
    new = Restored(world)
    new.restore(list(export_histories(world.outside)))
    new.catch_up()
    world.clock.advance(timedelta(hours=1))
    sweep(new.outside)
    new.work()

    report = verify_export(export_histories(new.outside), checkpoint)
    assert report.holds
    assert [newer.history for newer in report.unprotected] == [
        "line:contoso-eu:risk-dev-fraud-stopped",
        "line:contoso-shared:fraud-stopped",
        named("stopped").partition,
    ]


def test_what_no_governed_workspace_holds_is_not_set_aside() -> None:
    world = lived_in()
    new = Restored(world)
    new.restore(list(export_histories(world.outside)))
    elsewhere = replace(new.outside, workspaces={})
    put_back = daily_checkpoint(elsewhere).put_back

    open_ = {str(head.id) for head in heads(new.histories).values() if head.snapshot.get("open")}
    assert set(put_back) == open_


def test_a_run_that_is_cut_off_leaves_less_to_the_next() -> None:
    world = lived_in()
    new = Restored(world)
    new.restore(list(export_histories(world.outside)))
    tired = Tired(world.clock)
    with pytest.raises(Unreadable):
        daily_checkpoint(replace(new.outside, worklist=tired))
    tired.left = 100

    assert len(tired.promotions()) == 2
    assert len(daily_checkpoint(replace(new.outside, worklist=tired)).put_back) == 4


class Tired(memory.InMemoryWorklist):
    """A worklist that can be written to twice."""

    left = 2

    def touch(self, promotion: PromotionId, due: datetime) -> str:
        self.unreachable = self.left == 0
        self.left -= 1
        try:
            return super().touch(promotion, due)
        finally:
            self.unreachable = False


# ------------------------------------------------------------------------------------------------ what is refused


def test_a_store_that_holds_anything_is_left_alone() -> None:
    world = lived_in()
    lines = list(export_histories(world.outside))
    new = Restored(world)
    new.histories.append(new.histories.load(named("other")), [NewEvent(GONE, "op", "x")], NOW, {})
    before = heads(new.histories)
    with pytest.raises(RestoreRefused, match="holds histories already, promotion:risk-dev:fraud-other:7"):
        new.restore(lines)

    assert heads(new.histories) == before
    assert new.bookmarks.get("restore") is None


def test_once_it_is_done_it_is_not_done_again() -> None:
    world = lived_in()
    lines = list(export_histories(world.outside))
    new = Restored(world)
    new.restore(lines)

    with pytest.raises(RestoreRefused, match="holds histories already"):
        standing(new.destination, SHA)


def test_one_that_was_interrupted_goes_on_with_the_same_export_and_no_other() -> None:
    world = lived_in()
    lines = list(export_histories(world.outside))
    new = Restored(world)
    plan = plan_restore(new.histories, lines)

    def dies(done: int) -> None:
        if done == 3:
            raise Killed

    with pytest.raises(Killed):
        restore_histories(new.destination, plan, lines, SHA, dies)
    assert len(heads(new.histories)) == 3
    assert standing(new.destination, SHA) == "begun"
    with pytest.raises(RestoreRefused, match=f"being filled from another export, {SHA}"):
        new.restore(lines, "cd" * 32)

    new.restore(lines)
    assert heads(new.histories) == heads(world.histories)
    assert new.claims.standing == world.claims.standing
    assert new.bookmarks.get("restore") is None


def test_an_app_that_goes_on_in_between_is_noticed() -> None:
    world = lived_in()
    lines = list(export_histories(world.outside))
    for meddled in (named("blocked"), named("unheard-of")):
        new = Restored(world)
        plan = plan_restore(new.histories, lines)

        def meddles(done: int, new: Restored = new, meddled: PromotionId = meddled) -> None:
            if done == len(heads(world.histories)):
                loaded = new.histories.load(meddled)
                new.histories.append(loaded, [NewEvent(GONE, "op", "x")], at(60), {})

        with pytest.raises(RestoreRefused, match="Is an app running on it") as refused:
            restore_histories(new.destination, plan, lines, SHA, meddles)
        assert [fault.partition(" ends at")[0] for fault in refused.value.faults] == [meddled.partition]
        assert standing(new.destination, SHA) == "begun"


def test_a_place_that_an_app_claimed_in_between_is_noticed() -> None:
    world = lived_in()
    new = Restored(world)
    target, claim = next(iter(world.claims.standing.items()))
    new.claims.take(target, replace(claim, promotion=named("other")))
    with pytest.raises(RestoreRefused) as refused:
        new.restore(list(export_histories(world.outside)))

    assert "claimed by risk-dev:fraud-other:7" in refused.value.faults[0]


def test_a_history_that_an_app_began_first_is_left_as_it_is() -> None:
    world = lived_in()
    lines = list(export_histories(world.outside))
    new = Restored(world)
    new.bookmarks.put("restore", {"sha256": SHA, "begun_at": "2026-03-01T12:00:00.000000Z"})
    theirs = new.histories.load(named("asked"))
    theirs = new.histories.append(theirs, [NewEvent(GONE, "op", "x")], NOW, {})
    with pytest.raises(HistoryClash, match="stands there already"):
        new.restore(lines)

    assert new.histories.load(named("asked")) == theirs


@pytest.mark.parametrize("change", ["shorter", "longer", "another end", "another row"])
def test_an_export_that_changes_while_it_is_read_is_not_written_on(change: str) -> None:
    world = lived_in()
    lines = list(export_histories(world.outside))
    new = Restored(world)
    plan = plan_restore(new.histories, lines)
    last = max(number for number, line in enumerate(lines) if '"kind":"row"' in line)
    changed = {
        "shorter": lines[:last],
        "longer": [*lines, *lines_of((named("new"), [GONE]))[1:]],
        "another end": [*lines[:-1], lines[-1].replace('"sequence":', '"sequence":1')],
        "another row": [*lines[:last], lines[last].replace("clearance", "clearancf", 1), *lines[last + 1 :]],
    }[change]
    with pytest.raises(RestoreRefused, match="has changed while it was read"):
        restore_histories(new.destination, plan, changed, SHA, lambda _done: None)

    assert standing(new.destination, SHA) == "begun"
    assert new.claims.standing == {}


def test_a_store_that_is_away_is_waited_for_a_while() -> None:
    world = lived_in()
    lines = list(export_histories(world.outside))
    new = Restored(world)

    def comes_back(seconds: float, _trouble: Unreadable) -> None:
        new.paused.append(seconds)
        new.histories.unreachable = len(new.paused) < 3

    plan = plan_restore(new.histories, lines)
    patient = replace(new.destination, pause=comes_back)

    def goes_away(done: int) -> None:
        new.histories.unreachable = done == 2

    restore_histories(patient, plan, lines, SHA, goes_away)
    assert new.paused == [1, 2, 4]
    assert heads(new.histories) == heads(world.histories)


def test_a_store_that_stays_away_is_trouble() -> None:
    world = lived_in()
    lines = list(export_histories(world.outside))
    new = Restored(world)

    def goes_away(done: int) -> None:
        new.histories.unreachable = done == 2

    with pytest.raises(Unreadable):
        restore_histories(new.destination, plan_restore(new.histories, lines), lines, SHA, goes_away)
    assert sum(new.paused) == 61
    new.histories.unreachable = False
    assert standing(new.destination, SHA) == "begun"


# ------------------------------------------------------------------------------------------------ what is no history


def faults_of(lines: Sequence[str]) -> tuple[str, ...]:
    assert verify_export(lines).holds
    with pytest.raises(DocumentInvalid) as refused:
        plan_restore(memory.InMemoryHistories(), lines)
    return refused.value.faults


def test_every_history_that_cannot_be_is_told() -> None:
    faults = faults_of(
        lines_of(
            (named("a"), [events.VersionListed(SHARED, "risk-dev:fraud:7")]),
            (named("b"), [events.PromotionErrored("contoso-moon", "code", "No such registry.")]),
            (LineId("contoso-shared", "c"), [GONE]),
            (named("d"), [GONE]),
        )
    )

    assert [fault.partition(": ")[0] for fault in faults] == [
        named("a").partition,
        named("b").partition,
        "line:contoso-shared:c",
    ]
    assert all("cannot have followed each other" in fault for fault in faults[:2])
    assert "expected VersionListed or ChampionChanged" in faults[2]


@pytest.mark.parametrize("name", ["claim:contoso-shared:fraud", "promotion:a:b", "line:contoso-shared:../x", "x" * 300])
def test_a_name_that_is_none_of_a_history_is_told(name: str) -> None:
    [row, head] = lines_of((named("a"), [GONE]))[1:]
    stores = memory.InMemoryHistories()
    lines = [each.replace(named("a").partition, name) for each in (row, head)]
    with pytest.raises(DocumentInvalid, match="expected"):
        plan_restore(stores, lines)


def test_lines_that_do_not_stand_together_are_told_with_their_number() -> None:
    [_, *one, head] = lines_of((named("a"), [GONE, GONE]))
    other = lines_of((named("b"), [GONE]))[1:]
    faults = faults_of([one[0], *other, one[1], head])

    assert faults == (
        f"{named('a').partition}: its lines do not stand together, those from line 1 on are apart.",
        f"{named('a').partition}: its lines do not stand together, those from line 4 on are apart.",
    )


def test_of_many_faults_twenty_are_told_and_how_many_more_there_are() -> None:
    many = [(named(f"m{number}"), [events.PromotionErrored("x-moon", "c", "No.")]) for number in range(30)]

    assert len(faults_of(lines_of(*many))) == 21
    assert faults_of(lines_of(*many))[-1] == "10 more."


@pytest.mark.parametrize("holds", [importing, promoted])
def test_of_two_that_say_they_hold_a_place_it_is_the_one_whose_copy_is_there_or_on_its_way(
    holds: Callable[[], Story],
) -> None:
    one, other = (named("one"), told_by(asked())), (named("other"), told_by(holds()))
    for lines in (lines_of(one, other), lines_of(other, one)):
        plan = plan_restore(memory.InMemoryHistories(), lines)

        assert (plan.promotions, len(plan.histories), plan.rows) == (2, 2, len(lines) - 3)
        assert plan.claims[SHARED].promotion == named("other")
        assert plan.open == 1 + (holds is importing)


def told_by(story: Story) -> list[events.Event]:
    return [row.event for row in story.history]
