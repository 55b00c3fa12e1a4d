"""A deployment on ports in memory with the sample policies, and hands to move it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from local.faults.samples import tags
from local.platform.estate import ALIAS
from shared.adapters import memory
from shared.adapters.no_telemetry import NoTelemetry
from shared.adapters.people_file import PeopleFile
from shared.adapters.policy_files import PolicyFolder
from shared.domain.evidence import Artifact, ModelVersion, Run
from shared.domain.fold import fold
from shared.domain.ids import Incarnation, PromotionId
from shared.domain.mending import WorkspaceAddress
from shared.domain.states import Case
from shared.domain.waits import Waits
from shared.workflow.advance import advance
from shared.workflow.outside import Outside
from shared.workflow.receive_model_event import ask_for_look
from shared.workflow.record_decision import DecisionRequest, record_decision
from shared.workflow.sweep import sweep

WORKSPACE = ALIAS
REGISTRIES = ("contoso-shared", "contoso-eu")
_POLICIES = Path(__file__).parents[2] / "policies"
_START = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
_REGISTERED = _START - timedelta(hours=2)


class MemoryEstate:
    """Everything outside the use cases. `seed` only names the models, so that jitter differs between seeds."""

    def __init__(self, seed: int) -> None:
        self.clock = memory.SettableClock(_START)
        self.catalog = memory.InMemoryCatalog((WORKSPACE,))
        self.registry = memory.InMemoryRegistry(self.catalog)
        self.histories = memory.InMemoryHistories()
        self.queue = memory.InMemoryQueue(self.clock)
        self._seed = seed
        self._count = 0
        self._people = PeopleFile(_POLICIES / "directory" / "people.yaml")
        self.outside = self._outside()

    def register(self) -> PromotionId:
        """One more version that passes, announced."""
        self._count += 1
        promotion = PromotionId(WORKSPACE, f"fraud-{self._seed}-{self._count}", "1")
        self.catalog.put(promotion, _version(promotion))
        self.catalog.put_run(WORKSPACE, _run(promotion))
        self.catalog.put_job(WORKSPACE, f"train-{promotion.name}", "Completed", "Dana Osei")
        ask_for_look(self.outside, promotion)
        return promotion

    def approve(self, promotion: PromotionId) -> None:
        """The quorum answers."""
        evaluation = self.case(promotion).evaluation
        for id_ in ("amir.approver", "rosa.risk"):
            person = self._people.people().resolve(id_)
            if evaluation is None or person is None:
                raise RuntimeError(f"{promotion} cannot be approved by {id_}: nobody is asked, or nobody is that.")
            record_decision(
                self.outside,
                DecisionRequest(promotion, evaluation.digest, "approve"),
                person=person,
                spelling=id_,
                channel="webhook:chatops",
                operation=f"webhook:chatops:{id_}",
            )

    def work(self) -> None:
        """Handle every message that shows."""
        while (promotion := self.queue.take()) is not None:
            advance(self.outside, promotion)

    def pass_time(self, span: timedelta, step: timedelta) -> None:
        """Let time pass step by step; after each the sweep wakes what is due, and it is handled."""
        end = self.clock.now() + span
        while self.clock.now() < end:
            self.clock.advance(step)
            sweep(self.outside)
            self.work()

    def refuse_token(self) -> None:
        """Nothing of Azure ML can be read or written."""
        self.catalog.unreadable.add(WORKSPACE)
        self.registry.unreadable.update(REGISTRIES)

    def accept_token(self) -> None:
        """Everything works again."""
        self.catalog.unreadable.clear()
        self.registry.unreadable.clear()

    def case(self, promotion: PromotionId) -> Case:
        """As its history says it is now."""
        return fold(promotion, self.histories.load(promotion).rows)

    def _outside(self) -> Outside:
        return Outside(
            histories=self.histories,
            claims=memory.InMemoryClaims(),
            worklist=memory.InMemoryWorklist(self.clock),
            awaited_runs=memory.InMemoryAwaitedRuns(),
            bookmarks=memory.InMemoryBookmarks(),
            read_models=memory.InMemoryReadModels(),
            quarantine=memory.InMemoryQuarantine(),
            replay_ids=memory.InMemoryReplayIds(),
            checkpoints=memory.InMemoryCheckpoints(),
            catalog=self.catalog,
            registry=self.registry,
            queue=self.queue,
            publisher=memory.InMemoryPublisher(),
            directory=self._people,
            policy_source=PolicyFolder(_POLICIES),
            clock=self.clock,
            new_id=memory.CountingIds(),
            waits=Waits(),
            workspaces={WORKSPACE: WorkspaceAddress("00000000-0000-4000-8000-0000000000aa", "rg-risk", "risk-dev")},
            topics={},
            governed_from={WORKSPACE: _REGISTERED - timedelta(days=1)},
            policy_build=1,
            worker="worker-1",
            base_url="http://127.0.0.1:7071",
            version="0",
            telemetry=NoTelemetry(),
            backlog=memory.InMemoryBacklog(),
        )


def _version(promotion: PromotionId) -> ModelVersion:
    return ModelVersion(
        incarnation=Incarnation(f"azureml:/{promotion}", _REGISTERED),
        registrant="Dana Osei",
        tags=tags(evaluation_run=f"evaluate-{promotion.name}"),
        properties={},
        job=f"train-{promotion.name}",
        asset_type="mlflow_model",
        flavors=("sklearn",),
        artifacts=(Artifact("MLmodel", 512, None),),
    )


def _run(promotion: PromotionId) -> Run:
    return Run(
        id=f"evaluate-{promotion.name}",
        status="FINISHED",
        metrics={"auc": "0.94", "fairness_gap": "0.02"},
        submitter="Dana Osei",
        ended_at=_REGISTERED,
        dataset="holdout",
        model=f"{promotion.name}:{promotion.version}",
    )
