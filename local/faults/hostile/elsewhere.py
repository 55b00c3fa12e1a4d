"""Answers of an Azure ML that is broken, or was taken over: in the right form, and leading to another host."""

from collections.abc import Callable, Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from local.faults.hostile.secrets import ACCOUNT_KEY, BEARER, SAS, SAS_URL

Answer = Callable[[Request], Response]
_FILES = "https://127.0.0.1:1/container/model"
_Rule = tuple[Callable[[str, str], bool], Any, int, dict[str, str]]


def ways(configured: str, other: str) -> Iterator[tuple[str, Answer]]:
    """Each way to point from `configured` to `other`, by its name."""
    spelled = (
        other,
        other.replace("https://", f"{configured}@"),
        f"https://127.0.0.1@{other.removeprefix('https://')}",
        other.replace("https", "http"),
        other.replace("127.0.0.1", "localhost"),
        "//" + other.removeprefix("https://"),
    )
    for url in spelled:
        for status in (301, 302, 303, 307, 308):
            yield f"{status} to {url}", _redirecting(status, url)
        for held in (True, False):
            yield f"links to {url}, {held=}", _linking(url, configured, held=held)
        yield f"the registry is at {url}", _linking(url, url, held=False)
    for status in (400, 401, 403, 404, 409, 429, 500, 503):
        yield f"{status} with secrets in its words", _refusing(status)


def _redirecting(status: int, url: str) -> Answer:
    return lambda _request: Response(status_code=status, headers={"location": f"{url}/x"})


def _refusing(status: int) -> Answer:
    """A service that repeats what it was told, over two lines: its words go into our sentences and logs."""
    words = f"Denied: {SAS_URL} AccountKey={ACCOUNT_KEY};\r\nAuthorization: Bearer {BEARER}\x1b[31m"
    body = {"error": {"code": "Denied", "message": words, "details": [{"code": "x", "message": words}]}}
    return lambda _request: JSONResponse(body, status, {"x-ms-error-code": "Denied", "retry-after": "0.01"})


def _linking(url: str, front_end: str, *, held: bool) -> Answer:
    """Every URL in every answer leads elsewhere; `held` is whether the registry has the version."""
    rules = _rules(url, front_end, held=held)

    def answer(request: Request) -> Response:
        method, path = request.method, request.url.path
        body, status, headers = next(rest for fits, *rest in rules if fits(method, path))
        return JSONResponse(body, status, headers)

    return answer


def _rules(url: str, front_end: str, *, held: bool) -> tuple[_Rule, ...]:
    discovery = {
        "primaryRegionResourceProviderUri": f"{front_end}/", "subscriptionId": "sub", "resourceGroup": "group",
    }  # fmt: skip
    waits = {"Azure-AsyncOperation": f"{url}/o", "Location": f"{url}/r", "Retry-After": "0.01"}
    container = {"id": "/x/models/churn", "name": "churn", "properties": {"latestVersion": "1"}}
    granted = {"blobReferenceForConsumption": {"credential": {"sasUri": f"{url}/container?sig={SAS}"}}}
    properties = {"flavors": {}, "modelUri": _FILES, "modelType": "custom_model"}
    tracking = f"azureml://{url.partition('://')[2]}/mlflow/v1.0/x"
    workspace = {"location": "westeurope", "properties": {"workspaceId": "0-1-2", "mlFlowTrackingUri": tracking}}
    missing = {"error": {"code": "UserError", "message": "not found"}}
    next_link = {"nextLink": f"{url}/models?$skip=1"}
    return (
        (lambda _, path: "discovery" in path, discovery, 200, {}),
        (lambda _, path: path.endswith("/import"), {}, 202, waits),
        (lambda _, path: path.endswith("/models"), {"value": [container], **next_link}, 200, {}),
        (lambda _, path: path.endswith("/versions"), {"value": [], **next_link}, 200, {}),
        (lambda _, path: "datarefs" in path, granted, 200, {}),
        (lambda method, _: method == "PUT", {}, 202, waits),
        (lambda _, path: "/registries/" in path and not held, missing, 404, {}),
        (lambda _, path: path.endswith("/1"), {"id": "/x/models/churn/versions/1", "properties": properties}, 200, {}),
        (lambda _method, _path: True, workspace, 200, {}),
    )
