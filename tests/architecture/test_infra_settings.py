"""What Bicep and code call the same: settings, functions, queues, tables, containers."""

import ast
import inspect
import re
from collections.abc import Iterator

from shared import bootstrap
from shared.adapters.blob_evidence import BlobCheckpoints, BlobEvidence
from shared.adapters.storage_backlog import StorageBacklog
from shared.settings.table import APP
from shared.settings.waits import WAITS
from tests.architecture.infra import declared, given, indexed, names_of
from tests.architecture.project import ROOT, python_files

APP_BICEP = "infra/modules/app.bicep"
STORAGE = "infra/modules/storage.bicep"

# What the Functions host and App Service read, and the app does not.
HOST = {
    "AzureWebJobsStorage__credential",
    "AzureWebJobsStorage__blobServiceUri",
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
    "AzureWebJobsDisableHomepage",
    "OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID",
    "WEBSITE_AUTH_AAD_ALLOWED_TENANTS",
}

# What Bicep leaves alone, and why. Each can be given by the parameter extraSettings.
LEFT_ALONE = {
    "AzureWebJobsStorage": "a connection string, for a machine of one's own; it would win over the account by identity",
    "IDENTITY_ENDPOINT": "the platform sets it",
    "WEBSITE_SITE_NAME": "the platform sets it",
    "CLEARANCE_GOVERNED_FROM": "the first start counts",
    "CLEARANCE_POLICIES": "the folder of the package",
    "CLEARANCE_ISSUER": "the tenant's own",
    "CLEARANCE_JWKS_URI": "the issuer says where",
    "CLEARANCE_SIGN_IN_PATH": "App Service's",
    "CLEARANCE_WORKSPACE_READERS": "everybody who has a role reads every workspace",
    "REQUESTS_CA_BUNDLE": "the usual authorities",
    "CLEARANCE_CLOUD": "the public cloud",
    "CLEARANCE_TRACKING_HOSTS": "the workspace is asked",
    "CLEARANCE_TRUSTED_HOSTS": "Azure ML's own hosts",
    "CLEARANCE_AZURE_ML_TIMEOUT": "30 s",
    **dict.fromkeys((wait.name for wait in WAITS.values()), "the waits of docs/configuration.md"),
}


def set_by_bicep() -> set[str]:
    variables = ("hostSettings", "hostBlobSettings", "clearanceSettings", "signInSettings")
    return {name for variable in variables for name in declared(APP_BICEP, variable).value}


def test_every_setting_of_bicep_is_read_by_the_app_or_the_host() -> None:
    assert set_by_bicep() - HOST - {setting.name for setting in APP} == set()
    assert HOST - set_by_bicep() == set(), "this is no longer set"


def test_every_setting_of_the_app_is_set_or_left_alone_for_a_reason() -> None:
    names = {setting.name for setting in APP}

    assert names - set_by_bicep() == set(LEFT_ALONE)
    assert {setting.name for setting in APP if setting.required} & set(LEFT_ALONE) == set()


def test_all_of_them_reach_the_app() -> None:
    site = declared(APP_BICEP, "site")
    [settings] = site.nested

    assert settings.body["name"] == "appsettings"
    for part in (
        "hostSettings",
        "hostBlobSettings",
        "clearanceSettings",
        "signInSettings",
        "disabling",
        "extraSettings",
    ):
        assert part in settings.body["properties"].text


def test_queues_are_the_ones_that_functions_listen_to_and_code_sends_to() -> None:
    made = {
        name for each in ("modelEvents", "promotions", "poison") for name in names_of(STORAGE, declared(STORAGE, each))
    }
    listened = {b["queueName"] for bindings in indexed().values() for b in bindings if b["type"] == "queueTrigger"}

    assert made == listened == set(bootstrap.QUEUES)
    assert bootstrap.PROMOTIONS_QUEUE in made


def test_event_grid_delivers_to_the_queue_that_takes_events_in() -> None:
    [binding] = indexed()["model_events"]

    assert declared(STORAGE, "modelEventsQueue").value == binding["queueName"]
    assert given("workspaceSubscription")["queueName"].text == "storage.outputs.modelEventsQueueName"
    assert f"name: '{binding['queueName']}'" in (ROOT / "infra/modules/delivery-role-assignments.bicep").read_text()


def test_tables_are_the_ones_that_code_uses() -> None:
    used = {
        name for file in python_files("shared") for name in re.findall(r"tables\.table\(\"(\w+)\"\)", file.read_text())
    }
    assert names_of(STORAGE, declared(STORAGE, "table")) == used


def default_container(adapter: type) -> str:
    return str(inspect.signature(adapter).parameters["container"].default)


def test_containers_are_the_ones_that_code_uses() -> None:
    once = {default_container(BlobEvidence), default_container(BlobCheckpoints)}

    assert names_of(STORAGE, declared(STORAGE, "writeOnce")) == once
    assert names_of(STORAGE, declared(STORAGE, "deadLetters")) == {default_container(StorageBacklog)}


def calls_on_blobs() -> Iterator[ast.Call]:
    for file in python_files("shared"):
        text = file.read_text()
        if "azure.storage.blob" in text:
            yield from (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))


def test_code_writes_a_blob_once_and_deletes_none() -> None:
    """An immutability policy on evidence and checkpoints stops nothing that the app does."""
    methods = [(call.func.attr, call) for call in calls_on_blobs() if isinstance(call.func, ast.Attribute)]
    written = [call for name, call in methods if name == "upload_blob"]
    overwrites = [ast.literal_eval(k.value) for call in written for k in call.keywords if k.arg == "overwrite"]

    assert overwrites == [False] * len(written)
    assert len(written) == 2
    assert {
        name for name, _ in methods if re.match(r"delete|set_blob|append_block|stage_block|commit_block", name)
    } == set()
