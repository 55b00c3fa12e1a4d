"""Settings as far as they can be read: what one fault keeps is told, and the rest is used."""

import json
from pathlib import Path
from typing import Any

import pytest

from shared.domain.errors import DocumentInvalid
from shared.settings.deployment import DeploymentSettings
from shared.settings.settings_file import read_settings_file, references_in
from tests.settings.makers import environment

REFERENCE = "@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/senders/)"


def loaded(references: dict[str, str] | None = None, /, **changes: str) -> DeploymentSettings:
    return DeploymentSettings.from_mapping(environment(**changes), references or {})


def test_a_whole_configuration_is_told_whole() -> None:
    told = loaded(CLEARANCE_TOPIC_ENDPOINT="https://evgt-x.westeurope-1.eventgrid.azure.net/api/events").told

    assert told.faults == ()
    assert told.workspaces["risk-dev"].group == "rg-risk"
    assert (told.account, told.by_key, told.topic) == ("devstoreaccount1", True, "evgt-x")
    assert (told.part, told.serves, told.in_azure, told.senders) == ("whole", True, False, {})


def test_nothing_set_is_all_faults_and_nothing_to_look_at() -> None:
    settings = DeploymentSettings.from_mapping({}, {})

    assert len(settings.told.faults) > 4
    assert (settings.storage, settings.told.account, settings.told.url) == (None, None, None)
    assert (settings.told.workspaces, settings.told.registries, settings.told.policy_build) == ({}, (), None)


def test_one_fault_keeps_nothing_else() -> None:
    told = loaded(CLEARANCE_WORKSPACES="{", CLEARANCE_SENDERS="[").told

    assert [fault.partition(":")[0] for fault in told.faults] == ["CLEARANCE_WORKSPACES", "CLEARANCE_SENDERS"]
    assert (told.workspaces, told.senders) == ({}, None)
    assert (told.registries, told.policy_build) == (("contoso-shared",), 1)


def test_with_a_cloud_that_cannot_be_read_nobody_is_asked_in_the_public_one() -> None:
    settings = loaded(CLEARANCE_CLOUD="{")

    assert (settings.azure_ml.workspaces, settings.azure_ml.registries) == ({}, ())
    assert (settings.told.workspaces, settings.told.registries) == ({}, ())
    assert settings.storage is None


def test_two_ways_to_storage_are_none() -> None:
    assert loaded(AzureWebJobsStorage__accountName="stclr").storage is None
    named = loaded(AzureWebJobsStorage="", AzureWebJobsStorage__accountName="stclr")
    assert (named.told.account, named.told.by_key) == ("stclr", False)


@pytest.mark.parametrize(
    ("changes", "part", "serves"),
    [
        ({"CLEARANCE_PROMOTES": "false"}, "people", True),
        ({"AzureWebJobs.http.Disabled": "True"}, "promoter", False),
        ({"AzureWebJobs__http__Disabled": "1"}, "promoter", False),
        ({"AzureWebJobs.http.Disabled": "false"}, "whole", True),
    ],
)
def test_which_part_an_app_is_follows_from_what_it_does_not_do(
    changes: dict[str, str], part: str, serves: bool
) -> None:
    told = loaded(None, **changes).told

    assert (told.part, told.serves) == (part, serves)


def test_where_another_place_holds_the_cloud_nothing_is_looked_for_in_the_public_one() -> None:
    settings = loaded({"CLEARANCE_CLOUD": "kv"})

    assert (settings.azure_ml.registries, dict(settings.azure_ml.workspaces), settings.storage) == ((), {}, None)


def test_a_reference_is_no_fault_even_of_a_setting_that_is_required() -> None:
    told = loaded({"POLICY_BUILD": "kv", "CLEARANCE_SENDERS": "kv"}, POLICY_BUILD=REFERENCE).told

    assert told.faults == ()
    assert (told.policy_build, told.senders, told.references["POLICY_BUILD"]) == (None, None, "kv")


def test_what_is_true_of_this_machine_is_not_taken_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(environment(IDENTITY_ENDPOINT="http://there/msi", POLICY_BUILD="7")))
    monkeypatch.setenv("POLICY_BUILD", "8")
    monkeypatch.setenv("CLEARANCE_TOKEN", "ours")
    monkeypatch.delenv("IDENTITY_ENDPOINT", raising=False)
    settings = DeploymentSettings.load(path, app="https://clearance.contoso.com/")

    assert (settings.managed, settings.told.policy_build, settings.token) == (False, 7, "ours")
    assert (settings.told.url, settings.told.in_azure) == ("https://clearance.contoso.com", True)
    monkeypatch.setenv("IDENTITY_ENDPOINT", "http://here/msi")
    assert DeploymentSettings.load(path).managed


def test_our_token_goes_where_we_say_and_not_where_a_file_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(environment(CLEARANCE_PUBLIC_URL="https://there.example", CLEARANCE_TOKEN="theirs")))
    monkeypatch.setenv("CLEARANCE_TOKEN", "ours")
    monkeypatch.delenv("CLEARANCE_SERVER", raising=False)

    assert DeploymentSettings.load(path).token is None
    assert DeploymentSettings.load(path, app="https://there.example").token == "ours"
    monkeypatch.setenv("CLEARANCE_SERVER", "https://there.example")
    assert DeploymentSettings.load(path).token == "ours"


@pytest.mark.parametrize(
    "content",
    [
        {"A": "1", "B": None},
        {"Values": {"A": "1", "B": ""}},
        [{"name": "A", "value": "1"}, {"name": "B", "value": None}],
    ],
)
def test_each_form_of_a_file_means_the_same(tmp_path: Path, content: Any) -> None:
    path = tmp_path / "s.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(content).encode())

    assert read_settings_file(path) == {"A": "1", "B": ""}


@pytest.mark.parametrize(
    "content",
    [b"", b"[1]", b"7", b'{"Values": []}', b'{"A": {}, "B": 1}', b'[{"value": "hush"}]', b'{"A": "hush\xff"}'],
)
def test_what_is_no_file_of_settings_is_said_without_a_value(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "s.json"
    path.write_bytes(content)
    with pytest.raises(DocumentInvalid) as refused:
        read_settings_file(path)

    assert refused.value.faults
    assert "hush" not in str(refused.value.faults)


@pytest.mark.parametrize(
    ("reference", "vault"),
    [
        (REFERENCE, "kv"),
        ("@Microsoft.KeyVault(VaultName=kv-1;SecretName=senders;SecretVersion=1)", "kv-1"),
        ("@Microsoft.KeyVault(SecretName=senders;VaultName=kv)", "kv"),
        ("@Microsoft.KeyVault(SecretUri=https://kv' or name eq 'x.vault.azure.net/)", "kv"),
        ("@Microsoft.KeyVault(SecretName=VaultName)", ""),
        ("@Microsoft.KeyVault(x)", ""),
    ],
)
def test_a_reference_names_its_vault(reference: str, vault: str) -> None:
    assert references_in({"A": f" {reference}", "B": "plain"}) == {"A": vault}


def test_the_host_may_keep_its_blobs_in_another_account() -> None:
    uri = "https://stclrp4f2a.blob.core.windows.net/"

    assert loaded(AzureWebJobsStorage__blobServiceUri=uri).told.host_account == "stclrp4f2a"
    assert loaded().told.host_account is None


def test_the_component_is_known_by_its_key(tmp_path: Path) -> None:
    connection = "IngestionEndpoint=https://x/;instrumentationkey=6f1f3c52-0d8e-4a54-9a3f-2f0c6d1f9b11"

    assert loaded(APPLICATIONINSIGHTS_CONNECTION_STRING=connection).told.instrumentation_key == connection[-36:]
    assert loaded().told.instrumentation_key is None
