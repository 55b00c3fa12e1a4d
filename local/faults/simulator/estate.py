"""What a seed is about: policies, people, versions, and the instances that run the use cases on ports in memory."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any, cast

from local.faults.simulator.network import Network, Weather, Wire
from local.faults.simulator.scheduler import START, Scheduler
from local.faults.simulator.service import ImportService
from shared import ports
from shared.adapters import memory
from shared.adapters.no_telemetry import NoTelemetry
from shared.domain.change_window import WEEK, ChangeWindow
from shared.domain.evidence import Artifact, ModelVersion, Run
from shared.domain.ids import Incarnation, PromotionId
from shared.domain.mending import WorkspaceAddress
from shared.domain.people import People, Person
from shared.domain.policy import ApprovalRule, EvidenceRule, MetricRule, Policy, TagRule, TargetRule
from shared.domain.waits import Waits
from shared.workflow.outside import Outside

WORKSPACES = ("ws-a", "ws-b")
WAITS = Waits(relook_for=timedelta(minutes=20), relook_slow_for=timedelta(hours=3))


@dataclass(frozen=True, slots=True)
class Parts:
    """What an estate is built of; a check of the checks puts a broken part in its place."""

    histories: Callable[[], memory.InMemoryHistories] = memory.InMemoryHistories
    claims: Callable[[], memory.InMemoryClaims] = memory.InMemoryClaims
    worklist: Callable[[ports.Clock], memory.InMemoryWorklist] = memory.InMemoryWorklist
    registry: Callable[[memory.InMemoryCatalog], memory.InMemoryRegistry] = memory.InMemoryRegistry
    publisher: Callable[[], memory.InMemoryPublisher] = memory.InMemoryPublisher
    read_models: Callable[[], memory.InMemoryReadModels] = memory.InMemoryReadModels
    waits: Waits = WAITS
    weather: Weather | None = None
    trouble: float | None = None
    wrapped: Callable[[str, Any], Any] = lambda _, port: port


@dataclass(slots=True)
class SkewedClock:
    """The port `Clock` of one instance: the virtual time, and how far this machine's clock is off, since when."""

    scheduler: Scheduler
    skew: timedelta = timedelta(0)
    jumped_at: datetime = datetime(1, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        """The virtual time as this machine shows it."""
        return self.scheduler.now + self.skew

    def jump(self, skew: timedelta) -> None:
        """Be off by `skew` from now on."""
        self.skew, self.jumped_at = skew, self.scheduler.now


@dataclass(slots=True)
class Instance:
    """One deployed copy of the app, with its policies and their build."""

    outside: Outside
    clock: SkewedClock

    @property
    def build(self) -> int:
        """Its `POLICY_BUILD`."""
        return self.outside.policy_build


@dataclass(slots=True)
class Estate:
    """The stores and services that all instances share."""

    scheduler: Scheduler
    network: Network
    rng: Random
    parts: Parts
    base: Outside
    histories: memory.InMemoryHistories
    claims: memory.InMemoryClaims
    worklist: memory.InMemoryWorklist
    queue: memory.InMemoryQueue
    catalog: memory.InMemoryCatalog
    registry: memory.InMemoryRegistry
    service: ImportService
    publisher: memory.InMemoryPublisher
    read_models: memory.InMemoryReadModels
    directory: memory.InMemoryDirectory
    checkpoints: memory.InMemoryCheckpoints
    policies: memory.InMemoryPolicySource
    instances: list[Instance] = field(default_factory=list)

    @property
    def newest(self) -> Instance:
        """The instance with the newest policies."""
        return self.instances[-1]

    def deploy(self, policies: tuple[Policy, ...]) -> Instance:
        """One more instance, with a greater build; the ones before it go on until the seed calms down."""
        build, clock = len(self.instances) + 1, SkewedClock(self.scheduler)
        self.policies.loaded = policies
        wired = {name: Wire(self.network, name, self.parts.wrapped(name, getattr(self.base, name))) for name in _WIRED}
        outside = replace(
            self.base,
            **cast("dict[str, Any]", wired),
            policy_source=memory.InMemoryPolicySource(policies),
            clock=clock,
            policy_build=build,
            worker=f"worker-{build}",
            call_apart=self.scheduler.call_apart,
        )
        self.instances.append(Instance(outside, clock))
        return self.instances[-1]


_WIRED = (
    "histories",
    "claims",
    "worklist",
    "awaited_runs",
    "bookmarks",
    "read_models",
    "quarantine",
    "checkpoints",
    "catalog",
    "registry",
    "queue",
    "publisher",
)


def build_estate(scheduler: Scheduler, network: Network, rng: Random, parts: Parts) -> Estate:
    """Stores and services, empty, with one instance."""
    clock = SkewedClock(scheduler)
    catalog = memory.InMemoryCatalog(WORKSPACES)
    registry = parts.registry(catalog)
    service = ImportService(registry, scheduler, rng)
    histories, claims, worklist = parts.histories(), parts.claims(), parts.worklist(clock)
    queue, publisher, read_models = memory.InMemoryQueue(clock), parts.publisher(), parts.read_models()
    directory, checkpoints = memory.InMemoryDirectory(everyone()), memory.InMemoryCheckpoints()
    policies = memory.InMemoryPolicySource()
    address = WorkspaceAddress("00000000-0000-4000-8000-0000000000aa", "rg", "ws")
    base = Outside(
        histories=histories,
        claims=claims,
        worklist=worklist,
        awaited_runs=memory.InMemoryAwaitedRuns(),
        bookmarks=memory.InMemoryBookmarks(),
        read_models=read_models,
        quarantine=memory.InMemoryQuarantine(),
        replay_ids=memory.InMemoryReplayIds(),
        checkpoints=checkpoints,
        catalog=catalog,
        registry=service,
        queue=queue,
        publisher=publisher,
        directory=directory,
        policy_source=policies,
        clock=clock,
        new_id=memory.CountingIds(),
        waits=parts.waits,
        workspaces=dict.fromkeys(WORKSPACES, address),
        topics={},
        governed_from=dict.fromkeys(WORKSPACES, START - timedelta(days=1)),
        policy_build=0,
        worker="nobody",
        base_url="https://clearance.contoso.com",
        version="0.0.0",
        telemetry=NoTelemetry(),
        backlog=memory.InMemoryBacklog(),
    )
    estate = Estate(
        scheduler, network, rng, parts, base, histories, claims, worklist, queue, catalog, registry, service, publisher,
        read_models, directory, checkpoints, policies,
    )  # fmt: skip
    estate.deploy(random_policies(rng))
    return estate


OPENS, CLOSES = time(12, 10), time(12)
"""The change window of some policies: every day but for ten minutes, the first ones of a seed."""


def random_policies(rng: Random) -> tuple[Policy, ...]:
    """One policy for each workspace; now and then both fill the same places."""
    shared = rng.random() < 0.5
    return tuple(_policy(rng, workspace, "{name}" if shared else "{workspace}-{name}") for workspace in WORKSPACES)


def _policy(rng: Random, workspace: str, name: str) -> Policy:
    quorum = rng.choice((1, 1, 2))
    approval = ApprovalRule(
        quorum=quorum,
        rejections=rng.choice((1, 1, 1, 2)),
        groups=("approvers", "risk"),
        required_groups=("risk",) if rng.random() < 0.3 else (),
        exclude=("registrant", "run_submitter"),
        expires_after=rng.choice((timedelta(hours=2), timedelta(days=7))),
    )
    worse = Decimal("0.01") if rng.random() < 0.4 else None
    evidence = EvidenceRule("run", False, None, False, {"auc": MetricRule(Decimal("0.9"), None, worse)})
    registries = ("reg-a", "reg-b")[: rng.choice((1, 1, 2))]
    return Policy(
        name=f"policy-{workspace}",
        workspaces=(workspace,),
        models=("m*",),
        opt_in_tag=None,
        owner="owner@contoso.com",
        grace=timedelta(minutes=20),
        release_record=(),
        tags={"stage": TagRule(one_of=("ready",))},
        job_required=False,
        job_status=None,
        evidence=evidence,
        approval=approval,
        targets=tuple(TargetRule(registry, name) for registry in registries),
        mode="enforce",
        # Follows from the groups: a draw of its own would change what every kept seed draws after it.
        change_window=ChangeWindow("UTC", WEEK, OPENS, CLOSES) if approval.required_groups else None,
    )


def everyone() -> People:
    """Registrants and submitters are approvers too, so that leaving them out matters."""
    groups = {
        "dana": ("approvers",), "sam": ("approvers", "risk"), "amir": ("approvers",), "ben": ("approvers",),
        "rosa": ("risk",), "olu": ("operators",),
    }  # fmt: skip
    return People(tuple(Person(id_, id_.title(), None, None, (id_,), each) for id_, each in groups.items()), "d" * 64)


def a_version(promotion: PromotionId, created_at: datetime, rng: Random) -> ModelVersion:
    """A version as it is registered: most are ready."""
    tags = {"stage": "ready" if rng.random() < 0.92 else "draft", "run": f"run-{promotion.name}-{promotion.version}"}
    return ModelVersion(
        incarnation=Incarnation(f"azureml:/{promotion.workspace}/{promotion.name}/{promotion.version}", created_at),
        registrant=rng.choice(("dana", "amir")),
        tags=tags,
        properties={},
        job=None,
        asset_type="custom_model",
        flavors=(),
        artifacts=(Artifact("model.pkl", rng.choice((100, 101)), None),),
    )


def a_run(promotion: PromotionId, rng: Random) -> Run:
    """The run that proves it."""
    auc = rng.choice(("0.95", "0.95", "0.96", "0.97", "0.93", "0.5"))
    id_ = f"run-{promotion.name}-{promotion.version}"
    return Run(id_, "FINISHED", {"auc": auc}, "sam", START, None, f"{promotion.name}:{promotion.version}")
