"""A worker that was slow between reading and writing: what it read is worth nothing once others have written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from shared.adapters.memory import InMemoryCatalog, InMemoryPolicySource, InMemoryPublisher, InMemoryReadModels
from shared.domain.evidence import Job, ModelVersion, Run
from shared.domain.ids import PromotionId
from shared.ports import JSON, PromotionFilter, Summary, TimelineEntry
from shared.workflow.advance import advance
from tests.domain.evidence_makers import a_policy, a_promotion, an_approval_rule, tags
from tests.workflow.world import World, one_approver


class CatalogThat(InMemoryCatalog):
    """A catalog that lets something happen after it read a version, before its answer arrives."""

    def __init__(self, world: World, happens: Callable[[], object]) -> None:
        super().__init__()
        self.registered = world.catalog.registered
        self._inner = world.catalog
        self._happens = [happens]

    def read(self, promotion: PromotionId) -> ModelVersion | None:
        found = self._inner.read(promotion)
        while self._happens:
            self._happens.pop()()
        return found

    def read_run(self, workspace: str, run: str) -> Run | None:
        return self._inner.read_run(workspace, run)

    def job(self, workspace: str, job: str) -> Job | None:
        return self._inner.job(workspace, job)


def test_a_slow_reader_with_older_policies_does_not_void_what_a_newer_instance_asks() -> None:
    world = World()
    world.register()
    stricter = replace(a_policy(), approval=an_approval_rule(rejections=2))
    newer = replace(world.outside, policy_build=2, policy_source=InMemoryPolicySource((stricter,)))
    older = replace(world.outside, catalog=CatalogThat(world, lambda: advance(newer, a_promotion())))
    advance(older, a_promotion())
    assert world.happened() == ["Registered", "EvaluationCompleted", "ApprovalRequested"]
    evaluation = world.case().evaluation
    assert evaluation is not None
    assert evaluation.policy_build == 2


def test_a_slow_reader_does_not_take_back_what_was_read_later() -> None:
    world = World()
    world.register()

    def tags_change_and_somebody_else_looks() -> None:
        world.catalog.change(a_promotion(), tags=tags(classification="restricted"))
        advance(world.outside, a_promotion())

    slow = replace(world.outside, catalog=CatalogThat(world, tags_change_and_somebody_else_looks))
    advance(slow, a_promotion())
    assert world.happened() == ["Registered", "EvaluationCompleted", "ApprovalRequested"]
    evaluation = world.case().evaluation
    assert evaluation is not None
    assert evaluation.facts.tags["classification"] == "restricted"


class SlowReadModels(InMemoryReadModels):
    """Read models whose first write arrives last: it waits for `arrive`."""

    def __init__(self) -> None:
        super().__init__()
        self._late: list[Callable[[], None]] = []
        self.slow = False

    def apply(self, entries: Sequence[TimelineEntry], summary: Summary | None, was_open: bool | None) -> None:
        if self.slow:
            self._late.append(lambda: super(SlowReadModels, self).apply(entries, summary, was_open))
            self.slow = False
            return
        super().apply(entries, summary, was_open)

    def arrive(self) -> None:
        for write in self._late:
            write()


def test_a_list_that_was_written_too_late_shows_a_promotion_once_all_the_same() -> None:
    world = World(one_approver())
    slow = SlowReadModels()
    world.outside = replace(world.outside, read_models=slow)
    slow.slow = True
    world.register()
    world.work()
    world.answer("amir.approver")
    world.work()
    slow.arrive()
    world.pass_time(timedelta(minutes=12))
    world.pass_time(timedelta(minutes=12))
    listed = slow.promotions(PromotionFilter(("risk-dev",)), 10, None).items
    assert [(row.status, row.sequence) for row in listed] == [("promoted", world.case().sequence)]
    assert world.worklist.promotions() == set()


class PublisherThat(InMemoryPublisher):
    """A topic that lets something happen while the first events are published."""

    def __init__(self, happens: Callable[[], object]) -> None:
        super().__init__()
        self._happens = [happens]

    def publish(self, events: Sequence[Mapping[str, JSON]]) -> None:
        while self._happens:
            self._happens.pop()()
        super().publish(events)


def test_a_target_that_the_policy_drops_while_events_are_announced_is_not_imported() -> None:
    world = World()
    world.register()
    world.work()
    world.approve()
    fewer = replace(a_policy(), targets=a_policy().targets[1:])
    newer = replace(world.outside, policy_build=2, policy_source=InMemoryPolicySource((fewer,)))
    slow = PublisherThat(lambda: advance(newer, a_promotion()))
    advance(replace(world.outside, publisher=slow), a_promotion())
    assert world.case().status == "awaiting_approval"
    assert world.registry.imports == []
