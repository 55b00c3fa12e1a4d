"""Azure Resource Manager as the checks read it: pages, filters, answers that cannot be understood, hosts that get no token."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest

from local.azure_ml.arm_config import Arm, Assignment, Denial, Role, Subscription, SystemTopic
from local.azure_ml.config import Behaviour, EmulatorConfig
from local.azure_ml.server import Running, running_emulator
from local.serving import serving, site_on
from local.tls import make_authority
from shared.adapters.azure_control_plane import AzureControlPlane
from shared.adapters.azure_ml_discovery import AzureMLDiscovery
from shared.adapters.azure_ml_http import AzureMLHttp
from shared.adapters.control_plane_http import ControlPlaneHttp
from shared.domain.azure_facts import Caller
from shared.domain.errors import Unreadable
from shared.domain.resource_ids import TYPES, Resource, resource_id
from tests.emulated import CONFIG as ESTATE
from tests.emulated import RISK, Bearer, settings_for

WS = Resource.parse(RISK.arm_id)
STORE = resource_id("storage", RISK.subscription_id, "rg", "stclr")
COMPONENT = resource_id("component", RISK.subscription_id, "rg", "appi")
INSTRUMENTATION = "6f1f3c52-0d8e-4a54-9a3f-2f0c6d1f9b11"
TOPIC = SystemTopic(
    "evgs",
    RISK.arm_id.upper(),
    "rg-elsewhere",
    principal="p1",
    subscriptions=(
        Subscription("one", STORE, "model-events", "dead-letters", ("A",)),
        Subscription("two", STORE, "other", by_identity=False),
    ),
)
ARM = Arm(
    resources=(STORE,),
    topics=(SystemTopic("other", "/subscriptions/x", RISK.resource_group), TOPIC),
    roles=(Role("Own", ("A/read",), ("A/write",), ("B/*",), ("B/write",), "AAAA"),),
    components={INSTRUMENTATION: COMPONENT, f"{INSTRUMENTATION[:-1]}2": f"{COMPONENT}-2"},
    assignments=(
        *(Assignment(RISK.arm_id, "Own", f"p{number}", "User", "@c") for number in range(3)),
        Assignment(f"{RISK.arm_id}/datastores/x", "Own", "p0", "User"),
    ),
    denials=(Denial("lock", RISK.arm_id, ("*/delete",), excluded=("p1",)),),
    groups={"p2": ("P0",)},
)
CONFIG = EmulatorConfig((RISK,), ESTATE.registries, behaviour=Behaviour(page_size=1), persist=False, arm=ARM)


@pytest.fixture(scope="module")
def served() -> Iterator[Running]:
    with running_emulator(CONFIG) as running:
        yield running


@pytest.fixture
def azure(served: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[AzureControlPlane]:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(served.ca_bundle))
    with closing(AzureControlPlane(ControlPlaneHttp(served.url, Bearer(), 5))) as found:
        yield found
    served.control.clear_faults()


def test_lists_are_read_to_their_end_and_by_principal_with_groups(azure: AzureControlPlane) -> None:
    everybody, one = azure.assignments(WS.id), azure.assignments(WS.id, "p0")

    assert [each.principal for each in everybody] == ["p0", "p1", "p2", "p0"]
    assert everybody[3].scope == f"{WS.id}/datastores/x"
    assert [each.principal for each in one] == ["p0", "p2"]
    assert (one[0].role, one[0].condition, one[0].principal_type) == ("aaaa", "@c", "User")
    assert one[0].since == datetime(2026, 1, 5, 8, tzinfo=UTC)


def test_a_role_and_a_denial_are_read_whole(azure: AzureControlPlane) -> None:
    role, (denial,) = azure.definition("aaaa", WS.id), azure.denials(WS.id)

    assert (role.id, role.name) == ("aaaa", "Own")
    assert role.allows("A/read")
    assert not role.allows("A/write")
    assert role.allows("B/read", data=True)
    assert not role.allows("B/write", data=True)
    assert (denial.name, denial.excluded) == ("lock", ("p1",))
    assert denial.denies("anybody", WS.id, "x/delete")


def test_a_topic_is_found_beside_the_workspace_or_elsewhere_in_its_subscription(azure: AzureControlPlane) -> None:
    found = azure.system_topic(WS)

    assert found is not None
    assert (found.name, found.principal) == ("evgs", "p1")
    assert azure.system_topic(replace(WS, id=f"{WS.id}-2")) is None
    one, two = azure.event_subscriptions(found)
    assert (one.queue, one.account, one.dead_letters, one.event_types) == (
        "model-events",
        STORE,
        "dead-letters",
        ("A",),
    )
    assert (two.queue, two.dead_letters, two.event_types) == ("other", None, None)


def test_a_component_is_found_by_its_key_in_whatever_case(azure: AzureControlPlane) -> None:
    found = azure.component([WS.subscription], INSTRUMENTATION.upper())

    assert found == Resource.parse(COMPONENT)
    assert azure.component([WS.subscription], "another") is None
    with pytest.raises(Unreadable, match="404"):
        azure.component(["none"], INSTRUMENTATION)
    assert azure.component(["none", WS.subscription], INSTRUMENTATION) == found


def test_metrics_are_those_of_one_subscription_in_whatever_case(served: Running, azure: AzureControlPlane) -> None:
    served.control.set_arm(metrics={"DeliverySuccessCount": 4, "DeadLetteredCount": 1})
    topic = azure.system_topic(WS)
    assert topic is not None
    found = azure.deliveries(topic, "ONE", datetime.now(UTC))

    assert (found.delivered, found.dead_lettered, found.failed, found.dropped, found.days) == (4, 1, 0, 0, 7)
    assert found.last is not None
    assert (datetime.now(UTC) - found.last).total_seconds() < 7200
    assert azure.deliveries(topic, "three", datetime.now(UTC)).delivered == 0


def test_a_resource_is_looked_for_in_each_subscription(azure: AzureControlPlane) -> None:
    found = azure.find(("none", RISK.subscription_id), TYPES["storage"], "stclr")

    assert found == Resource.parse(STORE)
    assert azure.find((RISK.subscription_id,), TYPES["storage"], "other") is None
    with pytest.raises(Unreadable, match="SubscriptionNotFound") as trouble:
        azure.find(("none",), TYPES["storage"], "stclr")
    assert trouble.value.code == "control_plane_not_found"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "control_plane_unauthorized"),
        (403, "control_plane_forbidden"),
        (404, "control_plane_not_found"),
        (429, "control_plane_throttled"),
        (503, "control_plane_unavailable"),
    ],
)
def test_refusals_are_told_apart(served: Running, azure: AzureControlPlane, status: int, code: str) -> None:
    served.control.add_faults({"action": "status", "code": status, "retry_after": 0.01, "times": -1})
    with pytest.raises(Unreadable) as trouble:
        azure.read(WS)

    assert trouble.value.code == code


def test_trouble_that_passes_is_ridden_out(served: Running, azure: AzureControlPlane) -> None:
    served.control.add_faults({"action": "status", "code": 429, "retry_after": 0.01, "times": 2})

    assert azure.provider_state(RISK.subscription_id, "Microsoft.EventGrid") == "Registered"


def test_an_answer_that_is_cut_short_is_none(served: Running, azure: AzureControlPlane) -> None:
    served.control.add_faults({"action": "truncate_body", "times": -1})
    with pytest.raises(Unreadable):
        azure.read(WS)


@pytest.fixture
def stub(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Any], AzureControlPlane]]:
    """A server that answers everything with one body."""
    said: list[bytes] = []

    async def answer(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": said[-1]})

    authority = make_authority(tmp_path / "tls")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.ca_bundle))
    site = site_on(answer, certificate=authority.issue())
    with serving(site), closing(AzureControlPlane(ControlPlaneHttp(site.url, Bearer(), 5))) as found:

        def says(body: bytes) -> AzureControlPlane:
            said.append(body.replace(b"HERE", site.url.encode()))
            return found

        yield says


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"[]",
        b"{}",
        b'{"a":' * 100_000,
        b'{"value": {}}',
        b'{"value": [{"properties": {"scope": "x"}}]}',
        b'{"value": [{"properties": {"scope": "/", "roleDefinitionId": 7, "principalId": "p"}}]}',
        b'{"value": [], "nextLink": "HERE/again"}',
    ],
)
def test_what_is_no_list_of_assignments_is_said_to_be_none(
    stub: Callable[[bytes], AzureControlPlane], body: bytes
) -> None:
    with pytest.raises(Unreadable) as trouble:
        stub(body).assignments("/subscriptions/s")

    assert trouble.value.code == "control_plane_not_understood"


@pytest.mark.parametrize(
    "link", ["https://evil.example/x", "http://127.0.0.1/x", "https://user@127.0.0.1/x", "https://[x"]
)
def test_no_token_leaves_for_another_host_whatever_a_link_says(
    stub: Callable[[bytes], AzureControlPlane], link: str
) -> None:
    with pytest.raises(Unreadable) as trouble:
        stub(f'{{"value": [], "nextLink": "{link}"}}'.encode()).denials("/subscriptions/s")

    assert trouble.value.code == "azure_ml_foreign_host"


def points(at: str, total: str) -> bytes:
    """One series of the subscription `x`."""
    data = f'[{{"timeStamp": "{at}", "total": {total}}}]'
    series = f'[{{"metadatavalues": [{{"value": "x"}}], "data": {data}}}]'
    return f'{{"value": [{{"name": {{"value": "DroppedEventCount"}}, "timeseries": {series}}}]}}'.encode()


@pytest.mark.parametrize(
    "body",
    [
        b'{"value": [{}]}',
        b'{"value": [{"name": {"value": "x"}, "timeseries": [1]}]}',
        points("2026-11-23T10:00:00Z", "NaN"),
        points("2026-11-23T10:00:00Z", "1e999"),
        points("0001-01-01T00:00:00+10:00", "1"),
    ],
)
def test_what_is_no_metric_is_said_to_be_none(stub: Callable[[bytes], AzureControlPlane], body: bytes) -> None:
    azure = stub(b'{"value": [{"id": "/a", "name": "a", "properties": {"source": "%s"}}]}' % WS.id.encode())
    topic = azure.system_topic(WS)
    assert topic is not None
    with pytest.raises(Unreadable, match="another form"):
        stub(body).deliveries(topic, "x", datetime.now(UTC))


def test_a_resource_of_another_kind_is_not_taken_for_the_one_looked_for(
    stub: Callable[[bytes], AzureControlPlane],
) -> None:
    with pytest.raises(Unreadable, match="names no such resource"):
        stub(b'{"value": [{"id": "/subscriptions/s/x"}]}').find(("s",), TYPES["storage"], "x")


KEY = "not a secret, but thirty-two bytes long"


@pytest.mark.parametrize(
    ("claims", "caller"),
    [
        (
            {"oid": "o", "tid": "t", "name": "Olu", "scp": "user_impersonation"},
            Caller("o", "t", "Olu", application=False),
        ),
        ({"oid": "o", "tid": "t", "idtyp": "app", "appid": "a"}, Caller("o", "t", "a", application=True)),
        ({"oid": "o", "tid": "t", "appid": "a", "xms_mirid": "/m"}, Caller("o", "t", "/m", application=True)),
        ({}, Caller("", "", "nobody named", application=True)),
    ],
)
def test_the_caller_is_whom_the_token_speaks_of(served: Running, claims: dict[str, str], caller: Caller) -> None:
    token = jwt.encode(claims, KEY, "HS256")
    with closing(AzureControlPlane(ControlPlaneHttp(served.url, Bearer(token), 5))) as azure:
        assert azure.caller() == caller


def test_a_token_that_cannot_be_read_is_said(azure: AzureControlPlane) -> None:
    with pytest.raises(Unreadable, match="no JSON web token"):
        azure.caller()


def test_a_registry_is_located_and_its_host_is_held_against_those_that_are_trusted(
    served: Running, azure: AzureControlPlane
) -> None:
    settings = settings_for(served)
    elsewhere = settings.cloud.discovery.replace("127.0.0.1", "localhost")
    cloud = replace(settings.cloud, resource_manager=elsewhere, discovery=elsewhere)
    abroad = replace(settings, cloud=cloud, workspaces={})
    places = []
    for each in (settings, abroad):
        with closing(AzureMLDiscovery(each, AzureMLHttp(each, Bearer()))) as discovery:
            places.append(discovery.locate("contoso-shared"))

    assert [each.trusted for each in places] == [True, False]
    assert {each.host for each in places} == {served.url.removeprefix("https://")}
    assert Resource.parse(places[0].id).kind == "registry"
    assert discovery.host.startswith("localhost:")
