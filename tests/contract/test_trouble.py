"""Whatever the service answers becomes an error that says what to do, and when to try again."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from local.azurite import ACCOUNT, ACCOUNT_KEY
from shared.domain.errors import HistoryClash, Unreadable
from shared.domain.ids import Incarnation, Target
from shared.ports import Claim, History
from tests.contract.stores import AT, FRAUD, Stores, blocked, on_storage


class Answering(ThreadingHTTPServer):
    """A service that answers every request alike, and counts them."""

    daemon_threads = True
    status = 503
    requests = 0


class AnswerAlike(BaseHTTPRequestHandler):
    """Says the server's status, with a time to wait."""

    server: Answering

    def do_GET(self) -> None:
        self.server.requests += 1
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(self.server.status)
        self.send_header("Retry-After", "7")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - likewise

    def log_message(self, format: str, *args: object) -> None:
        """Nothing to say."""


@pytest.fixture
def service() -> Iterator[Answering]:
    with Answering(("127.0.0.1", 0), AnswerAlike) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def stores(service: Answering) -> Stores:
    address = f"http://127.0.0.1:{service.server_address[1]}/{ACCOUNT}"
    endpoints = "".join(f"{kind}Endpoint={address};" for kind in ("Table", "Blob", "Queue"))
    return on_storage(f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={ACCOUNT_KEY};{endpoints}", "t")


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_service_that_is_busy_says_when_to_come_back(stores: Stores, service: Answering, status: int) -> None:
    service.status = status
    with pytest.raises(Unreadable) as told:
        stores.histories.load(FRAUD)
    assert told.value.retry_after == 7
    assert service.requests == 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_service_that_lets_nobody_in_says_so(stores: Stores, service: Answering, status: int) -> None:
    service.status = status
    with pytest.raises(Unreadable, match=f"answered {status}"):
        stores.worklist.ask(FRAUD, AT, AT)


@pytest.mark.parametrize("status", [500, 503, 409, 412])
def test_an_append_that_may_have_happened_is_decided_again(stores: Stores, service: Answering, status: int) -> None:
    service.status = status
    with pytest.raises(HistoryClash):
        stores.histories.append(History(FRAUD), [blocked(1)], AT, {})
    assert service.requests == 1


def test_an_append_that_was_turned_away_is_tried_later(stores: Stores, service: Answering) -> None:
    service.status = 429
    with pytest.raises(Unreadable) as told:
        stores.histories.append(History(FRAUD), [blocked(1)], AT, {})
    assert told.value.retry_after == 7


class CutShort(AnswerAlike):
    """Takes every request, and breaks off in the middle of the answer."""

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(self.server.status)
        self.send_header(
            "Content-Type", "multipart/mixed; boundary=b" if self.server.status == 202 else "application/json"
        )
        self.send_header("Content-Length", "600")
        self.end_headers()
        self.wfile.write(b"--b\r\nContent-Type: multipart/mixed")

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - likewise


@pytest.mark.parametrize("status", [200, 202])
def test_an_append_whose_answer_breaks_off_is_decided_again(stores: Stores, service: Answering, status: int) -> None:
    service.RequestHandlerClass, service.status = CutShort, status
    with pytest.raises(HistoryClash, match="answer was lost"):
        stores.histories.append(History(FRAUD), [blocked(1)], AT, {})


def test_a_read_whose_answer_breaks_off_is_unreadable(stores: Stores, service: Answering) -> None:
    service.RequestHandlerClass, service.status = CutShort, 200
    with pytest.raises(Unreadable, match="no answer came"):
        stores.histories.load(FRAUD)


def test_an_insert_whose_answer_breaks_off_is_read_back(stores: Stores, service: Answering) -> None:
    """azure-data-tables looks for headers on the answer that it does not have, and stumbles."""
    service.RequestHandlerClass, service.status = CutShort, 201
    with pytest.raises(Unreadable, match="Reading the table"):
        stores.claims.take(Target("contoso-shared", "fraud", "7"), Claim(FRAUD, Incarnation("asset", AT), 1))


def test_nobody_there_is_unreadable() -> None:
    nowhere = f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={ACCOUNT_KEY};" + "".join(
        f"{kind}Endpoint=http://127.0.0.1:9/{ACCOUNT};" for kind in ("Table", "Blob", "Queue")
    )
    with pytest.raises(Unreadable, match="no answer came"):
        on_storage(nowhere, "t").worklist.get(FRAUD)
