"""Files of the Azure CLI: both of its shapes, and every fault of every file at once."""

import json
from pathlib import Path
from typing import Any

import pytest

from shared.adapters.az_files import read_az_files
from shared.adapters.role_listing import read_assignments
from shared.domain.errors import DocumentInvalid

ROLE = "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/8E3AF657"
# As `az role assignment list --include-inherited --include-groups -o json` prints it (azure-cli 2.6x).
FLAT = {
    "condition": None,
    "conditionVersion": None,
    "createdOn": "2026-11-23T10:00:00.123456+00:00",
    "id": "/subscriptions/s/providers/Microsoft.Authorization/roleAssignments/a",
    "name": "a",
    "principalId": "p1",
    "principalName": "ann@contoso.com",
    "principalType": "User",
    "roleDefinitionId": ROLE,
    "roleDefinitionName": "Owner",
    "scope": "/subscriptions/s",
    "type": "Microsoft.Authorization/roleAssignments",
    "updatedOn": "2026-11-23T11:00:00.123456+00:00",
}
NESTED = {"id": FLAT["id"], "name": "a", "properties": {k: v for k, v in FLAT.items() if k not in {"id", "name"}}}
DEFINITION = {
    "assignableScopes": ["/"],
    "id": ROLE.lower(),
    "name": "8e3af657",
    "permissions": [{"actions": ["*"], "notActions": [], "dataActions": None, "condition": None}],
    "roleName": "Owner",
    "roleType": "BuiltInRole",
}
NESTED_DEFINITION = {
    "id": DEFINITION["id"],
    "name": "8e3af657",
    "properties": {"roleName": "Owner", "permissions": DEFINITION["permissions"], "type": "BuiltInRole"},
}


def written(folder: Path, name: str, content: Any) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_both_shapes_mean_the_same(tmp_path: Path, bom: bytes) -> None:
    one = written(tmp_path, "one.json", bom + json.dumps([FLAT]).encode())
    other = written(tmp_path, "other.json", {"value": [NESTED]})
    flat = read_az_files([one], [written(tmp_path, "d.json", [DEFINITION])])
    nested = read_az_files([other], [written(tmp_path, "e.json", [NESTED_DEFINITION])])

    assert flat == nested
    (found,) = flat.assignments
    assert (found.principal, found.principal_name, found.role_name) == ("p1", "ann@contoso.com", "Owner")
    assert flat.definitions[found.role].allows("anything/at/all")
    assert found.since is not None
    assert found.since.hour == 11


def test_one_page_of_a_longer_list_is_no_list(tmp_path: Path) -> None:
    page = written(tmp_path, "one.json", {"value": [NESTED], "nextLink": "https://management.azure.com/x"})
    with pytest.raises(DocumentInvalid) as refused:
        read_az_files([page], [])

    assert "one.json: it is one page of a longer list" in refused.value.faults[0]


def test_what_stands_in_two_files_counts_once(tmp_path: Path) -> None:
    paths = [written(tmp_path, f"{number}.json", [FLAT]) for number in range(2)]

    assert len(read_az_files(paths, []).assignments) == 1


def test_a_classic_administrator_is_known_by_name_alone() -> None:
    classic = {**FLAT, "principalId": None, "roleDefinitionId": "NA(classic admin role)", "createdOn": None}
    (found,) = read_assignments("x", [{**classic, "updatedOn": None}])

    assert (found.principal, found.role, found.since) == ("ann@contoso.com", "na(classic admin role)", None)


def test_an_instant_without_a_zone_is_taken_for_utc() -> None:
    (found,) = read_assignments("x", [{**FLAT, "updatedOn": "2026-11-23T11:00:00"}])

    assert found.since is not None
    assert found.since.isoformat() == "2026-11-23T11:00:00+00:00"


def test_every_fault_of_every_file_is_told_with_its_place(tmp_path: Path) -> None:
    broken = [FLAT, {**FLAT, "scope": "here\u202e"}, {"scope": "/"}, 7, {**FLAT, "updatedOn": "soon"}]
    broken.append({**FLAT, "updatedOn": "0001-01-01T00:00:00+10:00"})
    paths = [
        written(tmp_path, "a.json", broken),
        written(tmp_path, "b.json", b"{"),
        written(tmp_path, "c.json", {"a": 1}),
    ]
    with pytest.raises(DocumentInvalid) as refused:
        read_az_files(paths, [written(tmp_path, "d.json", [{"id": "x", "permissions": [{"actions": "all"}]}])])

    places = [" ".join(fault.split()[:4]) for fault in refused.value.faults]
    assert places == [
        "a.json: item 2: scope:",
        "a.json: item 3: roleDefinitionId",
        "a.json: item 3: principalId",
        "a.json: item 4: it:",
        "a.json: item 5: updatedOn:",
        "a.json: item 6: updatedOn:",
        "b.json: It is not",
        "c.json: it is no",
        "d.json: item 1: permissions.0.actions:",
    ]
    assert not any("\u202e" in fault for fault in refused.value.faults)


def test_thousands_of_faults_are_counted_and_not_all_told(tmp_path: Path) -> None:
    with pytest.raises(DocumentInvalid) as refused:
        read_az_files([written(tmp_path, "a.json", [{}] * 1000)], [])

    assert len(refused.value.faults) == 101
    assert refused.value.faults[-1] == "a.json: 2900 faults more."
