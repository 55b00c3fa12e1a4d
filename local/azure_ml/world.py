"""Everything one emulator process holds, and lookups in it."""

import threading
from dataclasses import dataclass, field
from typing import TypeVar

from local.azure_ml.arm_config import Arm
from local.azure_ml.blob_files import BlobFiles
from local.azure_ml.call_log import CallLog
from local.azure_ml.config import Behaviour, EmulatorConfig, Registry, Workspace
from local.azure_ml.errors import WireError, arm_error, registry_access_error
from local.azure_ml.event_feed import EventFeed
from local.azure_ml.faults import Faults
from local.azure_ml.persistence import StateWriter
from local.azure_ml.state import ModelContainer, RegistryState, State, WorkspaceState
from local.azure_ml.tokens import TokenCheck

T = TypeVar("T")
STORED_ORIGIN = "https://emulator.invalid"  # stands for scheme, host and port in kept URIs


@dataclass(slots=True)
class World:
    """The configuration and all moving parts. Route functions run with ``lock`` held."""

    config: EmulatorConfig
    behaviour: Behaviour
    state: State
    origin: str
    sas_secret: bytes
    files: BlobFiles
    tokens: TokenCheck
    faults: Faults
    calls: CallLog
    events: EventFeed
    writer: StateWriter
    arm: Arm
    lock: threading.RLock = field(default_factory=threading.RLock)

    def workspace(self, subscription: str, group: str, name: str) -> Workspace:
        """Find a workspace by its ARM path, ignoring case as ARM does.

        Raises:
            WireError: 404 in the shape of the level that is unknown.
        """
        in_subscription = [w for w in self.config.workspaces if _same(w.subscription_id, subscription)]
        if not in_subscription:
            raise arm_error(404, "SubscriptionNotFound", f"The subscription '{subscription}' could not be found.")
        in_group = [w for w in in_subscription if _same(w.resource_group, group)]
        if not in_group:
            raise arm_error(404, "ResourceGroupNotFound", f"Resource group '{group}' could not be found.")
        return _first([w for w in in_group if _same(w.name, name)], _workspace_not_found(name, group))

    def workspace_named(self, name: str) -> Workspace:
        """Find a workspace by its name alone, for control routes.

        Raises:
            WireError: 404.
        """
        return _first([w for w in self.config.workspaces if _same(w.name, name)], _workspace_not_found(name, "any"))

    def workspace_by_guid(self, guid: str) -> Workspace | None:
        """Find a workspace by the GUID that stands in asset ids."""
        return next((w for w in self.config.workspaces if _same(w.guid, guid)), None)

    def registry(self, name: str, region: str = "westeurope") -> Registry:
        """Find a registry.

        Raises:
            WireError: 403, which is what the service answers for an unknown name too.
        """
        return _first([r for r in self.config.registries if _same(r.name, name)], registry_access_error(name, region))

    def in_workspace(self, workspace: Workspace) -> WorkspaceState:
        """Return what a workspace holds."""
        return self.state.workspaces.setdefault(workspace.name, WorkspaceState())

    def in_registry(self, registry: Registry) -> RegistryState:
        """Return what a registry holds."""
        return self.state.registries.setdefault(registry.name, RegistryState())

    def models(self, owner: Workspace | Registry) -> dict[str, ModelContainer]:
        """Return the models of a workspace or registry, by name."""
        return self.in_workspace(owner).models if isinstance(owner, Workspace) else self.in_registry(owner).models

    def next_sequence(self) -> int:
        """Return a number that orders what was made within one tick of the clock."""
        self.state.sequence += 1
        return self.state.sequence

    def to_wire(self, uri: str) -> str:
        """Put the running port into a kept URI."""
        return uri.replace(STORED_ORIGIN, self.origin, 1)

    def to_stored(self, uri: str) -> str:
        """Take the running port out of a URI that came in."""
        return uri.replace(self.origin, STORED_ORIGIN, 1)


def _same(left: str, right: str) -> bool:
    return left.lower() == right.lower()


def _first(found: list[T], otherwise: WireError) -> T:
    if not found:
        raise otherwise
    return found[0]


def _workspace_not_found(name: str, group: str) -> WireError:
    message = (
        f"The Resource 'Microsoft.MachineLearningServices/workspaces/{name}' under resource group '{group}' was not "
        "found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"
    )
    return arm_error(404, "ResourceNotFound", message)
