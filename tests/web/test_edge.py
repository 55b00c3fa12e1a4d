"""What is refused before anything reads it, what every answer carries, and what a crash says."""

import asyncio
import logging
from dataclasses import replace
from typing import Any

import pytest

from shared.adapters.memory import InMemoryReadModels
from shared.domain.errors import DocumentInvalid
from shared.domain.people import People
from shared.ports import Page, PromotionFilter, Summary
from shared.web.edge import LARGEST_BODY, Edge, is_normal
from tests.web.front import ONE, Front, SignIn, code_of
from tests.workflow.world import World


class CrashingReadModels(InMemoryReadModels):
    """A list with a defect in it."""

    def promotions(self, wanted: PromotionFilter, limit: int, cursor: str | None) -> Page[Summary]:
        return Page((), str(limit // 0))


class FaultyDirectory:
    """A directory whose file was broken by its last edit."""

    def people(self) -> People:
        raise DocumentInvalid("people.yaml", ["people.yaml:3: nobody has an id."])


def a_world(**ports: Any) -> World:
    world = World()
    world.outside = replace(world.outside, **ports)
    return world


def call(front: Front, path: str, raw: bytes | None = None, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    """Call the app below any client, which would put a path into normal form by itself."""
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode() if raw is None else raw,
        "query_string": b"", "headers": [], "scheme": "https", "server": ("127.0.0.1", 443), "root_path": "",
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(front.app(scope, receive, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:])


NOT_NORMAL = [
    "", "api/health", "//", "//api/health", "/api//health", "/api/health/", "/api/./health", "/api/../api/health", "/..",
    "/api/health/..", "/api\\health", "/api/health\\..\\x", "/api/health\x00", "/api/health\n", "/api/he alth",
    "/api/health;x=1", "/api/\uff48ealth", "/api/%68ealth", "/api/health?", "/api/health#", "/api/\x7fhealth",
]  # fmt: skip


@pytest.mark.parametrize("path", NOT_NORMAL)
def test_a_path_that_can_be_read_in_two_ways_is_refused_first(front: Front, path: str) -> None:
    assert not is_normal(path)
    status, headers, body = call(front, path)
    assert (status, headers["content-type"]) == (400, "application/problem+json")
    assert b'"code":"path_not_normal"' in body
    assert "content-security-policy" in headers


@pytest.mark.parametrize("raw", [b"/api/promotions/a%2fb/c/1", b"/api%2Fhealth", b"/api/x/%2e%2e/health", b"/api/%5c"])
def test_what_was_sent_encoded_is_refused_though_it_decodes_to_a_normal_path(front: Front, raw: bytes) -> None:
    assert call(front, "/api/health", raw)[0] == 400


def test_a_path_that_is_not_normal_is_refused_whatever_was_sent(front: Front) -> None:
    """A server in front of the app may have read what was sent in its own way."""
    assert call(front, "/api/../api/health", b"/api/health")[0] == 400


@pytest.mark.parametrize(
    "path", ["/", "/history", "/api/promotions/risk-dev/fraud-detector/7", "/a/b.c_d~e:f@g-h", "/..."]
)
def test_our_own_paths_are_normal(path: str) -> None:
    assert is_normal(path)


def test_a_body_that_is_too_large_is_refused_before_it_is_read(front: Front) -> None:
    for size, code in ((LARGEST_BODY + 1, 413), (LARGEST_BODY, 401)):
        answer = front.client.post("/api/webhooks/decisions/pipeline", content=b"x" * size)
        assert answer.status_code == code
    assert code_of(front.client.post("/", content=b"x" * (LARGEST_BODY + 1))) == "body_too_large"


def test_a_body_said_to_be_too_large_is_not_even_waited_for(front: Front) -> None:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        raise AssertionError("the body was asked for")

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/webhooks/decisions/pipeline",
        "headers": [(b"content-length", str(LARGEST_BODY + 1).encode())],
        "query_string": b"",
    }
    asyncio.run(front.app(scope, receive, send))
    assert sent[0]["status"] == 413


def test_a_body_of_unstated_length_is_read_no_further_than_the_cap(front: Front) -> None:
    read = 0

    async def drip() -> dict[str, Any]:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": b"x" * 65_536, "more_body": read < 20}

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/webhooks/decisions/pipeline",
        "headers": [],
        "query_string": b"",
    }
    asyncio.run(front.app(scope, drip, send))
    assert (sent[0]["status"], read) == (413, 5)


@pytest.mark.parametrize("length", ["-1", "1e3", "", "9" * 30, " 5", "0x10"])
def test_a_length_that_is_no_number_is_refused(front: Front, length: str) -> None:
    assert code_of(front.client.get("/api/health", headers={"Content-Length": length})) == "malformed_request"


def test_two_lengths_are_refused(front: Front) -> None:
    headers = [("content-length", "0"), ("content-length", "5")]
    assert code_of(front.client.get("/api/health", headers=headers)) == "malformed_request"


ASKED = ["/", "/history", "/api/health", "/api/promotions", "/nowhere", "/static/clearance.css", "/api/openapi.json"]


@pytest.mark.parametrize("path", ASKED)
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_every_answer_carries_the_security_headers(front: Front, path: str, accept: str) -> None:
    headers = front.client.get(path, headers={"Accept": accept}).headers
    assert headers["content-security-policy"] == (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == ("no-cache" if path.startswith("/static") else "no-store")
    assert "access-control-allow-origin" not in headers


def test_an_unknown_route_is_a_problem(front: Front) -> None:
    for path in ("/nowhere", "/api/nowhere", "/docs", "/redoc", "/openapi.json", "/static/nothing.js", "/api/Health"):
        answer = front.client.get(path)
        assert (answer.status_code, code_of(answer)) == (404, "no_such_route")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/static/{}"), ("POST", "/api/quarantine/{}/replay"), ("GET", "/api/promotions/a/b/{}")],
)
def test_an_endless_path_is_not_told_whole(front: Front, method: str, path: str) -> None:
    headers = {**front.bearer("olu.operator"), "Content-Type": "application/json"}
    answer = front.client.request(method, path.format("w" * 60_000), headers=headers, content=b"{}")

    assert answer.status_code in {404, 422}
    assert len(answer.text) < 2_000


def test_a_method_that_is_not_offered_is_a_problem_that_names_those_that_are(front: Front) -> None:
    answer = front.client.delete("/api/promotions")
    assert (answer.status_code, code_of(answer), answer.headers["allow"]) == (405, "method_not_allowed", "GET")
    for path in (f"{ONE}/decisions", f"{ONE}/withdraw", "/api/webhooks/decisions/pipeline"):
        assert code_of(front.client.get(path)) == "method_not_allowed"


def test_a_crash_is_told_without_a_word_of_what_broke_and_logged_under_its_incident(
    sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    front = Front(sign_in, world=a_world(read_models=CrashingReadModels()))
    with caplog.at_level(logging.ERROR, "clearance.web"):
        answer = front.get("/api/promotions")
    assert (answer.status_code, code_of(answer)) == (500, "unexpected")
    incident = answer.json()["incident"]
    assert incident in answer.json()["detail"]
    assert "ZeroDivisionError" not in answer.text
    assert "Traceback" not in answer.text
    record = next(record for record in caplog.records if incident in record.getMessage())
    assert record.exc_info
    assert "no-store" in answer.headers["cache-control"]


def test_a_crash_in_the_middle_of_an_answer_ends_the_connection() -> None:
    async def breaks(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ZeroDivisionError

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        pass

    with pytest.raises(ZeroDivisionError):
        asyncio.run(
            Edge(breaks, lambda: "1")({"type": "http", "method": "GET", "path": "/", "headers": []}, receive, send)
        )


def test_faults_in_what_the_deployment_reads_are_the_operators_not_the_callers(sign_in: SignIn) -> None:
    front = Front(sign_in, world=a_world(directory=FaultyDirectory()))
    answer = front.get("/api/promotions")
    assert (answer.status_code, code_of(answer)) == (503, "configuration_invalid")
    assert "people.yaml:3" in answer.json()["detail"]
