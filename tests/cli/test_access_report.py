"""`clearance access-report` from files of the Azure CLI: what is flagged, what is not known, and what is no file."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from local.azure_ml.built_in_roles import BUILT_IN
from shared.cli.main import app
from shared.domain.needed_actions import REGISTRY
from shared.domain.resource_ids import resource_id
from tests.settings.makers import WORKSPACE_ID, environment

SUB = "/subscriptions/11111111-1111-1111-1111-111111111111"
REG = resource_id("registry", SUB.split("/")[2], "rg-ml", "contoso-shared")
APP, ANN, TEAM = (f"00000000-0000-4000-8000-00000000000{each}" for each in (1, 2, 3))
AT = "/providers/Microsoft.Authorization/roleDefinitions/"
IMPORTER = "aaaaaaaa-0000-4000-8000-000000000000"


def assigned(principal: str, role: str, scope: str = REG, **more: Any) -> dict[str, Any]:
    guid = BUILT_IN[role][0] if role in BUILT_IN else role
    return {
        "principalId": principal,
        "principalType": "User",
        "scope": scope,
        "roleDefinitionId": SUB + AT + guid,
        **more,
    }


def definitions() -> list[dict[str, Any]]:
    listed = [
        {"id": f"{AT}{guid}", "name": guid, "roleName": name, "permissions": [
            {"actions": actions, "notActions": withheld, "dataActions": data, "notDataActions": []}]}
        for name, (guid, actions, withheld, data, _) in BUILT_IN.items()
    ]  # fmt: skip
    ours = {"id": AT + IMPORTER, "roleName": REGISTRY.role, "permissions": [{"actions": REGISTRY.actions}]}
    return [*listed, ours]


def run(tmp_path: Path, assignments: Any, *arguments: str) -> Result:
    for name, content in (("assignments.json", assignments), ("definitions.json", definitions())):
        (tmp_path / name).write_text(json.dumps(content))
    files = ("--assignments", str(tmp_path / "assignments.json"), "--definitions", str(tmp_path / "definitions.json"))
    return CliRunner().invoke(app, ["access-report", *files, *arguments])


def test_the_app_alone_is_as_it_was_designed(tmp_path: Path) -> None:
    ran = run(tmp_path, [assigned(APP, IMPORTER)], "--principal", APP)

    assert ran.exit_code == 0
    assert "designed  write: User " + APP in ran.stdout
    assert "by Clearance registry importer, assigned here: the app needs it" in ran.stdout


def test_what_roles_mean_is_not_read_without_what_they_are_assigned_to(tmp_path: Path) -> None:
    (tmp_path / "definitions.json").write_text(json.dumps(definitions()))
    ran = CliRunner().invoke(app, ["access-report", "--definitions", str(tmp_path / "definitions.json")])

    assert ran.exit_code == 2
    assert "--assignments" in ran.stderr


def test_an_inherited_owner_is_flagged_with_scope_and_role(tmp_path: Path) -> None:
    ran = run(
        tmp_path, [assigned(APP, IMPORTER), assigned(TEAM, "Owner", SUB, principalType="Group", principalName="ops")]
    )

    assert ran.exit_code == 1
    for right in ("write", "delete", "bypass"):
        assert f"flagged   {right}: Group {TEAM} (ops)" in ran.stdout
    assert f"by Owner, inherited from {SUB}" in " ".join(ran.stdout.split())
    assert "only Microsoft Graph" in ran.stdout


def test_who_is_accepted_is_shown_and_not_flagged(tmp_path: Path) -> None:
    ran = run(tmp_path, [assigned(APP, IMPORTER), assigned(TEAM, "Owner", SUB)], "--principal", APP, "--accept", TEAM)

    assert ran.exit_code == 0
    assert f"accepted  delete: User {TEAM}" in ran.stdout


def test_as_json_each_row_says_all_of_it(tmp_path: Path) -> None:
    ran = run(tmp_path, [assigned(ANN, "AzureML Registry User", condition="@x")], "--output", "json")
    document = json.loads(ran.stdout)
    (resource,) = document["resources"]

    assert (ran.exit_code, document["ok"]) == (1, False)
    assert (resource["id"], resource["kind"]) == (REG, "registry")
    assert resource["holdings"][0] == {
        "verdict": "flagged",
        "right": "write",
        "principal": ANN,
        "principal_type": "User",
        "principal_name": "",
        "role": "AzureML Registry User",
        "scope": REG,
        "inherited": False,
        "below": False,
        "condition": "@x",
        "because": "nobody but the app writes to a registry",
        "command": "",
    }


def test_a_condition_is_told_not_to_be_evaluated(tmp_path: Path) -> None:
    assert "under a condition, not evaluated" in run(tmp_path, [assigned(ANN, "Owner", condition="@x")]).stdout


def test_a_role_without_its_definition_is_flagged(tmp_path: Path) -> None:
    ran = run(tmp_path, [assigned(ANN, "bbbb", roleDefinitionName="Theirs")])

    assert ran.exit_code == 1
    assert "flagged   role_unknown" in ran.stdout
    assert "by Theirs, assigned here: the role's definition is not at hand" in " ".join(ran.stdout.split())
    assert f"az role definition list --scope {REG} --output json\n" in ran.stdout


def test_workspaces_of_settings_are_looked_at_too_and_what_is_not_listed_is_said(tmp_path: Path) -> None:
    told = tmp_path / "settings.json"
    told.write_text(json.dumps(environment()))
    scientist = assigned(ANN, "AzureML Data Scientist", WORKSPACE_ID)
    listed = run(tmp_path, [scientist, assigned(APP, IMPORTER)], "--settings", str(told), "--principal", APP)
    unlisted = run(tmp_path, [assigned(APP, IMPORTER)], "--settings", str(told), "--principal", APP)

    assert listed.exit_code == 0
    assert f"shown     delete: User {ANN}" in listed.stdout
    assert unlisted.exit_code == 1
    assert "not looked at: risk-dev" in unlisted.stdout


def test_storage_is_judged_where_it_is_named(tmp_path: Path) -> None:
    store = resource_id("storage", SUB.split("/")[2], "rg", "stclr")
    ran = run(tmp_path, [assigned(ANN, "Contributor", SUB)], "--resource", store)

    assert ran.exit_code == 1
    assert f"flagged   rewrite_history: User {ANN}" in ran.stdout


def test_what_is_assigned_on_a_table_or_a_container_is_told_with_its_scope(tmp_path: Path) -> None:
    store = resource_id("storage", SUB.split("/")[2], "rg", "stclr")
    table = f"{store}/tableServices/default/tables/history"
    container = f"{store}/blobServices/default/containers/checkpoints"
    listed = [
        assigned(TEAM, "Reader", store),
        assigned(ANN, "Storage Table Data Contributor", table),
        assigned(ANN, "Storage Blob Data Contributor", container),
    ]
    ran = run(tmp_path, listed, "--resource", store)
    shown = " ".join(ran.stdout.split())

    assert ran.exit_code == 1
    assert ran.stdout.count(f"flagged   rewrite_history: User {ANN}") == 2
    assert "by Storage Table Data Contributor, assigned below it" in shown
    assert [line.strip() for line in ran.stdout.splitlines() if "Services/" in line] == [table, container]
    assert "leaves out what is assigned below it" in shown
    assert "nobody holds" not in shown


def test_a_list_of_what_lies_below_alone_is_no_list_of_the_whole(tmp_path: Path) -> None:
    store = resource_id("storage", SUB.split("/")[2], "rg", "stclr")
    table = f"{store}/tableServices/default/tables/history"
    ran = run(tmp_path, [assigned(ANN, "Storage Table Data Contributor", table)])

    assert ran.exit_code == 1
    assert f"flagged   rewrite_history: User {ANN}" in ran.stdout
    assert "not looked at: stclr" in ran.stdout


def test_registries_of_settings_that_are_not_listed_are_said(tmp_path: Path) -> None:
    told = tmp_path / "settings.json"
    told.write_text(json.dumps(environment()))
    scientist = assigned(ANN, "AzureML Data Scientist", WORKSPACE_ID)
    unlisted = run(tmp_path, [scientist], "--settings", str(told))
    listed = run(
        tmp_path, [scientist, assigned(APP, IMPORTER, REG.upper())], "--settings", str(told), "--principal", APP
    )

    assert unlisted.exit_code == 1
    assert "not looked at: contoso-shared" in unlisted.stdout
    assert listed.exit_code == 0
    assert "not looked at" not in listed.stdout


def test_a_kind_of_which_no_right_is_reported_is_refused_rather_than_held_by_nobody(tmp_path: Path) -> None:
    topic = resource_id("topic", SUB.split("/")[2], "rg", "evgt")
    named = run(tmp_path, [assigned(ANN, "Owner", topic)], "--resource", topic)
    listed = run(tmp_path, [assigned(ANN, "Owner", topic), assigned(APP, IMPORTER)])

    assert named.exit_code == 2
    assert "evgt" not in listed.stdout


def test_the_app_that_faces_people_may_not_import(tmp_path: Path) -> None:
    ran = run(tmp_path, [assigned(APP, IMPORTER)], "--people-principal", APP)

    assert ran.exit_code == 1
    assert f"flagged   write: User {APP}" in ran.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--resource", "/subscriptions/x"), "is no resource"),
        (("--principal", "ann@contoso.com"), "expected an object id"),
        (("--accept", "\u202eann"), "\\u{202E}ann"),
        (("--settings", "nowhere.json"), "does not exist"),
    ],
)
def test_what_is_typed_wrongly_is_a_fault_of_usage(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    ran = run(tmp_path, [assigned(APP, IMPORTER)], *arguments)

    assert ran.exit_code == 2
    assert said in " ".join(ran.output.replace("│", " ").split())


def test_without_anything_to_look_at_it_says_how_to_name_it(tmp_path: Path) -> None:
    ran = run(tmp_path, [assigned(ANN, "Owner", SUB)])
    live = CliRunner().invoke(app, ["access-report"], env={"CLEARANCE_WORKSPACES": "", "CLEARANCE_REGISTRIES": ""})

    assert (ran.exit_code, live.exit_code) == (2, 2)
    assert "--resource" in ran.output
    assert "settings name no workspace" in " ".join(live.output.replace("│", " ").split())


def test_bad_files_are_told_with_every_fault_and_no_traceback(tmp_path: Path) -> None:
    ran = run(tmp_path, [{"scope": 7}, {**assigned(ANN, "Owner"), "scope": "\u202e"}])

    assert ran.exit_code == 1
    assert [line.split(":")[0] for line in ran.stderr.splitlines()[1:]] == ["- assignments.json"] * 4
    assert "\u202e" not in ran.output
    assert "Traceback" not in ran.output


def test_hostile_names_are_spelled_out(tmp_path: Path) -> None:
    hostile = assigned(ANN, "Owner", principalName="x\u202e\x1b[31m", principalType="User\n")
    ran = run(tmp_path, [hostile])

    assert "x\\u{202E}\\u{001B}[31m" in ran.stdout
    assert "User\\u{000A}" in ran.stdout
