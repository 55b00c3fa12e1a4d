"""What the emulator answers for Azure Resource Manager around the workspaces, in the shapes of its REST API."""

import ssl
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from local.azure_ml.arm_config import Arm, Assignment, Denial, Role, Subscription, SystemTopic
from local.azure_ml.client import ControlRefused
from local.azure_ml.config import Behaviour, EmulatorConfig
from local.azure_ml.server import Running, running_emulator
from tests.local.azure_ml.conftest import RISK, SHARED

ACCOUNT = f"/subscriptions/{RISK.subscription_id}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/stclr"
COMPONENT = ACCOUNT.replace("Microsoft.Storage/storageAccounts/stclr", "Microsoft.Insights/components/appi")
SUBSCRIPTION = f"/subscriptions/{RISK.subscription_id}"
ROLES = "providers/Microsoft.Authorization"
TOPIC = SystemTopic(
    "evgs",
    RISK.arm_id,
    RISK.resource_group,
    principal="p-topic",
    subscriptions=(
        Subscription("clearance", ACCOUNT, "model-events", "dead-letters", ("Some.Type",)),
        Subscription("by-key", ACCOUNT, "other", "kept", by_identity=False),
    ),
)
ARM = Arm(
    providers={"Microsoft.EventGrid": "NotRegistered"},
    resources=(ACCOUNT,),
    components={"key-1": COMPONENT},
    topics=(TOPIC,),
    roles=(Role("Own", ("A/read",), ("A/write",)),),
    assignments=(
        Assignment(RISK.arm_id, "Own", "alice", "User", "@cond"),
        Assignment(SUBSCRIPTION, "Owner", "g-outer", "Group"),
        Assignment("/providers/Microsoft.Management/managementGroups/root", "Reader", "bob", "User"),
        Assignment(f"{RISK.arm_id}/datastores/x", "Reader", "alice", "User"),
        Assignment(f"{SUBSCRIPTION}/resourceGroups/rg-risk-2", "Owner", "carol", "User"),
    ),
    denials=(Denial("no deletes", SUBSCRIPTION, ("*/delete",)),),
    groups={"g-outer": ("g-inner",), "g-inner": ("alice",)},
)
CONFIG = EmulatorConfig((RISK,), (SHARED,), behaviour=Behaviour(page_size=2), persist=False, arm=ARM)


@pytest.fixture(scope="module")
def served() -> Iterator[Running]:
    with running_emulator(CONFIG) as running:
        yield running


@pytest.fixture
def arm(served: Running) -> Iterator[httpx.Client]:
    context = ssl.create_default_context(cafile=str(served.ca_bundle))
    bearer = {"authorization": "Bearer opaque"}
    with httpx.Client(base_url=served.url, verify=context, headers=bearer, trust_env=False) as client:
        before = served.control.arm()
        yield client
        served.control.set_arm(**before)


def listed(arm: httpx.Client, path: str, **params: str) -> list[dict[str, Any]]:
    """Every item of a list, by its links."""
    body = arm.get(path, params=params).raise_for_status().json()
    items = list(body["value"])
    while "nextLink" in body:
        body = arm.get(body["nextLink"]).raise_for_status().json()
        items += body["value"]
    return items


def test_without_a_bearer_nothing_is_answered(served: Running, arm: httpx.Client) -> None:
    assert arm.get(f"{SUBSCRIPTION}/providers/Microsoft.EventGrid", headers={"authorization": ""}).status_code == 401


def test_a_provider_has_the_state_it_was_given_or_is_registered(arm: httpx.Client) -> None:
    def state(namespace: str) -> str:
        return str(arm.get(f"{SUBSCRIPTION}/providers/{namespace}").json()["registrationState"])

    assert state("Microsoft.EventGrid") == "NotRegistered"
    assert state("Microsoft.MachineLearningServices") == "Registered"


def test_a_subscription_in_which_nothing_lies_is_not_found(arm: httpx.Client) -> None:
    answer = arm.get("/subscriptions/none/providers/Microsoft.EventGrid")

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "SubscriptionNotFound")


def test_a_resource_is_found_by_type_and_name_in_any_case(arm: httpx.Client) -> None:
    def found(kind: str, name: str) -> list[str]:
        text = f"resourceType eq '{kind}' and name eq '{name}'"
        return [each["id"] for each in listed(arm, f"{SUBSCRIPTION}/resources", **{"$filter": text})]

    assert found("microsoft.storage/storageAccounts", "STCLR") == [ACCOUNT]
    assert found("Microsoft.MachineLearningServices/workspaces", "risk-dev") == [RISK.arm_id]
    assert len(found("Microsoft.MachineLearningServices/registries", "contoso-shared")) == 1
    assert found("Microsoft.Storage/storageAccounts", "risk-dev") == []
    assert arm.get(f"{SUBSCRIPTION}/resources", params={"$filter": "tagName eq 'x'"}).status_code == 400


def test_components_are_listed_with_their_keys(arm: httpx.Client) -> None:
    (found,) = listed(arm, f"{SUBSCRIPTION}/providers/Microsoft.Insights/components")

    assert (found["id"], found["type"]) == (COMPONENT, "Microsoft.Insights/components")
    assert found["properties"]["InstrumentationKey"] == "key-1"


@pytest.mark.parametrize(
    ("filter_", "principals"),
    [
        ("atScope()", ["alice", "g-outer", "bob"]),
        ("", ["alice", "g-outer", "bob", "alice"]),
        ("atScope() and assignedTo('ALICE')", ["alice", "g-outer"]),
        ("assignedTo('bob')", ["bob"]),
    ],
)
def test_assignments_by_scope_and_by_principal_with_its_groups(
    arm: httpx.Client, filter_: str, principals: list[str]
) -> None:
    found = listed(arm, f"{RISK.arm_id}/{ROLES}/roleAssignments", **{"$filter": filter_})

    assert [each["properties"]["principalId"] for each in found] == principals


def test_an_assignment_names_its_role_and_scope_as_the_service_does(arm: httpx.Client) -> None:
    own, owner, reader = listed(arm, f"{RISK.arm_id}/{ROLES}/roleAssignments", **{"$filter": "atScope()"})

    assert owner["properties"]["roleDefinitionId"] == (
        f"{SUBSCRIPTION}/{ROLES}/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
    )
    assert reader["properties"]["roleDefinitionId"].startswith(f"/{ROLES}/roleDefinitions/")
    assert (own["properties"]["scope"], own["properties"]["condition"]) == (RISK.arm_id, "@cond")
    assert own["id"].startswith(f"{RISK.arm_id}/{ROLES}/roleAssignments/")


def test_another_filter_is_refused(arm: httpx.Client) -> None:
    answer = arm.get(f"{RISK.arm_id}/{ROLES}/roleAssignments", params={"$filter": "roleName eq 'Owner'"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "UnsupportedQuery")


def test_roles_are_shown_one_by_one_and_listed(arm: httpx.Client) -> None:
    at = f"{RISK.arm_id}/{ROLES}/roleDefinitions"
    shown = arm.get(f"{at}/b24988ac-6180-42a0-ab88-20f7382dd24c").json()["properties"]
    every = {each["properties"]["roleName"]: each for each in listed(arm, at)}

    assert (shown["roleName"], shown["type"]) == ("Contributor", "BuiltInRole")
    assert shown["permissions"][0]["notActions"][0] == "Microsoft.Authorization/*/Delete"
    assert every["Own"]["properties"]["type"] == "CustomRole"
    assert len(every) > 10
    assert arm.get(f"{at}/00000000-0000-0000-0000-000000000000").status_code == 404


def test_what_is_denied_is_listed(arm: httpx.Client) -> None:
    (found,) = listed(arm, f"{RISK.arm_id}/{ROLES}/denyAssignments", **{"$filter": "atScope()"})

    assert found["properties"]["denyAssignmentName"] == "no deletes"
    assert found["properties"]["permissions"][0]["actions"] == ["*/delete"]


def test_topics_are_listed_beside_the_workspace_and_in_the_subscription(arm: httpx.Client) -> None:
    provider = "providers/Microsoft.EventGrid/systemTopics"
    (found,) = listed(arm, f"{SUBSCRIPTION}/resourceGroups/RG-RISK/{provider}")

    assert (found["name"], found["properties"]["source"], found["identity"]["principalId"]) == (
        "evgs",
        RISK.arm_id,
        "p-topic",
    )
    assert listed(arm, f"{SUBSCRIPTION}/{provider}") == [found]
    assert listed(arm, f"{SUBSCRIPTION}/resourceGroups/rg-other/{provider}") == []


def test_subscriptions_deliver_by_identity_or_without_one(arm: httpx.Client) -> None:
    by_identity, by_key = (each["properties"] for each in listed(arm, f"{TOPIC.arm_id}/eventSubscriptions"))

    assert by_identity["deliveryWithResourceIdentity"]["destination"]["properties"]["queueName"] == "model-events"
    assert by_identity["filter"]["includedEventTypes"] == ["Some.Type"]
    assert by_key["destination"]["properties"]["queueName"] == "other"
    assert by_key["deadLetterDestination"]["properties"]["blobContainerName"] == "kept"
    assert by_key["filter"]["includedEventTypes"] is None
    assert arm.get(TOPIC.arm_id.replace("/evgs", "/none") + "/eventSubscriptions").status_code == 404


def test_metrics_count_what_was_delivered_by_the_hour_and_by_subscription(served: Running, arm: httpx.Client) -> None:
    served.control.set_arm(metrics={"DeadLetteredCount": 3})
    asked = {"metricnames": "DeadLetteredCount,DroppedEventCount", "$filter": "EventSubscriptionName eq '*'"}
    found = arm.get(f"{TOPIC.arm_id}/providers/Microsoft.Insights/metrics", params=asked).raise_for_status().json()
    dead, dropped = found["value"]

    assert [each["metadatavalues"][0]["value"] for each in dead["timeseries"]] == ["clearance", "by-key"]
    assert [point["total"] for point in dead["timeseries"][0]["data"]] == [3.0]
    assert dropped["timeseries"] == []


@pytest.mark.parametrize("asked", [{"metricnames": "Nonsense"}, {"metricnames": "DeadLetteredCount"}])
def test_a_metric_or_a_filter_that_is_not_known_is_refused(arm: httpx.Client, asked: dict[str, str]) -> None:
    assert arm.get(f"{TOPIC.arm_id}/providers/Microsoft.Insights/metrics", params=asked).status_code == 400


def test_what_is_changed_is_checked_and_faults_strike_these_routes_too(served: Running, arm: httpx.Client) -> None:
    with pytest.raises(ControlRefused, match="colour"):
        served.control.set_arm(colour="red")
    served.control.add_faults({"action": "status", "code": 403, "match": {"operation": "arm_read"}})

    assert arm.get(f"{SUBSCRIPTION}/providers/Microsoft.EventGrid").status_code == 403
    assert arm.get(f"{SUBSCRIPTION}/providers/Microsoft.EventGrid").status_code == 200
