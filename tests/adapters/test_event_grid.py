"""Events reach a topic through the real client, and a topic in trouble is told from one that says no."""

import logging
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from typing import Any

import jwt
import pytest

from local.event_topic import Access, Fault, Topic, topic_app
from local.event_topic.app import PATH
from local.event_topic.delivery import Deliveries
from local.serving import serving, site_on
from local.tls import make_authority
from local.token_issuer import SigningKeys, TokenIssuer, read_people
from local.token_issuer.sign_in import sign_in_app
from shared.adapters.event_grid import LARGEST_BATCH, EventGridTopic, UnpublishedEvents
from shared.adapters.round_trips import RoundTrips
from shared.domain.errors import Refused, Unreadable
from tests.emulated import Bearer


@dataclass(frozen=True, slots=True)
class Grid:
    """A topic behind TLS that checks tokens, and the identity that may publish there."""

    topic: Topic
    endpoint: str
    credential: Bearer
    open: ExitStack

    def adapter(self, **options: Any) -> EventGridTopic:
        return self.open.enter_context(closing(EventGridTopic(self.endpoint, self.credential, **options)))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grid]:
    authority = make_authority(tmp_path_factory.mktemp("tls"))
    issuer = TokenIssuer(read_people(), SigningKeys(), "https://127.0.0.1")
    sign_in = site_on(sign_in_app(issuer), certificate=authority.issue())
    keys = jwt.PyJWKClient(
        f"{sign_in.url}/{issuer.people.tenant_id}/discovery/v2.0/keys", ssl_context=authority.client_context()
    )
    topic = Topic()
    site = site_on(
        topic_app(topic, Access(signing_keys=keys), Deliveries(topic, authority.client_context())),
        certificate=authority.issue(),
    )
    token = issuer.for_managed_identity("https://eventgrid.azure.net").text
    with serving(sign_in, site), pytest.MonkeyPatch.context() as environment:
        environment.setenv("REQUESTS_CA_BUNDLE", str(authority.ca_bundle))
        yield Grid(topic, f"{site.url}{PATH}", Bearer(token), ExitStack())


@pytest.fixture
def grid(running: Grid) -> Iterator[Grid]:
    running.topic.events.clear()
    running.topic.faults.clear()
    with ExitStack() as adapters:
        yield replace(running, credential=Bearer(running.credential.token), open=adapters)


def event(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"promotion/risk-dev/churn/3#{number}",
        "source": "/clearance",
        "subject": "promotion/risk-dev/churn/3",
        "type": "Clearance.Promoted",
        "time": "2026-03-01T10:00:00.123456Z",
        "datacontenttype": "application/json",
        "data": {"registry": "contoso-shared", "score": 0.5, "nothing": None},
        **changes,
    }


def test_events_arrive_in_order_as_they_were_given(grid: Grid, caplog: pytest.LogCaptureFixture) -> None:
    grid.adapter().publish([event(1), event(2)])
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
    arrived = [received.event for received in grid.topic.events]
    assert [each["id"] for each in arrived] == [event(1)["id"], event(2)["id"]]
    assert {key: value for key, value in arrived[0].items() if key != "traceparent"} == event(1)
    assert set(grid.credential.scopes) == {"https://eventgrid.azure.net/.default"}


def test_nothing_to_publish_sends_nothing(grid: Grid) -> None:
    trips = RoundTrips()
    grid.adapter(round_trips=trips).publish([])
    assert trips.total == 0


def test_many_events_go_in_as_few_requests_as_the_limit_allows(grid: Grid) -> None:
    trips = RoundTrips()
    large = [event(number, data={"text": "x" * (LARGEST_BATCH // 4)}) for number in range(6)]
    grid.adapter(round_trips=trips).publish(large)
    assert trips.by_service == {"event_grid": 2}
    assert [received.event["id"] for received in grid.topic.events] == [each["id"] for each in large]


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, Refused, "event_topic_refused"),
        (413, Refused, "event_topic_refused"),
        (401, Unreadable, "event_topic_unauthorized"),
        (403, Unreadable, "event_topic_forbidden"),
        (404, Unreadable, "event_topic_not_found"),
        (429, Unreadable, "event_topic_throttled"),
        (503, Unreadable, "event_topic_unavailable"),
    ],
)
def test_what_a_topic_answers_is_told_apart(grid: Grid, status: int, kind: type[Exception], code: str) -> None:
    grid.topic.faults.append(Fault(status=status, retry_after=7))
    with pytest.raises(kind) as trouble:
        grid.adapter().publish([event(1)])
    assert getattr(trouble.value, "code", None) == code
    # azure-eventgrid makes an error of its own of a 404, without the answer and its headers.
    assert getattr(trouble.value, "retry_after", None) == (7 if status != 404 else None)
    assert grid.topic.events == []


@pytest.mark.parametrize("fault", [Fault(drop="request"), Fault(drop="answer"), Fault(delay=3)])
def test_an_answer_that_does_not_come_leaves_it_open_whether_events_arrived(grid: Grid, fault: Fault) -> None:
    grid.topic.faults.append(fault)
    began = time.monotonic()
    with pytest.raises(Unreadable) as trouble:
        grid.adapter(timeout=0.5).publish([event(1)])
    assert trouble.value.code == "event_topic_unreachable"
    assert time.monotonic() - began < 2.5


def test_a_token_for_something_else_is_not_accepted(grid: Grid) -> None:
    with pytest.raises(Unreadable) as trouble:
        replace(grid, credential=Bearer("made-up")).adapter().publish([event(1)])
    assert trouble.value.code == "event_topic_unauthorized"
    assert "made-up" not in str(trouble.value)


@pytest.mark.parametrize("fault", [{"source": None}, {"type": None}])
def test_what_is_no_event_is_refused_before_it_is_sent(grid: Grid, fault: dict[str, None]) -> None:
    broken = {key: value for key, value in event(1).items() if key not in fault}
    with pytest.raises(Refused):
        grid.adapter().publish([broken])


def test_a_sign_of_life_publishes_nothing(grid: Grid) -> None:
    grid.adapter().ping()
    assert grid.topic.events == []


def test_a_topic_that_is_not_there_gives_no_sign_of_life(grid: Grid) -> None:
    with pytest.raises(Unreadable):
        replace(grid, endpoint="https://127.0.0.1:9/api/events").adapter().ping()


def test_without_a_topic_that_is_said_once_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    nobody = UnpublishedEvents()
    with caplog.at_level(logging.WARNING):
        nobody.publish([])
        nobody.publish([event(1), event(2)])
        nobody.publish([event(3)])
        nobody.ping()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "published to nobody" in caplog.text
    assert nobody.dropped == 3
