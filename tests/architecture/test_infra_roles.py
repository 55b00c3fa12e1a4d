"""Who may do what in Azure: exactly the actions that calls need, and nobody more; docs/permissions.md says the same."""

import json
import re

import pytest

from local.bicep import Expression, Loop
from local.infrastructure_pages import BUILT_IN, ROLES, parameters_page, permissions_page, read_role
from tests.architecture.infra import FILES, INFRA, MAIN, TEMPLATES, condition, declared, given
from tests.architecture.project import ROOT

NEVER = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "acdd72a7-3385-48ef-bd42-f606fba81ae7": "Reader",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168": "Role Based Access Control Administrator",
    "f6c7c914-8db3-469d-8ca1-694a8f32e121": "AzureML Data Scientist",
    "1823dd4f-9b8c-4ab6-ab4e-7397a3684615": "AzureML Registry User",
    "17d1049b-9a84-46fb-8f53-869881c3d3ab": "Storage Account Contributor",
}
GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# These carry the signature that a workspace or registry handed out, so they need no role.
SIGNED = {"GET /blob/{account}/{container}", "GET /blob/{account}/{container}/{blob:path}", "GET /regblob-{suffix}"}


def test_roles_are_of_a_known_few() -> None:
    used = {guid.lower() for file in FILES for guid in GUID.findall(file.read_text())}

    assert used == {role.id for role in BUILT_IN}
    assert used & set(NEVER) == set()


def test_a_built_in_role_is_given_only_on_what_this_deployment_made() -> None:
    foreign = [file for file in TEMPLATES if file.endswith(("workspace-access.bicep", "registry-access.bicep"))]

    assert len(foreign) == 2
    assert [file for file in foreign if GUID.search((ROOT / file).read_text())] == []


@pytest.mark.parametrize("name", ROLES)
def test_a_custom_role_names_each_action_once_and_none_by_a_star(name: str) -> None:
    role = read_role(name)
    actions = [each["action"] for each in (*role["actions"], *role.get("fileActions", ()))]

    assert len(actions) == len(set(actions))
    assert [action for action in actions if "*" in action or action.endswith("/delete")] == []


def test_a_consumer_reads_registries_and_nothing_else() -> None:
    actions = {each["action"] for each in read_role("registry-reader")["actions"]}

    assert actions == {
        "Microsoft.MachineLearningServices/registries/read",
        "Microsoft.MachineLearningServices/registries/assets/read",
    }
    assert declared(MAIN, "consumerAccess").type == "modules/registry-access.bicep"
    assert given("consumerAccess")["roleKey"] == Expression("consumerRole.key")
    given_principals = {
        name: given(name)["principalId"].text for name in ("workspaceAccess", "registryAccess", "consumerAccess")
    }
    assert given_principals == {
        "workspaceAccess": "identity.outputs.principalId",
        "registryAccess": "identity.outputs.principalId",
        "consumerAccess": "item.principalId",
    }


def test_bicep_makes_the_roles_of_these_files_and_no_other() -> None:
    loaded = re.findall(r"loadJsonContent\('roles/([\w-]+)\.json'\)", (ROOT / MAIN).read_text())

    assert sorted(loaded) == sorted(ROLES) == sorted(file.stem for file in (INFRA / "roles").iterdir())
    assert given("roles")["actions"] == Expression("item.actions")
    made = [
        each.body["properties"]["permissions"]
        for declarations in TEMPLATES.values()
        for each in declarations
        if each.type.startswith("Microsoft.Authorization/roleDefinitions@") and not each.existing
    ]
    assert made == [[{"actions": Expression("actions")}]]


def test_the_right_to_files_goes_with_the_parameter_and_the_setting() -> None:
    actions = declared(MAIN, "workspaceActions").value.text
    setting = declared("infra/modules/app.bicep", "clearanceSettings").value["CLEARANCE_ARTIFACT_HOSTS"].text

    assert "concat(workspaceRole.actions, readFiles ? workspaceRole.fileActions : [])" in actions
    assert re.fullmatch(r"readFiles \? '\[\"\.blob\.\$\{.+\}\"\]' : '\[\]'", setting)
    assert given("app")["readFiles"] == given("promoter")["readFiles"] == Expression("readFiles")


def test_calls_and_actions_are_told_in_both_directions() -> None:
    page = (ROOT / "docs/azure-ml-calls.md").read_text()
    sent = set(re.findall(r"`((?:GET|POST|PUT) /[^`]+)`", page))
    allowed = {call for name in ROLES for each in (*every_action(name),) for call in each["calls"]}

    assert allowed & SIGNED == set()
    assert allowed | SIGNED == sent


def every_action(name: str) -> list[dict[str, list[str]]]:
    role = read_role(name)
    return [*role["actions"], *role.get("fileActions", ())]


def test_the_pages_are_what_bicep_says() -> None:
    assert (ROOT / "docs/permissions.md").read_text() == permissions_page(), "run make docs"
    assert (ROOT / "docs/parameters.md").read_text() == parameters_page(), "run make docs"


def test_where_others_own_it_nothing_is_assigned_there() -> None:
    foreign = [
        each
        for each in TEMPLATES[MAIN]
        if each.kind == "module" and each.body["scope"] != Expression("group") and assigns(each.type)
    ]

    assert {each.name for each in foreign} == {"roles", "workspaceAccess", "registryAccess", "consumerAccess"}
    assert {condition(each) for each in foreign} == {"assignRoles"}


def test_what_is_made_in_groups_of_others_all_the_same_is_told() -> None:
    always = [
        each.name
        for each in TEMPLATES[MAIN]
        if each.kind == "module" and each.body["scope"] != Expression("group") and condition(each) != "assignRoles"
    ]

    assert always == ["workspaceTopic", "workspaceSubscription"]
    for page in ("docs/deployment.md", "docs/permissions.md"):
        told = " ".join((ROOT / page).read_text().split()).replace("*", "").lower()
        assert re.search(r"in the resource group of each workspace[^.]*eventgrid contributor", told), page


def assigns(module: str) -> bool:
    return "Microsoft.Authorization/role" in (INFRA / module).read_text()


def test_the_owner_is_told_every_role_and_assignment_that_is_not_made() -> None:
    commands = declared(MAIN, "roleCommands").value.text

    assert commands.startswith("assignRoles ? [] : concat(")
    assert re.findall(r"map\( (\w+), item => '(az role \w+ create)", commands) == [
        ("roleDefinitions", "az role definition create"),
        ("workspaces", "az role assignment create"),
        ("registries", "az role assignment create"),
        ("consumerReads", "az role assignment create"),
    ]
    assert "Actions: item.actions" in commands
    for module in ("roles", "workspaceAccess", "registryAccess", "consumerAccess"):
        over = declared(MAIN, module).value
        assert isinstance(over, Loop)
        assert f"map( {over.head.partition(' in ')[2]}, item" in commands, module


def test_a_role_is_found_by_the_name_it_was_made_under() -> None:
    text = (ROOT / MAIN).read_text()
    made = given("roles")["roleName"]

    assert made == Expression("roleName(item.name, environmentName, item.group)")
    assert "Name: roleName(item.name, environmentName, item.group)" in text
    for role, at in (("workspaceRole", "item.id"), ("importRole", "item.id"), ("consumerRole", "item.registryId")):
        assert f'--role "${{roleName({role}.name, environmentName, groupOf({at}))}}"' in text


def test_no_command_has_what_would_break_its_quotes() -> None:
    assert [
        name for name in ROLES if "'" in json.dumps([read_role(name)["name"], read_role(name)["description"]])
    ] == []
