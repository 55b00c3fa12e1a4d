"""What Azure tells of a deployment, as values: who asks, where registries are, how events travel, how the app answers."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom the token speaks of that Azure is asked with. `application` tells workloads from people."""

    object_id: str
    tenant: str
    name: str
    application: bool = False


@dataclass(frozen=True, slots=True)
class RegistryPlace:
    """Where a registry is: its resource id, the host that serves it, and whether that host may get our token."""

    id: str
    host: str
    trusted: bool


@dataclass(frozen=True, slots=True)
class SystemTopic:
    """The Event Grid topic of one workspace. `principal` is its own identity's object id, if it has one."""

    id: str
    name: str
    source: str
    principal: str | None


@dataclass(frozen=True, slots=True)
class EventSubscription:
    """One subscription of a system topic.

    `state` is Azure's provisioning state. `account` is the resource id of the storage account and `queue` the queue
    that events go to, None where they go elsewhere. `dead_letters` is the container for those that cannot be delivered.
    `event_types` are those let through, None for all.
    """

    name: str
    state: str
    account: str | None = None
    queue: str | None = None
    dead_letters: str | None = None
    event_types: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Deliveries:
    """What a subscription did in the last `days`, in events. `last` is the hour in which one was delivered last."""

    days: int
    delivered: int = 0
    failed: int = 0
    dead_lettered: int = 0
    dropped: int = 0
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class PortAnswer:
    """What /api/health says of one port."""

    name: str
    ok: bool
    explanation: str


@dataclass(frozen=True, slots=True)
class AppHealth:
    """What /api/health answered: the version and the ports, or the faults of settings that keep it from both."""

    version: str = ""
    ports: tuple[PortAnswer, ...] = ()
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """How a page was answered to somebody who is not signed in: the status, and where it sent them, if it did."""

    status: int
    location: str = ""
