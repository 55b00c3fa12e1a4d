"""Settings: read whole or refused whole, with every fault at once and no secret in any of them."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from local.configuration_page import configuration_page
from local.docs import CONFIGURATION
from shared.adapters.azure_ml_settings import AzureMLSettings
from shared.domain.errors import DocumentInvalid
from shared.domain.waits import Waits
from shared.settings import ClientSettings, Settings
from shared.settings.table import APP, TABLE
from shared.settings.waits import RELATIONS, WAITS, setting_name
from tests.settings.makers import WORKSPACE_ID, environment

KEY = "whsec_" + "c2VjcmV0" * 4  # 24 bytes


def faults(**changes: str) -> tuple[str, ...]:
    with pytest.raises(DocumentInvalid) as refused:
        Settings.from_mapping(environment(**changes))
    return refused.value.faults


def test_a_whole_configuration_is_read() -> None:
    settings = Settings.from_mapping(
        environment(
            CLEARANCE_SENDERS=json.dumps({"chat": {"keys": [KEY], "people": ["rosa.risk"]}}),
            CLEARANCE_GOVERNED_FROM='{"risk-dev": "2026-11-23T00:00:00Z"}',
            CLEARANCE_LEASE_SECONDS="1000.5",
        )
    )

    assert settings.azure_ml.workspaces["risk-dev"].resource_group == "rg-risk"
    assert settings.senders["chat"].keys == (b"secret" * 4,)
    assert settings.governed_from == {"risk-dev": datetime(2026, 11, 23, tzinfo=UTC)}
    assert settings.waits.lease == timedelta(seconds=1000.5)
    assert settings.sign_in.issuer.startswith("https://login.microsoftonline.com/6f1f3c52-")


def test_an_alias_and_what_stands_under_it_are_both_looked_at() -> None:
    found = faults(CLEARANCE_WORKSPACES='{"Risk_Dev": "x"}')

    assert ["no alias" in fault for fault in found] == [True, False]
    assert ["no ARM id" in fault for fault in found] == [False, True]


def test_nothing_set_names_every_required_setting_at_once() -> None:
    with pytest.raises(DocumentInvalid) as refused:
        Settings.from_mapping({})

    required = {setting.name for setting in APP if setting.required} | {"AzureWebJobsStorage__accountName"}
    assert {fault.partition(":")[0] for fault in refused.value.faults} == required
    assert all("expected" in fault and "for example" in fault for fault in refused.value.faults)


def test_faults_of_several_settings_come_together() -> None:
    found = faults(POLICY_BUILD="new", CLEARANCE_REGISTRIES='["a b", "ok1", "!"]', CLEARANCE_PUBLIC_URL="http://x.org")

    assert [fault.partition(":")[0] for fault in found] == [
        "CLEARANCE_REGISTRIES",
        "CLEARANCE_REGISTRIES",
        "POLICY_BUILD",
        "CLEARANCE_PUBLIC_URL",
    ]


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("CLEARANCE_WORKSPACES", "{}", "an empty object"),
        ("CLEARANCE_WORKSPACES", '{"risk-dev": "/subscriptions/x"}', "no ARM id"),
        ("CLEARANCE_WORKSPACES", f'{{"a": "{WORKSPACE_ID}", "b": "{WORKSPACE_ID.upper()}"}}', "under two aliases"),
        ("CLEARANCE_WORKSPACES", '{"Risk_Dev": "x"}', "no alias: 1 to 32"),
        ("CLEARANCE_REGISTRIES", '["one1", "one1"]', '"one1" twice'),
        ("CLEARANCE_REGISTRIES", "contoso-shared", "not JSON"),
        ("CLEARANCE_GOVERNED_FROM", '{"risk-dev": "2026-11-23T00:00:00"}', "no time zone"),
        ("CLEARANCE_GOVERNED_FROM", '{"other": "2026-11-23T00:00:00Z"}', "no alias of CLEARANCE_WORKSPACES"),
        ("CLEARANCE_TENANT_ID", "contoso", '"contoso"'),
        ("CLEARANCE_SIGN_IN_PATH", "//evil.example", '"//evil.example"'),
        ("CLEARANCE_TOPIC_ENDPOINT", "https://user@topic.example/api/events", "a URL with a user"),
        ("CLEARANCE_TRUSTED_HOSTS", '["https://x"]', '"https://x"'),
        ("CLEARANCE_CLOUD", '{"name": "x", "metadata": {}}', "no azure_portal in its metadata"),
        ("CLEARANCE_LEASE_SECONDS", "15m", '"15m"'),
        ("CLEARANCE_LEASE_SECONDS", "0", '"0"'),
        ("CLEARANCE_LEESE_SECONDS", "5", "did you mean CLEARANCE_LEASE_SECONDS?"),
        ("AzureWebJobsStorage__accountName", "stclearance", "both are set"),
        ("AZURE_CLIENT_ID", "c1ea7a9c-0000-4000-8000-0000000000a1", "they name two identities"),
    ],
)
def test_a_fault_names_its_setting_and_what_was_found(name: str, value: str, says: str) -> None:
    extra = {"AzureWebJobsStorage__clientId": "c1ea7a9c-0000-4000-8000-0000000000b2"}
    found = faults(**{**(extra if name == "AZURE_CLIENT_ID" else {}), name: value})

    assert any(name in fault and says in fault for fault in found), found


@pytest.mark.parametrize(
    "name",
    ["AzureWebJobsStorage__accountName", "CLEARANCE_TENANT_ID", "CLEARANCE_PUBLIC_URL", "CLEARANCE_LEASE_SECONDS"],
)
@pytest.mark.parametrize(
    "secret", [f"AccountName=x;AccountKey={'sesame' * 12}==;", "whsec_" + "sesame" * 8, "https://x.test/c?sig=sesame"]
)
def test_a_secret_that_stands_in_the_wrong_setting_is_not_shown(name: str, secret: str) -> None:
    """Faults are logged, and `/api/health` lists them to anybody."""
    found = " ".join(faults(**{name: secret}))

    assert name in found
    assert "sesame" not in found


@pytest.mark.parametrize(
    "senders",
    [
        '{"chat": {"keys": ["whsec_hunter2hunter2"], "people": ["rosa.risk"]}}',
        '{"chat": {"keys": ["hunter2hunter2"], "people": ["rosa.risk"]}}',
        '{"chat": {"keys": ["whsec_!hunter2"], "people": ["rosa.risk"]}, "chat": "hunter2"}',
        '{"chat": {"keys": "hunter2", "people": []}}',
        "hunter2",
    ],
)
def test_no_fault_quotes_a_secret(senders: str) -> None:
    found = faults(CLEARANCE_SENDERS=senders, AzureWebJobsStorage="AccountKey=hunter2")

    assert {"CLEARANCE_SENDERS", "AzureWebJobsStorage"} <= {fault.partition(":")[0] for fault in found}
    assert "hunter2" not in " ".join(found)


def test_what_was_read_does_not_show_its_secrets() -> None:
    settings = Settings.from_mapping(
        environment(CLEARANCE_SENDERS=json.dumps({"chat": {"keys": [KEY], "people": ["rosa.risk"]}}))
    )
    client = ClientSettings.from_mapping({"CLEARANCE_TOKEN": "hunter2", "CLEARANCE_WEBHOOK_KEY": KEY})

    assert "AccountKey" not in repr(settings)
    assert "secret" not in repr(settings)
    assert "hunter2" not in repr(client)


def test_a_key_vault_reference_that_was_not_resolved_is_named_as_such() -> None:
    reference = "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/senders/)"

    assert any("was not resolved" in fault for fault in faults(CLEARANCE_SENDERS=reference))


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda relation: "-".join(relation.names))
def test_waits_that_do_not_fit_each_other_are_refused(relation: object) -> None:
    broken = {
        ("lease", "import_deadline"): {"lease": 700, "lease_needed": 650},
        ("lease_needed", "import_deadline"): {"lease_needed": 500},
        ("lease", "lease_needed"): {"lease_needed": 900},
        ("import_deadline",): {"import_deadline": 1800, "lease": 4000, "lease_needed": 3000},
        ("reread_max_age", "lease"): {"reread_max_age": 900},
        ("touch_covers", "work_due"): {"touch_covers": 120},
        ("work_due", "settled_for"): {"work_due": 700},
        ("backoff_first", "backoff_last"): {"backoff_first": 1801},
        ("relook", "relook_slow"): {"relook": 3601},
        ("relook_for", "relook_slow_for"): {"relook_for": 700_000},
    }
    names = getattr(relation, "names")  # noqa: B009 - the parameter is typed for its id alone
    found = faults(**{setting_name(name): str(value) for name, value in broken[names].items()})

    assert len(found) == 1
    assert all(setting_name(name) in found[0] for name in names)


def test_the_defaults_are_the_protocols_and_hold_every_relation() -> None:
    settings = Settings.from_mapping(environment())

    assert settings.waits == Waits()
    assert all(relation.holds(Waits()) for relation in RELATIONS)
    assert set(WAITS) == set(Waits.__dataclass_fields__)


def test_the_defaults_of_azure_ml_are_the_adapters_own() -> None:
    places = Settings.from_mapping(environment()).azure_ml
    own = AzureMLSettings(workspaces={})

    assert (places.trusted_hosts, places.artifact_hosts, places.timeout) == (
        own.trusted_hosts,
        own.artifact_hosts,
        own.timeout,
    )


def test_policies_are_found_beside_the_app_whatever_the_working_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")

    assert (Settings.from_mapping(environment()).policies / "directory/people.yaml").is_file()
    assert Settings.from_mapping(environment(CLEARANCE_POLICIES="/srv/policies")).policies == Path("/srv/policies")


def test_every_example_that_is_whole_is_accepted() -> None:
    for setting in TABLE:
        if "..." not in setting.example and "<" not in setting.example:
            setting.read(setting.example)


def test_the_page_of_settings_is_current() -> None:
    assert CONFIGURATION.read_text(encoding="utf-8") == configuration_page(), "write it anew: make docs"
