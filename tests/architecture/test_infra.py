"""What infra/ and the host's settings must never lose: no keys, modern TLS, dead letters, least privilege."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.project import ROOT, named

BICEP = sorted((ROOT / "infra").rglob("*.bicep"))
EVERYTHING = "\n".join(file.read_text() for file in BICEP)


def module(name: str) -> str:
    return (ROOT / "infra/modules" / f"{name}.bicep").read_text()


def compact(text: str) -> str:
    return re.sub(r"\s+", " ", text)


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
    storage = module("storage")

    assert "allowSharedKeyAccess: false" in storage
    assert "allowBlobPublicAccess: false" in storage
    assert "minimumTlsVersion: 'TLS1_2'" in storage
    assert "supportsHttpsTrafficOnly: true" in storage


@pytest.mark.parametrize("file", BICEP, ids=named)
def test_no_key_or_connection_string_with_a_key_is_made(file: Path) -> None:
    text = file.read_text()
    assert re.findall(r"listKeys|listAccountSas|AccountKey|SharedAccessSignature|@secure", text) == []


def test_local_authentication_is_off_wherever_there_is_one() -> None:
    assert "disableLocalAuth: true" in module("topic")
    assert "DisableLocalAuth: true" in module("monitoring")
    assert compact(module("app")).count("properties: { allow: false }") == 2


def test_undeliverable_events_are_kept() -> None:
    subscription = compact(module("workspace-subscription"))

    assert "deadLetterWithResourceIdentity" in subscription
    assert "deliveryWithResourceIdentity" in subscription
    assert "queueMessageTimeToLiveInSeconds: -1" in subscription
    assert "name: deadLetterContainer" in compact(module("storage"))


def test_the_app_may_not_write_to_a_workspace_nor_delete_from_a_registry() -> None:
    actions = re.findall(r"'(Microsoft\.MachineLearningServices/[\w/*]+/\w+)'", module("workspace-access"))
    assert actions
    assert all(action.endswith("/read") for action in actions)

    imports = re.findall(r"'(Microsoft\.MachineLearningServices/[\w/*]+/\w+)'", module("registry-access"))
    assert {action.rsplit("/", 1)[1] for action in imports} == {"read", "write"}


def test_roles_are_of_a_known_few() -> None:
    known = {
        "3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
        "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
        "974c5e8b-45b9-4653-ba55-5f855dd0fb88": "Storage Queue Data Contributor",
        "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": "Storage Table Data Contributor",
        "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
        "ba92f5b4-2d11-453d-a403-e96b0029c9fe": "Storage Blob Data Contributor",
        "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a": "Storage Queue Data Message Sender",
        "d5a91429-5739-47e2-a06b-3470a27159e7": "EventGrid Data Sender",
    }
    used = set(re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", EVERYTHING))

    assert used == set(known)


def test_app_and_sample_switch_the_push_trigger_and_the_homepage_off() -> None:
    app = module("app")
    sample = json.loads((ROOT / "local.settings.sample.json").read_text())["Values"]

    assert "'AzureWebJobs.model_event_push.Disabled': 'true'" in app
    assert "AzureWebJobsDisableHomepage: 'true'" in app
    assert sample["AzureWebJobs.model_event_push.Disabled"] == "true"
    assert sample["AzureWebJobsDisableHomepage"] == "true"


def test_every_table_and_queue_of_the_design_is_made() -> None:
    storage = module("storage")
    for name in (
        "history",
        "worklist",
        "timeline",
        "catalog",
        "quarantine",
        "webhookids",
        "model-events",
        "promotions",
    ):
        assert f"'{name}'" in storage
    for queue in ("model-events-poison", "promotions-poison"):
        assert f"'{queue}'" in storage


def test_the_policy_number_grows_with_each_deployment() -> None:
    assert "param policyBuild int = dateTimeToEpoch(utcNow())" in (ROOT / "infra/main.bicep").read_text()
    assert "POLICY_BUILD" in module("app")
    assert (ROOT / "azure.yaml").read_text().count("POLICY_BUILD=$") == 2


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
