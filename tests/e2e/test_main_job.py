"""The main job through the front door: registered with the SDK, asked about, approved by webhook, in the registries.

Nothing here looks behind the doors: versions are registered and read back with the real azure-ai-ml client as one of the
people, answers are signed HTTP requests, everything else is read from the app's API and from the event topic.
"""

from typing import Any

import pytest
from azure.core.exceptions import ResourceNotFoundError

from local.platform import Platform, promotion_path, wait_for

pytestmark = pytest.mark.slow


def in_registry(platform: Platform, registry: str, name: str, version: str) -> Any:
    """The version as an auditor sees it in a registry."""
    with platform.sdk.registry(registry, "ana.auditor") as client:
        return client.models.get(name, version)


def events(platform: Platform, promotion: str) -> list[str]:
    return [event["type"].removeprefix("Clearance.") for event in platform.topic.events(promotion)]


def test_one_approval_puts_a_version_into_the_registry_of_its_plant_and_no_other(platform: Platform) -> None:
    made = platform.register("defects")

    asked = platform.wait_for_status(made.promotion, "awaiting_approval")
    assert asked["required"] == 1
    not_passed = {gate["gate"]: gate["mode"] for gate in asked["evaluation"]["gates"] if gate["outcome"] != "passed"}
    assert not_passed == {"metric:worst_class_recall": "shadow"}

    answer = platform.sign_and_send(platform.decision(made.promotion, "amir.approver"))
    assert (answer.status_code, answer.json()["approvals"]) == (200, 1), answer.text

    promoted = platform.wait_for_status(made.promotion, "promoted")
    assert [(target["registry"], target["status"]) for target in promoted["targets"]] == [
        ("contoso-plant-north", "promoted")
    ]

    found = in_registry(platform, "contoso-plant-north", made.name, made.version)
    assert found.tags["plant"] == "north"
    assert found.tags["clearance_promotion"] == made.promotion
    assert found.tags["clearance_approvers"] == "amir.approver"
    assert found.tags["clearance_digest"] == asked["evaluation"]["digest"]
    with pytest.raises(ResourceNotFoundError):
        in_registry(platform, "contoso-plant-south", made.name, made.version)


def test_two_people_put_a_version_into_two_registries_though_the_app_is_killed_in_between(platform: Platform) -> None:
    made = platform.register("fraud-good")
    asked = platform.wait_for_status(made.promotion, "awaiting_approval")
    assert asked["required"] == 2

    first = platform.sign_and_send(platform.decision(made.promotion, "amir.approver"))
    assert first.json() == {
        "promotion": made.promotion,
        "status": "awaiting_approval",
        "approvals": 1,
        "required": 2,
    }

    platform.kill_app()
    platform.start_app()

    # The risk officer answers from a tool of their own, under another spelling of their name.
    second = platform.sign_and_send(platform.decision(made.promotion, "Rosa Lind"), sender="risk-desk")
    assert (second.status_code, second.json()["approvals"]) == (200, 2), second.text

    promoted = platform.wait_for_status(made.promotion, "promoted")
    assert {target["registry"]: target["status"] for target in promoted["targets"]} == {
        "contoso-shared": "promoted",
        "contoso-eu": "promoted",
    }
    for registry, name in (("contoso-shared", "fraud-detector"), ("contoso-eu", "risk-dev-fraud-detector")):
        found = in_registry(platform, registry, name, made.version)
        assert found.tags["clearance_promotion"] == made.promotion
        assert found.tags["clearance_approvers"] == "amir.approver,rosa.risk"
        assert found.tags["classification"] == "internal", "the submitter's own tags come along"
        assert found.type == "mlflow_model"

    published = wait_for(
        lambda: events(platform, made.promotion), lambda seen: seen.count("Promoted") >= 2, what="both events Promoted"
    )
    assert list(dict.fromkeys(published)) == [
        "EvaluationCompleted",
        "ApprovalRequested",
        "DecisionRecorded",
        "Approved",
        "Promoted",
    ]


def test_a_weak_version_is_blocked_and_nobody_is_asked(platform: Platform) -> None:
    made = platform.register("fraud-weak", tags={"owner": None})
    blocked = platform.wait_for_status(made.promotion, "blocked")
    held = {gate["gate"]: gate for gate in blocked["evaluation"]["gates"] if gate["outcome"] != "passed"}
    assert {"metric:auc", "tag:owner"} <= held.keys()
    assert held["metric:auc"]["expected"] == "at least 0.9"
    assert held["metric:auc"]["actual"] == str(made.metrics["auc"])
    assert "az ml model update" in held["tag:owner"]["command"]
    assert "ApprovalRequested" not in events(platform, made.promotion)


def test_a_version_blocked_for_a_tag_is_mended_with_the_printed_command_and_asked_for(platform: Platform) -> None:
    made = platform.register("defects", tags={"owner": "dana@example.com"})
    blocked = platform.wait_for_status(made.promotion, "blocked")
    commands = {gate["command"] for gate in blocked["evaluation"]["gates"] if gate["gate"] == "tag:owner"}
    (command,) = commands

    assert platform.mend(command.replace("<owner>", "dana.submitter@contoso.com"))["owner"].startswith("dana")
    asked_again = platform.http("dana.submitter").post(f"{promotion_path(made.promotion)}/reevaluate")
    assert asked_again.status_code == 202, asked_again.text

    asked = platform.wait_for_status(made.promotion, "awaiting_approval")
    assert asked["round"] == blocked["round"] + 1


def test_a_registration_made_while_the_app_is_down_is_waiting_for_it(platform: Platform) -> None:
    platform.stop_app()
    made = platform.register("defects")
    platform.start_app()
    platform.wait_for_status(made.promotion, "awaiting_approval")
