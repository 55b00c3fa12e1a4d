"""Actions, wildcards and what is withheld from them; scopes by whole segments."""

import fnmatch
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.azure_roles import EVERYBODY, DenyAssignment, Permission, RoleDefinition, matches, role_guid
from shared.domain.errors import InvalidId
from shared.domain.resource_ids import Resource, covers, is_management_group, resource_id, same

SUBSCRIPTION = "/subscriptions/s1"
WORKSPACE = resource_id("workspace", "s1", "rg-risk", "risk")
ACTION = "Microsoft.MachineLearningServices/workspaces/models/write"

words = st.text(alphabet="abAB/.", max_size=6)
patterns = st.lists(st.sampled_from(["*", "a", "B", "/", ".", "ab"]), max_size=8).map("".join)


@given(patterns, words)
def test_a_pattern_means_what_a_regular_expression_would(pattern: str, action: str) -> None:
    expected = re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), action, re.IGNORECASE | re.DOTALL)

    assert matches(pattern, action) == (expected is not None)


@given(words)
def test_a_star_fits_everything_and_an_action_fits_itself_in_any_case(action: str) -> None:
    assert matches("*", action)
    assert matches(action.upper(), action.lower())


@given(words, words, words)
def test_what_stands_for_a_star_does_not_matter(before: str, between: str, after: str) -> None:
    assert matches(f"{before}*{after}", f"{before}{between}{after}")


@given(patterns, patterns, words)
def test_a_longer_list_never_allows_less_and_never_withholds_less(one: str, other: str, action: str) -> None:
    alone, together = Permission((one,)), Permission((one, other))

    assert alone.allows(action) <= together.allows(action)
    assert Permission(("*",), (one, other)).allows(action) <= Permission(("*",), (one,)).allows(action)


def test_two_ends_of_a_pattern_do_not_share_a_letter() -> None:
    assert matches("ab*ba", "abba")
    assert not matches("ab*ba", "aba")
    assert not matches("a*a", "a")
    assert not matches("a*b*b", "ab")


def test_a_hostile_pattern_takes_no_time() -> None:
    began = time.monotonic()

    assert not matches("*a" * 5000 + "b", "a" * 10_000)
    assert time.monotonic() - began < 2


def test_the_pattern_is_no_glob_of_files() -> None:
    assert fnmatch.fnmatch("abc", "a?c")
    assert not matches("a?c", "abc")
    assert not matches("[a]bc", "abc")


@pytest.mark.parametrize(
    ("permission", "allowed"),
    [
        (Permission(("*",)), True),
        (Permission(("*/write",)), True),
        (Permission(("microsoft.machinelearningservices/WORKSPACES/*/Write",)), True),
        (Permission(("Microsoft.MachineLearningServices/workspaces/*/read",)), False),
        (Permission(("*",), ("*/write",)), False),
        (Permission(data_actions=("*",)), False),
        (Permission(), False),
    ],
)
def test_actions_count_but_for_those_that_are_withheld(permission: Permission, allowed: bool) -> None:
    assert permission.allows(ACTION) is allowed


def test_actions_on_data_are_another_matter() -> None:
    data = Permission(("*",), data_actions=("a/*",), not_data_actions=("a/b",))

    assert data.allows("a/c", data=True)
    assert not data.allows("a/b", data=True)
    assert not data.allows("x", data=True)


def test_what_one_permission_withholds_another_may_grant() -> None:
    role = RoleDefinition("r", "r", (Permission(("*",), (ACTION,)), Permission((ACTION,))))

    assert role.allows(ACTION)
    assert not RoleDefinition("r", "r", role.permissions[:1]).allows(ACTION)


def test_a_denial_names_whom_it_takes_from_and_where() -> None:
    def denial(principals: tuple[str, ...] = ("P1",), excluded: tuple[str, ...] = (), *, only: bool = False) -> bool:
        found = DenyAssignment("d", SUBSCRIPTION, (Permission(("*/write",)),), principals, excluded, only)
        return found.denies("p1", WORKSPACE, ACTION)

    assert denial()
    assert denial((EVERYBODY,))
    assert not denial(("p2",))
    assert not denial((EVERYBODY,), ("P1",))
    assert not denial(only=True)
    assert not DenyAssignment("d", SUBSCRIPTION, (Permission(("*/read",)),), ("p1",)).denies("p1", WORKSPACE, ACTION)
    assert DenyAssignment("d", WORKSPACE, (Permission(("*",)),), ("p1",), (), only_here=True).denies(
        "p1", WORKSPACE.upper(), ACTION
    )


def test_a_role_is_known_by_its_guid_at_whatever_scope() -> None:
    assert role_guid("/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/ABC/") == "abc"
    assert role_guid("ABC") == "abc"


@pytest.mark.parametrize(
    ("scope", "above"),
    [
        ("/", True),
        (SUBSCRIPTION, True),
        ("/SUBSCRIPTIONS/S1/resourcegroups/RG-RISK", True),
        (WORKSPACE, True),
        (f"{WORKSPACE}/", True),
        ("/providers/Microsoft.Management/managementGroups/any", True),
        ("/subscriptions/s", False),
        ("/subscriptions/s1/resourceGroups/rg-ris", False),
        (f"{WORKSPACE}-2", False),
        (f"{WORKSPACE}/datastores/x", False),
        ("", False),
        ("subscriptions/s1", False),
    ],
)
def test_a_scope_lies_above_by_whole_segments(scope: str, above: bool) -> None:
    assert covers(scope, WORKSPACE) is above


@given(st.lists(st.text(alphabet="ab", min_size=1, max_size=3), max_size=8))
def test_every_beginning_of_an_id_is_above_it_and_none_of_its_neighbours(parts: list[str]) -> None:
    whole = "/" + "/".join(parts)

    assert all(covers("/" + "/".join(parts[:size]), whole) for size in range(len(parts) + 1))
    assert not covers(f"{whole}c" if parts else "/c", whole)


def test_a_management_group_is_told_from_other_scopes() -> None:
    assert is_management_group("/providers/microsoft.management/managementgroups/x")
    assert not is_management_group(SUBSCRIPTION)


def test_ids_are_the_same_in_any_case() -> None:
    assert same(WORKSPACE, WORKSPACE.upper() + "/")
    assert not same(WORKSPACE, SUBSCRIPTION)


@pytest.mark.parametrize("kind", ["workspace", "registry", "storage", "topic"])
def test_a_resource_is_read_from_its_id(kind: str) -> None:
    written = resource_id(kind, "s1", "rg", "name")  # type: ignore[arg-type]
    found = Resource.parse(written.replace("resourceGroups", "resourcegroups") + "/")

    assert (found.kind, found.subscription, found.group, found.name) == (kind, "s1", "rg", "name")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        SUBSCRIPTION,
        f"{WORKSPACE}/datastores/x",
        WORKSPACE.replace("workspaces", "computes"),
        WORKSPACE.replace("subscriptions", "tenants"),
    ],
)
def test_what_is_no_such_resource_is_said_with_what_is_expected(text: str) -> None:
    with pytest.raises(InvalidId, match=r"Microsoft\.Storage/storageAccounts"):
        Resource.parse(text)
