"""Registry models as the real azure-ai-ml client sees them."""

from pathlib import Path

import pytest
from azure.ai.ml.entities import Model
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from local.azure_ml.config import Registry
from local.azure_ml.server import Running
from tests.local.azure_ml.conftest import EU, RISK, SHARED, Sdk, folder_with

pytestmark = [  # the SDK's own download warns of itself
    pytest.mark.filterwarnings("ignore:The use of a 'BlobProperties' instance"),
    pytest.mark.filterwarnings("ignore:content_as_bytes is deprecated"),
]


def test_an_unknown_registry_cannot_be_opened(sdk: Sdk) -> None:
    with pytest.raises(HttpResponseError, match="is not allowed to access registry nowhere") as caught:
        sdk.registry(Registry("nowhere"))
    assert caught.value.status_code == 403


def test_listing_an_unknown_name_is_an_empty_list(sdk: Sdk) -> None:
    assert list(sdk.registry().models.list("never-shared")) == []


def test_an_unknown_version_is_a_404(sdk: Sdk) -> None:
    with pytest.raises(ResourceNotFoundError):
        sdk.registry().models.get("never-shared", "1")


def test_versions_and_names_are_listed_in_pages(sdk: Sdk, emulator: Running) -> None:
    emulator.control.models("register", "paged", *map(str, range(1, 8)), registry=EU.name)
    client = sdk.registry(EU)
    assert [model.version for model in client.models.list("paged")] == ["7", "6", "5", "4", "3", "2", "1"]
    assert [model.name for model in client.models.list()] == ["paged"]
    with pytest.raises(ResourceNotFoundError):
        sdk.registry(SHARED).models.get("paged", "1")


def test_a_tag_update_keeps_the_files(sdk: Sdk, emulator: Running) -> None:
    (before,) = emulator.control.models("register", "marked", "1", registry=SHARED.name, tags={"a": "1"})
    emulator.control.clear_calls()
    client = sdk.registry()
    model = client.models.get("marked", "1")
    model.tags = {**model.tags, "clearance.promotion": "risk-dev:marked:1"}
    client.models.create_or_update(model)
    after = client.models.get("marked", "1")
    assert after.tags == {"a": "1", "clearance.promotion": "risk-dev:marked:1"}
    assert after.path == before["properties"]["modelUri"]
    assert [call["status"] for call in emulator.control.calls("registry_write")] == [409, 200]


def test_archiving_can_be_refused(sdk: Sdk, emulator: Running) -> None:
    emulator.control.models("register", "stays", "1", registry=SHARED.name)
    emulator.control.add_faults({"action": "refuse_archive", "times": -1, "match": {"registry": SHARED.name}})
    with pytest.raises(HttpResponseError, match="not supported"):
        sdk.registry().models.archive("stays", "1")


def test_an_archived_version_is_listed_and_restored(sdk: Sdk, emulator: Running) -> None:
    emulator.control.models("register", "seen", "1", registry=SHARED.name)
    client = sdk.registry()
    client.models.archive("seen", "1")
    assert [model.version for model in client.models.list("seen")] == ["1"]
    client.models.restore("seen", "1")


def test_a_shared_model_is_downloaded_as_it_was_uploaded(sdk: Sdk, tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "net", weights__txt="w" * 2000, notes__md="careful")
    client = sdk.workspace()
    client.models.create_or_update(Model(name="travelled", version="1", path=str(folder)))
    client.models.share(
        "travelled", "1", share_with_name="travelled", share_with_version="3", registry_name=SHARED.name
    )
    sdk.registry().models.download("travelled", "3", str(tmp_path / "down"))
    down = tmp_path / "down" / "travelled" / "net"
    assert {path.name: path.read_text() for path in down.iterdir()} == {
        "weights.txt": "w" * 2000,
        "notes.md": "careful",
    }


def test_a_local_folder_is_registered_in_a_registry(sdk: Sdk, tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "direct", a__txt="a")
    client = sdk.registry()
    client.models.create_or_update(Model(name="direct", version="1", path=str(folder)))
    client.models.download("direct", "1", str(tmp_path / "down"))
    assert (tmp_path / "down" / "direct" / "direct" / "a.txt").read_text() == "a"


def test_a_single_file_travels_too(sdk: Sdk, emulator: Running, tmp_path: Path) -> None:
    file = folder_with(tmp_path / "one", model__pkl="bytes") / "model.pkl"
    client = sdk.workspace()
    client.models.create_or_update(Model(name="single", version="1", path=str(file)))
    client.models.share("single", "1", share_with_name="single", share_with_version="1", registry_name=SHARED.name)
    sdk.registry().models.download("single", "1", str(tmp_path / "down"))
    assert (tmp_path / "down" / "single" / "model.pkl").read_text() == "bytes"
    assert emulator.control.imports()[f"{SHARED.name}:single:1"]["effective"] == 1


def test_a_model_of_the_workspace_is_untouched_by_its_share(sdk: Sdk, emulator: Running) -> None:
    emulator.control.models("register", "origin", "1", workspace=RISK.name)
    before = sdk.workspace().models.get("origin", "1")
    sdk.workspace().models.share(
        "origin", "1", share_with_name="origin", share_with_version="1", registry_name=SHARED.name
    )
    after = sdk.workspace().models.get("origin", "1")
    assert (after.path, after.tags, after.creation_context.last_modified_at) == (
        before.path,
        before.tags,
        before.creation_context.last_modified_at,
    )
