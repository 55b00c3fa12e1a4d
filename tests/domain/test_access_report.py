"""Who holds what, from where, and whether the design has it so."""

from collections.abc import Iterable

import pytest

from local.azure_ml.built_in_roles import BUILT_IN
from shared.domain.access_report import Access, Expected, Report, report
from shared.domain.access_rights import RIGHTS
from shared.domain.azure_roles import DenyAssignment, Permission, RoleAssignment, RoleDefinition
from shared.domain.needed_actions import REGISTRY, WORKSPACE, needed
from shared.domain.resource_ids import Resource, resource_id

SUB = "/subscriptions/s1"
REG = Resource.parse(resource_id("registry", "s1", "rg-ml", "contoso-shared"))
WS = Resource.parse(resource_id("workspace", "s1", "rg-risk", "risk"))
STORE = Resource.parse(resource_id("storage", "s1", "rg-clearance", "stclr"))
APP, ANN, TEAM = "app-1", "ann", "team"
OURS = Expected({APP: "whole"})

DEFINITIONS = {name: RoleDefinition(name, name, (Permission(*lists),)) for name, (_, *lists) in BUILT_IN.items()} | {
    "importer": RoleDefinition("importer", REGISTRY.role, (Permission(REGISTRY.actions),)),
    "reader": RoleDefinition("reader", WORKSPACE.role, (Permission(WORKSPACE.actions),)),
}


def judged(
    resource: Resource,
    *assignments: RoleAssignment,
    expected: Expected = OURS,
    denials: tuple[DenyAssignment, ...] = (),
) -> Report:
    return report([resource], Access(assignments, DEFINITIONS, denials), expected)


def gives(principal: str, role: str, scope: str, role_name: str = "") -> RoleAssignment:
    return RoleAssignment(scope, role, principal, role_name=role_name)


def rows(found: Report) -> set[tuple[str, str, str]]:
    return {(each.assignment.principal, each.right, each.verdict) for each in found.holdings}


def test_the_app_imports_and_nobody_else_is_there() -> None:
    found = judged(REG, gives(APP, "importer", REG.id))

    assert rows(found) == {(APP, "write", "designed")}
    assert found.flagged == ()


def test_an_app_that_could_delete_is_flagged_and_told_what_it_does_not_need() -> None:
    found = judged(REG, gives(APP.upper(), "AzureML Registry User", REG.id))

    assert rows(found) == {(APP.upper(), "write", "flagged"), (APP.upper(), "delete", "flagged")}
    assert "Microsoft.MachineLearningServices/registries/assets/delete" in {
        word.strip(",") for each in found.flagged for word in each.because.split()
    }


@pytest.mark.parametrize(
    ("role", "rights"),
    [
        ("Owner", {"write", "delete", "bypass"}),
        ("Contributor", {"write", "delete"}),
        ("User Access Administrator", {"bypass"}),
        ("AzureML Registry User", {"write", "delete"}),
        ("Reader", set()),
        ("AzureML Data Scientist", set()),
    ],
)
def test_anybody_else_who_may_change_a_registry_is_flagged(role: str, rights: set[str]) -> None:
    found = judged(REG, gives(ANN, role, SUB))

    assert rows(found) == {(ANN, right, "flagged") for right in rights}
    assert {each.inherited_from for each in found.holdings} <= {SUB}


def test_data_scientists_write_in_their_workspace_and_what_they_may_delete_is_shown() -> None:
    found = judged(WS, gives(ANN, "AzureML Data Scientist", WS.id), gives(APP, "reader", WS.id))

    assert rows(found) == {(ANN, "write", "shown"), (ANN, "delete", "shown")}
    assert found.holdings[0].inherited_from is None


def test_who_gives_roles_in_a_workspace_is_flagged_there_too() -> None:
    assert (TEAM, "bypass", "flagged") in rows(judged(WS, gives(TEAM, "Owner", "/")))


def test_an_app_that_writes_in_a_workspace_is_flagged() -> None:
    assert rows(judged(WS, gives(APP, "AzureML Data Scientist", WS.id))) == {
        (APP, "write", "flagged"),
        (APP, "delete", "flagged"),
    }


def test_what_the_app_holds_on_storage_is_designed_and_keys_are_not() -> None:
    roles = [gives(APP, each.role, STORE.id) for each in needed("storage")]

    assert rows(judged(STORE, *roles)) == {(APP, "rewrite_history", "designed")}
    assert (APP, "rewrite_history", "flagged") in rows(judged(STORE, gives(APP, "Contributor", STORE.id)))


@pytest.mark.parametrize(
    ("role", "flagged"),
    [
        ("Storage Table Data Contributor", True),
        ("Storage Blob Data Contributor", True),
        ("Contributor", True),
        ("Storage Queue Data Contributor", False),
        ("Reader", False),
    ],
)
def test_whoever_else_may_change_rows_or_take_keys_can_rewrite_history(role: str, flagged: bool) -> None:
    assert bool(judged(STORE, gives(ANN, role, STORE.id)).flagged) is flagged


def test_the_app_that_faces_people_holds_nothing_on_a_registry() -> None:
    people = Expected({APP: "people"})

    assert rows(judged(REG, gives(APP, "importer", REG.id), expected=people)) == {(APP, "write", "flagged")}
    tables = gives(APP, "Storage Table Data Contributor", STORE.id)
    assert rows(judged(STORE, tables, expected=people)) == {(APP, "rewrite_history", "designed")}


def test_the_app_that_faces_people_holds_nothing_on_what_the_promoter_runs() -> None:
    split = Expected({APP: "people", "worker": "promoter"}, promoter_storage=frozenset({STORE.id.upper()}))
    blobs = [gives(each, "Storage Blob Data Owner", STORE.id) for each in (APP, "worker")]

    assert rows(judged(STORE, *blobs, expected=split)) == {
        (APP, "rewrite_history", "flagged"),
        ("worker", "rewrite_history", "designed"),
    }


def test_somebody_who_is_known_is_shown_and_not_flagged() -> None:
    found = judged(REG, gives(ANN, "Owner", SUB), expected=Expected({}, frozenset({ANN.upper()})))

    assert {verdict for _, _, verdict in rows(found)} == {"accepted"}
    assert found.flagged == ()


def test_a_role_whose_definition_is_missing_is_flagged_for_what_it_may_allow() -> None:
    found = judged(REG, gives(ANN, "gone", REG.id, role_name="Their role"), gives(TEAM, "gone", REG.id))

    assert rows(found) == {(ANN, "role_unknown", "flagged"), (TEAM, "role_unknown", "flagged")}
    assert {each.role for each in found.holdings} == {"Their role", "gone"}


def test_what_is_assigned_beside_does_not_count() -> None:
    neighbours = (f"{REG.id}-2", "/subscriptions/s", "/subscriptions/s2")

    assert judged(REG, *(gives(ANN, "Owner", each) for each in neighbours)).holdings == ()


TABLE = f"{STORE.id}/tableServices/default/tables/history"
CHECKPOINTS = f"{STORE.id}/blobServices/default/containers/checkpoints"
DEAD_LETTERS = f"{STORE.id}/blobServices/default/containers/dead-letters"
QUEUE = f"{STORE.id}/queueServices/default/queues/promotions"


@pytest.mark.parametrize(
    ("role", "scope", "rights"),
    [
        ("Storage Table Data Contributor", TABLE, {("rewrite_history", "flagged")}),
        ("Storage Blob Data Contributor", CHECKPOINTS.upper().replace("/SUBSCRIPTIONS", "/subscriptions"), {("rewrite_history", "flagged")}),
        ("Storage Blob Data Contributor", DEAD_LETTERS, {("rewrite_history", "shown")}),
        ("Storage Blob Data Contributor", f"{DEAD_LETTERS}-2", {("rewrite_history", "flagged")}),
        ("Owner", TABLE, {("rewrite_history", "flagged"), ("bypass", "flagged")}),
        ("Owner", DEAD_LETTERS, {("rewrite_history", "shown"), ("bypass", "flagged")}),
        ("Owner", QUEUE, {("bypass", "flagged")}),
        ("Contributor", QUEUE, set()),
        ("Storage Blob Data Contributor", TABLE, set()),
        ("Reader", CHECKPOINTS, set()),
    ],
)  # fmt: skip
def test_what_is_assigned_within_the_account_counts_where_it_can_be_done(
    role: str, scope: str, rights: set[tuple[str, str]]
) -> None:
    found = judged(STORE, gives(ANN, role, scope))

    assert {(each.right, each.verdict) for each in found.holdings} == rights
    assert {each.below for each in found.holdings} <= {scope}
    assert {each.inherited_from for each in found.holdings} <= {None}


def test_what_is_assigned_within_a_registry_counts_by_any_of_its_actions() -> None:
    found = judged(REG, gives(ANN, "AzureML Registry User", f"{REG.id}/models/x"))

    assert rows(found) == {(ANN, "write", "flagged"), (ANN, "delete", "flagged")}


@pytest.mark.parametrize("action", ["write", "delete"])
def test_who_may_unlock_what_keeps_checkpoints_can_rewrite_history(action: str) -> None:
    policies = "Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies"
    role = RoleDefinition("unlocker", "unlocker", (Permission((f"{policies}/{action}",)),))
    found = report([STORE], Access((gives(ANN, "unlocker", CHECKPOINTS),), {"unlocker": role}), OURS)

    assert rows(found) == {(ANN, "rewrite_history", "flagged")}


def test_management_groups_count_as_inherited() -> None:
    group = "/providers/Microsoft.Management/managementGroups/root"

    assert {each.inherited_from for each in judged(REG, gives(ANN, "Owner", group)).holdings} == {group}


def test_what_is_flagged_comes_first_within_each_resource() -> None:
    assignments = (gives(APP, "importer", REG.id), gives(ANN, "Owner", SUB))
    found = report([WS, REG], Access(assignments, DEFINITIONS), OURS)

    assert [each.resource for each in found.holdings] == [WS] * 3 + [REG] * 4
    assert [each.verdict for each in found.holdings][3:] == ["flagged"] * 3 + ["designed"]


def test_denials_are_told_where_they_bear_on_something() -> None:
    def named(scopes: Iterable[str]) -> tuple[DenyAssignment, ...]:
        return tuple(DenyAssignment(scope, scope, (), ()) for scope in scopes)

    found = judged(REG, denials=named([SUB, "/subscriptions/s2"]))

    assert [each.name for each in found.denials] == [SUB]


def test_a_custom_topic_has_no_rights_that_are_reported() -> None:
    topic = Resource.parse(resource_id("topic", "s1", "rg", "evgt"))

    assert judged(topic, gives(ANN, "Owner", SUB)).holdings == ()
    assert "topic" not in RIGHTS
