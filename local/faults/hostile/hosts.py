"""Servers that point elsewhere: next links, operation URLs, redirects, addresses. Our token must not go along."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from local.faults.hostile.elsewhere import ELSEWHERE, Answer, Kind, Way, ways
from local.faults.hostile.scores import Broken, Scores
from local.faults.hostile.secrets import BEARER, SAS, refuse_leaks
from local.faults.hostile.trust import Credential, trusting
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


@dataclass(slots=True)
class Hosts:
    """The configured host, one that is not, and one whose name is trusted and that speaks plain http.

    `asked` are calls that the configured host got with our token, `strayed` all that came where none may come: to the
    others, or to the configured one where its answers point.
    """

    configured: str = ""
    other: str = ""
    plain: str = ""
    answer: Answer = lambda _: Response(status_code=404)
    asked: list[str] = field(default_factory=list)
    strayed: list[str] = field(default_factory=list)

    @property
    def settings(self) -> AzureMLSettings:
        """Settings that trust the configured host, by a suffix too, as Azure's are; and list files on two more."""
        metadata = dict.fromkeys(("azure_portal", "resource_manager", "active_directory", "registry_discovery_endpoint"), self.configured)  # fmt: skip
        metadata |= {"aml_resource_id": "https://ml.azure.com", "storage_endpoint": "other.test"}
        port, plain = self.configured.rpartition(":")[2], self.plain.removeprefix("http://")
        cloud = Cloud.from_metadata(f"Hostile{port}", metadata)
        trusted, listed = (f".0.0.1:{port}", plain), ("127.0.0.1:1", f".0.0.1:{port}", plain)
        return AzureMLSettings({"risk-dev": WORKSPACE}, ("contoso-shared",), cloud, trusted, listed, 5.0)

    def arrived(self, request: Request) -> Response:
        """At the configured host."""
        path = request.url.path
        if path.startswith(ELSEWHERE):
            return self.wandered(request)
        if request.headers.get("authorization") == f"Bearer {BEARER}":
            self.asked.append(f"{request.method} {path}")
        return self.answer(request)

    def wandered(self, request: Request) -> Response:
        """Where no call of ours may come."""
        self.strayed.append(f"{request.method} {request.url} {dict(request.headers)}")
        return JSONResponse({"status": "Succeeded"})


def attack(scores: Scores, *, heavy: bool) -> None:
    """Every way to point elsewhere, at every call that meets it. `heavy` are those through azure-ai-ml, at 4 CPU seconds."""
    with _hosts() as hosts:
        for call in (*_LIGHT, *(_THROUGH_SDK if heavy else ())):
            for way in ways(hosts.configured, hosts.other, hosts.plain):
                if way.kind in call.meets:
                    scores.must(SURFACE, f"{call.name}: {way.name}", _strayed, hosts, call, way, accepted=False)


def _listed(catalog: AzureMLCatalog) -> None:
    page = catalog.versions("risk-dev", None)
    if page.cursor:
        catalog.versions("risk-dev", page.cursor)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of ours. `meets` are the kinds of pointers that it comes upon, and the request that must come so far."""

    name: str
    act: Callable[[AzureMLCatalog, AzureMLRegistry], Any]
    meets: Mapping[Kind, str]


_ALWAYS: Mapping[Kind, str] = {"redirect": "", "words": ""}  # the first answer does
_HELD = " .*/registries/contoso-shared/models/churn/versions/1$"
_DISCOVERY: Mapping[Kind, str] = {"registry": "GET .*/discovery$"}
_WORKSPACE: Mapping[Kind, str] = {"tracking": "GET .*/workspaces/risk-dev$"}
_GRANT: Mapping[Kind, str] = {"granted files": "POST .*/datarefs/"}
_LIGHT = (
    Call("run", lambda catalog, _: catalog.read_run("risk-dev", "run-1"), {**_ALWAYS, **_WORKSPACE}),
    Call("job", lambda catalog, _: catalog.code_version("risk-dev", "job-1"), {**_ALWAYS, **_WORKSPACE}),
    Call("workspace", lambda catalog, _: catalog.ping(), _ALWAYS),
    Call(
        "registry",
        lambda _, registry: registry.read(TARGET),
        {**_ALWAYS, **_DISCOVERY, **_GRANT, "files": f"GET{_HELD}"},
    ),
    Call(
        "mark",
        lambda _, registry: registry.mark(TARGET, {"clearance_promotion": str(PROMOTION)}),
        {**_ALWAYS, **_DISCOVERY, "mark": f"PUT{_HELD}"},
    ),
)
_THROUGH_SDK = (
    Call("version", lambda catalog, _: catalog.read(PROMOTION), _ALWAYS),
    Call("listing", lambda catalog, _: _listed(catalog), {**_ALWAYS, "next link": "GET .*/models$"}),
    Call(
        "import",
        lambda _, registry: registry.share(PROMOTION, TARGET),
        {
            **_ALWAYS,
            **_DISCOVERY,
            "next link": "GET .*/models/churn/versions$",
            "import": "POST .*/registries/contoso-shared/import$",
        },
    ),
)


def _strayed(hosts: Hosts, call: Call, way: Way) -> bool:
    """Whether a request went astray: never. Raises `Broken` if one did, if none was sent, or if the call ended as none may."""
    hosts.answer = way.answer
    hosts.asked.clear()
    hosts.strayed.clear()
    try:
        _make(hosts, call)
    finally:
        _refuse_strays(hosts)  # whatever came of the call
    if not any(re.match(call.meets[way.kind], each) for each in hosts.asked):
        due = call.meets[way.kind] or "anything"
        raise Broken(f"the configured host never got our token with {due}; it got {hosts.asked}")
    return False


def _refuse_strays(hosts: Hosts) -> None:
    if hosts.strayed:
        leak = any(BEARER in each or SAS in each for each in hosts.strayed)
        said = f"was {'sent a secret' if leak else 'asked'}: {hosts.strayed[0][:200]}"
        raise Broken(f"a host that may not be asked {said}")


def _make(hosts: Hosts, call: Call) -> None:
    settings = hosts.settings
    with (
        closing(AzureMLCatalog(settings, Credential())) as catalog,
        closing(AzureMLRegistry(settings, Credential())) as registry,
    ):
        try:
            call.act(catalog, registry)
        except PortError as error:
            refuse_leaks("the error", str(error))


@contextmanager
def _hosts() -> Iterator[Hosts]:
    found = Hosts()

    def app(answer: Answer) -> ASGIApp:
        async def run(scope: Scope, receive: Receive, send: Send) -> None:
            await answer(Request(scope, receive))(scope, receive, send)

        return run

    with TemporaryDirectory() as folder:
        authority = make_authority(Path(folder))
        certificate = authority.issue()
        sites = [
            site_on(app(found.arrived), certificate=certificate),
            site_on(app(found.wandered), certificate=certificate),
            site_on(app(found.wandered)),
        ]
        found.configured, found.other, found.plain = (site.url for site in sites)
        with trusting(authority.ca_bundle), serving(*sites):
            yield found
