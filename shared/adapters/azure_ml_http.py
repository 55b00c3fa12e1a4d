"""GET, POST and PUT to Azure ML's REST routes, on azure-core's pipeline, with a token that leaves for known hosts only."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal
from urllib.parse import quote

from azure.core import PipelineClient
from azure.core.credentials import TokenCredential
from azure.core.pipeline import PipelineRequest
from azure.core.pipeline.policies import (
    BearerTokenCredentialPolicy,
    ProxyPolicy,
    RequestIdPolicy,
    RetryPolicy,
    SansIOHTTPPolicy,
    UserAgentPolicy,
)
from azure.core.pipeline.transport import RequestsTransport
from azure.core.rest import HttpRequest, HttpResponse

from shared.adapters.azure_errors import by_status, seconds_to_wait, shown, translated
from shared.adapters.azure_ml_settings import AzureMLSettings, is_allowed
from shared.domain.errors import PortError, Unreadable
from shared.version import __version__

Scope = Literal["management", "ml"]
CONNECT_SECONDS = 10.0
CONFUSED = (AttributeError, LookupError, TypeError, ValueError, OverflowError, AssertionError, RecursionError)
"""What reading an answer raises that does not have the form it must have: JSON may hold anything in any place."""


class HostGuard(SansIOHTTPPolicy[Any, Any]):
    """Refuses requests to hosts that are not configured, before a token is put on them: next links, operation URLs."""

    def __init__(self, hosts: tuple[str, ...]) -> None:
        super().__init__()
        self._hosts = hosts

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Let the request pass, or raise `Unreadable`."""
        url = request.http_request.url
        if not is_allowed(url, self._hosts):
            where = shown(url.partition("?")[0])
            raise Unreadable(
                "azure_ml_foreign_host", f"Azure pointed at {where}, a host that is not configured; nothing was sent."
            )


def retry_options() -> dict[str, Any]:
    """A dropped connection is tried once more; a status is not: whoever asked waits as long as the answer says."""
    return {"retry_total": 2, "retry_connect": 1, "retry_read": 1, "retry_status": 0, "retry_backoff_factor": 0.4}


def transport_for(timeout: float) -> RequestsTransport:
    """A fresh connection pool whose reads give up after `timeout` seconds; closes as a context manager."""
    return RequestsTransport(connection_timeout=min(CONNECT_SECONDS, timeout), read_timeout=timeout)


class AzureMLHttp:
    """Safe to share between threads. `policies` see every attempt of every request."""

    def __init__(
        self,
        settings: AzureMLSettings,
        credential: TokenCredential,
        policies: Sequence[SansIOHTTPPolicy[Any, Any]] = (),
    ) -> None:
        roots = {"management": settings.cloud.resource_manager, "ml": settings.cloud.aml_resource_id}
        transport = self._transport = transport_for(settings.timeout)
        self._clients: dict[str, PipelineClient[HttpRequest, HttpResponse]] = {
            scope: PipelineClient(
                root,
                transport=transport,
                policies=[
                    RequestIdPolicy(),
                    UserAgentPolicy(base_user_agent=f"clearance/{__version__}"),
                    ProxyPolicy(),
                    RetryPolicy(**retry_options()),
                    HostGuard(settings.token_hosts),
                    BearerTokenCredentialPolicy(credential, f"{root}/.default"),
                    *policies,
                ],
            )
            for scope, root in roots.items()
        }

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def get(self, what: str, url: str, params: Mapping[str, str], scope: Scope = "management") -> HttpResponse:
        """Send a GET; see `send`. Values of `params` are any text: azure-core would send them as they are."""
        encoded = {name: quote(value, safe="") for name, value in params.items()}
        return self.send(what, HttpRequest("GET", url, params=encoded), scope)

    def send(self, what: str, request: HttpRequest, scope: Scope = "management") -> HttpResponse:
        """Send one request; any status is returned.

        Raises:
            Unreadable: no answer came, no token could be had, or the host is not configured.
        """
        request.headers.setdefault("Accept", "application/json")
        with translated("azure_ml", what):
            return self._clients[scope].send_request(request)


def refusal(what: str, response: HttpResponse, *, may_refuse: bool = False) -> PortError:
    """The error for an answer that is no success."""
    headers = {key.lower(): value for key, value in response.headers.items()}
    said = " ".join(error_words(response))
    return by_status("azure_ml", what, response.status_code, said, seconds_to_wait(headers), may_refuse=may_refuse)


def error_words(response: HttpResponse) -> tuple[str, ...]:
    """Code and message of an error answer, in ARM's or MLflow's form; empty where the body holds neither."""
    body = _read(response)
    error = body.get("error", body) if isinstance(body, dict) else None
    found = error if isinstance(error, dict) else {}
    words = (found.get("code") or found.get("error_code"), found.get("message"))
    return tuple(str(word) for word in words if word)


def json_object(what: str, response: HttpResponse) -> dict[str, Any]:
    """The body as a JSON object.

    Raises:
        Unreadable: it is cut short, or something else.
    """
    body = _read(response)
    if not isinstance(body, dict):
        raise not_understood(what, "its answer is no JSON object, or was cut short")
    return body


def _read(response: HttpResponse) -> Any:
    """The body as JSON; None where it is something else."""
    try:
        return json.loads(response.text())
    except CONFUSED:
        return None


@contextmanager
def understood(what: str) -> Iterator[None]:
    """Turn the stumbling of the block over an answer's form into `Unreadable`: nothing can be concluded from it."""
    try:
        yield
    except CONFUSED as error:  # from None: its text may hold a URL with its signature
        raise not_understood(what, f"its answer has another form than it must have ({type(error).__name__})") from None


def not_understood(what: str, why: str) -> Unreadable:
    """The error for an answer that does not have the form it must have."""
    return Unreadable("azure_ml_not_understood", f"{what}: {why}.")
