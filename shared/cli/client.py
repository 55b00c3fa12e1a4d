"""The HTTP API as commands see it: a document, or a sentence and an exit code."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shared.cli.exits import REFUSED, UNREACHABLE, NotPassed
from shared.domain.errors import DocumentInvalid
from shared.domain.strict_json import loads
from shared.settings import ClientSettings
from shared.version import __version__

if TYPE_CHECKING:
    import httpx

_SECONDS = 30.0
_SIGN_IN = frozenset({301, 302, 303, 307, 401})  # App Service sends whoever is not signed in to its sign-in page
_LARGEST = 256 * 1024 * 1024  # bytes
_DEEPEST = 64


class Client:
    """Calls one app. Redirects are not followed: a token goes to the server that was named, and nowhere else."""

    def __init__(self, settings: ClientSettings) -> None:
        self._settings = settings

    def get(self, path: str, query: Mapping[str, str | int | None] | None = None) -> Any:
        """The JSON at a path.

        Raises:
            NotPassed: refused (exit 1), or not reached (exit 3).
        """
        asked = {name: value for name, value in (query or {}).items() if value is not None}
        return self._answer("GET", path, params=asked, headers=self._authorization())

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Any:
        """Send a JSON body as it is; raises what `get` raises. No token goes with it: a signature proves it."""
        return self._answer("POST", path, content=body, headers={"Content-Type": "application/json", **headers})

    def wish(self, path: str, comment: str | None) -> Any:
        """Tell a promotion something, as the signed-in caller; raises what `get` raises."""
        body = {"comment": comment} if comment else {}
        return self._answer("POST", path, json=body, headers=self._authorization())

    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._settings.token}"} if self._settings.token else {}

    def _answer(self, method: str, path: str, **options: Any) -> Any:
        import httpx

        agent = {"User-Agent": f"clearance/{__version__}"}
        try:
            with httpx.Client(base_url=self._settings.server, timeout=_SECONDS, headers=agent) as client:
                response = client.request(method, path, **options)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            sentence = f"{self._settings.server} cannot be reached: {error}. Name the app with --server."
            raise NotPassed(sentence, exit_code=UNREACHABLE) from error
        return self._document(response)

    def _document(self, response: "httpx.Response") -> Any:
        try:
            document = loads(response.content, max_bytes=_LARGEST, max_depth=_DEEPEST)
        except DocumentInvalid:
            document = None
        if response.is_success and document is not None:
            return document
        raise self._refusal(response.status_code, document)

    def _refusal(self, status: int, document: Any) -> NotPassed:
        code = UNREACHABLE if status >= 500 else REFUSED
        if status in _SIGN_IN and not self._settings.token:
            return NotPassed(
                f"{self._settings.server} asks who you are ({status}): set CLEARANCE_TOKEN.", exit_code=REFUSED
            )
        if not isinstance(document, dict) or "detail" not in document:
            sentence = f"{self._settings.server} answered {status} in a form that is not Clearance's: is it the app?"
            return NotPassed(sentence, exit_code=UNREACHABLE if status < 400 else code)
        faults = document.get("faults")
        listed = tuple(map(str, faults)) if isinstance(faults, list) else ()
        sentence = f"{document.get('title', 'Refused')} ({status} {document.get('code', '')}). {document['detail']}"
        return NotPassed(sentence, listed, code)
