"""Where a registry is served: one call to the cloud's discovery host."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from shared.adapters.azure_ml_http import AzureMLHttp, json_object, not_understood, refusal
from shared.adapters.azure_ml_settings import RESOURCE_PROVIDER, AzureMLSettings, is_allowed
from shared.domain.azure_facts import RegistryPlace
from shared.domain.errors import InvalidId
from shared.domain.resource_ids import Resource


@dataclass(frozen=True, slots=True)
class Discovered:
    """A registry as discovery knows it: the root URL of its primary region, and its resource id."""

    root: str
    id: str

    @property
    def front_end(self) -> str:
        """The URL that its routes are appended to."""
        return f"{self.root.rstrip('/')}/mferp/managementfrontend{self.id}"


def discover(http: AzureMLHttp, settings: AzureMLSettings, name: str) -> Discovered:
    """Look a registry up.

    Raises:
        Unreadable: it is not known, closed to us (both are 403), or discovery cannot be asked now.
    """
    what = f"Looking up registry {name}"
    url = f"{settings.cloud.discovery}/registrymanagement/v1.0/registries/{name}/discovery"
    response = http.get(what, url, {}, scope="ml")
    if response.status_code != 200:
        raise refusal(what, response)
    return _discovered(what, name, json_object(what, response))


class AzureMLDiscovery:
    """The port RegistryDiscovery. Safe to share between threads."""

    def __init__(self, settings: AzureMLSettings, http: AzureMLHttp) -> None:
        self._settings = settings
        self._http = http

    @property
    def host(self) -> str:
        """The discovery host."""
        return urlsplit(self._settings.cloud.discovery).netloc

    def locate(self, registry: str) -> RegistryPlace:
        """Where a registry is served; one call."""
        found = discover(self._http, self._settings, registry)
        trusted = is_allowed(found.root, self._settings.token_hosts)
        return RegistryPlace(found.id, urlsplit(found.root).netloc, trusted)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


def _discovered(what: str, name: str, found: dict[str, Any]) -> Discovered:
    wanted = ("primaryRegionResourceProviderUri", "subscriptionId", "resourceGroup")
    root, subscription, group = (str(found.get(key) or "") for key in wanted)
    if not (root and subscription and group):
        raise not_understood(what, f"the answer lacks one of {', '.join(wanted)}")
    owner = f"/subscriptions/{subscription}/resourceGroups/{group}"
    try:
        found_at = Resource.parse(f"{owner}/{RESOURCE_PROVIDER}/registries/{name}")
    except InvalidId as error:
        raise not_understood(what, "its answer names no such resource") from error
    return Discovered(root, found_at.id)
