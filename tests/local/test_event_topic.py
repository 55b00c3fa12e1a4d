"""The topic takes what the real publisher client sends, refuses what Event Grid refuses, and misbehaves on request."""

import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from azure.core.credentials import AccessToken, AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.core.messaging import CloudEvent
from azure.eventgrid import EventGridPublisherClient
from starlette.applications import Starlette

from local.event_topic import Access, Topic, topic_app
from local.event_topic.app import PATH
from local.event_topic.delivery import Deliveries
from local.processes import Children
from local.readiness import ready_line
from local.serving import serving, site_on
from local.tls import Authority
from local.token_issuer import SigningKeys, TokenIssuer, read_people
from local.token_issuer.sign_in import sign_in_app

ROOT = Path(__file__).parents[2]
KEY = "the-topic-key-of-the-test"
GOOD = {"id": "1", "source": "/clearance", "specversion": "1.0", "type": "Clearance.Blocked"}
BATCH = {"content-type": "application/cloudevents-batch+json; charset=utf-8", "aeg-sas-key": KEY}


@pytest.fixture(scope="module")
def url(authority: Authority) -> Iterator[str]:
    topic, tls = Topic(), authority.client_context()
    app = topic_app(topic, Access(key=KEY), Deliveries(topic, tls))
    site = site_on(app, certificate=authority.issue())
    with serving(site):
        yield site.url


@pytest.fixture(autouse=True)
def trust(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the environment, as the app is told: azure-eventgrid drops `connection_verify` for custom topics."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.ca_bundle))


@pytest.fixture
def client(authority: Authority) -> Iterator[httpx.Client]:
    with httpx.Client(verify=authority.client_context()) as client:
        yield client


def publish(client: httpx.Client, url: str, content: Any, **headers: str) -> httpx.Response:
    return client.post(url + PATH, params={"api-version": "2018-01-01"}, json=content, headers={**BATCH, **headers})


def events(client: httpx.Client, url: str, after: int = 0) -> list[dict[str, Any]]:
    return list(client.get(f"{url}/_topic/events", params={"after": after}).json()["events"])


def test_the_real_client_publishes_with_the_key(url: str, client: httpx.Client) -> None:
    before = len(events(client, url))
    sent = [
        CloudEvent("/clearance", f"Clearance.Step{n}", data={"n": n}, id=f"e{n}", subject="promotion/x") for n in (1, 2)
    ]
    with EventGridPublisherClient(url + PATH, AzureKeyCredential(KEY)) as publisher:
        publisher.send(sent)
    received = events(client, url, before)
    assert [each["sequence"] for each in received] == [before + 1, before + 2]
    assert [each["event"]["id"] for each in received] == ["e1", "e2"]
    assert received[0]["event"]["data"] == {"n": 1}


def test_the_real_client_is_told_that_its_key_is_wrong(url: str) -> None:
    with (
        EventGridPublisherClient(url + PATH, AzureKeyCredential("no")) as publisher,
        pytest.raises(ClientAuthenticationError, match="not the key of this topic"),
    ):
        publisher.send(CloudEvent("/clearance", "Clearance.Blocked"))


class Bearer:
    """A credential that holds a token made before."""

    def __init__(self, token: str) -> None:
        self._token = token

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        return AccessToken(self._token, int(time.time()) + 3600)


def test_a_bearer_token_is_checked_by_key_audience_and_time(authority: Authority, client: httpx.Client) -> None:
    tls, certificate = authority.client_context(), authority.issue()
    keys_site = site_on(Starlette(), certificate=certificate)
    issuer = TokenIssuer(read_people(), SigningKeys(), keys_site.url)
    keys_site = type(keys_site)(sign_in_app(issuer), keys_site.listener, certificate)
    topic = Topic()
    app = topic_app(topic, Access.of(None, issuer.jwks_uri, tls), Deliveries(topic, tls))
    site = site_on(app, certificate=certificate)
    good = issuer.for_managed_identity("https://eventgrid.azure.net")
    elsewhere = issuer.for_managed_identity("https://ml.azure.com")
    forged = jwt.encode(good.claims, SigningKeys().current.private, "RS256", headers={"kid": issuer.keys.current.kid})
    with serving(keys_site, site):
        for token, accepted in ((good.text, True), (elsewhere.text, False), (forged, False), ("rubbish", False)):
            with EventGridPublisherClient(site.url + PATH, Bearer(token)) as publisher:
                if accepted:
                    publisher.send(CloudEvent("/clearance", "Clearance.Blocked"))
                else:
                    with pytest.raises(ClientAuthenticationError):
                        publisher.send(CloudEvent("/clearance", "Clearance.Blocked"))
        assert publish(client, site.url, [GOOD]).status_code == 401, "a key was never set, so no key opens"
    assert len(topic.events) == 1


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ([{**GOOD, "specversion": "0.3"}], "specversion must be 1.0"),
        ([{k: v for k, v in GOOD.items() if k != "source"}], "source must be text"),
        ([{**GOOD, "id": ""}], "id must be text"),
        ([{**GOOD, "time": "yesterday"}], "RFC 3339"),
        ([{**GOOD, "time": "2026-01-01T00:00:00"}], "RFC 3339"),
        ([{**GOOD, "data": 1, "data_base64": "eA=="}], "exclude each other"),
        ([{**GOOD, "trace_parent": "x"}], "trace_parent"),
        ([GOOD, 7], "event 1: is not an object"),
        (GOOD, "is an array"),
    ],
)
def test_what_is_no_cloud_event_is_refused_whole(url: str, client: httpx.Client, content: Any, fault: str) -> None:
    before = len(events(client, url))
    answer = publish(client, url, content)
    assert answer.status_code == 400
    assert fault in answer.json()["error"]["message"]
    assert answer.json()["error"]["details"][0]["code"] == "BadRequest"
    assert len(events(client, url)) == before


def test_other_refusals_have_event_grids_statuses(url: str, client: httpx.Client) -> None:
    assert client.post(url + PATH, json=[GOOD], headers=BATCH).status_code == 400, "no api-version"
    assert publish(client, url, [GOOD], **{"content-type": "application/json"}).status_code == 400
    assert publish(client, url, [{**GOOD, "data": "x" * 1024 * 1024}]).status_code == 413
    assert client.post(url + PATH, json=[GOOD]).status_code == 401


def test_a_single_structured_event_is_taken(url: str, client: httpx.Client) -> None:
    assert publish(client, url, GOOD, **{"content-type": "application/cloudevents+json"}).status_code == 200


def test_ordered_trouble_comes_as_often_as_ordered(url: str, client: httpx.Client) -> None:
    order(client, url, status=503, times=2, retry_after=1)
    statuses = [publish(client, url, [GOOD]) for _ in range(3)]
    assert [answer.status_code for answer in statuses] == [503, 503, 200]
    assert statuses[0].headers["retry-after"] == "1"
    order(client, url, delay=0.3)
    began = time.monotonic()
    publish(client, url, [GOOD])
    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize(("drop", "taken"), [("request", 0), ("answer", 1)])
def test_a_dropped_connection_gives_no_answer(url: str, client: httpx.Client, drop: str, taken: int) -> None:
    before = len(events(client, url))
    order(client, url, drop=drop)
    with pytest.raises(httpx.TransportError):
        publish(client, url, [GOOD])
    assert len(events(client, url)) == before + taken


def test_an_ordered_outage_reaches_the_real_client(url: str, client: httpx.Client) -> None:
    order(client, url, status=503, times=1)
    with (
        EventGridPublisherClient(url + PATH, AzureKeyCredential(KEY)) as publisher,
        pytest.raises(HttpResponseError, match="ordered"),
    ):
        publisher.send(CloudEvent("/clearance", "Clearance.Blocked"), retry_total=0)


def order(client: httpx.Client, url: str, **fault: Any) -> None:
    client.post(f"{url}/_topic/faults", json=fault).raise_for_status()


class Webhook(BaseHTTPRequestHandler):
    """An endpoint that allows deliveries and fails the first of each event."""

    seen: list[tuple[str, str]]

    def do_OPTIONS(self) -> None:
        self.send_response(200)
        self.send_header("WebHook-Allowed-Origin", "eventgrid.azure.net")
        self.end_headers()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        self.seen.append((self.headers["aeg-delivery-count"], body))
        self.send_response(200 if self.headers["aeg-delivery-count"] == "1" else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_subscribers_get_each_event_until_they_take_it(url: str, client: httpx.Client) -> None:
    Webhook.seen = []
    server = HTTPServer(("127.0.0.1", 0), Webhook)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        endpoint = f"http://127.0.0.1:{server.server_port}/hook"
        wanted = {"name": "pages", "endpoint": endpoint, "wait_scale": 0.005, "event_types": ["Clearance.Approved"]}
        assert client.post(f"{url}/_topic/subscriptions", json=wanted).status_code == 201
        publish(client, url, [GOOD, {**GOOD, "type": "Clearance.Approved", "id": "2"}])
        deadline = time.monotonic() + 5
        while len(Webhook.seen) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert [count for count, _ in Webhook.seen] == ["0", "1"]
    assert all('"id":"2"' in body for _, body in Webhook.seen)


def test_a_subscriber_that_does_not_shake_hands_is_refused(url: str, client: httpx.Client) -> None:
    answer = client.post(f"{url}/_topic/subscriptions", json={"name": "x", "endpoint": "http://127.0.0.1:9/none"})
    assert answer.status_code == 400
    assert "cannot be reached" in answer.json()["error"]["message"]


def test_the_command_serves_and_wants_a_way_in(authority: Authority, logs: Path, client: httpx.Client) -> None:
    argv: list[str | Path] = [sys.executable, "-m", "local.event_topic", "--tls", authority.folder]
    with Children(logs) as children:
        topic = children.start("event-topic", argv, ready=ready_line, env={"EVENT_TOPIC_KEY": KEY}, cwd=ROOT)
        url = topic.ready["endpoint"].removesuffix(PATH)
        assert publish(client, url, [GOOD]).status_code == 200
        assert events(client, url)[0]["event"] == GOOD
        refused = children.start("closed-topic", argv, env={}, cwd=ROOT)
        assert refused.process.wait(10) == 2
        assert "nobody could publish" in refused.output()
