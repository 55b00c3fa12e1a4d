"""No token leaves for a host that is not configured: next links, redirects, discovery, operation URLs (T22, T23)."""

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from local.serving import serving, site_on
from local.tls import make_authority
from shared.adapters.azure_ml_catalog import AzureMLCatalog
from shared.adapters.azure_ml_registry import AzureMLRegistry
from shared.adapters.azure_ml_settings import AzureMLSettings, Cloud, WorkspacePlace, is_allowed
from shared.domain.errors import PortError, Unreadable
from shared.domain.ids import PromotionId, Target
from tests.emulated import Bearer

WORKSPACE = WorkspacePlace("sub", "group", "risk-dev")
Answer = Callable[[Request], Response]


@dataclass
class Hosts:
    """The host that is configured, what it answers, and a thief's host that notes every request."""

    configured: str = ""
    thief: str = ""
    answers: list[Answer] = field(default_factory=list)
    stolen: list[str] = field(default_factory=list)
    settings_changes: dict[str, Any] = field(default_factory=dict)

    @property
    def settings(self) -> AzureMLSettings:
        metadata = {
            "azure_portal": self.configured,
            "resource_manager": self.configured,
            "active_directory": self.configured,
            "aml_resource_id": "https://ml.azure.com",
            "storage_endpoint": "thief.test",
            "registry_discovery_endpoint": self.configured,
        }
        port = self.configured.rpartition(":")[2]
        cloud = Cloud.from_metadata(f"Hosts{port}", metadata)
        found = AzureMLSettings({"risk-dev": WORKSPACE}, ("contoso-shared",), cloud, (), ("127.0.0.1:1",), 5.0)
        return replace(found, **self.settings_changes)


@pytest.fixture
def hosts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hosts]:
    authority, found = make_authority(tmp_path / "tls"), Hosts()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.ca_bundle))
    monkeypatch.setenv("AZUREML_CURRENT_CLOUD", "AzureCloud")

    def app(answer: Answer) -> ASGIApp:
        async def run(scope: Scope, receive: Receive, send: Send) -> None:
            await answer(Request(scope, receive))(scope, receive, send)

        return run

    def steal(request: Request) -> Response:
        found.stolen.append(f"{request.url} {request.headers.get('authorization')}")
        return JSONResponse({})

    def configured(request: Request) -> Response:
        return found.answers[0](request)

    sites = [site_on(app(each), certificate=authority.issue()) for each in (configured, steal)]
    found.configured, found.thief = (site.url for site in sites)
    with serving(*sites):
        yield found


def catalog(hosts: Hosts) -> AzureMLCatalog:
    return AzureMLCatalog(hosts.settings, Bearer("secret"))


def registry(hosts: Hosts) -> AzureMLRegistry:
    return AzureMLRegistry(hosts.settings, Bearer("secret"))


def test_a_next_link_to_another_host_is_not_followed(hosts: Hosts) -> None:
    model = {"id": "/x/models/churn", "name": "churn", "properties": {"latestVersion": "1"}}

    def answer(request: Request) -> Response:
        page: dict[str, Any] = {"value": [model], "nextLink": f"{hosts.thief}/models?$skip=1"}
        return JSONResponse({"value": []} if request.url.path.endswith("/versions") else page)

    hosts.answers = [answer]
    adapter = catalog(hosts)
    cursor = adapter.versions("risk-dev", None).cursor
    with pytest.raises(Unreadable) as trouble:
        adapter.versions("risk-dev", cursor)
    assert trouble.value.code == "azure_ml_foreign_host"
    assert hosts.stolen == []


@pytest.mark.parametrize("read", ["version", "run", "series", "files", "code", "registry", "ping"])
def test_a_redirect_to_another_host_takes_no_token_along(hosts: Hosts, read: str) -> None:
    hosts.answers = [lambda _: RedirectResponse(f"{hosts.thief}/there", 307)]
    acts: dict[str, Callable[[], Any]] = {
        "version": lambda: catalog(hosts).read(PromotionId("risk-dev", "churn", "1")),
        "run": lambda: catalog(hosts).read_run("risk-dev", "run-1"),
        "series": lambda: catalog(hosts).read_series("risk-dev", "run-1", "auc"),
        "files": lambda: catalog(hosts).read_files("risk-dev", "run-1", ["results.json"]),
        "code": lambda: catalog(hosts).code_version("risk-dev", "job-1"),
        "registry": lambda: registry(hosts).read(Target("contoso-shared", "churn", "1")),
        "ping": lambda: catalog(hosts).ping(),
    }
    with pytest.raises(Unreadable):
        acts[read]()
    assert not [request for request in hosts.stolen if "secret" in request]


def artifact_store(hosts: Hosts, blob: Answer) -> Answer:
    """A workspace whose artifact store is on the configured host, and what it answers to a read of a blob."""
    hosts.settings_changes = {"artifact_hosts": (hosts.configured.removeprefix("https://"),)}
    account = {"datastoreType": "AzureBlob", "accountName": f"{hosts.configured[8:]}/x", "containerName": "azureml"}

    def answer(request: Request) -> Response:
        if request.url.path.endswith("/listSecrets"):
            return JSONResponse({"secretsType": "Sas", "sasToken": "sig=secret"})
        if "/datastores/" in request.url.path:
            return JSONResponse({"properties": account})
        return blob(request)

    return answer


def test_a_packed_file_of_a_run_is_not_unpacked(hosts: Hosts) -> None:
    packed = gzip.compress(b"0" * 50_000_000)
    span = {"Content-Encoding": "gzip", "Content-Range": f"bytes 0-{len(packed) - 1}/{len(packed)}"}
    hosts.answers = [artifact_store(hosts, lambda _: Response(packed, 206, span))]
    assert catalog(hosts).read_files("risk-dev", "run-1", ["results.json"])["results.json"].content == packed


def test_a_file_of_a_run_that_is_redirected_is_not_followed(hosts: Hosts) -> None:
    def moved(request: Request) -> Response:
        return RedirectResponse(f"{hosts.thief}/there?{request.url.query}", 307)

    hosts.answers = [artifact_store(hosts, moved)]
    with pytest.raises(Unreadable):
        catalog(hosts).read_files("risk-dev", "run-1", ["results.json"])
    assert hosts.stolen == []


def test_a_registry_said_to_be_elsewhere_is_not_asked(hosts: Hosts) -> None:
    found = {
        "primaryRegionResourceProviderUri": f"{hosts.thief}/",
        "subscriptionId": "sub",
        "resourceGroup": "group",
    }
    hosts.answers = [lambda _: JSONResponse(found)]
    with pytest.raises(Unreadable) as trouble:
        registry(hosts).read(Target("contoso-shared", "churn", "1"))
    assert trouble.value.code == "azure_ml_foreign_host"
    assert hosts.stolen == []


def test_a_tracking_uri_elsewhere_is_not_asked(hosts: Hosts) -> None:
    elsewhere = f"azureml://{hosts.thief.removeprefix('https://')}/mlflow/v1.0/x"
    hosts.answers = [lambda _: JSONResponse({"properties": {"mlFlowTrackingUri": elsewhere}})]
    with pytest.raises(Unreadable) as trouble:
        catalog(hosts).read_run("risk-dev", "run-1")
    assert trouble.value.code == "azure_ml_foreign_host"
    assert hosts.stolen == []


def test_a_data_reference_elsewhere_is_not_listed(hosts: Hosts) -> None:
    """The registry grants access to a container on the thief's host; not even the SAS is sent there."""
    uri = "https://127.0.0.1:1/container/model"

    def answer(request: Request) -> Response:
        if "discovery" in request.url.path:
            where = {"subscriptionId": "sub", "resourceGroup": "group"}
            return JSONResponse({"primaryRegionResourceProviderUri": f"{hosts.configured}/", **where})
        if "datarefs" in request.url.path:
            sas = {"sasUri": f"{hosts.thief}/container?sig=abc"}
            return JSONResponse({"blobReferenceForConsumption": {"credential": sas}})
        return JSONResponse({"id": "x", "properties": {"modelUri": uri, "modelType": "custom_model"}})

    hosts.answers = [answer]
    with pytest.raises(PortError):
        registry(hosts).read(Target("contoso-shared", "churn", "1"))
    assert hosts.stolen == []


WORKSPACE_ANSWER = {"id": WORKSPACE.arm_id, "location": "westeurope", "properties": {"workspaceId": "0-1-2"}}


def importing(hosts: Hosts, *, front_end: str | None = None, **accepted: Any) -> Answer:
    """A registry that takes an import; `accepted` is its answer to the import itself."""

    def answer(request: Request) -> Response:
        path = request.url.path
        if "discovery" in path:
            where = {"subscriptionId": "sub", "resourceGroup": "group"}
            return JSONResponse({"primaryRegionResourceProviderUri": f"{front_end or hosts.configured}/", **where})
        if path.endswith("/import"):
            return Response(status_code=accepted.get("status", 202), headers=accepted["headers"])
        if path.endswith("/versions"):
            return JSONResponse({"value": []})
        if "/registries/" in path:
            return JSONResponse({"error": {"code": "UserError", "message": "not found"}}, 404)
        return JSONResponse(WORKSPACE_ANSWER)

    return answer


@pytest.mark.parametrize("header", ["Azure-AsyncOperation", "Location"])
def test_an_import_that_is_to_be_asked_for_elsewhere_is_not_asked_for(hosts: Hosts, header: str) -> None:
    hosts.answers = [importing(hosts, headers={header: f"{hosts.thief}/operation", "Retry-After": "0.01"})]
    with pytest.raises(Unreadable) as trouble:
        registry(hosts).share(PromotionId("risk-dev", "churn", "1"), Target("contoso-shared", "churn", "1"))
    assert trouble.value.code == "azure_ml_foreign_host"
    assert hosts.stolen == []


def test_an_import_is_not_sent_to_a_registry_said_to_be_elsewhere(hosts: Hosts) -> None:
    hosts.answers = [importing(hosts, front_end=hosts.thief, headers={})]
    with pytest.raises(Unreadable) as trouble:
        registry(hosts).share(PromotionId("risk-dev", "churn", "1"), Target("contoso-shared", "churn", "1"))
    assert trouble.value.code == "azure_ml_foreign_host"
    assert hosts.stolen == []


def test_an_import_that_is_redirected_takes_no_token_along(hosts: Hosts) -> None:
    hosts.answers = [importing(hosts, status=307, headers={"Location": f"{hosts.thief}/import"})]
    with pytest.raises(PortError):
        registry(hosts).share(PromotionId("risk-dev", "churn", "1"), Target("contoso-shared", "churn", "1"))
    assert not [request for request in hosts.stolen if "secret" in request]


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://westeurope.api.azureml.ms/x", True),
        ("https://WestEurope.API.azureml.ms:443/x", True),
        ("https://emulator:7081/x", True),
        ("http://westeurope.api.azureml.ms/x", False),
        ("https://api.azureml.ms.evil.test/x", False),
        ("https://evilapi.azureml.ms/x", False),
        ("https://westeurope.api.azureml.ms@evil.test/x", False),
        ("https://user@westeurope.api.azureml.ms/x", False),
        ("https://westeurope.api.azureml.ms:444/x", False),
        ("https://emulator/x", False),
        ("https:///x", False),
        ("https://[x", False),
        ("//westeurope.api.azureml.ms/x", False),
        ("https://westeurope.api.azureml.ms\\@evil.test/x", False),
    ],
)
def test_which_urls_may_be_asked(url: str, allowed: bool) -> None:
    assert is_allowed(url, (".api.azureml.ms", "emulator:7081")) == allowed
