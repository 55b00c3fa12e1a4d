"""The files of a version, listed on both sides the way the SDK's own download finds them."""

import base64
import hashlib
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from azure.ai.ml._utils._registry_utils import get_storage_details_for_registry_assets
from azure.ai.ml.constants._common import AzureMLResourceType
from azure.ai.ml.entities import Model
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import BlobBlock, BlobClient, ContainerClient

from local.azure_ml.server import Running
from tests.local.azure_ml.conftest import RISK, SHARED, Sdk, folder_with

Listing = dict[str, tuple[int, str]]


def listing(container: ContainerClient, prefix: str) -> Listing:
    """Relative name -> (size, MD5) of every blob below a prefix."""
    found = {}
    for blob in container.list_blobs(name_starts_with=prefix):
        md5 = blob.content_settings.content_md5 or b""
        found[blob.name.removeprefix(prefix).lstrip("/")] = (blob.size, base64.b64encode(md5).decode())
    return found


def md5(text: str) -> str:
    return base64.b64encode(hashlib.md5(text.encode()).digest()).decode()


def workspace_container(sdk: Sdk, datastore: str = "workspaceblobstore") -> ContainerClient:
    found = sdk.workspace().datastores.get(datastore, include_secrets=True)
    url = f"https://{found.account_name}.blob.emulator.test"
    return ContainerClient(url, found.container_name, credential=found.credentials.sas_token)


def registry_container(sdk: Sdk, model: Model) -> ContainerClient:
    client = sdk.registry().models
    sas, kind = get_storage_details_for_registry_assets(
        service_client=client._registry_service_client,
        asset_type=AzureMLResourceType.MODEL,
        asset_name=str(model.name),
        asset_version=str(model.version),
        rg_name=client._resource_group_name,
        reg_name=SHARED.name,
        uri=str(model.path),
    )
    assert kind == "SAS"
    return ContainerClient.from_container_url(sas)


@pytest.fixture
def shared(sdk: Sdk, tmp_path: Path) -> Model:
    folder = folder_with(tmp_path / "net", a__txt="alpha", b__txt="beta" * 100)
    client = sdk.workspace()
    name = f"listed-{tmp_path.name}".replace("_", "-")
    client.models.create_or_update(Model(name=name, version="1", path=str(folder)))
    made: Model = client.models.share(
        name, "1", share_with_name=name, share_with_version="1", registry_name=SHARED.name
    )
    return made


def prefix_of(sdk: Sdk, model: Model) -> str:
    path = str(sdk.workspace().models.get(model.name, "1").path)
    return path.split("/paths/", 1)[1]


def test_both_sides_list_the_same_names_sizes_and_md5s(sdk: Sdk, shared: Model) -> None:
    expected = {"a.txt": (5, md5("alpha")), "b.txt": (400, md5("beta" * 100))}
    assert listing(workspace_container(sdk), prefix_of(sdk, shared)) == expected
    prefix = urlsplit(str(shared.path)).path.split("/", 2)[2]
    assert listing(registry_container(sdk, shared), prefix) == expected


def test_changed_content_is_seen_in_the_listing(sdk: Sdk, emulator: Running, shared: Model) -> None:
    emulator.control.models("change", str(shared.name), "1", workspace=RISK.name, files={"a.txt": "other"})
    assert listing(workspace_container(sdk), prefix_of(sdk, shared)) == {"a.txt": (5, md5("other"))}


def test_a_listing_is_paged(sdk: Sdk, emulator: Running) -> None:
    files = {f"part-{number:02}": str(number) for number in range(7)}
    (made,) = emulator.control.models("register", "many", "1", workspace=RISK.name, files=files)
    prefix = made["properties"]["modelUri"].split("/paths/", 1)[1]
    pages = workspace_container(sdk).list_blobs(name_starts_with=prefix, results_per_page=3).by_page()
    assert [len(list(page)) for page in pages] == [3, 3, 1]


def test_a_blob_put_together_from_blocks_has_no_md5(sdk: Sdk) -> None:
    """Put Block List stores none unless the client sends one, so a comparison cannot count on it."""
    container = workspace_container(sdk)
    blob: BlobClient = container.get_blob_client("blocks/big.bin")
    blob.stage_block("YQ==", b"first ")
    blob.stage_block("Yg==", b"second")
    blob.commit_block_list([BlobBlock("YQ=="), BlobBlock("Yg==")])
    assert blob.download_blob().readall() == b"first second"
    (found,) = container.list_blobs(name_starts_with="blocks/")
    assert found.content_settings.content_md5 is None


def test_a_container_is_closed_without_its_signature(sdk: Sdk) -> None:
    good = workspace_container(sdk)
    other = ContainerClient.from_container_url(good.url.replace("sig=", "sig=x"), retry_total=0)
    with pytest.raises(HttpResponseError) as caught:
        list(other.list_blobs())
    assert caught.value.status_code == 403
    assert "AuthenticationFailed" in str(caught.value)
