"""What the checks of a deployment are handed: what it was told, and ports that only look."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared import ports
from shared.domain.needed_actions import Part
from shared.domain.resource_ids import Resource
from shared.ports.deployment import AppInspection, ControlPlane, RegistryDiscovery, StoreInspection


@dataclass(frozen=True, slots=True)
class Told:
    """What the app was told, as far as it could be read; None and nothing stand for what could not.

    Attributes:
        faults: of its settings, each beginning with the name of one.
        references: settings that refer to Key Vault, each with the name of the vault, empty where it is not told.
        workspaces: by alias.
        registries: by name.
        reads_files: whether it lists files of models and runs.
        part: which part of the deployment it is, by what it does not do.
        account: name of its storage account; `by_key` is whether it is reached by a key, which needs no role.
        host_account: name of the storage account that the Functions host keeps its blobs in, where settings name one.
        topic: name of the custom topic that takes its events.
        instrumentation_key: of the Application Insights component that takes its telemetry.
        url: of its pages, without a slash at the end; `serves` is whether it serves any.
        in_azure: whether that is elsewhere than on this machine.
        tenant: of the people who sign in, by the app registration `client_id`.
        policy_build: number of the loaded policy.
        policies: the folder that policies and people were read from.
        senders: of webhooks, each with the ids of the people it speaks for.
    """

    faults: tuple[str, ...] = ()
    references: Mapping[str, str] = field(default_factory=dict)
    workspaces: Mapping[str, Resource] = field(default_factory=dict)
    registries: tuple[str, ...] = ()
    reads_files: bool = True
    part: Part = "whole"
    account: str | None = None
    by_key: bool = False
    host_account: str | None = None
    topic: str | None = None
    instrumentation_key: str | None = None
    url: str | None = None
    serves: bool = True
    in_azure: bool = True
    tenant: str | None = None
    client_id: str | None = None
    policy_build: int | None = None
    policies: str = ""
    senders: Mapping[str, tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment to be looked at. `store` and `app` are None where settings do not say where they are.

    `tables`, `queues` and `containers` are the names of what the app uses in its storage account.
    """

    told: Told
    control_plane: ControlPlane
    discovery: RegistryDiscovery
    store: StoreInspection | None
    app: AppInspection | None
    directory: ports.Directory
    policy_source: ports.PolicySource
    clock: ports.Clock
    version: str
    tables: tuple[str, ...]
    queues: tuple[str, ...]
    containers: tuple[str, ...]
