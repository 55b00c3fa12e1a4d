"""`models.share`: the import into a registry, with what can go wrong on the way."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from azure.ai.ml.entities import Model
from azure.ai.ml.exceptions import ValidationException
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError, ServiceResponseError

from local.azure_ml.server import Running
from tests.local.azure_ml.conftest import RISK, SHARED, Sdk


@pytest.fixture
def source(emulator: Running, request: pytest.FixtureRequest) -> str:
    """A registered version with files, named after the test; its number is 7."""
    name = request.node.name.replace("_", "-").replace("[", "-").replace("]", "")
    emulator.control.models("register", name, "7", workspace=RISK.name, tags={"owner": "a@contoso.com"}, event=False)
    emulator.control.clear_calls()
    return str(name)


def share(sdk: Sdk, name: str, version: str = "7") -> Model:
    client = sdk.workspace()
    shared: Model = client.models.share(
        name, version, share_with_name=name, share_with_version=version, registry_name=SHARED.name
    )
    return shared


def count(emulator: Running, name: str, version: str = "7") -> tuple[int, int, int]:
    found = emulator.control.imports().get(f"{SHARED.name}:{name}:{version}", {})
    return found.get("requested", 0), found.get("accepted", 0), found.get("effective", 0)


def test_a_share_with_an_empty_final_body_returns_the_model(sdk: Sdk, emulator: Running, source: str) -> None:
    shared = share(sdk, source)
    assert shared.id == f"azureml://registries/{SHARED.name}/models/{source}/versions/7"
    assert shared.tags == {"owner": "a@contoso.com"}
    assert shared.job_name is None
    assert count(emulator, source) == (1, 1, 1)
    reached = [call["operation"] for call in emulator.control.calls()]
    assert reached[:5] == ["workspace_read", "discovery", "registry_read", "registry_read", "import"]
    assert reached[-1] == "registry_read"


def test_a_share_with_a_json_final_body_raises_after_the_copy_landed(sdk: Sdk, emulator: Running, source: str) -> None:
    emulator.control.set_behaviour(import_final_body="async_only")
    with pytest.raises(AttributeError, match="datastore"):
        share(sdk, source)
    assert sdk.registry().models.get(source, "7").version == "7"
    assert count(emulator, source) == (1, 1, 1)


def test_one_import_can_end_otherwise_than_the_rest(sdk: Sdk, emulator: Running, source: str) -> None:
    emulator.control.add_faults({"action": "final_body_mode", "final_body": "async_only"})
    with pytest.raises(AttributeError, match="datastore"):
        share(sdk, source)
    client = sdk.workspace()
    other = client.models.share(source, "7", share_with_name=source, share_with_version="8", registry_name=SHARED.name)
    assert other.version == "8"


def test_what_survives_an_import_is_the_services_business(sdk: Sdk, emulator: Running, source: str) -> None:
    emulator.control.set_behaviour(import_keeps=[])
    assert share(sdk, source).tags == {}


def test_sharing_twice_is_refused_by_the_client(sdk: Sdk, emulator: Running, source: str) -> None:
    share(sdk, source)
    with pytest.raises(ValidationException, match="already exists in registry"):
        share(sdk, source)
    assert count(emulator, source) == (1, 1, 1)


def test_an_archived_version_stays_taken(sdk: Sdk, source: str) -> None:
    share(sdk, source)
    sdk.registry().models.archive(source, "7")
    with pytest.raises(ValidationException, match="already exists in registry"):
        share(sdk, source)


def test_a_deleted_registry_version_is_never_given_out_again(sdk: Sdk, emulator: Running, source: str) -> None:
    share(sdk, source)
    emulator.control.models("delete", source, "7", registry=SHARED.name)
    with pytest.raises(HttpResponseError) as caught:
        share(sdk, source)
    assert caught.value.status_code == 409


@pytest.mark.parametrize(("conflict", "status"), [("http_409", 409), ("lro_failed", 200)])
def test_a_race_for_one_name_and_version_is_a_conflict(
    sdk: Sdk, emulator: Running, source: str, conflict: str, status: int
) -> None:
    """Both looked and found nothing; then the other import landed while ours was on its way."""
    emulator.control.set_behaviour(import_conflict=conflict)
    emulator.control.add_faults({"action": "delay", "seconds": 0.4, "match": {"operation": "import"}})
    with pytest.raises(HttpResponseError) as caught:
        _share_while(sdk, source, lambda: _register_there(emulator, source))
    assert caught.value.status_code == status
    assert caught.value.error is not None
    assert caught.value.error.code == "UserError"
    assert count(emulator, source)[2] == 0


def _register_there(emulator: Running, name: str) -> None:
    while not any(call["operation"] == "registry_read" for call in emulator.control.calls()):
        time.sleep(0.02)
    time.sleep(0.15)
    emulator.control.models("register", name, "7", registry=SHARED.name)


def _share_while(sdk: Sdk, name: str, meanwhile: Callable[[], None]) -> None:
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(meanwhile)
        try:
            share(sdk, name)
        finally:
            other.result()


def test_a_failed_operation_is_an_error_with_status_200(sdk: Sdk, emulator: Running, source: str) -> None:
    emulator.control.add_faults({"action": "fail_lro", "match": {"registry": SHARED.name}})
    with pytest.raises(HttpResponseError) as caught:
        share(sdk, source)
    assert caught.value.status_code == 200
    assert caught.value.error is not None
    assert caught.value.error.code == "InternalServerError"
    with pytest.raises(ResourceNotFoundError):
        sdk.registry().models.get(source, "7")


def test_a_failed_operation_may_have_copied_all_the_same(sdk: Sdk, emulator: Running, source: str) -> None:
    emulator.control.add_faults({"action": "fail_lro", "copy_anyway": True})
    with pytest.raises(HttpResponseError):
        share(sdk, source)
    assert sdk.registry().models.get(source, "7").version == "7"


def test_an_operation_that_never_ends_keeps_the_caller_waiting(sdk: Sdk, emulator: Running, source: str) -> None:
    emulator.control.set_behaviour(retry_after=0.1)
    emulator.control.add_faults({"action": "never_end", "copy_anyway": True})
    with pytest.raises(HttpResponseError, match="told to answer 404"):
        _share_while(sdk, source, lambda: _let_go_after_polls(emulator, 3))
    assert sdk.registry().models.get(source, "7").version == "7"


def _let_go_after_polls(emulator: Running, polls: int) -> None:
    """Free the caller in the end: the next poll is answered with an error that is not retried."""
    while len(emulator.control.calls("poll")) < polls:
        time.sleep(0.05)
    emulator.control.add_faults({"action": "status", "code": 404, "match": {"operation": "poll"}})


def test_a_cut_connection_hides_that_the_import_was_taken(sdk: Sdk, emulator: Running, source: str) -> None:
    """The client sends a POST again after an error status, but not after a connection that broke."""
    emulator.control.set_behaviour(import_seconds=0)
    emulator.control.add_faults({"action": "drop_after", "match": {"operation": "import"}})
    with pytest.raises(ServiceResponseError):
        share(sdk, source)
    assert sdk.registry().models.get(source, "7").version == "7"
    assert count(emulator, source) == (1, 1, 1)


def test_an_error_after_the_import_was_taken_is_replayed_into_a_conflict(
    sdk: Sdk, emulator: Running, source: str
) -> None:
    """A 503 is retried by the client itself, and its second POST finds what the first one did."""
    emulator.control.set_behaviour(import_seconds=0)
    late = {"action": "status", "code": 503, "retry_after": 0.05, "when": "after", "match": {"operation": "import"}}
    emulator.control.add_faults(late)
    with pytest.raises(HttpResponseError) as caught:
        share(sdk, source)
    assert caught.value.status_code == 409
    assert count(emulator, source) == (2, 1, 1)


def test_an_import_goes_on_when_its_caller_is_gone(sdk: Sdk, emulator: Running, source: str) -> None:
    emulator.control.set_behaviour(import_seconds=0.5)
    emulator.control.add_faults({"action": "status", "code": 403, "match": {"operation": "poll"}})
    with pytest.raises(HttpResponseError):
        share(sdk, source)
    client = sdk.registry()
    with pytest.raises(ResourceNotFoundError):
        client.models.get(source, "7")
    time.sleep(0.6)
    assert client.models.get(source, "7").version == "7"


def test_a_fraction_of_a_second_as_retry_after_is_honoured(sdk: Sdk, emulator: Running, source: str) -> None:
    emulator.control.set_behaviour(import_seconds=0.3, retry_after=0.1)
    start = time.monotonic()
    share(sdk, source)
    polls = len(emulator.control.calls("poll"))
    assert time.monotonic() - start < 10  # without the header every poll would wait 30 s
    assert 2 <= polls <= 6


def test_a_throttled_import_is_sent_again(sdk: Sdk, emulator: Running, source: str) -> None:
    emulator.control.add_faults(
        {"action": "status", "code": 429, "retry_after": 0.05, "times": 2, "match": {"operation": "import"}}
    )
    share(sdk, source)
    assert [call["status"] for call in emulator.control.calls("import")] == [429, 429, 202]


def test_a_source_without_files_cannot_be_imported(sdk: Sdk, emulator: Running) -> None:
    path = "azureml://datastores/workspaceblobstore/paths/nowhere"
    sdk.workspace().models.create_or_update(Model(name="no-files", version="1", path=path))
    with pytest.raises(HttpResponseError, match="has no files"):
        share(sdk, "no-files", "1")


def test_an_unknown_registry_is_refused_by_discovery(sdk: Sdk, source: str) -> None:
    client = sdk.workspace()
    with pytest.raises(HttpResponseError, match="User/tenant/subscription is not allowed to access registry nowhere"):
        client.models.share(source, "7", share_with_name=source, share_with_version="7", registry_name="nowhere")
