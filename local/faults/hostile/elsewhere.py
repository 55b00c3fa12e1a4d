"""Answers of an Azure ML that is broken, or was taken over: in the right form, and leading to another host."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from local.faults.hostile.secrets import ACCOUNT_KEY, BEARER, SAS, SAS_URL

Answer = Callable[[Request], Response]
ELSEWHERE = "/elsewhere"
"""Begins the path of everything that an answer points at; no call of ours begins so by itself."""

_FILES = "https://127.0.0.1:1"  # whose blobs may be listed, and where nobody listens
_Rule = tuple[Callable[[str, str], bool], Any, int, dict[str, str]]
Kind = Literal["redirect", "words", "next link", "import", "mark", "registry", "files", "granted files", "tracking"]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to point elsewhere: what of an answer does, and how it is spelled."""

    kind: Kind
    name: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class _Pointers:
    """Where the answers of one Azure ML lead, in the right form. `held` is whether its registry has the version."""

    next_link: str | None
    operation: str
    registry: str
    files: str
    granted: str
    tracking: str
    held: bool


def ways(configured: str, other: str, plain: str) -> Iterator[Way]:
    """Each way to point from `configured` to `other`, which speaks TLS too, and to `plain`, which does not."""
    host, plain_host = other.removeprefix("https://"), plain.removeprefix("http://")
    spelled = (
        other,
        plain,
        f"https://{plain_host}",
        f"{configured}@{host}",
        f"https://127.0.0.1@{host}",
        configured.replace("https://", "https://somebody@"),
        other.replace("127.0.0.1", "localhost"),
        f"//{host}",
    )
    for url in (f"{each}{ELSEWHERE}" for each in spelled):
        for status in (301, 302, 303, 307, 308):
            yield Way("redirect", f"{status} to {url}", _redirecting(status, url))
        for kind, pointers in _pointing(configured, url):
            yield Way(kind, f"{kind} at {url}", _linking(pointers))
    for status in (400, 401, 403, 404, 409, 429, 500, 503):
        yield Way("words", f"{status} with secrets in its words", _refusing(status))


def _pointing(here: str, url: str) -> Iterator[tuple[Kind, _Pointers]]:
    """One thing at a time leads elsewhere: what is met first would else hide the rest."""
    sound = _Pointers(None, here, here, _FILES, _FILES, here, held=False)
    held = replace(sound, held=True)
    yield "import", replace(sound, operation=url)
    yield "mark", replace(held, operation=url)
    yield "registry", replace(sound, registry=url)
    yield "next link", replace(sound, next_link=url)
    yield "tracking", replace(sound, tracking=url)
    yield "files", replace(held, files=url, granted=url)
    yield "granted files", replace(held, granted=url)


def _redirecting(status: int, url: str) -> Answer:
    return lambda _request: Response(status_code=status, headers={"location": f"{url}/x"})


def _refusing(status: int) -> Answer:
    """A service that repeats what it was told, over two lines: its words go into our sentences and logs."""
    words = f"Denied: {SAS_URL} AccountKey={ACCOUNT_KEY};\r\nAuthorization: Bearer {BEARER}\x1b[31m"
    body = {"error": {"code": "Denied", "message": words, "details": [{"code": "x", "message": words}]}}
    return lambda _request: JSONResponse(body, status, {"x-ms-error-code": "Denied", "retry-after": "0.01"})


def _linking(to: _Pointers) -> Answer:
    rules = _rules(to)

    def answer(request: Request) -> Response:
        method, path = request.method, request.url.path
        body, status, headers = next(rest for fits, *rest in rules if fits(method, path))
        return JSONResponse(body, status, headers)

    return answer


def _rules(to: _Pointers) -> tuple[_Rule, ...]:
    discovery = {
        "primaryRegionResourceProviderUri": f"{to.registry}/", "subscriptionId": "sub", "resourceGroup": "group",
    }  # fmt: skip
    waits = {"Azure-AsyncOperation": f"{to.operation}/o", "Location": f"{to.operation}/r", "Retry-After": "0.01"}
    container = {"id": "/x/models/churn", "name": "churn", "properties": {"latestVersion": "1"}}
    granted = {"blobReferenceForConsumption": {"credential": {"sasUri": f"{to.granted}/container?sig={SAS}"}}}
    properties = {"flavors": {}, "modelUri": f"{to.files}/container/model", "modelType": "custom_model"}
    tracking = f"azureml://{to.tracking.partition('://')[2]}/mlflow/v1.0/x"
    workspace = {"location": "westeurope", "properties": {"workspaceId": "0-1-2", "mlFlowTrackingUri": tracking}}
    missing = {"error": {"code": "UserError", "message": "not found"}}
    next_link = {"nextLink": f"{to.next_link}/models?$skip=1"} if to.next_link else {}
    return (
        (lambda _, path: "discovery" in path, discovery, 200, {}),
        (lambda _, path: path.endswith("/o"), {"status": "Succeeded"}, 200, {}),
        (lambda _, path: path.endswith("/import"), {}, 202, waits),
        (lambda _, path: path.endswith("/models"), {"value": [container], **next_link}, 200, {}),
        (lambda _, path: path.endswith("/versions"), {"value": [], **next_link}, 200, {}),
        (lambda _, path: "datarefs" in path, granted, 200, {}),
        (lambda method, _: method == "PUT", {}, 202, waits),
        (lambda _, path: "/runs/get" in path, {"error_code": "RESOURCE_DOES_NOT_EXIST"}, 404, {}),
        (lambda _, path: "/registries/" in path and not to.held, missing, 404, {}),
        (lambda _, path: path.endswith("/1"), {"id": "/x/models/churn/versions/1", "properties": properties}, 200, {}),
        (lambda _method, _path: True, workspace, 200, {}),
    )
