"""GET to Azure Resource Manager, on azure-core's pipeline, with a token that leaves for that one host only."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from azure.core import PipelineClient
from azure.core.credentials import TokenCredential
from azure.core.pipeline.policies import (
    BearerTokenCredentialPolicy,
    ProxyPolicy,
    RequestIdPolicy,
    RetryPolicy,
    UserAgentPolicy,
)
from azure.core.rest import HttpRequest, HttpResponse

from shared.adapters.azure_errors import by_status, seconds_to_wait, translated
from shared.adapters.azure_ml_http import CONFUSED, HostGuard, error_words, transport_for
from shared.domain.errors import Unreadable
from shared.version import __version__

SERVICE = "control_plane"
_MOST_PAGES = 50
_PATIENCE = {"retry_total": 3, "retry_connect": 1, "retry_read": 1, "retry_status": 2, "retry_backoff_max": 10}
"""Somebody waits for the answer: 429 and 5xx are tried twice more, after the time they name."""


class ControlPlaneHttp:
    """Safe to share between threads.

    Args:
        root: of the resource manager, `https://management.azure.com` without a slash at the end.
        credential: for tokens of that audience.
        timeout: seconds to wait for one answer.
    """

    def __init__(self, root: str, credential: TokenCredential, timeout: float) -> None:
        self._root = root
        self._credential = credential
        self._transport = transport_for(timeout)
        self._client: PipelineClient[HttpRequest, HttpResponse] = PipelineClient(
            root,
            transport=self._transport,
            policies=[
                RequestIdPolicy(),
                UserAgentPolicy(base_user_agent=f"clearance/{__version__}"),
                ProxyPolicy(),
                RetryPolicy(**_PATIENCE),
                HostGuard((urlsplit(root).netloc,)),
                BearerTokenCredentialPolicy(credential, f"{root}/.default"),
            ],
        )

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def token(self, what: str) -> str:
        """The token itself, for what it says of whoever asks."""
        with translated(SERVICE, what):
            return self._credential.get_token(f"{self._root}/.default").token

    def get(self, what: str, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        """One JSON object.

        Args:
            what: what is done, as the beginning of a sentence.
            path: from its slash on.
            params: of the query; values are any text.

        Raises:
            Unreadable: it was not answered with 200 and an object.
        """
        encoded = {name: quote(value, safe="") for name, value in params.items()}
        return self._object(what, HttpRequest("GET", f"{self._root}{quote(path)}", params=encoded))

    def pages(self, what: str, path: str, params: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """Every item of a list, page by page; raises what `get` raises."""
        page = self.get(what, path, params)
        for _ in range(_MOST_PAGES):
            yield from (item for item in _list(what, page) if isinstance(item, dict))
            link = page.get("nextLink")
            if not link:
                return
            page = self._object(what, HttpRequest("GET", str(link)))
        raise not_understood(what, f"the list goes on after {_MOST_PAGES} pages")

    def _object(self, what: str, request: HttpRequest) -> dict[str, Any]:
        request.headers["Accept"] = "application/json"
        with translated(SERVICE, what):
            response = self._client.send_request(request)
        if response.status_code != 200:
            raise _refusal(what, response)
        return _object_in(what, response)


def not_understood(what: str, why: str) -> Unreadable:
    """The error for an answer that does not have the form it must have."""
    return Unreadable("control_plane_not_understood", f"{what}: {why}.")


def _refusal(what: str, response: HttpResponse) -> Exception:
    headers = {key.lower(): value for key, value in response.headers.items()}
    return by_status(SERVICE, what, response.status_code, " ".join(error_words(response)), seconds_to_wait(headers))


def _object_in(what: str, response: HttpResponse) -> dict[str, Any]:
    try:
        body = json.loads(response.text())
    except CONFUSED:
        body = None
    if not isinstance(body, dict):
        raise not_understood(what, "its answer is no JSON object, or was cut short")
    return body


def _list(what: str, page: dict[str, Any]) -> list[Any]:
    items = page.get("value")
    if not isinstance(items, list):
        raise not_understood(what, "its answer holds no list")
    return items
