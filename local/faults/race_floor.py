"""Where threads race: the app's own table adapters on Azurite, Azure ML in memory, and people who answer at once."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from local.faults.simulator.estate import WORKSPACES, everyone
from shared.adapters import memory
from shared.adapters.no_telemetry import NoTelemetry
from shared.adapters.storage_account import StorageAccount
from shared.adapters.system import RandomId, SystemClock
from shared.adapters.table_awaited_runs import TableAwaitedRuns
from shared.adapters.table_bookmarks import TableBookmarks
from shared.adapters.table_claims import TableClaims
from shared.adapters.table_history import TableHistories
from shared.adapters.table_read_models import TableReadModels
from shared.adapters.table_service import Tables
from shared.adapters.table_worklist import TableWorklist
from shared.domain.errors import CommandRefused, PortError
from shared.domain.events import Recorded, Verdict
from shared.domain.evidence import Artifact, ModelVersion
from shared.domain.fold import fold
from shared.domain.ids import Incarnation, PromotionId
from shared.domain.mending import WorkspaceAddress
from shared.domain.people import People
from shared.domain.policy import ApprovalRule, Policy, TargetRule
from shared.domain.states import Case
from shared.domain.waits import Waits
from shared.workflow.advance import advance
from shared.workflow.outside import Outside
from shared.workflow.receive_model_event import ask_for_look
from shared.workflow.record_decision import DecisionRequest, record_decision

REGISTRY = "reg-a"
_TRIES = 20  # of a sender who is told to try again
_ADDRESS = WorkspaceAddress("00000000-0000-4000-8000-0000000000aa", "rg", "ws")


@dataclass(frozen=True, slots=True)
class Told:
    """What a sender was told in the end. `refused` is the code of the rule, None where the answer was taken."""

    person: str
    operation: str
    refused: str | None


class Floor:
    """One deployment in tables of its own, raced on again and again with fresh versions.

    Args:
        connection_string: of an Azurite, whose tables are the only real part.
        seed: who begins a race, and by how much.
    """

    def __init__(self, connection_string: str, seed: int = 0) -> None:
        self._chance = Random(seed)
        tables = Tables(StorageAccount(connection_string).tables(), f"race{RandomId()()[:8]}")
        self.clock = SystemClock()
        self.catalog = memory.InMemoryCatalog(WORKSPACES)
        self.registry = memory.InMemoryRegistry(self.catalog)
        self.directory = memory.InMemoryDirectory(everyone())
        self.histories = TableHistories(tables, memory.InMemoryEvidence())
        self.claims = TableClaims(tables)
        self._policies = memory.InMemoryPolicySource()
        self._versions = 0
        self.outside = self._outside(tables)

    def asked(self, quorum: int) -> PromotionId:
        """A fresh version that people are asked about."""
        promotion = self.registered(quorum)[0]
        advance(self.outside, promotion)
        return promotion

    def registered(self, quorum: int) -> tuple[PromotionId, ...]:
        """Versions of one number in both workspaces, which want the same place; announced, not yet looked at."""
        self._policies.loaded = tuple(_policy(workspace, quorum) for workspace in WORKSPACES)
        self._versions += 1
        promotions = tuple(PromotionId(workspace, "m", str(self._versions)) for workspace in WORKSPACES)
        for promotion in promotions:
            self.catalog.put(promotion, _version(promotion, self.clock.now()))
            ask_for_look(self.outside, promotion)
        return promotions

    def worker(self, number: int) -> Outside:
        """The same deployment as another instance sees it."""
        return replace(self.outside, worker=f"worker-{number}")

    def answer(self, promotion: PromotionId, person: str, verdict: Verdict, operation: str, channel: str) -> Told:
        """One person's answer on the evaluation that stands, sent again until its sender knows."""
        evaluation = self.case(promotion).evaluation
        request = DecisionRequest(promotion, evaluation.digest if evaluation else "", verdict)
        for _ in range(_TRIES):
            known = self.directory.people().resolve(person)
            if known is None:
                break
            try:
                record_decision(
                    self.outside, request, person=known, spelling=person, channel=channel, operation=operation
                )
            except CommandRefused as refusal:
                return Told(person, operation, refusal.code)
            except PortError:
                continue
            return Told(person, operation, None)
        raise RuntimeError(f"{person} never learned what became of {operation}.")

    def case(self, promotion: PromotionId) -> Case:
        """As its history says it is now."""
        return fold(promotion, self.rows(promotion))

    def rows(self, promotion: PromotionId) -> tuple[Recorded, ...]:
        """Its history."""
        return self.histories.load(promotion).rows

    def leave(self, person: str) -> None:
        """Somebody leaves all groups."""
        people = self.directory.everyone.everyone
        left = tuple(replace(each, groups=()) if each.id == person else each for each in people)
        self.directory.everyone = People(left, "e" * 64)

    def everybody_is_back(self) -> None:
        """All groups as they were."""
        self.directory.everyone = everyone()

    def at_once(self, calls: Sequence[Callable[[], Any]]) -> list[Any]:
        """Make all calls within milliseconds, each on its own thread; what they returned, in their order.

        Raises:
            RuntimeError: a call raised, or did not end within a minute.
        """
        barrier, answers, raised = threading.Barrier(len(calls)), [None] * len(calls), []
        stagger = [self._chance.choice((0.0, 0.0, 0.001, 0.005)) for _ in calls]

        def make(number: int) -> None:
            barrier.wait(60)
            time.sleep(stagger[number])
            try:
                answers[number] = calls[number]()
            except Exception as error:  # noqa: BLE001 - told to whoever waits, below
                raised.append(error)

        threads = [threading.Thread(target=make, args=(number,), daemon=True) for number in range(len(calls))]
        for thread in self._chance.sample(threads, len(threads)):
            thread.start()
        for thread in threads:
            thread.join(60)
        if raised or any(thread.is_alive() for thread in threads):
            raise RuntimeError(f"A call of a race broke or hung: {raised}") from (raised[0] if raised else None)
        return answers

    def _outside(self, tables: Tables) -> Outside:
        return Outside(
            histories=self.histories,
            claims=self.claims,
            worklist=TableWorklist(tables, self.clock),
            awaited_runs=TableAwaitedRuns(tables),
            bookmarks=TableBookmarks(tables),
            read_models=TableReadModels(tables, self.clock),
            quarantine=memory.InMemoryQuarantine(),
            replay_ids=memory.InMemoryReplayIds(),
            checkpoints=memory.InMemoryCheckpoints(),
            catalog=self.catalog,
            registry=self.registry,
            queue=memory.InMemoryQueue(self.clock),
            publisher=memory.InMemoryPublisher(),
            directory=self.directory,
            policy_source=self._policies,
            clock=self.clock,
            new_id=RandomId(),
            waits=Waits(),
            workspaces=dict.fromkeys(WORKSPACES, _ADDRESS),
            topics={},
            governed_from=dict.fromkeys(WORKSPACES, datetime(2020, 1, 1, tzinfo=UTC)),
            policy_build=1,
            worker="worker-0",
            base_url="http://127.0.0.1:7071",
            version="0",
            telemetry=NoTelemetry(),
            backlog=memory.InMemoryBacklog(),
        )


def _policy(workspace: str, quorum: int) -> Policy:
    approval = ApprovalRule(
        quorum=quorum,
        rejections=1,
        groups=("approvers", "risk"),
        required_groups=(),
        exclude=("registrant",),
        expires_after=timedelta(days=7),
    )
    return Policy(
        name=f"policy-{workspace}",
        workspaces=(workspace,),
        models=("m",),
        opt_in_tag=None,
        owner="owner@contoso.com",
        grace=timedelta(minutes=20),
        release_record=(),
        tags={},
        job_required=False,
        job_status=None,
        evidence=None,
        approval=approval,
        targets=(TargetRule(REGISTRY),),
        mode="enforce",
    )


def _version(promotion: PromotionId, created_at: datetime) -> ModelVersion:
    return ModelVersion(
        incarnation=Incarnation(f"azureml:/{promotion}", created_at),
        registrant="dana",
        tags={},
        properties={},
        job=None,
        asset_type="custom_model",
        flavors=(),
        artifacts=(Artifact("model.pkl", 100, None),),
    )
