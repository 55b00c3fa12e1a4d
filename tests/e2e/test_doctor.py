"""`clearance doctor` against the laptop platform: clean it says nothing, and each fault planted is told with its command."""

import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from azure.data.tables import TableServiceClient
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueClient
from typer.testing import CliRunner, Result

from local.platform import Options, Platform
from local.platform.estate import WORKSPACE
from local.platform.services import ROOT
from local.ports import free_ports
from local.serving import serving, site_on
from shared.cli.main import app
from shared.version import __version__

pytestmark = pytest.mark.slow

Row = dict[str, str]
CLOSED = f"http://127.0.0.1:{free_ports(1)[0]}"
APP = "c1ea7a9c-0000-4000-8000-0000000000a2"
FRESH = datetime.now(UTC).isoformat()
STRANGER = "00000000-0000-4000-8000-00000000beef"


def run(platform: Platform, *arguments: str, **changes: str) -> Result:
    """`clearance doctor` as the app's identity and an operator of the app, with some settings changed."""
    told = {**platform.settings, "CLEARANCE_TOKEN": platform.token("olu.operator"), **changes}
    return CliRunner().invoke(app, ["doctor", *arguments], env=told)


def rows(platform: Platform, *arguments: str, **changes: str) -> list[Row]:
    """What it finds that is not as it should be."""
    ran = run(platform, "--output", "json", *arguments, **changes)
    assert ran.exit_code in {0, 1, 3}, ran.output
    return [each for each in json.loads(ran.stdout)["findings"] if each["state"] != "ok"]


def test_the_clean_platform_has_nothing_to_mend(platform: Platform) -> None:
    ran = run(platform)

    assert ran.exit_code == 0
    assert "ok, 0 problem, 0 waiting, 0 unknown." in ran.stdout
    assert [line for line in ran.stdout.splitlines() if len(line) > 80] == []
    assert rows(platform) == []


def test_after_a_registration_the_delivery_is_counted(platform: Platform) -> None:
    platform.register("defects")
    platform.emulator.wait_for_deliveries(1)

    assert "in the last 7 days, the last in the hour from" in " ".join(run(platform).stdout.split())


def test_it_asks_azure_just_what_the_page_says(platform: Platform) -> None:
    page = (ROOT / "docs/checks.md").read_text().partition("## What it asks of Azure")[2].partition("\n## ")[0]
    platform.emulator.clear_calls()
    run(platform)
    # What the app asks meanwhile, of models and runs, is another page's.
    asked = {f"{call['method']} {call['template']}" for call in platform.emulator.calls()}
    own = {
        call for call in asked if re.search(r"/(Microsoft\.(EventGrid|Auth|Insights)|discovery$|providers/\{n)", call)
    }
    own |= {call for call in asked if call.endswith("/workspaces/{workspace}")}

    assert own == set(re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE))


# --- faults of Azure ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Planted:
    """A fault, and the findings that it must give: kind, what they are about, and a piece of the command."""

    arm: Callable[[dict[str, Any]], dict[str, Any]] = lambda _arm: {}
    rules: tuple[dict[str, Any], ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    finds: tuple[tuple[str, str, str], ...] = ()


def rule(path: str, code: int | None = 403, **match: str) -> dict[str, Any]:
    """An answer, or none, to requests of the command; the app's own are struck too, which changes nothing here."""
    action = {"action": "drop_before"} if code is None else {"action": "status", "code": code, "retry_after": 0.01}
    return {**action, "match": {"path_regex": path, **match}, "times": -1}


def topic(**changes: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The one system topic, its one subscription changed."""

    def changed(arm: dict[str, Any]) -> dict[str, Any]:
        (found,) = arm["topics"]
        (subscription,) = found["subscriptions"]
        return {"topics": [{**found, "subscriptions": [{**subscription, **changes}]}]}

    return changed


def assigned(scope: str, **changes: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The assignments whose scope ends so, changed; without changes, taken away."""

    def changed(arm: dict[str, Any]) -> dict[str, Any]:
        ours = [each for each in arm["assignments"] if each["scope"].endswith(scope)]
        others = [each for each in arm["assignments"] if each not in ours]
        assert ours
        return {"assignments": [*others, *({**each, **changes} for each in ours if changes)]}

    return changed


def denied(arm: dict[str, Any]) -> dict[str, Any]:
    scope = next(each["scope"] for each in arm["assignments"] if each["scope"].endswith("/contoso-eu"))
    return {"denials": [{"name": "blueprint lock", "scope": scope, "actions": ["*/write"]}]}


WS_PATH, EU = f"/workspaces/{WORKSPACE.name}$", "/registries/contoso-eu"
LIST_ROLES = f"az role assignment list --assignee {APP} --scope /subscriptions/{WORKSPACE.subscription_id}/"
IN_AZURE: dict[str, Planted] = {
    "a provider that is not registered": Planted(
        lambda _: {"providers": {"Microsoft.EventGrid": "NotRegistered"}},
        finds=(
            ("provider_not_registered", "Microsoft.EventGrid", "az provider register --namespace Microsoft.EventGrid"),
        ),
    ),
    "a provider on its way": Planted(
        lambda _: {"providers": {"Microsoft.EventGrid": "Registering"}},
        finds=(("provider_registering", "Microsoft.EventGrid", "az provider show"),),
    ),
    "a provider that may not be read": Planted(
        rules=(rule("/providers/Microsoft.EventGrid$"),),
        finds=(("provider_unseen", "Microsoft.EventGrid", "az provider show"),),
    ),
    "a workspace that is gone": Planted(
        rules=(rule(WS_PATH, 404),), finds=(("workspace_not_found", "risk-dev", "az ml workspace list"),)
    ),
    "a workspace that refuses": Planted(
        rules=(rule(WS_PATH),), finds=(("workspace_forbidden", "risk-dev", LIST_ROLES),)
    ),
    "a workspace whose role is minutes old": Planted(
        assigned(WORKSPACE.name, created_on=FRESH),
        (rule(WS_PATH),),
        finds=(("workspace_role_pending", "risk-dev", LIST_ROLES),),
    ),
    "a workspace that is throttled": Planted(
        rules=(rule(WS_PATH, 429),), finds=(("workspace_unseen", "risk-dev", LIST_ROLES),)
    ),
    "a registry that refuses": Planted(
        rules=(rule(f"{EU}/discovery"),), finds=(("registry_forbidden", "contoso-eu", LIST_ROLES),)
    ),
    "a registry whose role is minutes old": Planted(
        assigned("/contoso-eu", created_on=FRESH),
        (rule(f"{EU}/discovery"),),
        finds=(("registry_role_pending", "contoso-eu", LIST_ROLES),),
    ),
    "a discovery host that does not answer": Planted(
        rules=(rule(f"{EU}/discovery", None),), finds=(("registry_unreachable", "contoso-eu", "curl -sSi https://"),)
    ),
    "a discovery host in trouble": Planted(
        rules=(rule(f"{EU}/discovery", 503),), finds=(("registry_unseen", "contoso-eu", "az ml registry show"),)
    ),
    "no system topic": Planted(
        lambda _: {"topics": []}, finds=(("system_topic_missing", "risk-dev", "azd provision"),)
    ),
    "a subscription to another queue": Planted(
        topic(queue="elsewhere"), finds=(("subscription_missing", "risk-dev", "azd provision"),)
    ),
    "a subscription that failed": Planted(
        topic(state="Failed"),
        finds=(("subscription_not_provisioned", "risk-dev", "az eventgrid system-topic event-subscription show"),),
    ),
    "a subscription on its way": Planted(
        topic(state="Creating"),
        finds=(("subscription_pending", "risk-dev", "az eventgrid system-topic event-subscription show"),),
    ),
    "a subscription that filters too much": Planted(
        topic(event_types=["Microsoft.MachineLearningServices.ModelRegistered"]),
        finds=(("event_types_missing", "risk-dev", "azd provision"),),
    ),
    "no place for dead letters": Planted(
        topic(dead_letters=None), finds=(("dead_letter_missing", "risk-dev", "azd provision"),)
    ),
    "dead letters": Planted(
        lambda _: {"metrics": {"DeadLetteredCount": 2}},
        finds=(("events_dead_lettered", "risk-dev", "az storage blob list --container-name dead-letters"),),
    ),
    "dropped events": Planted(
        lambda _: {"metrics": {"DroppedEventCount": 2}},
        finds=(("events_dropped", "risk-dev", "az eventgrid system-topic event-subscription show"),),
    ),
    "topics that may not be read": Planted(
        rules=(rule("/systemTopics$"),), finds=(("events_unseen", "risk-dev", "az eventgrid system-topic list"),)
    ),
    "metrics that may not be read": Planted(
        rules=(rule("/Microsoft.Insights/metrics$"),),
        finds=(("deliveries_unseen", "risk-dev", "az eventgrid system-topic event-subscription show"),),
    ),
    "a role taken away": Planted(
        assigned("/contoso-eu"), finds=(("action_missing", "contoso-eu", f"--assignee-object-id {APP}"),)
    ),
    "a role too small": Planted(
        assigned(WORKSPACE.name, role="Reader"),
        finds=(("action_missing", "risk-dev", "'Clearance workspace reader ('"),),
    ),
    "a topic that may not send": Planted(
        assigned("/queues/model-events"),
        finds=(("action_missing", "risk-dev to model-events", "--role 'Storage Queue Data Message Sender'"),),
    ),
    "a topic that may not keep dead letters": Planted(
        assigned("/containers/dead-letters"),
        finds=(("action_missing", "risk-dev to dead-letters", "--role 'Storage Blob Data Contributor'"),),
    ),
    "an identity that may not send telemetry": Planted(
        assigned("/appi-clearance"),
        finds=(("action_missing", "Application Insights", "--role 'Monitoring Metrics Publisher'"),),
    ),
    "an identity that has no right where the host keeps its blobs": Planted(
        lambda arm: {"resources": [*arm["resources"], arm["resources"][0].replace("devstoreaccount1", "stclrp")]},
        settings={"AzureWebJobsStorage__blobServiceUri": "https://stclrp.blob.core.windows.net/"},
        finds=(("action_missing", "stclrp", "--role 'Storage Blob Data Owner'"),),
    ),
    "a component that is not found": Planted(
        lambda _: {"components": {}},
        finds=(("roles_unseen", "Application Insights", f"az role assignment list --assignee {APP}"),),
    ),
    "a deny assignment": Planted(denied, finds=(("action_denied", "contoso-eu", "az rest --method get"),)),
    "a role under a condition": Planted(
        assigned("/contoso-eu", condition="@Request[x] StringEquals 'y'"),
        finds=(("role_conditional", "contoso-eu", LIST_ROLES),),
    ),
    "roles that may not be read": Planted(
        rules=(rule(f"{EU}/providers/Microsoft.Authorization/"),),
        finds=(("roles_unseen", "contoso-eu", LIST_ROLES),),
    ),
}


@contextmanager
def planted(platform: Platform, fault: Planted) -> Iterator[None]:
    before = platform.emulator.arm()
    try:
        platform.emulator.set_arm(**fault.arm(before))
        platform.emulator.add_faults(*fault.rules)
        yield
    finally:
        platform.emulator.clear_faults()
        platform.emulator.set_arm(**before)


@pytest.mark.parametrize("name", IN_AZURE)
def test_a_fault_of_azure_gives_just_its_finding_with_the_command(platform: Platform, name: str) -> None:
    fault = IN_AZURE[name]
    with planted(platform, fault):
        found = [each for each in rows(platform, **fault.settings) if each["check"] not in {"app", "sign_in"}]

    assert [(each["kind"], each["about"]) for each in found] == [(kind, about) for kind, about, _ in fault.finds]
    assert [command in each["command"] for each, (_, _, command) in zip(found, fault.finds, strict=True)] == [True]


def test_what_a_role_allows_must_be_readable_too(platform: Platform) -> None:
    with planted(platform, Planted(rules=(rule("/roleDefinitions/"),))):
        found = rows(platform)

    assert {each["kind"] for each in found} == {"roles_unseen"}


def test_a_role_that_was_deleted_gives_nothing(platform: Platform) -> None:
    with planted(platform, Planted(assigned("/contoso-eu", role="00000000-0000-0000-0000-000000000000"))):
        assert [(each["kind"], each["about"]) for each in rows(platform)] == [("action_missing", "contoso-eu")]


def test_a_role_by_a_group_within_a_group_counts(platform: Platform) -> None:
    before = platform.emulator.arm()
    groups = {"groups": {"outer": ["inner"], "inner": [APP]}}
    through = assigned("/contoso-eu", principal="outer", principal_type="Group")(before)
    with planted(platform, Planted(lambda _: {**groups, **through})):
        assert rows(platform) == []


def test_what_the_app_itself_cannot_reach_is_told_by_its_port(platform: Platform) -> None:
    with planted(platform, Planted(rules=(rule(WS_PATH, 503),))):
        found = rows(platform)

    assert {"port_does_not_answer", "workspace_unseen"} <= {each["kind"] for each in found}


# --- faults of what the app was told -------------------------------------------------------------------------------------


IN_SETTINGS: dict[str, tuple[dict[str, str], set[str], str]] = {
    "a wait that is none": ({"CLEARANCE_LEASE_SECONDS": "soon"}, {"setting_faulty"}, "--settings 'CLEARANCE_LEASE"),
    "a cloud that is none": ({"CLEARANCE_CLOUD": "{"}, {"setting_faulty"}, "--settings 'CLEARANCE_CLOUD=<value>'"),
    "another tenant": (
        {"CLEARANCE_TENANT_ID": STRANGER, "CLEARANCE_ISSUER": "https://127.0.0.1/x"},
        {"identity_of_other_tenant"},
        f"az login --tenant {STRANGER}",
    ),
    "a number of the policy ahead of time": (
        {"POLICY_BUILD": "99999999999"},
        {"policy_build_in_future"},
        "--settings 'POLICY_BUILD=<value>'",
    ),
    "no sender": ({"CLEARANCE_SENDERS": "{}"}, {"senders_none"}, "--settings 'CLEARANCE_SENDERS=<value>'"),
    "a sender for a stranger": (
        {"CLEARANCE_SENDERS": json.dumps({"chat": {"keys": ["whsec_" + "c2VjcmV0" * 4], "people": ["nobody"]}})},
        {"sender_person_unknown"},
        "--settings 'CLEARANCE_SENDERS=<value>'",
    ),
    "nobody can sign in": ({"CLEARANCE_CLIENT_ID": ""}, {"sign_in_not_configured"}, "CLEARANCE_CLIENT_ID"),
    "an app elsewhere": (
        {"CLEARANCE_PUBLIC_URL": CLOSED},
        {"app_unreachable", "sign_in_unseen"},
        f"curl -sSi {CLOSED}",
    ),
    "an app in Azure with the number of a sample": (
        {"CLEARANCE_PUBLIC_URL": CLOSED.replace("http:", "https:"), "POLICY_BUILD": "1"},
        {"policy_build_placeholder", "app_unreachable", "sign_in_unseen"},
        "POLICY_BUILD",
    ),
    "no policies": ({"CLEARANCE_POLICIES": "nowhere"}, {"policy_faulty", "senders_unseen"}, "clearance policy check"),
}


@pytest.mark.parametrize("name", IN_SETTINGS)
def test_a_fault_of_settings_gives_just_its_findings(platform: Platform, name: str) -> None:
    changes, kinds, command = IN_SETTINGS[name]
    found = rows(platform, **changes)

    assert {each["kind"] for each in found} == kinds
    assert any(command in each["command"] for each in found)


def storage(platform: Platform, **changes: str) -> dict[str, str]:
    """The connection string with some parts changed."""
    parts = dict(part.split("=", 1) for part in platform.settings["AzureWebJobsStorage"].split(";") if part)
    return {"AzureWebJobsStorage": ";".join(f"{name}={value}" for name, value in {**parts, **changes}.items())}


def test_storage_that_is_away_is_told_for_each_service(platform: Platform) -> None:
    closed = {f"{each}Endpoint": f"{CLOSED}/devstoreaccount1" for each in ("Blob", "Queue", "Table")}
    found = rows(platform, **storage(platform, **closed))

    assert [each["kind"] for each in found] == ["clock_unseen", *["storage_unreachable"] * 3]
    assert "az storage account show --name devstoreaccount1" in found[1]["command"]


@pytest.mark.parametrize(
    ("since", "kind"), [(None, "storage_forbidden"), (FRESH, "storage_role_pending")], ids=["no role", "a fresh role"]
)
def test_storage_that_refuses_is_told_by_the_age_of_roles(platform: Platform, since: str | None, kind: str) -> None:
    plant = assigned("/devstoreaccount1", created_on=since) if since else (lambda _: {})
    with planted(platform, Planted(plant)):
        found = rows(platform, **storage(platform, AccountKey="d3Jvbmcga2V5"))

    assert [each["kind"] for each in found] == [kind] * 3
    assert all(each["command"].startswith(LIST_ROLES) for each in found)


def test_a_table_and_a_container_that_are_missing_are_told_with_what_makes_them(platform: Platform) -> None:
    connection = platform.settings["AzureWebJobsStorage"]
    with (
        TableServiceClient.from_connection_string(connection) as tables,
        BlobServiceClient.from_connection_string(connection) as blobs,
    ):
        tables.delete_table("catalog")  # the one that no timer of the platform would make anew meanwhile
        blobs.delete_container("dead-letters")
        try:
            found = rows(platform)
        finally:
            tables.create_table_if_not_exists("catalog")
            blobs.create_container("dead-letters")

    assert [(each["kind"], each["about"]) for each in found] == [
        ("storage_part_missing", "tables of devstoreaccount1"),
        ("storage_part_missing", "containers of devstoreaccount1"),
    ]
    assert found[0]["command"].startswith("az storage table create --name catalog")


def test_every_fault_of_policies_and_people_is_told(platform: Platform, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "policies", tmp_path / "policies")
    (tmp_path / "policies/fraud.yaml").write_text("policy: fraud\nqorum: 2\n")
    (tmp_path / "policies/directory/people.yaml").write_text("people: []\n")
    found = rows(platform, CLEARANCE_POLICIES=str(tmp_path / "policies"))

    assert {each["kind"] for each in found} == {"policy_faulty", "senders_unseen"}
    assert len([each for each in found if "fraud.yaml:" in each["sentence"]]) >= 2
    assert any("people.yaml:" in each["sentence"] for each in found)


REFERENCE = "@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/senders/)"


def vault(role: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """A vault, with a role of the app on it."""
    group = f"/subscriptions/{WORKSPACE.subscription_id}/resourceGroups/rg-clearance"
    scope = f"{group}/providers/Microsoft.KeyVault/vaults/kv"
    given = {"scope": scope, "role": role, "principal": APP}
    return lambda arm: {
        "resources": [*arm["resources"], scope],
        "assignments": [*arm["assignments"], given],
    }


def from_file(platform: Platform, folder: Path, form: Any) -> tuple[int, list[Row]]:
    """The exit code, and what it finds by a file of settings that is not as it should be."""
    ours = {name: platform.settings[name] for name in ("IDENTITY_ENDPOINT", "IDENTITY_HEADER", "REQUESTS_CA_BUNDLE")}
    ours["CLEARANCE_TOKEN"] = platform.token("olu.operator")
    path = folder / "settings.json"
    path.write_text(json.dumps(form))
    ran = CliRunner().invoke(app, ["doctor", "--settings", str(path), "-o", "json"], env=ours)
    return ran.exit_code, [each for each in json.loads(ran.stdout)["findings"] if each["state"] != "ok"]


def test_a_file_of_settings_is_read_in_each_of_its_forms_and_references_are_set_apart(
    platform: Platform, tmp_path: Path
) -> None:
    told = {**platform.settings, "CLEARANCE_SENDERS": REFERENCE}
    forms = [told, {"IsEncrypted": False, "Values": told}, [{"name": n, "value": v} for n, v in told.items()]]
    with planted(platform, Planted(vault("Key Vault Secrets User"))):
        for form in forms:
            code, found = from_file(platform, tmp_path, form)

            assert code == 0
            assert [each["kind"] for each in found] == ["setting_not_looked_at", "senders_unseen"]
            assert "/config/configreferences/appsettings/CLEARANCE_SENDERS?" in found[0]["command"]


@pytest.mark.parametrize(
    ("arm", "kind", "command"),
    [
        (vault("Reader"), "action_missing", "--role 'Key Vault Secrets User'"),
        (lambda _: {}, "roles_unseen", "--scope '<id of kv>'"),
    ],
    ids=["no role", "no vault"],
)
def test_the_vault_that_settings_refer_to_must_let_the_app_read_secrets(
    platform: Platform, tmp_path: Path, arm: Callable[[dict[str, Any]], dict[str, Any]], kind: str, command: str
) -> None:
    with planted(platform, Planted(arm)):
        _, found = from_file(platform, tmp_path, {**platform.settings, "CLEARANCE_SENDERS": REFERENCE})
    (row,) = [each for each in found if each["check"] == "roles"]

    assert (row["kind"], row["about"]) == (kind, "kv")
    assert command in row["command"]


# --- identity, clock and the app itself ----------------------------------------------------------------------------------


def test_without_a_token_azure_is_unseen_and_all_else_is_checked(platform: Platform) -> None:
    found = rows(platform, IDENTITY_HEADER="wrong")

    assert {each["state"] for each in found if each["check"] != "events"} == {"unknown"}
    assert "identity_unseen" in {each["kind"] for each in found}
    assert {each["check"] for each in found}.isdisjoint({"storage", "app", "policies"})
    assert sum("could be had" in each["sentence"] for each in found) == 1


def test_another_identity_is_judged_by_its_own_roles(platform: Platform) -> None:
    found = rows(platform, "--principal", STRANGER)

    assert {each["kind"] for each in found} == {"action_missing"}
    registries = json.loads(platform.settings["CLEARANCE_REGISTRIES"])
    assert {each["about"] for each in found} == {"risk-dev", "Application Insights", *registries}
    assert all(f"--assignee-object-id {STRANGER}" in each["command"] for each in found)


@pytest.mark.parametrize(
    ("changes", "spared"),
    [
        ({"CLEARANCE_PROMOTES": "false"}, {"workspaces", "registries"}),
        ({"AzureWebJobs__http__Disabled": "true"}, {"senders", "sign_in", "app"}),
    ],
)
def test_each_part_of_a_split_deployment_is_held_to_what_it_does(
    platform: Platform, changes: dict[str, str], spared: set[str]
) -> None:
    whole = json.loads(run(platform, "-o", "json").stdout)["findings"]
    part = json.loads(run(platform, "-o", "json", **changes).stdout)["findings"]

    assert {each["check"] for each in whole} - {each["check"] for each in part} == spared
    assert {each["state"] for each in part} == {"ok"}


def test_a_refusal_of_somebody_else_says_nothing_of_the_app(platform: Platform) -> None:
    with planted(platform, Planted(rules=(rule(WS_PATH), rule(f"{EU}/discovery")))):
        found = {each["kind"] for each in rows(platform, "--principal", STRANGER)}

    assert {"workspace_unseen", "registry_unseen"} <= found
    assert found.isdisjoint({"workspace_forbidden", "registry_forbidden"})


def test_a_clock_two_minutes_off_is_a_problem(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from shared import bootstrap
    from shared.adapters.memory import SettableClock
    from shared.settings.deployment import DeploymentSettings
    from shared.workflow.check_deployment import check_deployment

    for name, value in platform.settings.items():
        monkeypatch.setenv(name, value)
    ahead = SettableClock(datetime.now(UTC) + timedelta(minutes=2))
    deployment = replace(bootstrap.deployment(DeploymentSettings.load(None)), clock=ahead)
    found = [each for each in check_deployment(deployment) if each.state != "ok"]

    assert [each.kind for each in found] == ["clock_differs"]
    assert re.search(r"1[12]\d s apart", found[0].sentence)


def served(answers: Mapping[str, tuple[int, Any]]) -> Any:
    async def answer(scope: Any, _receive: Any, send: Any) -> None:
        status, body = answers.get(scope["path"], (404, {}))
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": content})

    return answer


HEALTH = {"status": "ok", "version": __version__, "ports": []}
APPS: dict[str, tuple[dict[str, tuple[int, Any]], str, str]] = {
    "another version": ({"/": (401, {}), "/api/health": (200, {**HEALTH, "version": "9.9"})}, "app_version_differs", "azd deploy"),
    "a page for anybody": ({"/": (200, {}), "/api/health": (200, HEALTH)}, "page_open_to_anybody", "curl -sSi http"),
    "something else": ({"/": (401, {}), "/api/health": (200, b"<html>")}, "app_is_another", "curl -sSi http"),
}  # fmt: skip


@pytest.mark.parametrize("name", APPS)
def test_an_app_that_is_not_as_it_should_be_is_told(platform: Platform, name: str) -> None:
    answers, kind, command = APPS[name]
    site = site_on(served(answers))
    with serving(site):
        found = rows(platform, "--app", site.url)

    assert [each["kind"] for each in found] == [kind]
    assert command in found[0]["command"]


@pytest.fixture(scope="module")
def broken() -> Iterator[Platform]:
    """A platform whose app lacks a setting, and so takes nothing from its queues."""
    with Platform(Options(changes={"POLICY_BUILD": None})) as running:
        yield running


def test_an_app_with_faulty_settings_says_which(broken: Platform) -> None:
    found = rows(broken)

    assert [each["kind"] for each in found] == ["sign_in_unseen", "app_settings_faulty"]
    assert "POLICY_BUILD: it is not set" in found[1]["sentence"]


def test_messages_before_the_quarantine_are_told(broken: Platform) -> None:
    with ExitStack() as closing:
        connection = broken.settings["AzureWebJobsStorage"]
        queue = closing.enter_context(QueueClient.from_connection_string(connection, "promotions-poison"))
        queue.send_message("x")
        closing.callback(queue.clear_messages)
        found = rows(broken)

    # The poison queue has a function of its own, which fails while settings are faulty: the message stays for a while.
    assert "messages_set_aside" in {each["kind"] for each in found}


def test_where_nothing_answers_it_is_unreachable(platform: Platform) -> None:
    nothing = {
        "IDENTITY_ENDPOINT": f"{CLOSED}/msi/token",
        "CLEARANCE_PUBLIC_URL": CLOSED,
        **storage(platform, **{f"{each}Endpoint": f"{CLOSED}/x" for each in ("Blob", "Queue", "Table")}),
    }
    ran = run(platform, **nothing)

    assert ran.exit_code == 3
    assert "Traceback" not in ran.output


def test_hostile_names_and_bad_options_are_sentences(platform: Platform, tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text('[{"name": "A", "value": 7}, {"name": "B\\u202e", "value": []}]')

    wrong = ("--settings", str(bad)), ("--settings", str(tmp_path / "none")), ("--app", "ftp://x"), ("--app", "x\u202e")
    for arguments in (("--principal", "me\u202e"), *wrong):
        ran = run(platform, *arguments)
        assert ran.exit_code == 2
        assert "\u202e" not in ran.output
        assert "Traceback" not in ran.output
    assert run(platform, "--settings", str(bad)).stderr.count("found a JSON") == 2
