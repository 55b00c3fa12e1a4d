"""What the catalog reads from workspaces, and what it makes of an Azure ML in trouble."""

import base64
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.adapters.azure_ml_listing import CALLS_PER_PAGE
from shared.domain.errors import DocumentInvalid, Unreadable
from shared.domain.evidence import Artifact
from shared.domain.ids import PromotionId
from shared.ports import Listed
from tests.emulated import RISK, Estate, clean, emulated


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    with emulated(tmp_path_factory.mktemp("azure-ml")) as estate:
        yield estate


@pytest.fixture
def estate(running: Estate) -> Iterator[Estate]:
    yield running
    clean(running)


def promotion(name: str, version: str = "1") -> PromotionId:
    return PromotionId("risk-dev", name, version)


def md5_of(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content).digest()).decode()


def everything(estate: Estate) -> tuple[list[Listed], int]:
    """All that the listing shows, and how many pages it took."""
    found: list[Listed] = []
    cursor, pages = None, 0
    while True:
        page = estate.catalog.versions("risk-dev", cursor)
        found += page.items
        cursor, pages = page.cursor, pages + 1
        if cursor is None:
            return found, pages


def test_a_version_is_read_whole(estate: Estate) -> None:
    estate.register(
        "whole",
        tags={"owner": "ann@contoso.com"},
        properties={"trained_on": "2026"},
        created_by="Ann Archer",
        created_at="2026-03-01T10:00:00.1234567+00:00",
        job_name="job-7",
        model_type="mlflow_model",
        files={"MLmodel": "flavors:\n  sklearn: {}\n  python_function: {}\n", "bin/model.pkl": "weights"},
    )
    found = estate.catalog.read(promotion("whole"))
    assert found is not None
    assert found.incarnation.asset_id == f"{RISK.arm_id}/models/whole/versions/1"
    assert found.incarnation.created_at == datetime(2026, 3, 1, 10, 0, 0, 123456, UTC)
    assert (found.registrant, found.job, found.asset_type) == ("Ann Archer", "job-7", "mlflow_model")
    assert (found.tags, found.properties) == ({"owner": "ann@contoso.com"}, {"trained_on": "2026"})
    assert found.flavors == ("python_function", "sklearn")
    assert found.artifacts is not None
    assert [file.path for file in found.artifacts] == ["MLmodel", "bin/model.pkl"]
    assert found.artifacts[1] == Artifact("bin/model.pkl", 7, md5_of(b"weights"))


def test_files_of_a_neighbour_are_not_listed(estate: Estate) -> None:
    """`.../model` is a prefix of `.../model-two` in the store, and another folder all the same."""
    folder = "azureml://datastores/workspaceblobstore/paths/shared/model"
    estate.register("one", model_uri=folder, files={"a": "1"})
    estate.register("two", model_uri=f"{folder}-two", files={"b": "2"})
    found = estate.catalog.read(promotion("one"))
    assert found is not None
    assert [file.path for file in found.artifacts or ()] == ["a"]


def test_a_store_that_is_not_to_be_listed_is_not_asked_for_a_key(estate: Estate) -> None:
    estate.register("unlisted")
    found = estate.with_settings(artifact_hosts=()).catalog.read(promotion("unlisted"))
    assert found is not None
    assert found.artifacts is None
    assert estate.calls() == ["GET /workspaces/{workspace}/models/{name}/versions/{version}"]


def test_a_store_on_another_host_gets_no_request(estate: Estate) -> None:
    estate.register("elsewhere")
    found = estate.with_settings(artifact_hosts=(".blob.core.windows.net",)).catalog.read(promotion("elsewhere"))
    assert found is not None
    assert found.artifacts is None
    assert not [call for call in estate.calls() if "listSecrets" in call]


@pytest.mark.parametrize("properties", [{"azureml.artifactPrefix": "ExperimentRun/dcid.run-9/model"}, {}])
def test_the_run_is_told_from_where_the_files_lie(estate: Estate, properties: dict[str, str]) -> None:
    name = f"traced{len(properties)}"
    uri = None if properties else "azureml://datastores/workspaceartifactstore/paths/ExperimentRun/dcid.run-9/model"
    estate.register(name, properties=properties, model_uri=uri, files={"MLmodel": "flavors: {}"})
    found = estate.catalog.read(promotion(name))
    assert found is not None
    assert found.job == "run-9"


def test_another_registration_of_the_same_number_is_another_incarnation(estate: Estate) -> None:
    estate.register("again")
    before = estate.catalog.read(promotion("again"))
    estate.running.control.models("reregister", "again", "1", workspace=RISK.name)
    after = estate.catalog.read(promotion("again"))
    assert before is not None
    assert after is not None
    assert before.incarnation.asset_id == after.incarnation.asset_id
    assert before.incarnation.created_at < after.incarnation.created_at


def test_a_version_that_is_not_there_is_asked_about_twice(estate: Estate) -> None:
    """The second call makes sure that the workspace can be reached, and that a 404 is about the version."""
    assert estate.catalog.read(promotion("nobody")) is None
    assert estate.calls()[-1] == "GET /workspaces/{workspace}"


def test_a_workspace_that_is_not_there_is_trouble_and_not_an_absent_version(estate: Estate) -> None:
    place = estate.settings.workspaces["risk-dev"]
    gone = type(place)(place.subscription_id, "rg-gone", place.name, place.tracking_host)
    lost = estate.with_settings(workspaces={"risk-dev": gone}).catalog
    with pytest.raises(Unreadable) as trouble:
        lost.read(promotion("whole"))
    assert trouble.value.code == "azure_ml_not_found"
    with pytest.raises(Unreadable):
        lost.ping()


def test_a_workspace_nobody_configured_is_named(estate: Estate) -> None:
    with pytest.raises(Unreadable, match="No workspace 'other' is configured; known are risk-dev"):
        estate.catalog.read(PromotionId("other", "churn", "1"))


@pytest.mark.parametrize(
    ("rule", "code", "retry_after"),
    [
        ({"code": 401}, "azure_ml_unauthorized", None),
        ({"code": 403}, "azure_ml_forbidden", None),
        ({"code": 408}, "azure_ml_timeout", None),
        ({"code": 429, "retry_after": 17}, "azure_ml_throttled", 17),
        ({"code": 500}, "azure_ml_unavailable", None),
        ({"code": 503, "retry_after": 2.5}, "azure_ml_unavailable", 2.5),
    ],
)
def test_an_answer_that_is_no_answer_is_told_at_once_with_its_waiting_time(
    estate: Estate, rule: dict[str, float], code: str, retry_after: float | None
) -> None:
    if estate.catalog.read(promotion("troubled")) is None:
        estate.register("troubled")
    estate.forget_calls()
    estate.fault("status", "workspace_read", times=-1, **rule)
    with pytest.raises(Unreadable) as trouble:
        estate.catalog.read(promotion("troubled"))
    assert (trouble.value.code, trouble.value.retry_after) == (code, retry_after)
    assert len(estate.calls()) == 1, "whoever asked waits; the client does not sleep on a thread"


def test_a_dropped_connection_is_tried_once_more(estate: Estate) -> None:
    estate.register("dropped")
    estate.forget_calls()
    estate.fault("drop_before", "workspace_read", times=1)
    assert estate.catalog.read(promotion("dropped")) is not None


@pytest.mark.parametrize(("action", "options"), [("drop_before", {}), ("truncate_body", {}), ("delay", {"seconds": 3})])
def test_an_answer_that_does_not_arrive_is_unreadable(estate: Estate, action: str, options: dict[str, float]) -> None:
    estate.fault(action, "workspace_read", times=-1, **options)
    with pytest.raises(Unreadable) as trouble:
        estate.with_settings(timeout=0.5).catalog.read(promotion("whole"))
    assert trouble.value.code in {"azure_ml_unreachable", "azure_ml_not_understood"}


def test_files_that_cannot_be_listed_now_are_trouble_and_not_an_empty_listing(estate: Estate) -> None:
    estate.register("hidden")
    estate.fault("status", "blob", code=403, times=-1)
    with pytest.raises(Unreadable) as trouble:
        estate.catalog.read(promotion("hidden"))
    assert trouble.value.code == "azure_ml_files_forbidden"
    assert "sig=" not in str(trouble.value)


def test_everything_is_listed_in_pages_of_few_calls(tmp_path: Path) -> None:
    with emulated(tmp_path) as estate:
        for number in range(11):
            estate.register(f"m{number:02}", event=False)
        estate.running.control.models("register", "many", *map(str, range(1, 9)), workspace=RISK.name, event=False)
        estate.running.control.models("change", "m03", "1", workspace=RISK.name, is_archived=True)
        estate.forget_calls()
        found, pages = everything(estate)
        names = {f"{listed.promotion.name}:{listed.promotion.version}" for listed in found}
        assert names == {f"m{n:02}:1" for n in range(11) if n != 3} | {f"many:{n}" for n in range(1, 9)}
        assert len(found) == len(names), "each once"
        assert len(estate.calls()) <= pages * CALLS_PER_PAGE
        assert all(listed.created_at.tzinfo == UTC for listed in found)


def test_models_that_come_and_go_during_a_listing_shift_nothing_else(tmp_path: Path) -> None:
    with emulated(tmp_path) as estate:
        for name in ("b", "c", "d", "e", "f", "g"):
            estate.register(name, event=False)
        first = estate.catalog.versions("risk-dev", None)
        estate.register("a", event=False)
        estate.running.control.models("delete", "c", "1", workspace=RISK.name, event=False)
        seen = {listed.promotion.name for listed in first.items}
        cursor = first.cursor
        while cursor:
            page = estate.catalog.versions("risk-dev", cursor)
            seen |= {listed.promotion.name for listed in page.items}
            cursor = page.cursor
        assert seen >= {"b", "d", "e", "f", "g"}


def test_a_cursor_of_somebody_else_is_refused(estate: Estate) -> None:
    with pytest.raises(DocumentInvalid):
        estate.catalog.versions("risk-dev", "not ours")


def test_every_workspace_is_pinged_and_all_that_fail_are_named(estate: Estate) -> None:
    estate.catalog.ping()
    place = estate.settings.workspaces["risk-dev"]
    both = {"risk-dev": place, "gone-dev": type(place)(place.subscription_id, "rg-gone", "gone", None)}
    with pytest.raises(Unreadable, match="gone-dev"):
        estate.with_settings(workspaces=both).catalog.ping()
