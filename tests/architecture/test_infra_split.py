"""A split deployment: two apps of one package, each function in one of them, and no right on registries where people are."""

import json
import re

from local.bicep import Expression
from local.infrastructure_pages import BUILT_IN
from tests.architecture.infra import INFRA, MAIN, TEMPLATES, condition, declared, given, indexed, resources

NAMED = json.loads((INFRA / "functions.json").read_text())
TOKEN = 13  # uniqueString makes 13 characters: learn.microsoft.com/azure/azure-resource-manager/bicep/bicep-functions-string
PROMOTER_STORAGE = "infra/modules/promoter-storage.bicep"
HOST_ID = 32  # github.com/Azure/azure-functions-host/wiki/Host-IDs


def functions() -> set[str]:
    return set(indexed())


def enabled(expression: str) -> set[str]:
    """What an app runs whose disabled functions are those of the lists that an expression names."""
    return functions() - {name for part in re.findall(r"functions\.(\w+)", expression) for name in NAMED[part]}


def test_each_function_is_named_once() -> None:
    every = [name for part in NAMED.values() for name in part]

    assert sorted(every) == sorted(functions())


def test_each_function_runs_in_exactly_one_app_and_the_push_trigger_in_none() -> None:
    split, whole = given("app")["disabledFunctions"].text.removeprefix("splitPromotion ? ").split(" : ")
    people, work = enabled(split), enabled(given("promoter")["disabledFunctions"].text)

    assert people == {"http"}
    assert people & work == set()
    assert people | work == enabled(whole) == functions() - {"model_event_push"}


def test_a_function_is_switched_off_by_the_setting_that_the_host_reads() -> None:
    disabling = declared("infra/modules/app.bicep", "disabling").value

    assert disabling == Expression(
        "toObject(disabledFunctions, item => 'AzureWebJobs.${item}.Disabled', item => 'true')"
    )


def test_the_app_that_faces_people_has_an_identity_without_rights_on_models() -> None:
    app, promoter = given("app"), given("promoter")

    assert app["identityId"] == Expression("splitPromotion ? peopleIdentity!.outputs.id : identity.outputs.id")
    assert app["identityClientId"].text.startswith("splitPromotion ? peopleIdentity!.outputs.clientId :")
    assert promoter["identityId"] == Expression("identity.outputs.id")
    assert declared(MAIN, "peopleIdentity").body["params"]["name"] != declared(MAIN, "identity").body["params"]["name"]
    for module in ("workspaceAccess", "registryAccess", "topic"):
        assert "peopleIdentity" not in str(given(module)), module


def roles(variable: str) -> set[str]:
    names = {role.id: role.name for role in BUILT_IN}
    return {names[each] for each in declared("infra/modules/storage.bicep", variable).value}


def test_the_app_that_faces_people_takes_no_message_out_of_a_queue() -> None:
    assert roles("peopleRoles") - roles("workerRoles") == {
        "Storage Queue Data Message Sender",
        "Storage Queue Data Reader",
    }
    assert roles("workerRoles") - roles("peopleRoles") == {"Storage Queue Data Contributor"}


def test_only_the_app_that_checks_signatures_reads_their_keys() -> None:
    assert given("promoter")["senders"] == "{}"
    assert "KeyVault" in given("app")["senders"].text
    assert given("vault")["readerPrincipalId"].text.startswith("splitPromotion ? peopleIdentity!")


def test_only_the_app_that_publishes_knows_the_topic() -> None:
    assert given("app")["topicEndpoint"] == Expression("splitPromotion ? '' : topic.outputs.endpoint")
    assert given("promoter")["topicEndpoint"] == Expression("topic.outputs.endpoint")
    assert given("topic")["publisherPrincipalId"] == Expression("identity.outputs.principalId")


def test_the_second_app_is_closed_and_nobody_signs_in_there() -> None:
    [site] = [declared("infra/modules/app.bicep", "site")]
    access = site.body["properties"]["siteConfig"]["ipSecurityRestrictionsDefaultAction"]

    assert access == Expression("facesPeople ? 'Allow' : 'Deny'")
    assert (given("app")["facesPeople"], given("promoter")["facesPeople"]) == (True, False)
    assert given("promoter")["authClientId"] == given("promoter")["signInIdentityId"] == ""
    assert condition(declared(MAIN, "promoter")) == "splitPromotion"


def test_host_ids_differ_within_the_32_characters_that_count() -> None:
    prefixes = [declared(MAIN, name).value.text.strip("'") for name in ("appName", "promoterName")]
    whole = [prefix.replace("${token}", "t" * TOKEN) for prefix in prefixes]

    assert all(prefix.endswith("${token}") for prefix in prefixes)
    assert [name for name in whole if len(name) > HOST_ID] == []
    assert len({name[:HOST_ID] for name in whole}) == 2


def test_the_promoters_package_and_what_its_host_keeps_lie_in_an_account_of_its_own() -> None:
    app, promoter = given("app"), given("promoter")
    own, shared = declared(MAIN, "promoterStorage").body["params"]["name"], given("storage")["name"]

    assert own != shared
    assert condition(declared(MAIN, "promoterStorage")) == "splitPromotion"
    assert app["packageUrl"] == Expression("storage.outputs.packageUrl")
    assert app["hostBlobEndpoint"] == ""
    assert promoter["packageUrl"] == Expression("promoterStorage!.outputs.packageUrl")
    assert promoter["hostBlobEndpoint"] == Expression("promoterStorage!.outputs.blobEndpoint")
    assert app["storageName"] == promoter["storageName"] == Expression("storage.outputs.name")
    for file in ("storage", "promoter-storage"):
        at = "'${account.properties.primaryEndpoints.blob}${package.name}'"
        assert declared(f"infra/modules/{file}.bicep", "packageUrl").value == Expression(at)


def test_the_app_that_faces_people_may_write_nowhere_near_the_promoters_package() -> None:
    """That no role is assigned on a group or subscription, which would cover it too, test_infra_scopes.py holds."""
    modules = {each.name: str(each.value) for each in TEMPLATES[MAIN] if each.kind == "module"}
    people = {name for name, text in modules.items() if "peopleIdentity!.outputs.principalId" in text}
    near = {name for name, text in modules.items() if "promoterStorage!" in text}
    on_it = [
        each.body for file, each in resources("microsoft.authorization/roleassignments") if file == PROMOTER_STORAGE
    ]

    assert people == {"monitoring", "storage", "vault"}
    assert near == {"promoter", "promoterStorageEndpoint"}
    assert [each["properties"]["principalId"] for each in on_it] == [Expression("workerPrincipalId")]
    assert given("promoterStorage")["workerPrincipalId"] == Expression("identity.outputs.principalId")


def test_both_apps_are_told_the_same_policy_number() -> None:
    assert given("app")["policyBuild"] == given("promoter")["policyBuild"] == Expression("policyBuild")
    assert declared(MAIN, "policyBuild").value == Expression("dateTimeToEpoch(utcNow())")
