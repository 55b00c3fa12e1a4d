"""What `clearance doctor` and `clearance access-report` look at. Everything is read; nothing is made where it is missing.

Each has one adapter, held to the emulator and to the laptop platform: no use case needs one in memory.
Each method raises `Unreadable` where it got no answer that helps: its code ends as docs/runbook.md tells under *Trouble*
(`forbidden`, `not_found`, `unreachable` and so on), so that these can be told apart.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from shared.domain.azure_facts import (
    AppHealth,
    Caller,
    Deliveries,
    EventSubscription,
    PageAnswer,
    RegistryPlace,
    SystemTopic,
)
from shared.domain.azure_roles import DenyAssignment, RoleAssignment, RoleDefinition
from shared.domain.resource_ids import Resource


class ControlPlane(Protocol):
    """Azure Resource Manager."""

    def caller(self) -> Caller:
        """Whom our token speaks of."""

    def provider_state(self, subscription: str, namespace: str) -> str:
        """How a resource provider is registered, in Azure's words."""

    def read(self, resource: Resource) -> None:
        """Read a workspace."""

    def find(self, subscriptions: Sequence[str], type: str, name: str) -> Resource | None:
        """The resource of a type and a name in any of the subscriptions, as far as we may see it."""

    def component(self, subscriptions: Sequence[str], key: str) -> Resource | None:
        """The Application Insights component that has an instrumentation key, in any of the subscriptions."""

    def system_topic(self, workspace: Resource) -> SystemTopic | None:
        """The system topic whose source a workspace is, anywhere in its subscription."""

    def event_subscriptions(self, topic: SystemTopic) -> tuple[EventSubscription, ...]:
        """All subscriptions of a system topic."""

    def deliveries(self, topic: SystemTopic, subscription: str, until: datetime) -> Deliveries:
        """What a subscription did in the week before an instant."""

    def assignments(self, scope: str, principal: str | None = None) -> tuple[RoleAssignment, ...]:
        """Role assignments: of everybody at, above and below a scope; of a principal and its groups at or above it."""

    def definition(self, role: str, scope: str) -> RoleDefinition:
        """A role by its GUID, as it can be seen at a scope."""

    def denials(self, scope: str) -> tuple[DenyAssignment, ...]:
        """The deny assignments at or above a scope."""


class RegistryDiscovery(Protocol):
    """The service that knows where registries are."""

    @property
    def host(self) -> str:
        """Its host."""

    def locate(self, registry: str) -> RegistryPlace:
        """Where a registry is served."""


class StoreInspection(Protocol):
    """The app's storage account."""

    def table(self, name: str) -> int:
        """Read one row of a table at most; 0."""

    def queue(self, name: str) -> int:
        """About how many messages a queue holds."""

    def container(self, name: str) -> int:
        """Read the properties of a container; 0."""

    def clock(self) -> datetime:
        """What time it is there, to the second, aware."""


class AppInspection(Protocol):
    """The app over HTTP."""

    def health(self) -> AppHealth:
        """What /api/health says; raises `Unreadable` (`app_not_understood`) where it is not ours."""

    def page(self) -> PageAnswer:
        """How the inbox is answered to somebody who has not signed in."""
