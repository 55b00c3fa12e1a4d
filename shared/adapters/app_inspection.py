"""The port AppInspection: the app as anybody meets it over HTTP. Redirects are not followed; a token goes to health only."""

from typing import TYPE_CHECKING, Any

from shared.adapters.azure_errors import shown
from shared.domain.azure_facts import AppHealth, PageAnswer, PortAnswer
from shared.domain.errors import DocumentInvalid, Unreadable
from shared.domain.strict_json import loads
from shared.version import __version__

if TYPE_CHECKING:
    import httpx

_SECONDS = 60.0  # a cold start, with every port asked
_LARGEST = 1024 * 1024  # bytes


class HttpApp:
    """AppInspection.

    Args:
        url: of the app, without a slash at the end.
        token: of an operator, who is told why a port does not answer; None where there is none.
    """

    def __init__(self, url: str, token: str | None = None) -> None:
        self._url = url
        self._token = token

    def health(self) -> AppHealth:
        """What /api/health says, with 200 or 503."""
        authorization = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        response = self._get("/api/health", authorization)
        try:
            return _health(loads(response.content, max_bytes=_LARGEST, max_depth=16))
        except (DocumentInvalid, LookupError, TypeError, AttributeError):
            said = f"{self._url}/api/health answered {response.status_code} in a form that is not Clearance's."
            raise Unreadable("app_not_understood", said) from None

    def page(self) -> PageAnswer:
        """The inbox, asked for without any token, as a browser does that has no session."""
        response = self._get("/", {"Accept": "text/html"})
        return PageAnswer(response.status_code, shown(response.headers.get("location", "").partition("?")[0]))

    def _get(self, path: str, headers: dict[str, str]) -> "httpx.Response":
        import httpx

        agent = {"User-Agent": f"clearance/{__version__}", **headers}
        try:
            with httpx.Client(base_url=self._url, timeout=_SECONDS, headers=agent) as client:
                return client.get(path)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreadable("app_unreachable", f"{self._url} cannot be reached ({_why(error)}).") from error


def _why(error: Exception) -> str:
    return shown(str(error)) or type(error).__name__


def _health(body: dict[str, Any]) -> AppHealth:
    if body.get("code") == "configuration_invalid":
        return AppHealth(faults=tuple(map(str, body["faults"])))
    ports = tuple(PortAnswer(str(each["name"]), each["ok"] is True, str(each["explanation"])) for each in body["ports"])
    return AppHealth(str(body["version"]), ports)
