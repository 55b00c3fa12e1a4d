"""Telemetry as Application Insights gets it: sent by the real exporter, with a token, and to that one host alone."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import jwt
import pytest

from local.app_insights.app import AUDIENCES, Component, ingestion_app
from local.event_topic.access import Access
from local.serving import serving, site_on
from local.tls import Authority, make_authority
from local.token_issuer import SigningKeys, TokenIssuer, read_people
from local.token_issuer.sign_in import sign_in_app
from shared.adapters.azure_monitor import to_azure_monitor
from shared.adapters.open_telemetry import OpenTelemetry
from shared.domain.ids import PromotionId
from shared.domain.measures import CONFLICTS, QUEUE_DEPTH
from shared.domain.traces import Step, root_span_id, trace_id
from tests.emulated import Bearer
from tests.functions.children import run_python

FRAUD = PromotionId("risk-dev", "fraud", "7")
KEY = "6f1f3c52-0d8e-4a54-9a3f-2f0c6d1f9b11"
RECORD = """
import sys
from azure.core.credentials import AccessToken
asked = set()
def watch(event, arguments):
    if event in ("socket.getaddrinfo", "socket.connect"):
        asked.add(str(arguments[0] if event == "socket.getaddrinfo" else arguments[1][0]))
sys.addaudithook(watch)
from shared.adapters.azure_monitor import to_azure_monitor
from shared.domain.ids import PromotionId
from shared.domain.measures import CONFLICTS
from shared.domain.traces import Step
class Credential:
    def get_token(self, *scopes, **options):
        return AccessToken(sys.argv[2], 2**31)
telemetry = to_azure_monitor(sys.argv[1], Credential(), role="clearance", instance="i", version="0")
with telemetry.step(Step.ADVANCE, PromotionId("risk-dev", "fraud", "7")):
    telemetry.measure([CONFLICTS.of(1, kind="not_ours")])
import json, threading
threads = sorted(thread.name for thread in threading.enumerate() if thread is not threading.main_thread())
telemetry.close()
print(json.dumps([sorted(asked), threads]))
"""


@dataclass(frozen=True, slots=True)
class Insights:
    """A component that takes tokens alone, and who may send."""

    component: Component
    connection: str
    token: str
    authority: Authority

    @contextmanager
    def telemetry(self, token: str | None = None) -> Iterator[OpenTelemetry]:
        sent = to_azure_monitor(
            self.connection, Bearer(token or self.token), role="func-clearance", instance="host/1/abc", version="0.1.0"
        )
        try:
            yield sent
        finally:
            sent.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Insights]:
    authority = make_authority(tmp_path_factory.mktemp("tls"))
    issuer = TokenIssuer(read_people(), SigningKeys(), "https://127.0.0.1")
    keys_site = site_on(sign_in_app(issuer), certificate=authority.issue())
    keys = jwt.PyJWKClient(
        f"{keys_site.url}/{issuer.people.tenant_id}/discovery/v2.0/keys", ssl_context=authority.client_context()
    )
    component = Component(KEY)
    site = site_on(ingestion_app(component, Access(None, keys, AUDIENCES)), certificate=authority.issue())
    with serving(keys_site, site), pytest.MonkeyPatch.context() as environment:
        environment.setenv("REQUESTS_CA_BUNDLE", str(authority.ca_bundle))
        token = issuer.for_managed_identity(AUDIENCES[1]).text
        yield Insights(component, f"InstrumentationKey={KEY};IngestionEndpoint={site.url}/", token, authority)


@pytest.fixture
def insights(running: Insights) -> Insights:
    running.component.items.clear()
    return running


def items(insights: Insights, kind: str) -> list[dict[str, Any]]:
    return [each for each in insights.component.items if each["data"]["baseType"] == kind]


def test_a_step_arrives_in_the_trace_of_its_promotion(insights: Insights) -> None:
    with insights.telemetry() as telemetry, telemetry.step(Step.IMPORT, FRAUD, registry="contoso-eu"):
        telemetry.failed("azure_ml_503")

    [item] = items(insights, "RemoteDependencyData")
    told = item["data"]["baseData"]
    assert (item["tags"]["ai.operation.id"], item["tags"]["ai.operation.parentId"]) == (
        trace_id(FRAUD),
        root_span_id(FRAUD),
    )
    assert item["tags"]["ai.cloud.role"] == "func-clearance"
    assert (told["name"], told["type"], told["success"]) == ("import", "InProc", False)
    assert told["properties"] == {"promotion": "risk-dev:fraud:7", "registry": "contoso-eu"}


def test_readings_arrive_under_their_names_with_their_attributes(insights: Insights) -> None:
    with insights.telemetry() as telemetry:
        telemetry.measure([QUEUE_DEPTH.of(7, queue="promotions"), CONFLICTS.of(1, kind="not_ours")])
        telemetry.measure([CONFLICTS.of(1, kind="not_ours")])

    readings = {
        (metric["name"], *item["data"]["baseData"]["properties"].values()): metric["value"]
        for item in items(insights, "MetricData")
        for metric in item["data"]["baseData"]["metrics"]
    }
    assert readings == {("clearance.queue.depth", "promotions"): 7, ("clearance.conflicts", "not_ours"): 2}


def test_nothing_else_is_sent(insights: Insights) -> None:
    with insights.telemetry() as telemetry, telemetry.step(Step.LOOK, FRAUD):
        telemetry.measure([CONFLICTS.of(1, kind="not_ours")])

    assert {each["data"]["baseType"] for each in insights.component.items} == {"RemoteDependencyData", "MetricData"}


def test_a_token_for_somebody_else_is_refused_and_nothing_breaks(insights: Insights) -> None:
    elsewhere = TokenIssuer(read_people(), SigningKeys(), "https://127.0.0.1").for_managed_identity(AUDIENCES[0]).text

    with insights.telemetry(elsewhere) as telemetry, telemetry.step(Step.LOOK, FRAUD):
        pass

    assert insights.component.items == []


def test_a_component_that_is_away_costs_its_telemetry_and_nothing_more(insights: Insights) -> None:
    insights.component.refusing = 100
    with insights.telemetry() as telemetry, telemetry.step(Step.LOOK, FRAUD):
        pass
    assert insights.component.refusing < 100, "it was asked"
    insights.component.refusing = 0

    assert insights.component.items == []


def test_no_host_is_asked_but_the_component(insights: Insights) -> None:
    settings = {"REQUESTS_CA_BUNDLE": str(insights.authority.ca_bundle)}

    asked, threads = run_python(RECORD, settings, insights.connection, insights.token)

    assert threads == ["OtelBatchSpanRecordProcessor", "OtelPeriodicExportingMetricReader"]  # nobody else reports
    assert asked == [urlsplit(insights.connection.split("IngestionEndpoint=")[1]).hostname]
    assert insights.component.items != []


def test_what_the_service_would_refuse_is_refused_here(running: Insights) -> None:
    url = running.connection.split("IngestionEndpoint=")[1] + "v2.1/track"
    other = {"iKey": "another", "data": {"baseData": {}}}
    long = {"iKey": KEY, "data": {"baseData": {"properties": {"p": "x" * 9000}}}}
    headers = {"authorization": f"Bearer {running.token}"}

    with httpx.Client(verify=running.authority.client_context(), trust_env=False, headers=headers) as client:
        answer = client.post(url, json=[other, long])
        broken = client.post(url, content=b"{")

    assert (answer.status_code, answer.json()["itemsAccepted"]) == (206, 0)
    assert [each["index"] for each in answer.json()["errors"]] == [0, 1]
    assert broken.status_code == 400
    assert json.loads(broken.text)["error"]["code"] == "BadRequest"
