"""Workspace models as the real azure-ai-ml client sees them."""

from datetime import datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
from azure.ai.ml.constants import ListViewType
from azure.ai.ml.entities import Model
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from local.azure_ml.config import Workspace
from local.azure_ml.server import Running
from tests.local.azure_ml.conftest import RISK, VISION, Sdk, folder_with

pytestmark = [  # the SDK's own download warns of itself
    pytest.mark.filterwarnings("ignore:The use of a 'BlobProperties' instance"),
    pytest.mark.filterwarnings("ignore:content_as_bytes is deprecated"),
]

PATH = "azureml://datastores/workspaceblobstore/paths/models/churn"


def register(sdk: Sdk, name: str, version: str | None = None, **fields: Any) -> Model:
    made: Model = sdk.workspace().models.create_or_update(Model(name=name, version=version, path=PATH, **fields))
    return made


def created_at(model: Model) -> datetime:
    assert model.creation_context is not None
    made = model.creation_context.created_at
    assert isinstance(made, datetime)
    return made


def person(**claims: object) -> str:
    """A token of nobody's signing; without token keys the emulator reads its claims all the same."""
    return jwt.encode({"exp": 4102444800, **claims}, "k" * 32)


def test_a_workspace_is_described(sdk: Sdk) -> None:
    found = sdk.workspace().workspaces.get(RISK.name)
    assert (found.location, found.resource_group) == ("westeurope", "rg-risk")
    assert found.mlflow_tracking_uri is not None
    assert found.mlflow_tracking_uri.endswith(f"/mlflow/v2.0{RISK.arm_id}")


def test_an_unknown_workspace_is_a_404_of_arm(sdk: Sdk) -> None:
    client = sdk.workspace(Workspace("nobody", "rg-risk"))
    with pytest.raises(ResourceNotFoundError, match="workspaces/nobody' under resource group 'rg-risk'"):
        client.models.get("churn", "1")


def test_a_version_is_registered_and_read_back(sdk: Sdk) -> None:
    made = register(sdk, "plain", "1", tags={"owner": "a@contoso.com", "rows": 3}, description="first")
    found = sdk.workspace().models.get("plain", "1")
    assert found.tags == {"owner": "a@contoso.com", "rows": "3"}
    assert (found.description, found.stage, found.job_name) == ("first", "Development", None)
    assert found.id == made.id == f"{RISK.arm_id}/models/plain/versions/1"
    assert not found.flavors


def test_created_at_carries_seven_fractional_digits(sdk: Sdk, emulator: Running) -> None:
    register(sdk, "ticks", "1")
    (raw,) = emulator.control.models("change", "ticks", "1", workspace=RISK.name)
    assert len(raw["systemData"]["createdAt"].partition(".")[2].partition("+")[0]) == 7
    assert sdk.workspace().models.get("ticks", "1").creation_context.created_at is not None


def test_versions_count_up_past_archived_ones(sdk: Sdk) -> None:
    assert register(sdk, "counted").version == "1"
    assert register(sdk, "counted").version == "2"
    sdk.workspace().models.archive("counted", "2")
    assert register(sdk, "counted").version == "3"


def test_listing_an_unknown_name_is_a_404(sdk: Sdk) -> None:
    with pytest.raises(ResourceNotFoundError) as caught:
        list(sdk.workspace().models.list("never-registered"))
    assert caught.value.error is not None
    assert caught.value.error.code == "UserError"
    assert caught.value.error.details[0].code == "ModelNotFound"


def test_versions_are_listed_in_pages_newest_first(sdk: Sdk, emulator: Running) -> None:
    emulator.control.models("register", "paged", *map(str, range(1, 8)), workspace=RISK.name)
    emulator.control.clear_calls()
    assert [model.version for model in sdk.workspace().models.list("paged")] == ["7", "6", "5", "4", "3", "2", "1"]
    assert len(emulator.control.calls("workspace_read")) == 3


def test_the_latest_version_is_the_one_created_last(sdk: Sdk) -> None:
    register(sdk, "latest", "9")
    register(sdk, "latest", "2")
    assert sdk.workspace().models.get("latest", label="latest").version == "2"


def test_models_are_listed_by_name_with_their_latest_version(sdk: Sdk) -> None:
    register(sdk, "containers", "1")
    register(sdk, "containers", "2")
    found = {model.name: model for model in sdk.workspace().models.list()}
    assert (found["containers"].version, found["containers"].latest_version) == (None, "2")


def test_workspaces_do_not_see_each_other(sdk: Sdk) -> None:
    register(sdk, "local-only", "1")
    with pytest.raises(ResourceNotFoundError):
        sdk.workspace(VISION).models.get("local-only", "1")


def test_a_tag_update_puts_the_whole_object(sdk: Sdk, emulator: Running) -> None:
    register(sdk, "tagged", "1", tags={"a": "1", "b": "2"})
    emulator.control.clear_calls()
    client = sdk.workspace()
    model = client.models.get("tagged", "1")
    model.tags = {"a": "changed"}
    client.models.create_or_update(model)
    assert client.models.get("tagged", "1").tags == {"a": "changed"}
    methods = [call["method"] for call in emulator.control.calls()]
    assert methods == ["GET", "GET", "PUT", "GET"]  # three for the update, one to look


def test_the_path_of_a_version_cannot_be_changed(sdk: Sdk) -> None:
    register(sdk, "fixed", "1")
    with pytest.raises(HttpResponseError, match=r"Asset paths cannot be updated\.") as caught:
        sdk.workspace().models.create_or_update(Model(name="fixed", version="1", path=f"{PATH}-other"))
    assert caught.value.status_code == 400


def test_archived_versions_leave_the_list_but_stay_taken(sdk: Sdk) -> None:
    register(sdk, "archived", "1")
    register(sdk, "archived", "2")
    client = sdk.workspace()
    client.models.archive("archived", "1")
    assert [model.version for model in client.models.list("archived")] == ["2"]
    everything = client.models.list("archived", list_view_type=ListViewType.ALL)
    assert [model.version for model in everything] == ["2", "1"]
    assert client.models.get("archived", "1").version == "1"
    client.models.restore("archived", "1")
    assert [model.version for model in client.models.list("archived")] == ["2", "1"]


def test_a_tag_update_of_an_archived_version_brings_it_back(sdk: Sdk) -> None:
    register(sdk, "trap", "1")
    client = sdk.workspace()
    client.models.archive("trap", "1")
    model = client.models.get("trap", "1")
    model.tags = {"touched": "yes"}
    client.models.create_or_update(model)
    assert [model.version for model in client.models.list("trap")] == ["1"]


def test_a_container_is_archived_and_restored(sdk: Sdk) -> None:
    register(sdk, "whole", "1")
    client = sdk.workspace()
    client.models.archive("whole")
    assert "whole" not in {model.name for model in client.models.list()}
    client.models.restore("whole")
    assert "whole" in {model.name for model in client.models.list()}


def test_archiving_can_be_refused(sdk: Sdk, emulator: Running) -> None:
    register(sdk, "kept", "1")
    emulator.control.add_faults({"action": "refuse_archive", "times": -1})
    with pytest.raises(HttpResponseError, match="not supported"):
        sdk.workspace().models.archive("kept", "1")
    assert [model.version for model in sdk.workspace().models.list("kept")] == ["1"]


@pytest.mark.parametrize(
    ("kind", "spelled", "by"),
    [
        ("display_name", "Dana Osei", "User"),
        ("upn", "dana@contoso.com", "User"),
        ("object_id", "da4a0000-0000-4000-8000-000000000011", "User"),
        ("application_id", "c1ea7a9c-0000-4000-8000-000000000002", "Application"),
    ],
)
def test_the_registrant_is_spelled_in_four_ways(sdk: Sdk, emulator: Running, kind: str, spelled: str, by: str) -> None:
    emulator.control.set_behaviour(created_by=kind)
    token = person(
        oid="da4a0000-0000-4000-8000-000000000011",
        name="Dana Osei",
        upn="dana@contoso.com",
        appid="c1ea7a9c-0000-4000-8000-000000000002",
    )
    model = Model(name=f"by-{kind.replace('_', '-')}", version="1", path=PATH)
    made = sdk.workspace(token=token).models.create_or_update(model).creation_context
    assert (made.created_by, made.created_by_type) == (spelled, by)


def test_one_person_can_be_spelled_otherwise_than_the_rest(sdk: Sdk, emulator: Running) -> None:
    emulator.control.set_behaviour(created_by_of={"oid-1": "upn"})
    for oid, spelled in (("oid-1", "d@contoso.com"), ("oid-2", "D")):
        token = person(oid=oid, name="D", upn="d@contoso.com")
        made = sdk.workspace(token=token).models.create_or_update(Model(name="spelled", version=oid, path=PATH))
        assert made.creation_context.created_by == spelled


def test_an_application_has_no_display_name(sdk: Sdk) -> None:
    token = person(oid="sp-object", appid="sp-application", idtyp="app")
    made = sdk.workspace(token=token).models.create_or_update(Model(name="by-app", version="1", path=PATH))
    assert (made.creation_context.created_by, made.creation_context.created_by_type) == (
        "sp-application",
        "Application",
    )


def test_a_deleted_number_registered_again_is_another_incarnation(sdk: Sdk, emulator: Running) -> None:
    before = register(sdk, "reborn", "1")
    emulator.control.models("reregister", "reborn", "1", workspace=RISK.name, created_by="Rosa Lind")
    after = sdk.workspace().models.get("reborn", "1")
    assert after.id == before.id
    assert created_at(after) > created_at(before)
    assert after.creation_context is not None
    assert after.creation_context.created_by == "Rosa Lind"


def test_a_model_changes_behind_our_back(sdk: Sdk, emulator: Running) -> None:
    register(sdk, "changed", "1", tags={"a": "1", "b": "2"})
    emulator.control.models("change", "changed", "1", workspace=RISK.name, tags={"c": "3"}, remove_tags=["a"])
    assert sdk.workspace().models.get("changed", "1").tags == {"b": "2", "c": "3"}
    emulator.control.models("delete", "changed", "1", workspace=RISK.name)
    with pytest.raises(ResourceNotFoundError):
        sdk.workspace().models.get("changed", "1")


def test_old_versions_can_be_made_with_their_age(sdk: Sdk, emulator: Running) -> None:
    at = "2024-02-29T10:00:00.0000001+00:00"
    emulator.control.models("register", "old", "1", "2", workspace=RISK.name, created_at=at, event=False)
    assert {created_at(model).year for model in sdk.workspace().models.list("old")} == {2024}


def test_a_local_folder_is_uploaded_once_and_downloaded(sdk: Sdk, emulator: Running, tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "net", weights__txt="w" * 2000, readme__md="read me", empty="")
    client = sdk.workspace()
    client.models.create_or_update(Model(name="uploaded", version="1", path=str(folder)))
    emulator.control.clear_calls()
    client.models.create_or_update(Model(name="uploaded", version="2", path=str(folder)))
    assert {call["method"] for call in emulator.control.calls("blob")} == {"HEAD"}
    client.models.download("uploaded", "1", str(tmp_path / "down"))
    down = tmp_path / "down" / "uploaded" / "net"
    assert {path.name: path.read_text() for path in down.iterdir()} == {
        "weights.txt": "w" * 2000,
        "readme.md": "read me",
        "empty": "",
    }
