"""What infra/ and the host's settings must never lose: no keys, modern TLS, dead letters, a closed network that is closed."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from local.bicep import Expression
from tests.architecture.infra import (
    FILES,
    INFRA,
    TEMPLATES,
    declared,
    given,
    names_of,
    resources,
    with_nested,
    workspace_actions,
)
from tests.architecture.project import ROOT, named


def bicep_checker() -> Path | None:
    """A type checker of Bicep, named by CLEARANCE_BICEP_CHECK or lying beside the worker harness."""
    harness = os.environ.get("CLEARANCE_HARNESS")
    beside_it = str(Path(harness).with_name("check_bicep.py")) if harness else None
    checker = os.environ.get("CLEARANCE_BICEP_CHECK", beside_it)
    return Path(checker) if checker and Path(checker).is_file() else None


def test_the_type_checker_finds_no_fault() -> None:
    checker = bicep_checker()
    if checker is None:
        pytest.skip("no Bicep checker here: name one by CLEARANCE_BICEP_CHECK")
    command = [sys.executable, str(checker), "--strict", "infra/"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stdout
    assert "0 error(s), 0 warning(s)" in ran.stdout + ran.stderr


def test_storage_takes_no_keys_and_only_modern_tls() -> None:
    accounts = [*resources("microsoft.storage/storageaccounts")]

    assert [file for file, _ in accounts] == ["infra/modules/promoter-storage.bicep", "infra/modules/storage.bicep"]
    for _, account in accounts:
        properties = account.body["properties"]
        assert properties["allowSharedKeyAccess"] is False
        assert properties["allowBlobPublicAccess"] is False
        assert properties["defaultToOAuthAuthentication"] is True
        assert properties["minimumTlsVersion"] == "TLS1_2"
        assert properties["supportsHttpsTrafficOnly"] is True


def test_no_container_is_public() -> None:
    containers = [*resources("microsoft.storage/storageaccounts/blobservices/containers")]
    made = {(file, each.name): each.body.get("properties", {}).get("publicAccess") for file, each in containers}

    assert len(made) == 4
    assert {where: access for where, access in made.items() if access not in {None, "None"}} == {}


def test_apps_and_topic_speak_modern_tls_only() -> None:
    [(_, site)] = resources("microsoft.web/sites")
    assert site.body["properties"]["httpsOnly"] is True
    assert site.body["properties"]["siteConfig"]["minTlsVersion"] == "1.2"
    assert site.body["properties"]["siteConfig"]["scmMinTlsVersion"] == "1.2"
    assert site.body["properties"]["siteConfig"]["ftpsState"] == "Disabled"
    [(_, topic)] = resources("microsoft.eventgrid/topics")
    assert topic.body["properties"]["minimumTlsVersionAllowed"] == "1.2"


@pytest.mark.parametrize("file", FILES, ids=named)
def test_no_key_or_connection_string_with_a_key_is_made(file: Path) -> None:
    text = file.read_text()
    assert re.findall(r"listKeys|listAccountSas|AccountKey|SharedAccessSignature|@secure|sasUrlSettingName", text) == []


def test_local_authentication_is_off_wherever_there_is_one() -> None:
    [(_, topic)] = resources("microsoft.eventgrid/topics")
    [(_, component)] = resources("microsoft.insights/components")
    [(_, logs)] = resources("microsoft.operationalinsights/workspaces")
    [(_, vault)] = resources("microsoft.keyvault/vaults")
    passwords = [each.body for _, each in resources("microsoft.web/sites/basicpublishingcredentialspolicies")]

    assert topic.body["properties"]["disableLocalAuth"] is True
    assert component.body["properties"]["DisableLocalAuth"] is True
    assert logs.body["properties"]["features"]["disableLocalAuth"] is True
    assert vault.body["properties"]["enableRbacAuthorization"] is True
    assert {each["name"]: each["properties"]["allow"] for each in passwords} == {"ftp": False, "scm": False}


def test_undeliverable_events_are_kept() -> None:
    [(_, subscription)] = resources("microsoft.eventgrid/systemtopics/eventsubscriptions")
    properties = subscription.body["properties"]
    delivery, kept = properties["deliveryWithResourceIdentity"], properties["deadLetterWithResourceIdentity"]

    assert delivery["identity"]["type"] == kept["identity"]["type"] == "SystemAssigned"
    assert delivery["destination"]["endpointType"] == "StorageQueue"
    assert delivery["destination"]["properties"]["queueMessageTimeToLiveInSeconds"] == Expression("-1")
    assert kept["deadLetterDestination"]["endpointType"] == "StorageBlob"
    assert properties["retryPolicy"] == {"maxDeliveryAttempts": 30, "eventTimeToLiveInMinutes": 1440}
    assert given("workspaceSubscription")["deadLetterContainerName"] == Expression(
        "storage.outputs.deadLetterContainerName"
    )


def test_the_app_may_not_write_to_a_workspace_nor_delete_from_a_registry() -> None:
    every, of_files = workspace_actions()
    assert all(action.endswith("/read") for action in every - of_files)
    assert {action for action in of_files if not action.endswith("/read")} == {
        "Microsoft.MachineLearningServices/workspaces/datastores/listsecrets/action"
    }

    imports = json.loads((INFRA / "roles/registry-importer.json").read_text())["actions"]
    assert {each["action"].rsplit("/", 1)[1] for each in imports} == {"read", "write"}


def test_app_and_sample_switch_the_push_trigger_and_the_homepage_off() -> None:
    sample = json.loads((ROOT / "local.settings.sample.json").read_text())["Values"]

    assert json.loads((INFRA / "functions.json").read_text())["off"] == ["model_event_push"]
    assert declared("infra/modules/app.bicep", "hostSettings").value["AzureWebJobsDisableHomepage"] == "true"
    assert sample["AzureWebJobs.model_event_push.Disabled"] == "true"
    assert sample["AzureWebJobsDisableHomepage"] == "true"


def test_a_closed_network_leaves_storage_and_vault_no_public_address() -> None:
    promoter, account = (each for _, each in resources("microsoft.storage/storageaccounts"))
    [(_, vault)] = resources("microsoft.keyvault/vaults")
    closed = Expression("privateNetworking ? 'Disabled' : 'Enabled'")
    denied = Expression("privateNetworking ? 'Deny' : 'Allow'")

    for each in (account, promoter, vault):
        assert each.body["properties"]["publicNetworkAccess"] == closed
        assert each.body["properties"]["networkAcls"]["defaultAction"] == denied
    assert account.body["properties"]["networkAcls"]["bypass"] == "AzureServices", "Event Grid delivers through it"
    assert promoter.body["properties"]["networkAcls"]["bypass"] == "None", "nobody delivers there"


def test_a_closed_network_has_an_address_for_each_service_that_it_closes() -> None:
    services = re.findall(r"'(\w+)'", declared("infra/main.bicep", "storageEndpoints").value.head)

    assert services == ["blob", "queue", "table"]
    assert given("vaultEndpoint")["service"] == "vault"
    assert given("promoterStorageEndpoint")["service"] == "blob"
    for module, target in (
        ("storageEndpoints", "storage.outputs.id"),
        ("promoterStorageEndpoint", "promoterStorage!.outputs.id"),
        ("vaultEndpoint", "vault.outputs.id"),
    ):
        assert given(module)["targetId"] == Expression(target)
        assert given(module)["subnetId"] == Expression("network!.outputs.endpointSubnetId")
    for app, subnet in (("app", "appSubnetId"), ("promoter", "promoterSubnetId")):
        assert given(app)["subnetId"] == Expression(f"privateNetworking ? network!.outputs.{subnet} : ''")


def test_subnets_of_apps_are_delegated_as_flex_consumption_asks() -> None:
    [(file, network)] = resources("microsoft.network/virtualnetworks")
    subnets = {each["name"]: each["properties"] for each in network.body["properties"]["subnets"]}

    assert declared(file, "toFlexConsumption").value[0]["properties"]["serviceName"] == "Microsoft.App/environments"
    assert {name for name, each in subnets.items() if "delegations" in each} == {"app", "promoter"}


def test_subnets_of_apps_say_how_public_addresses_are_reached() -> None:
    """Since version 2025-07-01 a subnet that says nothing reaches none, and Azure ML and Entra are public."""
    [(file, network)] = resources("microsoft.network/virtualnetworks")
    subnets = {each["name"]: each["properties"] for each in network.body["properties"]["subnets"]}

    assert {name: each["defaultOutboundAccess"] for name, each in subnets.items()} == {
        "app": Expression("empty(natGatewayId)"),
        "promoter": Expression("empty(natGatewayId)"),
        "endpoints": False,
    }
    assert {name for name, each in subnets.items() if each.get("natGateway") == Expression("natGateway")} == {
        "app",
        "promoter",
    }
    assert declared(file, "natGateway").value == Expression("empty(natGatewayId) ? null : { id: natGatewayId }")
    assert given("network")["natGatewayId"] == Expression("natGatewayId")


def test_what_is_written_once_can_be_neither_changed_nor_deleted() -> None:
    [(file, policy)] = resources("microsoft.storage/storageaccounts/blobservices/containers/immutabilitypolicies")
    [(_, rules)] = resources("microsoft.storage/storageaccounts/managementpolicies")
    [rule] = rules.body["properties"]["policy"]["rules"]

    assert names_of(file, declared(file, "writeOnce")) == {"evidence", "checkpoints"}
    assert policy.value.head == "(item, index) in writeOnceContainers"
    assert policy.body["parent"] == Expression("writeOnce[index]")
    assert policy.body["properties"]["immutabilityPeriodSinceCreationInDays"] == Expression("immutabilityDays")
    assert rule["definition"]["filters"]["prefixMatch"] == [Expression("'${deadLetterContainer}/'")]


def test_each_resource_has_a_version_that_is_no_preview_but_where_there_is_none() -> None:
    types = {each.type for declarations in TEMPLATES.values() for each in declarations if each.kind == "resource"}

    assert {each for each in types if "preview" in each} == {"Microsoft.Insights/diagnosticSettings@2021-05-01-preview"}
    assert [each for each in types if "@" not in each] == []


def test_every_parameter_is_described() -> None:
    bare = [
        f"{file}: {each.name}"
        for file, declarations in TEMPLATES.items()
        for each in with_nested(declarations)
        if each.kind == "param" and not each.description
    ]
    assert bare == []


def test_the_host_waits_between_tries_and_takes_what_event_grid_writes() -> None:
    host = json.loads((ROOT / "host.json").read_text())

    assert host["version"] == "2.0"
    assert host["functionTimeout"] == "00:30:00"
    assert host["extensionBundle"]["version"] == "[4.0.0, 5.0.0)"
    assert host["extensions"]["http"]["routePrefix"] == ""
    assert host["extensions"]["queues"] == {
        "batchSize": 4,
        "newBatchThreshold": 0,
        "maxDequeueCount": 5,
        "visibilityTimeout": "00:01:00",
        "messageEncoding": "none",
    }
