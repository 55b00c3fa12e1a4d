"""Servers that point elsewhere: next links, operation URLs, redirects, addresses. Our token must not go along."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from azure.core.credentials import AccessToken
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from local.faults.hostile.elsewhere import Answer, ways
from local.faults.hostile.scores import Broken, Scores
from local.faults.hostile.secrets import BEARER, SAS, refuse_leaks
from local.serving import serving, site_on
from local.tls import make_authority
from shared.adapters.azure_ml_catalog import AzureMLCatalog
from shared.adapters.azure_ml_registry import AzureMLRegistry
from shared.adapters.azure_ml_settings import AzureMLSettings, Cloud, WorkspacePlace
from shared.domain.errors import PortError
from shared.domain.ids import PromotionId, Target

SURFACE = "hosts"
WORKSPACE = WorkspacePlace("sub", "group", "risk-dev")
PROMOTION, TARGET = PromotionId("risk-dev", "churn", "1"), Target("contoso-shared", "churn", "1")


class _Credential:
    """Gives a token that must be seen by configured hosts alone."""

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        return AccessToken(BEARER, 4_102_444_800)


@dataclass(slots=True)
class Hosts:
    """The configured host and what it answers; and another, on a port of its own, that notes what reaches it."""

    configured: str = ""
    other: str = ""
    answer: Answer = lambda _: Response(status_code=404)
    reached: list[str] = field(default_factory=list)

    @property
    def settings(self) -> AzureMLSettings:
        """Settings that trust the configured host, and list files on a third one."""
        metadata = dict.fromkeys(("azure_portal", "resource_manager", "active_directory", "registry_discovery_endpoint"), self.configured)  # fmt: skip
        metadata |= {"aml_resource_id": "https://ml.azure.com", "storage_endpoint": "other.test"}
        cloud = Cloud.from_metadata(f"Hostile{self.configured.rpartition(':')[2]}", metadata)
        return AzureMLSettings({"risk-dev": WORKSPACE}, ("contoso-shared",), cloud, (), ("127.0.0.1:1",), 5.0)


def attack(scores: Scores, *, heavy: bool) -> None:
    """Every way to point elsewhere, at every call. `heavy` are those through azure-ai-ml, whose import takes seconds."""
    with _two_hosts() as hosts:
        for call, act in {**_LIGHT, **(_THROUGH_SDK if heavy else {})}.items():
            for way, answer in ways(hosts.configured, hosts.other):
                scores.must(SURFACE, f"{call}: {way}", _kept, hosts, act, answer, accepted=False)


def _listed(catalog: AzureMLCatalog) -> None:
    page = catalog.versions("risk-dev", None)
    if page.cursor:
        catalog.versions("risk-dev", page.cursor)


_Act = Callable[[AzureMLCatalog, AzureMLRegistry], Any]
_LIGHT: dict[str, _Act] = {
    "run": lambda catalog, _: catalog.read_run("risk-dev", "run-1"),
    "job": lambda catalog, _: catalog.job_status("risk-dev", "job-1"),
    "workspace": lambda catalog, _: catalog.ping(),
    "registry": lambda _, registry: registry.read(TARGET),
    "mark": lambda _, registry: registry.mark(TARGET, {"clearance_promotion": str(PROMOTION)}),
}
_THROUGH_SDK: dict[str, _Act] = {
    "version": lambda catalog, _: catalog.read(PROMOTION),
    "listing": lambda catalog, _: _listed(catalog),
    "import": lambda _, registry: registry.share(PROMOTION, TARGET),
}


def _kept(hosts: Hosts, act: _Act, answer: Answer) -> bool:
    """Whether the other host got our token; raises `Broken` if it did, or if the call ended as none may."""
    hosts.answer = answer
    hosts.reached.clear()
    settings = hosts.settings
    with (
        closing(AzureMLCatalog(settings, _Credential())) as catalog,
        closing(AzureMLRegistry(settings, _Credential())) as registry,
    ):
        try:
            act(catalog, registry)
        except PortError as error:
            refuse_leaks("the error", str(error))
    if told := [each for each in hosts.reached if BEARER in each or SAS in each]:
        raise Broken(f"another host was sent {told[0][:100]}")
    return False


@contextmanager
def _two_hosts() -> Iterator[Hosts]:
    found = Hosts()

    def app(answer: Answer) -> ASGIApp:
        async def run(scope: Scope, receive: Receive, send: Send) -> None:
            await answer(Request(scope, receive))(scope, receive, send)

        return run

    def told(request: Request) -> Response:
        return found.answer(request)

    def notes(request: Request) -> Response:
        found.reached.append(f"{request.url} {dict(request.headers)}")
        return JSONResponse({"status": "Succeeded"})

    with TemporaryDirectory() as folder:
        authority = make_authority(Path(folder))
        answering = (told, notes)
        sites = [site_on(app(each), certificate=authority.issue()) for each in answering]
        found.configured, found.other = (site.url for site in sites)
        with _trusting(authority.ca_bundle), serving(*sites):
            yield found


@contextmanager
def _trusting(ca_bundle: Path) -> Iterator[None]:
    """The environment that azure-core and azure-ai-ml read, put back afterwards."""
    told = {"REQUESTS_CA_BUNDLE": str(ca_bundle), "AZUREML_CURRENT_CLOUD": "AzureCloud"}
    before = {name: os.environ.get(name) for name in told}
    os.environ.update(told)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
