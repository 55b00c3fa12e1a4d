"""What one edit of a template would quietly widen, unhook or silence: scopes of rights, delivery of events, alerts."""

from typing import Any

import pytest

from local.bicep import Expression
from shared.domain.checks.events import EVENT_TYPES
from tests.architecture.infra import MAIN, TEMPLATES, declared, given, resources

MODULES = "infra/modules"
ALERTS = "infra/monitoring/alerts.bicep"
STORAGE = "Microsoft.Storage/storageAccounts"

# On what each role is assigned, and of which type that is. Without a scope it would be the whole resource group.
SCOPES = {
    ("delivery-role-assignments", "send"): ("account::queues::modelEvents", "queues"),
    ("delivery-role-assignments", "deadLetter"): ("account::blobs::deadLetters", "containers"),
    ("monitoring", "publish"): ("component", "Microsoft.Insights/components"),
    ("promoter-storage", "access"): ("account", STORAGE),
    ("registry-access", "access"): ("registry", "Microsoft.MachineLearningServices/registries"),
    ("storage", "access"): ("account", STORAGE),
    ("topic", "publish"): ("topic", "Microsoft.EventGrid/topics"),
    ("vault", "read"): ("vault", "Microsoft.KeyVault/vaults"),
    ("workspace-access", "read"): ("workspace", "Microsoft.MachineLearningServices/workspaces"),
}

# The parameter of each threshold with its default, or the threshold itself.
THRESHOLDS: dict[str, tuple[str, int] | int] = {
    "oldest-pending": ("oldestPendingHours", 24),
    "errored-targets": ("erroredTargets", 0),
    "dead-letters": ("deadLetters", 0),
    "quarantine-growth": ("quarantined", 0),
    "missed-registrations": ("missedRegistrations", 0),
    "checkpoint-age": ("checkpointAgeHours", 26),
    "checkpoint-failed": 0,
    "sweep-silent": 0,
    "queue-depth": ("queueDepth", 100),
}

# What has to stand before something else is made, where no value of it is handed over.
AFTER = {
    "app": ["storageEndpoints", "vaultEndpoint"],
    "promoter": ["storageEndpoints", "promoterStorageEndpoint"],
    "promoterStorageEndpoint": ["storageEndpoints"],
    "workspaceAccess": ["roles"],
    "registryAccess": ["roles"],
    "consumerAccess": ["roles"],
    "deliveryRoles": ["workspaceTopic"],
    "workspaceSubscription": ["deliveryRoles"],
}


def type_at(file: str, path: str) -> str:
    """The type of a resource by its name in a file, `::` going into what is nested."""
    first, *inner = path.split("::")
    found = declared(file, first)
    for name in inner:
        [found] = [each for each in found.nested if each.name == name]
    return found.type.partition("@")[0]


def test_each_role_is_assigned_on_one_resource_and_on_nothing_above_it() -> None:
    assigned = [*resources("microsoft.authorization/roleassignments")]

    assert {(file, each.name): each.body.get("scope") for file, each in assigned} == {
        (f"{MODULES}/{file}.bicep", name): Expression(scope) for (file, name), (scope, _) in SCOPES.items()
    }
    for (file, _), (scope, type_) in SCOPES.items():
        assert type_at(f"{MODULES}/{file}.bicep", scope) == type_


def test_a_custom_role_can_be_assigned_in_its_resource_group_only() -> None:
    [(_, role)] = resources("microsoft.authorization/roledefinitions")

    assert role.body["properties"]["assignableScopes"] == [Expression("resourceGroup().id")]


def test_the_topic_of_a_workspace_has_the_identity_that_delivers() -> None:
    [(_, topic)] = resources("microsoft.eventgrid/systemtopics")

    assert topic.body["identity"] == {"type": "SystemAssigned"}


def test_the_events_that_are_asked_for_are_those_that_code_takes_in() -> None:
    [(_, subscription)] = resources("microsoft.eventgrid/systemtopics/eventsubscriptions")

    assert subscription.body["properties"]["filter"] == {"includedEventTypes": [*EVENT_TYPES]}


def test_what_has_to_stand_before_something_else_does() -> None:
    modules = [each for each in TEMPLATES[MAIN] if each.kind == "module"]

    assert {each.name: each.body["dependsOn"] for each in modules if "dependsOn" in each.body} == {
        name: [Expression(before) for before in after] for name, after in AFTER.items()
    }


def rule(name: str) -> dict[str, Any]:
    [found] = [each for each in declared(ALERTS, "rules").value if each["name"] == name]
    return dict(found)


@pytest.mark.parametrize("name", THRESHOLDS)
def test_an_alert_has_the_threshold_of_its_rule(name: str) -> None:
    expected = THRESHOLDS[name]
    if isinstance(expected, int):
        assert rule(name)["threshold"] == expected
        return
    parameter, default = expected
    assert rule(name)["threshold"] == Expression(parameter)
    assert declared(MAIN, given("alerts")[parameter].text).value == default


def test_every_alert_is_judged_by_its_own_rule_and_switched_on() -> None:
    properties = declared(ALERTS, "alert").body["properties"]
    [criterion] = properties["criteria"]["allOf"]

    assert {each["name"] for each in declared(ALERTS, "rules").value} == {*THRESHOLDS}
    assert declared(ALERTS, "alert").value.head == "rule in rules"
    assert criterion["threshold"] == Expression("rule.threshold")
    assert criterion["query"] == Expression("rule.query")
    assert criterion["failingPeriods"] == {"numberOfEvaluationPeriods": 1, "minFailingPeriodsToAlert": 1}
    assert properties["windowSize"] == Expression("rule.window")
    assert properties["enabled"] is True
