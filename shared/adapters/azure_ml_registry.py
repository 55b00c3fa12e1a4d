"""The port Registry on Azure ML registries; docs/azure-ml-calls.md counts what each method costs.

The import is azure-ai-ml's. Reading and marking send the requests that azure-ai-ml 1.35.2 sends, one by
one: its own update of tags takes six calls, restores an archived version and may end in an upload.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from azure.core.credentials import TokenCredential
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.core.rest import HttpRequest, HttpResponse

from shared.adapters.azure_ml import AzureMLModels
from shared.adapters.azure_ml_artifacts import AzureMLArtifacts
from shared.adapters.azure_ml_catalog import each_answers
from shared.adapters.azure_ml_discovery import discover
from shared.adapters.azure_ml_http import AzureMLHttp, error_words, json_object, refusal, understood
from shared.adapters.azure_ml_settings import AzureMLSettings
from shared.domain.errors import Refused, Unreadable
from shared.domain.evidence import RegistryVersion
from shared.domain.ids import PromotionId, Target
from shared.domain.provenance import is_mark
from shared.domain.well_formed import well_formed

_API = {"api-version": "2021-10-01-dataplanepreview"}
_READ_ONLY = frozenset({"provisioningState"})


class AzureMLRegistry:
    """Registry. Safe to share between threads.

    Args:
        settings: workspaces, registries and hosts.
        credential: for tokens of the management and the ML audience.
        policies: azure-core policies that see every attempt.
    """

    def __init__(
        self,
        settings: AzureMLSettings,
        credential: TokenCredential,
        policies: Sequence[SansIOHTTPPolicy[Any, Any]] = (),
    ) -> None:
        self._settings = settings
        self._http = AzureMLHttp(settings, credential, policies)
        self._models = AzureMLModels(settings, credential, policies)
        self._artifacts = AzureMLArtifacts(settings, self._http, policies)
        self._front_ends: dict[str, str] = {}

    def read(self, target: Target) -> RegistryVersion | None:
        """Read a registry's version; None where the registry answers that there is none.

        Raises:
            Unreadable: it, or its files where settings allow listing them, cannot be read now.
        """
        found = self._get(target)
        if found is None:
            return None
        with understood(f"Reading {target}"):
            return well_formed(self._version(target, found))

    def share(self, promotion: PromotionId, target: Target) -> None:
        """Import the version; blocks until the service says it ended, so call it on a thread of its own.

        Raises:
            Refused: the service refused for good, for example because name and version are taken.
            Unreadable: whether it went through is not known.
        """
        self._settings.checked_registry(target.registry)
        self._models.share(promotion, target)

    def mark(self, target: Target, marker: Mapping[str, str]) -> None:
        """Write provenance tags, in place of any under their prefix; the others stay. One read, no write where they stand.

        The service offers no condition on writes: a tag that somebody else writes between the read and the write is lost.

        Raises:
            Refused: the service does not take tags for this version, or has no such version.
            Unreadable: whether the tags stand is not known.
        """
        what = f"Marking {target}"
        found = self._get(target)
        if found is None:
            raise Refused("azure_ml_refused", f"{what}: the registry has no such version.")
        with understood(what):
            if not _tagged(found, marker):
                self._put(what, target, found, marker)

    def ping(self) -> None:
        """Ask for every configured registry's address, one call each; raises one error that names all that failed."""
        each_answers(self._settings.registries, lambda name: discover(self._http, self._settings, name))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _get(self, target: Target) -> dict[str, Any] | None:
        what = f"Reading {target}"
        response = self._answer(what, target, HttpRequest("GET", self._url(target, "models"), params=_API))
        # The front end says why in JSON; a 404 without a word came from something before it.
        if response.status_code == 404 and error_words(response):
            return None
        if response.status_code != 200:
            raise refusal(what, response)
        return json_object(what, response)

    def _put(self, what: str, target: Target, found: dict[str, Any], tags: Mapping[str, str]) -> None:
        kept = {key: value for key, value in _properties(found).items() if value is not None and key not in _READ_ONLY}
        theirs = {key: value for key, value in (kept.get("tags") or {}).items() if not is_mark(key)}
        body = {"properties": {**kept, "tags": {**theirs, **tags}}}
        request = HttpRequest("PUT", self._url(target, "models"), params=_API, json=body)
        response = self._answer(what, target, request)
        if response.status_code not in {200, 201, 202}:
            raise refusal(what, response, may_refuse=True)
        if response.status_code == 202 and not _tagged(self._get(target) or {}, tags):
            raise Unreadable("azure_ml_mark_pending", f"{what}: the tags were accepted, but do not stand yet.")

    def _answer(self, what: str, target: Target, request: HttpRequest) -> HttpResponse:
        try:
            return self._http.send(what, request)
        except Unreadable:
            self._front_ends.pop(target.registry, None)  # it may have moved: ask again next time
            raise

    def _version(self, target: Target, found: dict[str, Any]) -> RegistryVersion:
        properties, tags = _properties(found), _tags(found)
        return RegistryVersion(
            asset_id=_text(found["id"]),
            asset_type=str(properties.get("modelType") or ""),
            flavors=tuple(sorted(map(_text, properties.get("flavors") or ()))),
            artifacts=self._files(target, str(properties.get("modelUri") or "")),
            marker={key: tags[key] for key in tags if is_mark(key)},
        )

    def _files(self, target: Target, uri: str) -> Any:
        asset = f"azureml://registries/{target.registry}/models/{target.name}/versions/{target.version}"
        body = {"assetId": asset, "blobUri": uri}
        request = HttpRequest("POST", self._url(target, "datarefs"), params=_API, json=body)
        return self._artifacts.of_registry(f"Asking for the files of {target}", request, uri)

    def _url(self, target: Target, route: str) -> str:
        name = self._settings.checked_registry(target.registry)
        if name not in self._front_ends:
            self._front_ends[name] = discover(self._http, self._settings, name).front_end
        return f"{self._front_ends[name]}/{route}/{target.name}/versions/{target.version}"


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(type(value).__name__)
    return value


def _properties(found: dict[str, Any]) -> dict[str, Any]:
    properties = found.get("properties")
    return properties if isinstance(properties, dict) else {}


def _tags(found: dict[str, Any]) -> dict[str, str]:
    return {str(key): str(value) for key, value in (_properties(found).get("tags") or {}).items()}


def _tagged(found: dict[str, Any], wanted: Mapping[str, str]) -> bool:
    return {key: value for key, value in _tags(found).items() if is_mark(key)} == dict(wanted)
