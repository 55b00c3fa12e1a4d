"""Imports, marks and what is read back from registries, through the real azure-ai-ml client where it shares."""

import threading
from collections.abc import Iterator

import pytest

from shared.domain.errors import Refused, Unreadable
from shared.domain.ids import PromotionId, Target
from tests.emulated import Estate, clean, emulated


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    with emulated(tmp_path_factory.mktemp("azure-ml")) as estate:
        yield estate


@pytest.fixture
def estate(running: Estate) -> Iterator[Estate]:
    yield running
    clean(running)


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A model name of the test's own."""
    return "m" + str(abs(hash(request.node.name)))


def pair(name: str, registry: str = "contoso-shared") -> tuple[PromotionId, Target]:
    return PromotionId("risk-dev", name, "1"), Target(registry, name, "1")


def test_an_import_lands_whole_and_unmarked(estate: Estate, name: str) -> None:
    promotion, target = pair(name)
    estate.register(name, files={"MLmodel": "flavors:\n  sklearn: {}\n", "bin/w": "12"}, model_type="mlflow_model")
    estate.registry.share(promotion, target)
    source, landed = estate.catalog.read(promotion), estate.registry.read(target)
    assert source is not None
    assert landed is not None
    assert landed.asset_id == f"azureml://registries/contoso-shared/models/{name}/versions/1"
    assert (landed.asset_type, landed.flavors) == (source.asset_type, source.flavors)
    assert landed.artifacts == source.artifacts != ()
    assert landed.marker == {}


def test_a_version_goes_under_the_name_the_target_says(estate: Estate, name: str) -> None:
    estate.register(name)
    target = Target("contoso-eu", f"risk-dev-{name}", "7")
    estate.registry.share(pair(name)[0], target)
    assert estate.registry.read(target) is not None
    assert estate.registry.read(Target("contoso-eu", name, "7")) is None


def test_imports_at_the_same_time_do_not_disturb_each_other(estate: Estate, name: str) -> None:
    """Each has a client of its own: one shared client would send them to each other's registry."""
    estate.register(name)
    registry, errors = estate.registry, []

    def work(where: str) -> None:
        try:
            registry.share(*pair(name, where))
        except (Refused, Unreadable) as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(where,)) for where in estate.settings.registries]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert estate.catalog.read(pair(name)[0]) is not None, "reads go on meanwhile"
    for thread in threads:
        thread.join()
    assert errors == []
    assert all(registry.read(pair(name, where)[1]) for where in estate.settings.registries)


@pytest.mark.parametrize("conflict", ["http_409", "lro_failed"])
def test_what_is_taken_is_never_replaced(estate: Estate, name: str, conflict: str) -> None:
    estate.running.control.set_behaviour(import_conflict=conflict)
    estate.register(name)
    estate.put_in("contoso-shared", name, files={"other": "model"})
    with pytest.raises(Refused) as refused:
        estate.registry.share(*pair(name))
    assert refused.value.code == "azure_ml_exists"
    found = estate.registry.read(pair(name)[1])
    assert found is not None
    assert [file.path for file in found.artifacts or ()] == ["other"]


@pytest.mark.parametrize("conflict", ["http_409", "lro_failed"])
def test_a_number_that_was_deleted_stays_taken(estate: Estate, name: str, conflict: str) -> None:
    """Here the client's own look beforehand finds nothing, and the service refuses."""
    estate.running.control.set_behaviour(import_conflict=conflict)
    estate.register(name)
    estate.put_in("contoso-shared", name)
    estate.running.control.models("delete", name, "1", registry="contoso-shared", event=False)
    with pytest.raises(Refused) as refused:
        estate.registry.share(*pair(name))
    assert refused.value.code == "azure_ml_exists"


def test_a_good_import_that_ends_in_confusion_says_that_nothing_is_known(estate: Estate, name: str) -> None:
    """Where the last answer of the operation holds a body, azure-ai-ml 1.35.2 goes on to upload what it has not got."""
    estate.running.control.set_behaviour(import_final_body="async_only")
    estate.register(name)
    with pytest.raises(Unreadable) as trouble:
        estate.registry.share(*pair(name))
    assert trouble.value.code == "azure_ml_outcome_unknown"
    assert estate.registry.read(pair(name)[1]) is not None, "reading back is what tells"


def test_an_import_that_failed_may_be_tried_again(estate: Estate, name: str) -> None:
    estate.register(name)
    estate.fault("fail_lro", "import", times=1)
    with pytest.raises(Unreadable) as trouble:
        estate.registry.share(*pair(name))
    assert trouble.value.code == "azure_ml_import_failed"
    assert "InternalServerError" in str(trouble.value)
    assert estate.registry.read(pair(name)[1]) is None
    estate.registry.share(*pair(name))
    assert estate.registry.read(pair(name)[1]) is not None


@pytest.mark.parametrize(
    ("operation", "code", "expected"),
    [
        ("discovery", 403, "azure_ml_forbidden"),
        ("workspace_read", 404, "azure_ml_outcome_unknown"),
        ("registry_read", 404, "azure_ml_outcome_unknown"),
        ("import", 401, "azure_ml_unauthorized"),
        ("import", 403, "azure_ml_forbidden"),
    ],
)
def test_trouble_of_a_request_leaves_the_outcome_to_the_reading_back(
    estate: Estate, name: str, operation: str, code: int, expected: str
) -> None:
    estate.register(name)
    estate.fault("status", operation, code=code, times=-1)
    with pytest.raises(Unreadable) as trouble:
        estate.registry.share(*pair(name))
    assert trouble.value.code == expected


def test_a_request_the_service_does_not_understand_is_refused_for_good(estate: Estate, name: str) -> None:
    estate.register(name)
    estate.fault("status", "import", code=400, times=-1)
    with pytest.raises(Refused):
        estate.registry.share(*pair(name))


def test_a_throttled_import_is_tried_again_by_the_client(estate: Estate, name: str) -> None:
    estate.register(name)
    estate.fault("status", "import", code=429, retry_after=0.05, times=2)
    estate.registry.share(*pair(name))
    assert estate.registry.read(pair(name)[1]) is not None


def test_marks_stand_beside_the_tags_that_were_there(estate: Estate, name: str) -> None:
    forged = {"clearance_approvers": "rosa", "Clearance_Round": "9"}
    estate.put_in("contoso-shared", name, tags={"owner": "ann", **forged}, properties={"a": "b"}, description="kept")
    target = pair(name)[1]
    estate.registry.mark(target, {"clearance_promotion": "risk-dev:m:1"})
    found = estate.registry.read(target)
    assert found is not None
    assert found.marker == {"clearance_promotion": "risk-dev:m:1"}
    (raw,) = estate.running.control.models("change", name, "1", registry="contoso-shared", event=False)
    assert raw["properties"]["tags"]["owner"] == "ann"
    assert (raw["properties"]["description"], raw["properties"]["properties"]) == ("kept", {"a": "b"})


def test_marks_that_stand_already_are_not_written_again(estate: Estate, name: str) -> None:
    estate.put_in("contoso-shared", name, tags={"clearance_promotion": "risk-dev:m:1"})
    estate.registry.mark(pair(name)[1], {"clearance_promotion": "risk-dev:m:1"})
    assert not [call for call in estate.calls() if call.startswith("PUT")]


def test_marking_does_not_bring_an_archived_version_back(estate: Estate, name: str) -> None:
    estate.put_in("contoso-shared", name, is_archived=True)
    estate.registry.mark(pair(name)[1], {"clearance_promotion": "risk-dev:m:1"})
    (raw,) = estate.running.control.models("change", name, "1", registry="contoso-shared", event=False)
    assert raw["properties"]["isArchived"] is True


@pytest.mark.parametrize("code", [400, 405, 409, 412])
def test_a_registry_that_takes_no_tags_refuses_for_good(estate: Estate, name: str, code: int) -> None:
    estate.put_in("contoso-shared", name)
    estate.fault("status", "registry_write", code=code, times=-1)
    with pytest.raises(Refused):
        estate.registry.mark(pair(name)[1], {"clearance_promotion": "risk-dev:m:1"})


@pytest.mark.parametrize("code", [401, 403, 429, 503])
def test_marks_that_cannot_be_written_now_are_not_refused(estate: Estate, name: str, code: int) -> None:
    estate.put_in("contoso-shared", name)
    estate.fault("status", "registry_write", code=code, retry_after=3, times=-1)
    with pytest.raises(Unreadable) as trouble:
        estate.registry.mark(pair(name)[1], {"clearance_promotion": "risk-dev:m:1"})
    assert trouble.value.retry_after == 3


def test_there_is_nothing_to_mark(estate: Estate, name: str) -> None:
    with pytest.raises(Refused):
        estate.registry.mark(pair(name)[1], {"clearance_promotion": "risk-dev:m:1"})


@pytest.mark.parametrize("operation", ["discovery", "registry_read"])
@pytest.mark.parametrize("code", [401, 403, 429, 500, 503])
def test_a_registry_that_cannot_be_read_now_is_not_empty(estate: Estate, name: str, operation: str, code: int) -> None:
    estate.put_in("contoso-shared", name)
    estate.fault("status", operation, code=code, times=-1)
    with pytest.raises(Unreadable):
        estate.registry.read(pair(name)[1])


def test_a_404_without_a_word_is_not_an_absent_version(estate: Estate, name: str) -> None:
    estate.put_in("contoso-shared", name)
    estate.fault("status", "registry_read", code=404, body={"about": "a proxy"}, times=-1)
    with pytest.raises(Unreadable):
        estate.registry.read(pair(name)[1])


def test_a_registry_nobody_configured_is_not_asked(estate: Estate, name: str) -> None:
    target = Target("contoso-other", name, "1")
    registry = estate.registry
    with pytest.raises(Unreadable, match="No registry 'contoso-other' is configured"):
        registry.read(target)
    with pytest.raises(Unreadable, match="No registry 'contoso-other' is configured"):
        registry.share(pair(name)[0], target)
    assert estate.calls() == []


def test_every_registry_is_pinged_and_all_that_fail_are_named(estate: Estate) -> None:
    estate.registry.ping()
    estate.fault("status", "discovery", code=503, times=-1)
    with pytest.raises(Unreadable, match=r"contoso-shared.*contoso-eu"):
        estate.registry.ping()
