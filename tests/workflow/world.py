"""A whole deployment in memory, with hands to move it: register, answer, let time pass, run what is queued."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from shared.adapters import memory
from shared.domain import states
from shared.domain.events import Event
from shared.domain.fold import fold
from shared.domain.ids import PromotionId
from shared.domain.policy import ApprovalRule, Policy
from shared.domain.states import Case
from shared.domain.waits import Waits
from shared.workflow.advance import advance
from shared.workflow.outside import Outside
from shared.workflow.receive_model_event import ask_for_look
from shared.workflow.record_decision import Answer, DecisionRequest, record_decision
from shared.workflow.sweep import sweep
from tests.domain.evidence_makers import ADDRESS, NOW, a_model_version, a_policy, a_promotion, a_run, people

TOPIC = (
    "/subscriptions/00000000-0000-4000-8000-0000000000aa/resourcegroups/risk-rg"
    "/providers/microsoft.machinelearningservices/workspaces/risk-dev-ws"
)


class World:
    """Everything outside the use cases, in memory. `outside` is what a worker is handed."""

    def __init__(
        self, *policies: Policy, waits: Waits | None = None, workspaces: tuple[str, ...] = ("risk-dev",)
    ) -> None:
        self.clock = memory.SettableClock(NOW)
        self.catalog = memory.InMemoryCatalog(workspaces)
        self.registry = memory.InMemoryRegistry(self.catalog)
        self.histories = memory.InMemoryHistories()
        self.claims = memory.InMemoryClaims()
        self.worklist = memory.InMemoryWorklist(self.clock)
        self.queue = memory.InMemoryQueue(self.clock)
        self.publisher = memory.InMemoryPublisher()
        self.read_models = memory.InMemoryReadModels()
        self.quarantine = memory.InMemoryQuarantine()
        self.checkpoints = memory.InMemoryCheckpoints()
        self.bookmarks = memory.InMemoryBookmarks()
        self.awaited_runs = memory.InMemoryAwaitedRuns()
        self.policies = memory.InMemoryPolicySource(policies or (a_policy(),))
        self.directory = memory.InMemoryDirectory(people())
        self.telemetry = memory.InMemoryTelemetry()
        self.backlog = memory.InMemoryBacklog()
        self.outside = Outside(
            histories=self.histories,
            claims=self.claims,
            worklist=self.worklist,
            awaited_runs=self.awaited_runs,
            bookmarks=self.bookmarks,
            read_models=self.read_models,
            quarantine=self.quarantine,
            replay_ids=memory.InMemoryReplayIds(),
            checkpoints=self.checkpoints,
            catalog=self.catalog,
            registry=self.registry,
            queue=self.queue,
            publisher=self.publisher,
            directory=self.directory,
            policy_source=self.policies,
            clock=self.clock,
            new_id=memory.CountingIds(),
            waits=waits or Waits(),
            workspaces=dict.fromkeys(workspaces, ADDRESS),
            topics={TOPIC: "risk-dev"},
            governed_from=dict.fromkeys(workspaces, NOW - timedelta(days=1)),
            policy_build=1,
            worker="worker-1",
            base_url="https://clearance.contoso.com",
            version="0.1.0",
            telemetry=self.telemetry,
            backlog=self.backlog,
        )

    # ---------------------------------------------------------------- moving the world

    def register(self, promotion: PromotionId | None = None, *, announce: bool = True, **changes: Any) -> PromotionId:
        """A version with its run, announced as Event Grid does."""
        promotion = promotion or a_promotion()
        self.catalog.put(promotion, a_model_version(**changes))
        self.catalog.put_run(promotion.workspace, a_run(model=f"{promotion.name}:{promotion.version}"))
        self.catalog.put_job(promotion.workspace, "train-7", "Completed")
        if announce:
            ask_for_look(self.outside, promotion)
        return promotion

    def work(self, most: int = 50) -> int:
        """Handle what is visible in the queue until it is empty; how many messages that were."""
        for handled in range(most):
            promotion = self.queue.take()
            if promotion is None:
                return handled
            advance(self.outside, promotion)
        raise AssertionError(f"{most} messages were handled and the queue is not empty: a busy loop.")

    def pass_time(self, span: timedelta) -> None:
        """Let time pass, then let the sweep wake what is due, and work."""
        self.clock.advance(span)
        sweep(self.outside)
        self.work()

    def answer(
        self,
        person: str = "amir.approver",
        verdict: Any = "approve",
        *,
        promotion: PromotionId | None = None,
        operation: str | None = None,
        **changes: Any,
    ) -> Answer:
        """One person's answer on the current digest."""
        promotion = promotion or a_promotion()
        known = self.directory.people().resolve(person)
        if known is None:
            raise AssertionError(f"{person} is not in the directory.")
        request = DecisionRequest(promotion, self.digest(promotion), verdict)
        request = replace(request, **changes)
        return record_decision(
            self.outside,
            request,
            person=known,
            spelling=person,
            channel="webhook:pipeline",
            operation=operation or f"webhook:pipeline:{person}:{verdict}",
        )

    def approve(self, promotion: PromotionId | None = None) -> None:
        """The quorum of the sample policy: an approver and a risk officer."""
        self.answer("amir.approver", promotion=promotion)
        self.answer("rosa.risk", promotion=promotion)

    # ---------------------------------------------------------------- looking at it

    def case(self, promotion: PromotionId | None = None) -> Case:
        promotion = promotion or a_promotion()
        return fold(promotion, self.histories.load(promotion).rows)

    def digest(self, promotion: PromotionId | None = None) -> str:
        evaluation = self.case(promotion).evaluation
        return evaluation.digest if evaluation else ""

    def happened(self, promotion: PromotionId | None = None) -> list[str]:
        """The names of all events, in order."""
        return [type(row.event).__name__ for row in self.histories.load(promotion or a_promotion()).rows]

    def events(self, kind: type[Event], promotion: PromotionId | None = None) -> list[Any]:
        """All events of one kind, in order."""
        rows = self.histories.load(promotion or a_promotion()).rows
        return [row.event for row in rows if isinstance(row.event, kind)]

    def published(self) -> list[str]:
        return [str(event["type"]) for event in self.publisher.published]

    def promoted_registries(self, promotion: PromotionId | None = None) -> set[str]:
        targets = self.case(promotion).targets.items()
        return {registry for registry, target in targets if isinstance(target.state, states.TargetPromoted)}


def one_approver(**changes: Any) -> Policy:
    """The sample policy with a quorum of one and one target."""
    approval = ApprovalRule(1, 1, ("ml-approvers",), (), ("registrant", "run_submitter"), timedelta(days=7))
    policy = a_policy()
    return replace(policy, approval=approval, targets=policy.targets[:1], **changes)


def at(minutes: float) -> datetime:
    """An instant, in minutes after the world begins."""
    return NOW + timedelta(minutes=minutes)
