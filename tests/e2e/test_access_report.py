"""`clearance access-report` live: read at each scope that settings name, from the emulator of Azure Resource Manager."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from local.platform import Options, Platform
from local.platform.estate import WORKSPACE
from local.platform.estate_roles import TOPIC_PRINCIPAL, storage_id
from shared.cli.main import app

pytestmark = pytest.mark.slow

APP = "c1ea7a9c-0000-4000-8000-0000000000a2"
DANA = "da4a0000-0000-4000-8000-000000000011"
STORE = storage_id(WORKSPACE, "devstoreaccount1")


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    with Platform(Options(start_app=False)) as running:
        yield running


@pytest.fixture(autouse=True)
def _clean(platform: Platform) -> Iterator[None]:
    before = platform.emulator.arm()
    yield
    platform.emulator.clear_faults()
    platform.emulator.set_arm(**before)


def run(platform: Platform, *arguments: str, **changes: str) -> Result:
    return CliRunner().invoke(app, ["access-report", *arguments], env={**platform.settings, **changes})


def held(platform: Platform, *arguments: str) -> dict[str, set[tuple[str, str, str]]]:
    """Principal, right and verdict by the name of the resource."""
    document = json.loads(run(platform, "-o", "json", *arguments).stdout)
    return {
        each["name"]: {(row["principal"], row["right"], row["verdict"]) for row in each["holdings"]}
        for each in document["resources"]
    }


def assign(platform: Platform, scope: str, role: str, principal: str = "ann", **more: Any) -> None:
    assignments = platform.emulator.arm()["assignments"]
    platform.emulator.set_arm(
        assignments=[*assignments, {"scope": scope, "role": role, "principal": principal, **more}]
    )


def test_the_platform_is_as_it_was_designed(platform: Platform) -> None:
    found = held(platform, "--principal", APP, "--resource", STORE)

    assert run(platform, "--principal", APP, "--resource", STORE).exit_code == 0
    assert found.pop(WORKSPACE.name) == {(DANA, "write", "shown"), (DANA, "delete", "shown")}
    assert found.pop("devstoreaccount1") == {
        (APP, "rewrite_history", "designed"),
        (TOPIC_PRINCIPAL, "rewrite_history", "shown"),  # on the container of dead letters alone
    }
    assert set(found) == set(json.loads(platform.settings["CLEARANCE_REGISTRIES"]))
    assert all(rows == {(APP, "write", "designed")} for rows in found.values())


def test_an_owner_of_the_subscription_is_flagged_everywhere(platform: Platform) -> None:
    assign(platform, f"/subscriptions/{WORKSPACE.subscription_id}", "Owner", principal_type="Group")
    found = held(platform, "--principal", APP)

    assert run(platform, "--principal", APP).exit_code == 1
    assert {("ann", right, "flagged") for right in ("write", "delete", "bypass")} <= found["contoso-eu"]
    assert ("ann", "bypass", "flagged") in found[WORKSPACE.name]


def test_a_management_group_is_read_live(platform: Platform) -> None:
    assign(platform, "/providers/Microsoft.Management/managementGroups/root", "Contributor")

    assert ("ann", "delete", "flagged") in held(platform, "--principal", APP)["contoso-shared"]


def test_what_is_assigned_on_a_table_is_read_live(platform: Platform) -> None:
    table = f"{STORE}/tableServices/default/tables/history"
    assign(platform, table, "Storage Table Data Contributor")
    ran = run(platform, "--principal", APP, "--resource", STORE)

    assert ran.exit_code == 1
    assert "flagged   rewrite_history: ServicePrincipal ann" in ran.stdout
    assert table in ran.stdout


def test_one_registry_of_its_own_touches_no_other(platform: Platform) -> None:
    scope = next(each["scope"] for each in platform.emulator.arm()["assignments"] if "contoso-eu" in each["scope"])
    assign(platform, scope, "AzureML Registry User")
    found = held(platform, "--principal", APP)

    assert ("ann", "delete", "flagged") in found["contoso-eu"]
    assert found["contoso-shared"] == {(APP, "write", "designed")}


def test_a_denial_is_mentioned(platform: Platform) -> None:
    platform.emulator.set_arm(denials=[{"name": "blueprint lock", "scope": "/", "actions": ["*/delete"]}])

    assert "blueprint lock at /" in run(platform, "--principal", APP).stdout


def test_what_may_not_be_read_is_named_and_is_no_success(platform: Platform) -> None:
    strikes = {"action": "status", "code": 403, "times": -1, "match": {"path_regex": "contoso-eu/providers/"}}
    platform.emulator.add_faults(strikes)
    ran = run(platform, "--principal", APP)

    assert ran.exit_code == 1
    assert "not looked at: contoso-eu" in ran.stdout
    assert "answered 403" in ran.stdout


def test_a_registry_that_discovery_refuses_is_found_by_the_resource_manager(platform: Platform) -> None:
    platform.emulator.add_faults({"action": "status", "code": 403, "times": -1, "match": {"operation": "discovery"}})

    assert run(platform, "--principal", APP).exit_code == 0


def test_without_any_answer_it_is_unreachable(platform: Platform) -> None:
    ran = run(platform, IDENTITY_HEADER="wrong")

    assert ran.exit_code == 3
    assert "Traceback" not in ran.output
