"""What settings say, as values: workspaces, senders, storage, sign-in, cloud."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.domain.mending import WorkspaceAddress


def topic_of(workspace: WorkspaceAddress) -> str:
    """A workspace's ARM resource id as the topics of events are compared with it: lower case."""
    group = f"/subscriptions/{workspace.subscription}/resourcegroups/{workspace.resource_group}"
    return f"{group}/providers/microsoft.machinelearningservices/workspaces/{workspace.workspace}".casefold()


@dataclass(frozen=True, slots=True)
class Sender:
    """A sender of webhooks: its live keys, and the ids of the people it may speak for."""

    keys: tuple[bytes, ...] = field(repr=False)
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Storage:
    """The storage account: a connection string, or a name reached with the app's identity in the cloud that it is in."""

    connection_string: str | None = field(default=None, repr=False)
    account_name: str | None = None
    cloud: "CloudPlace | None" = None


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Where traces and measures go, None for nowhere, and the name they are shown under."""

    connection_string: str | None = field(repr=False)
    role: str


@dataclass(frozen=True, slots=True)
class SignIn:
    """Whose tokens prove a person. `client_id` None means that nobody can sign in; `path` is where a browser does."""

    tenant_id: str
    client_id: str | None
    issuer: str
    jwks_uri: str | None
    path: str
    ca_bundle: str | None


@dataclass(frozen=True, slots=True)
class CloudPlace:
    """A cloud other than the public one, as azure-ai-ml takes it: `cloud` and `cloud_metadata`."""

    name: str
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AzureMLPlaces:
    """Where Azure ML is. `tracking_hosts` maps an alias to the host of its MLflow endpoint, where it is known."""

    workspaces: Mapping[str, WorkspaceAddress]
    registries: tuple[str, ...]
    cloud: CloudPlace | None
    tracking_hosts: Mapping[str, str]
    trusted_hosts: tuple[str, ...]
    artifact_hosts: tuple[str, ...]
    timeout: float  # seconds
