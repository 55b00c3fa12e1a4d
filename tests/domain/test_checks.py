"""What each check makes of what it saw: a scene for every kind of finding, and the kinds told apart."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.azure_ml.built_in_roles import BUILT_IN
from shared.domain.azure_facts import (
    AppHealth,
    Caller,
    Deliveries,
    EventSubscription,
    PageAnswer,
    PortAnswer,
    RegistryPlace,
    SystemTopic,
)
from shared.domain.azure_roles import DenyAssignment, Permission, RoleAssignment, RoleDefinition
from shared.domain.checks.configured import (
    judge_identity,
    judge_policies,
    judge_policy_build,
    judge_senders,
    judge_settings,
)
from shared.domain.checks.events import EVENT_TYPES, Destination, Route, judge_events
from shared.domain.checks.finding import KINDS, Finding, Unseen, nothing_reached
from shared.domain.checks.places import Asker, judge_registry, judge_workspace
from shared.domain.checks.providers import judge_provider
from shared.domain.checks.roles import Access, Holder, judge_roles, pending
from shared.domain.checks.site import judge_app, judge_sign_in
from shared.domain.checks.store import Store, judge_clock, judge_storage
from shared.domain.needed_actions import REGISTRY, TOPIC, Part, needed
from shared.domain.people import People, Person
from shared.domain.resource_ids import Resource, resource_id

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
WS = Resource.parse(resource_id("workspace", "s1", "rg-risk", "mlw"))
REG = Resource.parse(resource_id("registry", "s1", "rg-ml", "contoso-shared"))
STORE_ID = resource_id("storage", "s1", "rg", "stclr")
URL, TENANT = "https://clearance.contoso.com", "t1"
ROLE = RoleDefinition("r1", "importer", (Permission(REGISTRY.actions),))
TO = Destination("model-events", "stclr")
TOPIC_OF_WS = SystemTopic(f"{WS.id}/x", "evgs", WS.id, "p-topic")
GOOD = EventSubscription("clr", "Succeeded", STORE_ID, "model-events", "dead-letters", EVENT_TYPES)
PEOPLE = People((Person("rosa", "Rosa", None, None, (), ()),), "0")
HEALTHY = AppHealth("1.0", (PortAnswer("history", True, "ok"),))


def refused(reason: str = "forbidden") -> Unseen:
    return Unseen(reason, f"The service answered {reason}.")


def access(age: timedelta | None = None, condition: str | None = None, **more: Any) -> Access:
    since = None if age is None else NOW - age
    assigned = RoleAssignment(REG.id, "r1", "app", condition=condition, since=since)
    return Access("app", REG.id, (assigned,), {"r1": ROLE}, **more)


def asker(age: timedelta | None = None, *, judged: bool = True) -> Asker:
    return Asker("app", judged, access(age))


def events(**changes: Any) -> list[Finding]:
    given = {"topic": TOPIC_OF_WS, "subscriptions": (GOOD,), "deliveries": Deliveries(7, 3, last=NOW), **changes}
    return judge_events(Route("risk-dev", WS, **given), TO)


def subscribed(**changes: Any) -> tuple[EventSubscription, ...]:
    fields = {name: getattr(GOOD, name) for name in GOOD.__dataclass_fields__}
    return (EventSubscription(**{**fields, **changes}),)


def roles(found: Access | Unseen, *wanted: Any) -> list[Finding]:
    return judge_roles("contoso-shared", Holder("app", "the app"), wanted or (REGISTRY,), found, REG.id, NOW)


def store(asked: Asker | None = None, /, **parts: int | Unseen) -> list[Finding]:
    return judge_storage(Store("stclr", "queue", parts, asked or asker(), STORE_ID), NOW)


def registry(place: RegistryPlace | Unseen, asked: Asker | None = None, known: Resource | None = REG) -> list[Finding]:
    return [judge_registry("contoso-shared", place, "eastus.api.azureml.ms", known, asked or asker(), NOW)]


def workspace(seen: Unseen | None, asked: Asker | None = None) -> list[Finding]:
    return [judge_workspace("risk-dev", WS, seen, asked or asker(), NOW)]


DENIED = DenyAssignment("locked", "/", (Permission(("*/write",)),), ("app",))
FRESH, OLD = timedelta(minutes=7), timedelta(hours=2)

SCENES: Mapping[str, Callable[[], Sequence[Finding]]] = {
    "settings_read": lambda: judge_settings((), {}),
    "setting_faulty": lambda: judge_settings(("CLEARANCE_CLOUD: found no name; expected x.", "A and B: both."), {}),
    "setting_not_looked_at": lambda: judge_settings((), {"CLEARANCE_SENDERS": "kv"})[1:],
    "identity_known": lambda: [judge_identity(Caller("o", "T1", "me", application=True), TENANT)],
    "identity_of_other_tenant": lambda: [judge_identity(Caller("o", "t2", "me"), TENANT)],
    "identity_unseen": lambda: [judge_identity(refused("no_token"), None)],
    "clock_agrees": lambda: [judge_clock(NOW, NOW + timedelta(seconds=60))],
    "clock_differs": lambda: [judge_clock(NOW, NOW - timedelta(seconds=61))],
    "clock_unseen": lambda: [judge_clock(NOW, refused("unreachable"))],
    "provider_registered": lambda: [judge_provider("s1", "Microsoft.EventGrid", "Registered")],
    "provider_not_registered": lambda: [judge_provider("s1", "Microsoft.EventGrid", "NotRegistered")],
    "provider_registering": lambda: [judge_provider("s1", "Microsoft.EventGrid", "Registering")],
    "provider_unseen": lambda: [judge_provider("s1", "Microsoft.EventGrid", refused())],
    "workspace_answers": lambda: workspace(None),
    "workspace_not_found": lambda: workspace(refused("not_found")),
    "workspace_forbidden": lambda: workspace(refused(), asker(OLD)),
    "workspace_role_pending": lambda: workspace(refused(), asker(FRESH)),
    "workspace_unseen": lambda: workspace(refused(), asker(FRESH, judged=False)),
    "registry_answers": lambda: registry(RegistryPlace(REG.id, "westeurope.api.azureml.ms", trusted=True)),
    "registry_foreign_host": lambda: registry(RegistryPlace(REG.id, "evil.example", trusted=False)),
    "registry_forbidden": lambda: [*registry(refused(), asker(OLD)), *registry(refused(), known=None)],
    "registry_role_pending": lambda: registry(refused(), asker(FRESH)),
    "registry_unreachable": lambda: [*registry(refused("unreachable")), *registry(refused("timeout"))],
    "registry_unseen": lambda: [*registry(refused("throttled")), *registry(refused(), asker(judged=False))],
    "events_arrive": lambda: [*events(), *events(deliveries=Deliveries(7)), *events(deliveries=None)],
    "system_topic_missing": lambda: events(topic=None),
    "subscription_missing": lambda: [*events(subscriptions=()), *events(subscriptions=subscribed(queue="other"))],
    "subscription_not_provisioned": lambda: events(subscriptions=subscribed(state="AwaitingManualAction")),
    "subscription_pending": lambda: events(subscriptions=subscribed(state="Creating")),
    "event_types_missing": lambda: events(subscriptions=subscribed(event_types=EVENT_TYPES[:1])),
    "dead_letter_missing": lambda: events(subscriptions=subscribed(dead_letters=None)),
    "events_dead_lettered": lambda: events(deliveries=Deliveries(7, 3, dead_lettered=2, last=NOW)),
    "events_dropped": lambda: events(deliveries=Deliveries(7, 3, dropped=1, last=NOW)),
    "events_undelivered": lambda: events(deliveries=Deliveries(7, failed=9)),
    "events_unseen": lambda: [*events(topic=refused()), *events(subscriptions=refused())],
    "deliveries_unseen": lambda: events(deliveries=refused()),
    "roles_suffice": lambda: roles(access()),
    "action_missing": lambda: roles(access(), TOPIC),
    "action_denied": lambda: roles(access(denials=(DENIED,))),
    "role_conditional": lambda: roles(access(condition="@Resource[x] StringEquals 'y'")),
    "roles_unseen": lambda: roles(refused()),
    "storage_answers": lambda: store(promotions=0),
    "storage_part_missing": lambda: store(promotions=refused("not_found")),
    "storage_forbidden": lambda: store(asker(OLD), promotions=refused()),
    "storage_role_pending": lambda: store(asker(FRESH), promotions=refused()),
    "storage_unreachable": lambda: store(promotions=refused("unreachable")),
    "storage_unseen": lambda: store(asker(judged=False), promotions=refused()),
    "messages_set_aside": lambda: store(None, **{"promotions-poison": 3})[1:],
    "policies_load": lambda: judge_policies("policies", "policies 3, people 6", ()),
    "policy_faulty": lambda: judge_policies("policies", "", ("fraud.yaml:1:1: bad.", "people.yaml:2:1: bad.")),
    "policy_build_sane": lambda: [
        judge_policy_build(int(NOW.timestamp()) + 60, NOW, in_azure=True),
        judge_policy_build(1, NOW, in_azure=False),
    ],
    "policy_build_in_future": lambda: [judge_policy_build(int(NOW.timestamp()) + 301, NOW, in_azure=True)],
    "policy_build_placeholder": lambda: [judge_policy_build(each, NOW, in_azure=True) for each in (0, 1)],
    "policy_build_unseen": lambda: [judge_policy_build(None, NOW, in_azure=True)],
    "senders_known": lambda: judge_senders({"chat": ("rosa",)}, PEOPLE),
    "senders_none": lambda: judge_senders({}, PEOPLE),
    "sender_person_unknown": lambda: judge_senders({"chat": ("rosa", "Rosa", "x\u202e")}, PEOPLE),
    "senders_unseen": lambda: [*judge_senders(None, PEOPLE), *judge_senders({"chat": ("rosa",)}, None)],
    "sign_in_on": lambda: [
        *judge_sign_in(URL, "c1", PageAnswer(401)),
        *judge_sign_in(URL, "c1", PageAnswer(302, "https://login.microsoftonline.com/t1")),
    ],
    "sign_in_not_configured": lambda: judge_sign_in(URL, None, PageAnswer(401)),
    "page_open_to_anybody": lambda: judge_sign_in(URL, "c1", PageAnswer(200)),
    "sign_in_unseen": lambda: [
        *judge_sign_in(URL, "c1", refused("unreachable")),
        *judge_sign_in(URL, "c1", PageAnswer(503)),
    ],
    "app_answers": lambda: judge_app(URL, HEALTHY, "1.0"),
    "app_unreachable": lambda: judge_app(URL, refused("unreachable"), "1.0"),
    "app_is_another": lambda: judge_app(URL, refused("not_understood"), "1.0"),
    "app_unseen": lambda: judge_app("", refused("not_configured"), "1.0"),
    "app_settings_faulty": lambda: judge_app(URL, AppHealth(faults=("POLICY_BUILD: it is not set",)), "1.0"),
    "app_version_differs": lambda: judge_app(URL, HEALTHY, "1.1"),
    "port_does_not_answer": lambda: judge_app(URL, AppHealth("1.0", (PortAnswer("queue", False, "403"),)), "1.0"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_finding_has_a_scene_in_which_it_is_the_only_one(kind: str) -> None:
    found = SCENES[kind]()

    assert {each.kind for each in found} == {kind}
    assert all((each.check, each.state) == KINDS[kind] for each in found)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_as_it_must_be_comes_with_a_command(kind: str) -> None:
    wanting = [each for each in SCENES[kind]() if each.state != "ok"]

    assert [each for each in wanting if not each.command] == []
    assert all(each.sentence.endswith(".") or each.state == "problem" for each in SCENES[kind]())


def test_a_refusal_says_who_was_refused_what() -> None:
    (found,) = SCENES["workspace_role_pending"]()

    assert found.sentence == (
        "mlw may not be read yet: a role was assigned 7 minutes ago, and may take 60 minutes to count."
    )
    assert found.command.startswith("az role assignment list --assignee app --scope /subscriptions/s1/")


def test_a_missing_action_is_named_with_the_command_that_gives_the_role() -> None:
    nobody = Access("app", REG.id, (), {})
    (found,) = judge_roles("r", Holder("app", "the app"), (REGISTRY,), nobody, REG.id, NOW)
    (sender,) = judge_roles("r", Holder("ann", "Ann", "User"), (TOPIC,), nobody, REG.id, NOW)

    assert "registries/assets/write" in found.sentence
    assert found.command.endswith(
        f"""--role "$(az role definition list --custom-role-only --output tsv --scope {REG.id} """
        """--query "[?starts_with(roleName, 'Clearance registry importer (')].name | [0]")\""""
    )
    assert "--assignee-principal-type User" in sender.command
    assert sender.command.endswith("--role 'EventGrid Data Sender'")


BUILT_IN_ROLES = {name: RoleDefinition(name, name, (Permission(*lists),)) for name, (_, *lists) in BUILT_IN.items()}


def on_storage(part: Part, *roles: str) -> list[Finding]:
    """What an app of one part lacks on storage with these built-in roles."""
    held = tuple(RoleAssignment(STORE_ID, each, "app") for each in roles)
    found = Access("app", STORE_ID, held, BUILT_IN_ROLES)
    return judge_roles("stclr", Holder("app", "the app"), needed("storage", part), found, STORE_ID, NOW)


WORKER = ("Storage Table Data Contributor", "Storage Queue Data Contributor", "Storage Blob Data Owner")
PEOPLES = (
    *("Storage Table Data Contributor", "Storage Blob Data Owner"),
    *("Storage Queue Data Message Sender", "Storage Queue Data Reader"),
)


@pytest.mark.parametrize(
    ("part", "roles"), [("whole", WORKER), ("promoter", WORKER), ("people", PEOPLES), ("people", WORKER)]
)
def test_the_roles_that_infra_gives_each_part_suffice_it(part: Part, roles: tuple[str, ...]) -> None:
    assert [each.kind for each in on_storage(part, *roles)] == ["roles_suffice"]


def test_who_may_only_send_does_not_suffice_for_the_app_that_takes_messages_out() -> None:
    found = on_storage("promoter", *PEOPLES)

    assert [each.kind for each in found] == ["action_missing"]
    assert "messages/process/action" in found[0].sentence


def test_who_may_write_messages_may_send_them_and_who_may_read_them_not() -> None:
    sending = on_storage(
        "people", "Storage Table Data Contributor", "Storage Blob Data Owner", "Storage Queue Data Reader"
    )

    assert [each.sentence.partition("; ")[2] for each in sending] == [
        "expected the role Storage Queue Data Message Sender."
    ]


def test_a_setting_that_refers_to_key_vault_comes_with_the_call_that_shows_how_it_was_resolved() -> None:
    (found,) = SCENES["setting_not_looked_at"]()

    assert found.command == (
        """az rest --method get --url "$(az functionapp show --name '<app>' --resource-group '<group>' """
        """--query id --output tsv)/config/configreferences/appsettings/CLEARANCE_SENDERS?api-version=2024-11-01" """
        "--query properties.status"
    )


def test_an_assignment_elsewhere_or_of_a_role_that_is_gone_gives_nothing() -> None:
    elsewhere = RoleAssignment("/subscriptions/s2", "r1", "app")
    gone = RoleAssignment(REG.id, "gone", "app")
    found = roles(Access("app", REG.id, (elsewhere, gone), {"r1": ROLE}))

    assert [each.kind for each in found] == ["action_missing"]


def test_a_condition_does_not_matter_where_another_assignment_has_none() -> None:
    bound = RoleAssignment(REG.id, "r1", "app", condition="x")
    free = RoleAssignment("/", "r1", "app")

    assert [each.kind for each in roles(Access("app", REG.id, (bound, free), {"r1": ROLE}))] == ["roles_suffice"]


def test_a_role_that_is_young_is_told_even_where_it_suffices() -> None:
    (found,) = roles(access(FRESH))

    assert found.sentence == (
        "the app may do all that it must. It may not yet: "
        "a role was assigned 7 minutes ago, and may take 60 minutes to count."
    )


@pytest.mark.parametrize("age", [None, OLD, timedelta(minutes=60, seconds=1)])
def test_an_old_assignment_is_no_reason_to_wait(age: timedelta | None) -> None:
    assert pending(access(age), NOW) is None
    assert pending(refused(), NOW) is None
    assert pending(None, NOW) is None


def test_a_clock_that_runs_ahead_makes_no_assignment_older_than_now() -> None:
    assert "assigned 0 minutes ago" in str(pending(access(timedelta(minutes=-3)), NOW))


def test_events_are_counted_and_the_last_hour_is_named() -> None:
    (found,) = events()

    assert "3 in the last 7 days, the last in the hour from 2026-11-23 12 UTC" in found.sentence


def test_several_things_that_are_wrong_with_a_subscription_are_told_at_once() -> None:
    found = events(subscriptions=subscribed(state="Failed", dead_letters=None, event_types=("Other",)))

    assert [each.kind for each in found] == [
        "subscription_not_provisioned",
        "event_types_missing",
        "dead_letter_missing",
    ]
    assert "ModelRegistered, Microsoft" in found[1].sentence


@pytest.mark.parametrize(
    ("account", "queue", "own"),
    [(STORE_ID, "model-events", True), (STORE_ID + "2", "model-events", False), (None, None, False)],
)
def test_a_subscription_is_ours_by_queue_and_account(account: str | None, queue: str | None, own: bool) -> None:
    found = EventSubscription("x", "Succeeded", account, queue)

    assert TO.is_of(found) is own
    assert Destination("model-events", None).is_of(found) is (queue is not None)


def test_without_an_account_a_missing_subscription_and_dead_letters_are_told_all_the_same() -> None:
    nowhere = Destination("model-events", None)
    lost = Deliveries(7, dead_lettered=1)
    (missing,) = judge_events(Route("a", WS, TOPIC_OF_WS), nowhere)
    found = judge_events(Route("a", WS, TOPIC_OF_WS, subscribed(dead_letters=None), lost), nowhere)

    assert "of our storage account" in missing.sentence
    assert "--account-name '<account>'" in found[1].command


def test_parts_of_a_service_that_answer_alike_are_told_together() -> None:
    found = store(a=0, b=refused("unreachable"), c=0, d=refused("unreachable"), e=refused("not_found"))

    assert [(each.kind, each.sentence.partition(":")[0]) for each in found] == [
        ("storage_answers", "a, c"),
        ("storage_unreachable", "b, d"),
        ("storage_part_missing", "There is no queue e; infra/ makes it."),
    ]


def test_a_refusal_of_an_account_whose_id_is_not_known_still_has_a_command() -> None:
    (found,) = judge_storage(Store("stclr", "table", {"history": refused()}, asker(OLD)), NOW)

    assert "--scope '<id of stclr>'" in found.command


def test_everything_that_is_wrong_with_sign_in_is_told_at_once() -> None:
    assert [each.kind for each in judge_sign_in(URL, None, PageAnswer(200))] == [
        "sign_in_not_configured",
        "page_open_to_anybody",
    ]


def test_hostile_ids_of_people_are_spelled_out() -> None:
    found = SCENES["sender_person_unknown"]()

    assert ["\\u{202E}" in each.sentence for each in found] == [False, True]


def test_nothing_reached_is_when_nothing_outside_answered() -> None:
    away = [*registry(refused("unreachable")), *SCENES["settings_read"](), *SCENES["clock_unseen"]()]

    assert nothing_reached(away)
    assert nothing_reached([judge_provider("s1", "x", refused("no_token"))])
    assert not nothing_reached([*away, *SCENES["workspace_forbidden"]()])
    assert not nothing_reached(SCENES["settings_read"]())
