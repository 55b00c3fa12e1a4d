"""What the app needs is what infra/ gives it: the same actions, by the same roles."""

import json
import re
from typing import Any

import pytest

from local.azure_ml.built_in_roles import BUILT_IN
from shared.domain.azure_roles import Permission
from shared.domain.needed_actions import (
    COMPONENT,
    DELIVERS,
    HOST_BLOBS,
    KEEPS,
    READ_FILES,
    REGISTRY,
    SERVES_AS,
    TOPIC,
    VAULT,
    WORKSPACE,
    Needed,
    needed,
)
from tests.architecture.project import ROOT

ROLES = ROOT / "infra" / "roles"


def role(name: str) -> dict[str, Any]:
    return dict(json.loads((ROLES / f"{name}.json").read_text(encoding="utf-8")))


def actions(items: list[dict[str, Any]]) -> set[str]:
    return {each["action"] for each in items}


@pytest.mark.parametrize(("file", "wanted"), [("workspace-reader", WORKSPACE), ("registry-importer", REGISTRY)])
def test_a_role_of_ours_is_the_one_that_infra_makes(file: str, wanted: Needed) -> None:
    made = role(file)

    assert (made["name"], actions(made["actions"])) == (wanted.role, set(wanted.actions))
    assert wanted.own


def test_so_are_the_actions_for_files() -> None:
    assert actions(role("workspace-reader")["fileActions"]) == set(READ_FILES)


def test_every_action_is_one_and_no_pattern() -> None:
    every = [*WORKSPACE.each, *REGISTRY.each]
    every += [action for each in built_in() for action in each.each]
    every += [(action, True) for both in SERVES_AS.items() for action in both]
    every += [action for each in (*needed("storage"), *needed("storage", "people")) for action in each.each]

    assert [action for action, _ in every if not re.fullmatch(r"[A-Za-z.]+(/[A-Za-z]+)+", action)] == []


def built_in() -> list[Needed]:
    return [
        *needed("storage"),
        *needed("storage", "people"),
        *needed("topic"),
        DELIVERS,
        KEEPS,
        HOST_BLOBS,
        VAULT,
        COMPONENT,
    ]


@pytest.mark.parametrize("wanted", built_in(), ids=lambda each: each.role)
def test_a_built_in_role_allows_what_it_is_named_for(wanted: Needed) -> None:
    _, *lists = BUILT_IN[wanted.role]
    permission = Permission(*lists)

    assert [action for action, data in wanted.each if not permission.allows(action, data=data)] == []


def test_infra_assigns_just_the_built_in_roles_that_are_needed() -> None:
    guids = {guid: name for name, (guid, *_) in BUILT_IN.items()}
    text = "".join((ROOT / f"infra/modules/{name}.bicep").read_text() for name in ("storage", "topic"))
    beside = "".join((ROOT / f"infra/modules/{name}.bicep").read_text() for name in ("vault", "monitoring"))
    delivery = (ROOT / "infra/modules/delivery-role-assignments.bicep").read_text()
    guid = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

    assert {guids[each] for each in guid.findall(text)} == {
        each.role for each in (*needed("storage"), *needed("storage", "people"), TOPIC)
    }
    assert {guids[each] for each in guid.findall(delivery)} == {DELIVERS.role, KEEPS.role}
    assert {guids[each] for each in guid.findall(beside)} == {VAULT.role, COMPONENT.role}


def test_files_are_read_only_where_they_are_wanted() -> None:
    (with_files,), (without,) = needed("workspace"), needed("workspace", reads_files=False)

    assert set(with_files.actions) - set(without.actions) == set(READ_FILES)


def test_the_app_that_faces_people_needs_nothing_of_azure_ml() -> None:
    assert needed("workspace", "people") == needed("registry", "people") == needed("topic", "people") == ()
    assert needed("storage", "people")
    assert needed("vault", "people") == needed("vault")
    assert needed("component", "people") == needed("component")
    assert needed("registry", "promoter") == needed("registry")
