"""Which workspaces and registries there are, in which cloud, and which hosts may be spoken to."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from shared.domain.errors import Unreadable

RESOURCE_PROVIDER = "providers/Microsoft.MachineLearningServices"


@dataclass(frozen=True, slots=True)
class WorkspacePlace:
    """Where a workspace is. `tracking_host` is the host of its MLflow endpoint, read from the workspace if None."""

    subscription_id: str
    resource_group: str
    name: str
    tracking_host: str | None = None

    @property
    def arm_id(self) -> str:
        """The ARM resource id, beginning with a slash."""
        group = f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}"
        return f"{group}/{RESOURCE_PROVIDER}/workspaces/{self.name}"


@dataclass(frozen=True, slots=True)
class Cloud:
    """The endpoints of one cloud. `name` must be used for one set of endpoints in a process: azure-ai-ml keeps the first.

    URLs end without a slash; `storage_suffix` is what follows `.blob.` in the host of a storage account.
    """

    name: str
    resource_manager: str
    discovery: str
    aml_resource_id: str
    storage_suffix: str
    active_directory: str
    portal: str

    @classmethod
    def from_metadata(cls, name: str, metadata: Mapping[str, str]) -> "Cloud":
        """Read azure-ai-ml's `cloud_metadata`: six keys, each required.

        Raises:
            KeyError: a key is missing; it is the argument.
        """
        urls = {key: metadata[key].rstrip("/") for key in _KEYS.values()}
        return cls(name, **{own: urls[key] for own, key in _KEYS.items()})

    @property
    def metadata(self) -> dict[str, str]:
        """azure-ai-ml's `cloud_metadata`; the two that paths are appended to end with a slash."""
        slashed = {"resource_manager", "discovery"}
        return {key: getattr(self, own) + ("/" if own in slashed else "") for own, key in _KEYS.items()}


_KEYS = {
    "resource_manager": "resource_manager",
    "discovery": "registry_discovery_endpoint",
    "aml_resource_id": "aml_resource_id",
    "storage_suffix": "storage_endpoint",
    "active_directory": "active_directory",
    "portal": "azure_portal",
}

# azure-ai-ml 1.35.2, _azure_environments.py; the discovery host of the public cloud is eastus for everybody.
PUBLIC_CLOUD = Cloud(
    "AzureCloud",
    "https://management.azure.com",
    "https://eastus.api.azureml.ms",
    "https://ml.azure.com",
    "core.windows.net",
    "https://login.microsoftonline.com",
    "https://portal.azure.com",
)


@dataclass(frozen=True, slots=True)
class AzureMLSettings:
    """Everything the adapters to Azure ML need to know.

    Attributes:
        workspaces: alias to place.
        registries: the names that may be read and written; any other is refused.
        cloud: the public cloud if not given.
        trusted_hosts: hosts besides the cloud's own that may get our token: `host`, `host:port`, or `.suffix`.
        artifact_hosts: hosts whose blobs are listed with the SAS that Azure ML hands out, in the same forms; empty
            where files are not to be listed, which also spares the app the right to ask for a SAS.
        timeout: seconds to wait for one answer.
    """

    workspaces: Mapping[str, WorkspacePlace]
    registries: tuple[str, ...] = ()
    cloud: Cloud = PUBLIC_CLOUD
    trusted_hosts: tuple[str, ...] = (".api.azureml.ms",)
    artifact_hosts: tuple[str, ...] = (".blob.core.windows.net",)
    timeout: float = 30.0

    @property
    def token_hosts(self) -> tuple[str, ...]:
        """Every host that may get our token."""
        own = (urlsplit(url).netloc for url in (self.cloud.resource_manager, self.cloud.discovery))
        tracking = (place.tracking_host for place in self.workspaces.values() if place.tracking_host)
        return (*own, *tracking, *self.trusted_hosts)

    def workspace(self, alias: str) -> WorkspacePlace:
        """The place behind an alias.

        Raises:
            Unreadable: nobody configured it (yet).
        """
        if alias not in self.workspaces:
            known = ", ".join(sorted(self.workspaces)) or "none"
            raise Unreadable("workspace_not_configured", f"No workspace {alias!r} is configured; known are {known}.")
        return self.workspaces[alias]

    def checked_registry(self, name: str) -> str:
        """The name, if the registry is configured.

        Raises:
            Unreadable: nobody configured it (yet).
        """
        if name not in self.registries:
            known = ", ".join(self.registries) or "none"
            raise Unreadable("registry_not_configured", f"No registry {name!r} is configured; known are {known}.")
        return name


def is_allowed(url: str, hosts: tuple[str, ...]) -> bool:
    """Whether `url` is https, without a user, on one of `hosts` (`host`, `host:port` or `.suffix`)."""
    try:
        parts = urlsplit(url)
    except ValueError:  # no URL at all
        return False
    host = parts.netloc.casefold().removesuffix(":443")
    if parts.scheme != "https" or not host or "@" in host:
        return False
    return any(host == known.casefold() or (known[:1] == "." and host.endswith(known.casefold())) for known in hosts)
