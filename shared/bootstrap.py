"""The only place that picks adapters. Nothing heavy is imported before it is used, and everything is built once.

A process that only indexes its functions, or only takes in events, pays for neither pages nor azure-ai-ml.
"""

import logging
import os
import platform
import threading
from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from shared.settings import Settings, StoreSettings, topic_of
from shared.version import __version__
from shared.workflow.outside import Outside

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

    from shared.adapters.azure_ml_settings import AzureMLSettings, Cloud
    from shared.adapters.policy_cases import CaseResult
    from shared.adapters.policy_check import Checked
    from shared.adapters.policy_trial import OpenBound, Untried
    from shared.adapters.round_trips import RoundTrips
    from shared.adapters.storage_account import StorageAccount
    from shared.adapters.table_history import TableHistories as TableHistories  # noqa: PLC0414 - commands name the type through here
    from shared.domain.access_report import Access
    from shared.domain.backtest import Backtest
    from shared.domain.errors import Unreadable
    from shared.ports import Checkpoints, Clock, EventPublisher, Identity, NewId, Telemetry
    from shared.settings.deployment import DeploymentSettings
    from shared.settings.places import CloudPlace
    from shared.workflow.deployment import Deployment
    from shared.workflow.restore_histories import Destination

T = TypeVar("T")
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Scope]]
Send = Callable[[Scope], Awaitable[None]]
WebApp = Callable[[Scope, Receive, Send], Awaitable[None]]

PROMOTIONS_QUEUE = "promotions"
QUEUES = ("model-events", PROMOTIONS_QUEUE, "model-events-poison", f"{PROMOTIONS_QUEUE}-poison")
TABLES = ("history", "worklist", "timeline", "catalog", "quarantine", "webhookids")
CONTAINERS = ("evidence", "checkpoints", "dead-letters")


def build(settings: Settings, round_trips: "RoundTrips | None" = None) -> Outside:
    """The ports of a deployment, on Azure's services or whatever speaks their protocols at the addresses in settings.

    Args:
        settings: what the deployment was told.
        round_trips: counts what the clients of storage, Azure ML and the topic send, where somebody wants to know.
    """
    from shared.adapters.azure_ml_catalog import AzureMLCatalog
    from shared.adapters.azure_ml_registry import AzureMLRegistry
    from shared.adapters.blob_evidence import BlobCheckpoints, BlobEvidence
    from shared.adapters.people_file import PeopleFile
    from shared.adapters.policy_files import PolicyFolder
    from shared.adapters.storage_backlog import StorageBacklog
    from shared.adapters.storage_queue import StorageQueue
    from shared.adapters.system import RandomId, SystemClock
    from shared.adapters.table_awaited_runs import TableAwaitedRuns
    from shared.adapters.table_bookmarks import TableBookmarks
    from shared.adapters.table_claims import TableClaims
    from shared.adapters.table_history import TableHistories
    from shared.adapters.table_quarantine import TableQuarantine
    from shared.adapters.table_read_models import TableReadModels
    from shared.adapters.table_replay_ids import TableReplayIds
    from shared.adapters.table_service import Tables
    from shared.adapters.table_worklist import TableWorklist

    credential = _credential(settings)
    account = storage_account(settings, round_trips, credential)
    tables, blobs, clock, new_id = Tables(account.tables()), account.blobs(), SystemClock(), RandomId()
    evidence, azure_ml = BlobEvidence(blobs), _azure_ml(settings)
    counted = (round_trips.policy("azure_ml"),) if round_trips else ()
    worker = f"{platform.node()}/{os.getpid()}/{new_id()[:8]}"
    return Outside(
        histories=TableHistories(tables, evidence),
        claims=TableClaims(tables),
        worklist=TableWorklist(tables, clock),
        awaited_runs=TableAwaitedRuns(tables),
        bookmarks=TableBookmarks(tables),
        read_models=TableReadModels(tables, clock),
        quarantine=TableQuarantine(tables, evidence),
        replay_ids=TableReplayIds(tables),
        checkpoints=BlobCheckpoints(blobs),
        catalog=AzureMLCatalog(azure_ml, credential, counted),
        registry=AzureMLRegistry(azure_ml, credential, counted),
        queue=StorageQueue(account, PROMOTIONS_QUEUE),
        publisher=_publisher(settings, credential, round_trips),
        directory=PeopleFile(settings.policies / "directory" / "people.yaml"),
        policy_source=PolicyFolder(settings.policies),
        clock=clock,
        new_id=new_id,
        waits=settings.waits,
        workspaces=settings.azure_ml.workspaces,
        topics={topic_of(place): alias for alias, place in settings.azure_ml.workspaces.items()},
        governed_from=settings.governed_from,
        policy_build=settings.policy_build,
        worker=worker,
        base_url=settings.public_url,
        version=__version__,
        telemetry=_telemetry(settings, credential, worker),
        backlog=StorageBacklog(account, QUEUES),
    )


def identity(settings: Settings) -> "Identity":
    """Whose tokens are believed."""
    from shared.adapters.entra_identity import EntraIdentity, Expected
    from shared.adapters.no_sign_in import NoSignIn
    from shared.adapters.signing_keys import SigningKeys

    sign_in = settings.sign_in
    if sign_in.client_id is None:
        return NoSignIn()
    audiences = (sign_in.client_id, f"api://{sign_in.client_id}")
    keys = SigningKeys(sign_in.issuer, sign_in.jwks_uri, sign_in.ca_bundle)
    return EntraIdentity(Expected(sign_in.issuer, audiences, sign_in.tenant_id), keys)


def web_app(settings: Settings, outside: Outside) -> WebApp:
    """The pages and the API, as an ASGI app; imports FastAPI."""
    from shared.web.app import create_app
    from shared.web.site import Sender, WebSettings

    senders = {name: Sender(each.keys, each.people) for name, each in settings.senders.items()}
    path = settings.sign_in.path if settings.sign_in.client_id else None
    web = WebSettings(senders, settings.readers, sign_in_path=path, promotes=settings.promotes)
    return create_app(outside, identity(settings), web)


def read_store(settings: StoreSettings) -> "tuple[TableHistories, Checkpoints]":
    """Histories as they stand in the store, and the checkpoints kept beside them, with no other setting."""
    from shared.adapters.blob_evidence import BlobCheckpoints, BlobEvidence
    from shared.adapters.table_history import TableHistories
    from shared.adapters.table_service import Tables

    account = storage_account(settings, None)
    blobs = account.blobs()
    return TableHistories(Tables(account.tables()), BlobEvidence(blobs)), BlobCheckpoints(blobs)


def destination(settings: StoreSettings, pause: "Callable[[float, Unreadable], None]") -> "Destination":
    """Where an export is brought back to; `pause` lets so many seconds pass, because of that trouble."""
    from shared.adapters.blob_evidence import BlobEvidence
    from shared.adapters.system import SystemClock
    from shared.adapters.table_bookmarks import TableBookmarks
    from shared.adapters.table_claims import TableClaims
    from shared.adapters.table_history import TableHistories
    from shared.adapters.table_service import Tables
    from shared.workflow.restore_histories import Destination

    account = storage_account(settings, None)
    service = account.tables()
    tables = Tables(service)
    return Destination(
        place=service.url,
        histories=TableHistories(tables, BlobEvidence(account.blobs())),
        claims=TableClaims(tables),
        bookmarks=TableBookmarks(tables),
        clock=SystemClock(),
        pause=pause,
    )


def deployment(settings: "DeploymentSettings") -> "Deployment":
    """The ports that checks of a deployment look through, as whoever is signed in or the identity of this machine."""
    from shared.adapters.app_inspection import HttpApp
    from shared.adapters.azure_control_plane import AzureControlPlane
    from shared.adapters.azure_ml_discovery import AzureMLDiscovery
    from shared.adapters.azure_ml_http import AzureMLHttp
    from shared.adapters.control_plane_http import ControlPlaneHttp
    from shared.adapters.people_file import PeopleFile
    from shared.adapters.policy_files import PolicyFolder
    from shared.adapters.storage_inspection import StorageInspection
    from shared.adapters.system import SystemClock
    from shared.workflow.deployment import Deployment

    # What could not be had is told as a finding; the SDK would tell it again, on standard error.
    logging.getLogger("azure.identity").setLevel(logging.ERROR)
    azure_ml, credential, told = _azure_ml(settings), _credential(settings), settings.told
    root, storage = azure_ml.cloud.resource_manager, settings.storage
    store = StoreSettings(storage, settings.identity_client_id, settings.managed) if storage else None
    return Deployment(
        told=told,
        control_plane=AzureControlPlane(ControlPlaneHttp(root, credential, azure_ml.timeout)),
        discovery=AzureMLDiscovery(azure_ml, AzureMLHttp(azure_ml, credential)),
        store=StorageInspection(storage_account(store, None, credential)) if store else None,
        app=HttpApp(told.url, settings.token) if told.url and told.serves else None,
        directory=PeopleFile(settings.policies / "directory" / "people.yaml"),
        policy_source=PolicyFolder(settings.policies),
        clock=SystemClock(),
        version=__version__,
        tables=TABLES,
        queues=QUEUES,
        containers=CONTAINERS,
    )


def read_az_files(assignments: Sequence[Path], definitions: Sequence[Path]) -> "Access":
    """Role assignments and definitions as the Azure CLI printed them; raises `DocumentInvalid` with every fault."""
    from shared.adapters.az_files import read_az_files as read

    return read(assignments, definitions)


def check_policies(folder: Path) -> "Checked":
    """Read a folder of policies, with every fault of its files, and warnings as of today."""
    from shared.adapters.policy_check import check_folder
    from shared.adapters.system import SystemClock

    return check_folder(folder, SystemClock().now().date())


def try_policies(folder: Path) -> "tuple[list[CaseResult], list[Untried], list[OpenBound]]":
    """Run the cases of a folder of policies, and name the gates that they leave untried and the bounds they leave open.

    Raises:
        DocumentInvalid: with every fault of its files.
    """
    from shared.adapters.policy_cases import run_cases
    from shared.adapters.policy_trial import untried

    results = run_cases(folder)
    return results, *untried(folder, results)


def backtest_export(
    folder: Path, lines: Iterable[str], *, since: datetime, until: datetime | None, most: int
) -> "Backtest":
    """Judge the evaluations of an export by the policies of a folder; raises `DocumentInvalid` with every fault."""
    from shared.adapters.recorded_evaluations import backtest, from_export

    return backtest(folder, from_export(lines, since, until), most)


def backtest_rows(folder: Path, rows: Iterable[tuple[str, Any]], *, most: int) -> "Backtest":
    """The same for rows of the API, each with its instant and its data."""
    from shared.adapters.recorded_evaluations import backtest, from_api

    return backtest(folder, (from_api(at, data) for at, data in rows), most)


def clock_and_ids() -> "tuple[Clock, NewId]":
    """The machine's own, for the command line."""
    from shared.adapters.system import RandomId, SystemClock

    return SystemClock(), RandomId()


class Once(Generic[T]):
    """A value made on first use, by one thread, and kept; what making it raises is raised, and tried again next time."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: list[T] = []

    def __call__(self) -> T:
        """The value."""
        if not self._made:
            with self._lock:
                if not self._made:
                    self._made.append(self._make())
        return self._made[0]


settings = Once(Settings.from_environment)
"""This process's settings. Raises `DocumentInvalid` with every fault while they are faulty."""

outside = Once(lambda: build(settings()))
"""This process's ports; raises what `settings` raises."""

site = Once(lambda: web_app(settings(), outside()))
"""This process's web app; raises what `settings` raises."""


def _credential(settings: "Settings | StoreSettings | DeploymentSettings") -> "TokenCredential":
    from shared.adapters.identity import credential

    return credential(managed=settings.managed, client_id=settings.identity_client_id)


def storage_account(
    settings: Settings | StoreSettings,
    round_trips: "RoundTrips | None",
    credential: "TokenCredential | None" = None,
) -> "StorageAccount":
    """The account that settings name, in their cloud; reached with the app's identity where no `credential` is given."""
    from shared.adapters.storage_account import StorageAccount

    told = settings.storage
    if told.connection_string:
        return StorageAccount(connection_string=told.connection_string, round_trips=round_trips)
    by, suffix = credential or _credential(settings), _cloud(told.cloud).storage_suffix
    return StorageAccount(name=told.account_name, credential=by, endpoint_suffix=suffix, round_trips=round_trips)


def _publisher(settings: Settings, credential: "TokenCredential", round_trips: "RoundTrips | None") -> "EventPublisher":
    from shared.adapters.event_grid import EventGridTopic, UnpublishedEvents

    if settings.topic_endpoint is None:
        return UnpublishedEvents()
    return EventGridTopic(settings.topic_endpoint, credential, round_trips)


def _telemetry(settings: Settings, credential: "TokenCredential", worker: str) -> "Telemetry":
    from shared.adapters.no_telemetry import NoTelemetry

    told = settings.telemetry
    if told.connection_string is None:
        return NoTelemetry()
    from shared.adapters.azure_monitor import to_azure_monitor

    return to_azure_monitor(told.connection_string, credential, role=told.role, instance=worker, version=__version__)


def _azure_ml(settings: "Settings | DeploymentSettings") -> "AzureMLSettings":
    from shared.adapters.azure_ml_settings import AzureMLSettings, WorkspacePlace

    places = settings.azure_ml
    return AzureMLSettings(
        workspaces={
            alias: WorkspacePlace(
                each.subscription, each.resource_group, each.workspace, places.tracking_hosts.get(alias)
            )
            for alias, each in places.workspaces.items()
        },
        registries=places.registries,
        cloud=_cloud(places.cloud),
        trusted_hosts=places.trusted_hosts,
        artifact_hosts=places.artifact_hosts,
        timeout=places.timeout,
    )


def _cloud(place: "CloudPlace | None") -> "Cloud":
    from shared.adapters.azure_ml_settings import PUBLIC_CLOUD, Cloud

    return Cloud.from_metadata(place.name, place.metadata) if place else PUBLIC_CLOUD
