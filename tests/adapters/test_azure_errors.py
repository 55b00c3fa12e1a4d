"""What an Azure client raises becomes one sentence of bounded length, that holds no secret of what was said."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from azure.core import PipelineClient
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError
from azure.core.rest import HttpRequest, HttpResponse

from shared.adapters.azure_errors import port_error, shown, translated
from shared.domain.errors import PortError, Unreadable

SECRET = "c2VjcmV0LWNhbmFyeQ%3D%3D"
SAS_URL = f"https://x.blob.core.windows.net/c/m?sv=2024-11-04&sig={SECRET}"


class Refusing(BaseHTTPRequestHandler):
    """Refuses every request with the words of its server."""

    server: "Words"

    def do_GET(self) -> None:
        body = json.dumps({"error": {"code": "AuthenticationFailed", "message": self.server.message}}).encode()
        self.send_response(403)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing to say."""


class Words(ThreadingHTTPServer):
    """A service and what it says."""

    message = ""

    def told(self, message: str) -> str:
        """What our sentence is where the service says this."""
        self.message = message
        url = f"http://127.0.0.1:{self.server_port}"
        client: PipelineClient[HttpRequest, HttpResponse] = PipelineClient(url)
        with client, pytest.raises(PortError) as raised, translated("azure_ml", "Reading it", may_refuse=True):
            client.send_request(HttpRequest("GET", url)).raise_for_status()
        return str(raised.value)


@pytest.fixture
def service() -> Iterator[Words]:
    with Words(("127.0.0.1", 0), Refusing) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "message",
    [
        f"Signature did not match for {SAS_URL}",
        f"the header Authorization: Bearer {SECRET} was refused",
        f'{{"access_token": "{SECRET}"}}',
        f"AccountKey={SECRET};EndpointSuffix=core.windows.net",
    ],
)
def test_no_secret_of_an_answer_is_told(service: Words, message: str) -> None:
    said = service.told(message)

    assert "AuthenticationFailed" in said
    assert SECRET[:12] not in said


@pytest.mark.parametrize(
    "error",
    [
        ClientAuthenticationError(f"client_secret={SECRET} is not valid"),
        ServiceRequestError(f"Max retries exceeded with url: {SAS_URL}"),
        OSError(f"broken: {SAS_URL}"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_no_secret_of_an_exception_is_told(error: Exception) -> None:
    said = str(port_error("storage", "Reading the table history", error, may_refuse=True))

    assert said.startswith("Reading the table history: ")
    assert SECRET[:12] not in said


def test_the_services_own_words_are_told_in_one_line_of_bounded_length(service: Words) -> None:
    said = service.told("no\r\nrole\tthere " + "x" * 5_000)

    assert "AuthenticationFailed no role there xxx" in said
    assert len(said) < 500
    assert "\n" not in said


def test_a_secret_that_is_cut_is_left_out_too() -> None:
    assert SECRET[:6] not in shown("x" * 280 + f" sig={SECRET}")


def test_no_cause_goes_along_for_a_traceback_would_show_its_words() -> None:
    with pytest.raises(PortError) as raised, translated("storage", "Reading it"):
        raise ServiceRequestError(f"Max retries exceeded with url: {SAS_URL}")

    assert isinstance(raised.value, Unreadable)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
