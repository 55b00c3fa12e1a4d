"""The files of a model version, listed, and small files of runs, read: with the SAS that Azure ML hands out for it."""

import base64
import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.core.rest import HttpRequest

from shared.adapters.azure_errors import shown, translated
from shared.adapters.azure_ml_http import (
    CONNECT_SECONDS,
    AzureMLHttp,
    json_object,
    not_understood,
    refusal,
    retry_options,
    understood,
)
from shared.adapters.azure_ml_settings import AzureMLSettings, is_allowed
from shared.domain.errors import Unreadable
from shared.domain.evidence import Artifact, RunFile
from shared.domain.results_file import LARGEST_FILE

MOST_FILES = 10_000
"""A version with more files counts as one that cannot be listed."""

_log = logging.getLogger(__name__)
_ARTIFACT_STORE = "/datastores/workspaceartifactstore"
_DATASTORES_API = "2024-04-01"
_ON_DATASTORE = re.compile(
    r"azureml://(?:subscriptions/[^/]+/resource[gG]roups/[^/]+/(?:providers/Microsoft\.MachineLearningServices/)?"
    r"workspaces/[^/]+/)?datastores/([A-Za-z0-9_-]+)/paths/(.+)"
)


class AzureMLArtifacts:
    """Lists files on hosts that settings allow; None for all others, so that the answer never depends on the weather."""

    def __init__(
        self, settings: AzureMLSettings, http: AzureMLHttp, policies: Sequence[SansIOHTTPPolicy[Any, Any]] = ()
    ) -> None:
        self._settings = settings
        self._http = http
        self._policies = tuple(policies)

    def of_workspace(self, workspace: str, model_uri: str) -> tuple[Artifact, ...] | None:
        """Three calls: the datastore, a SAS for it, one page of blobs. None for what lies on no blob datastore."""
        found = _ON_DATASTORE.fullmatch(model_uri)
        if found is None or not self._settings.artifact_hosts:
            return None
        what = f"Reading datastore {found[1]} of {workspace}"
        place = self._settings.workspace(workspace)
        url = f"{self._settings.cloud.resource_manager}{place.arm_id}/datastores/{found[1]}"
        with understood(what):
            container = self._container_url(self._object(what, HttpRequest("GET", url, params=_API)))
            if container is None or not self._may_list(container):
                return None
            return self._files(container, found[2], self._secret(what, url))

    def of_run(self, workspace: str, run: str, paths: Sequence[str]) -> dict[str, RunFile]:
        """Two calls for a SAS, then one for each file: small files among the artifacts of a run, absent ones left out.

        The run's artifacts lie below `ExperimentRun/dcid.<run>` of the workspace's artifact store (azure-ai-ml 1.35.2,
        operations/_job_operations.py, `_get_named_output_uri`).

        Raises:
            Unreadable: they cannot be read now, or settings do not allow reading there.
        """
        what = f"Reading files of run {run} of {workspace}"
        url = f"{self._settings.cloud.resource_manager}{self._settings.workspace(workspace).arm_id}{_ARTIFACT_STORE}"
        with understood(what):
            container = self._container_url(self._object(what, HttpRequest("GET", url, params=_API)))
            if container is None or not self._may_list(container):
                raise Unreadable("artifact_host_not_configured", f"{what}: they lie on a host that is not configured.")
            secret = self._secret(what, url)
        with understood(what), translated("azure_ml_files", what), self._opened(container, secret) as client:
            found = (_run_file(client, run, path) for path in paths)
            return {file.path: file for file in found if file is not None}

    def of_registry(self, what: str, request: HttpRequest, model_uri: str) -> tuple[Artifact, ...] | None:
        """Two calls: `request`, which asks the registry for a reference to the files, and one page of blobs."""
        if not self._may_list(model_uri):
            return None
        with understood(what):
            reference = self._object(what, request).get("blobReferenceForConsumption") or {}
            granted = str((reference.get("credential") or {}).get("sasUri") or reference.get("blobUri") or "")
        container, _, sas = granted.partition("?")
        container = container.rstrip("/")
        if not self._may_list(container) or not f"{model_uri}/".startswith(f"{container}/"):
            raise not_understood(what, "it grants access to another container than the one the files are in")
        return self._files(container, unquote(model_uri[len(container) :]), sas or None)

    def _may_list(self, url: str) -> bool:
        return is_allowed(url, self._settings.artifact_hosts)

    def _object(self, what: str, request: HttpRequest) -> dict[str, Any]:
        response = self._http.send(what, request)
        if response.status_code != 200:
            raise refusal(what, response)
        return json_object(what, response)

    def _container_url(self, datastore: dict[str, Any]) -> str | None:
        found = datastore.get("properties") or {}
        if found.get("datastoreType") != "AzureBlob":
            return None
        # As azure-ai-ml builds it (constants/_common.py, STORAGE_ACCOUNT_URLS).
        account, container = (found[name] for name in ("accountName", "containerName"))
        if not (isinstance(account, str) and isinstance(container, str)):
            raise TypeError(type(account).__name__)
        return f"https://{account}.blob.{self._settings.cloud.storage_suffix}/{container}"

    def _secret(self, what: str, datastore_url: str) -> str | None:
        # The body asks for a SAS of one hour in place of the account's key (azure-ai-ml, _datastore_operations.py).
        body = {"expirableSecret": True, "expireAfterHours": 1}
        request = HttpRequest("POST", f"{datastore_url}/listSecrets", params=_API, json=body)
        secrets = self._object(what, request)
        if secrets.get("secretsType") != "Sas":
            other = shown(str(secrets.get("secretsType")))
            raise not_understood(what, f"a SAS was asked for, {other} came; it is not used")
        return str(secrets["sasToken"])

    def _files(self, container_url: str, path: str, sas: str | None) -> tuple[Artifact, ...] | None:
        what = f"Listing the files at {container_url}"
        with understood(what), translated("azure_ml_files", what):
            return _listed(self._blobs(container_url, path.strip("/"), sas), path.strip("/"))

    def _blobs(self, container_url: str, prefix: str, sas: str | None) -> Iterable[Any]:
        with self._opened(container_url, sas) as client:
            yield from client.list_blobs(name_starts_with=prefix, include=["metadata"])

    @contextmanager
    def _opened(self, container_url: str, sas: str | None) -> Iterator[Any]:
        from azure.core.credentials import AzureSasCredential
        from azure.storage.blob import ContainerClient

        with ContainerClient.from_container_url(
            container_url,
            AzureSasCredential(sas) if sas else None,
            connection_timeout=CONNECT_SECONDS,
            read_timeout=self._settings.timeout,
            permit_redirects=False,
            max_single_get_size=LARGEST_FILE,
            _additional_pipeline_policies=list(self._policies),
            **retry_options(),
            initial_backoff=1,
            random_jitter_range=0,
        ) as client:
            yield client


_API = {"api-version": _DATASTORES_API}


def _run_file(client: Any, run: str, path: str) -> RunFile | None:
    from azure.core.exceptions import ResourceNotFoundError

    try:
        stream = client.download_blob(f"ExperimentRun/dcid.{run}/{path}", decompress=False)
    except ResourceNotFoundError:
        return None
    # What came so far is the first part of at most LARGEST_FILE bytes; of a larger file no more is asked for.
    return RunFile(run, path, stream.size, stream.readall() if stream.size <= LARGEST_FILE else None)


def _listed(blobs: Iterable[Any], root: str) -> tuple[Artifact, ...] | None:
    found: list[Artifact] = []
    for blob in blobs:
        if len(found) == MOST_FILES:
            _log.warning("a model has more than %d files; its listing counts as unreadable", MOST_FILES)
            return None
        if _below(blob.name, root) and (blob.metadata or {}).get("hdi_isfolder") != "true":
            found.append(Artifact(_relative(blob.name, root), int(blob.size), _md5(blob)))
    return tuple(sorted(found))


def _below(name: str, root: str) -> bool:
    return not root or name == root or name.startswith(f"{root}/")


def _relative(name: str, root: str) -> str:
    return name.rpartition("/")[2] if name == root else name.removeprefix(root).lstrip("/")


def _md5(blob: Any) -> str | None:
    digest = blob.content_settings.content_md5
    return base64.b64encode(bytes(digest)).decode() if digest else None
