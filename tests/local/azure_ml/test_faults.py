"""What the emulator does wrong on request, and what the real client makes of it."""

import time
from collections.abc import Iterator

import httpx
import pytest
from azure.ai.ml.entities import Model
from azure.core.exceptions import HttpResponseError, ServiceResponseError

from local.azure_ml.client import ControlRefused
from local.azure_ml.server import Running
from tests.local.azure_ml.conftest import RISK, SHARED, Sdk

PATH = "azureml://datastores/workspaceblobstore/paths/models/churn"


@pytest.fixture
def name(request: pytest.FixtureRequest, emulator: Running) -> str:
    """A registered model, version 1."""
    made = request.node.name.replace("_", "-").replace("[", "-").rstrip("]")
    emulator.control.models("register", made, "1", workspace=RISK.name)
    emulator.control.clear_calls()
    return str(made)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_busy_answers_are_retried_after_the_time_they_name(sdk: Sdk, emulator: Running, name: str, status: int) -> None:
    emulator.control.add_faults({"action": "status", "code": status, "retry_after": 0.05, "times": 2})
    assert sdk.workspace().models.get(name, "1").version == "1"
    assert [call["status"] for call in emulator.control.calls()] == [status, status, 200]


def test_a_refusal_is_not_retried(sdk: Sdk, emulator: Running, name: str) -> None:
    emulator.control.add_faults({"action": "status", "code": 403, "times": -1})
    with pytest.raises(HttpResponseError) as caught:
        sdk.workspace().models.get(name, "1")
    assert caught.value.status_code == 403
    assert len(emulator.control.calls()) == 1


def test_a_cut_connection_is_tried_again_for_a_read(sdk: Sdk, emulator: Running, name: str) -> None:
    emulator.control.add_faults({"action": "drop_before"})
    assert sdk.workspace().models.get(name, "1").version == "1"
    assert [call["status"] for call in emulator.control.calls()] == [None, 200]


def test_an_answer_lost_after_a_write_hides_that_it_was_done(sdk: Sdk, emulator: Running) -> None:
    """The PUT is replayed by the client; it is idempotent, so the second answers 200 where the first made it."""
    emulator.control.clear_calls()
    emulator.control.add_faults({"action": "drop_after", "match": {"method": "PUT"}})
    sdk.workspace().models.create_or_update(Model(name="written-twice", version="1", path=PATH))
    assert [call["status"] for call in emulator.control.calls("workspace_write")] == [None, 200]


def test_an_answer_cut_in_the_middle_is_no_answer(sdk: Sdk, emulator: Running, name: str) -> None:
    emulator.control.add_faults({"action": "truncate_body", "times": -1, "match": {"path_regex": f"/{name}/"}})
    client = sdk.workspace()
    with pytest.raises((ServiceResponseError, HttpResponseError)):
        client.models.get(name, "1")


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_answer_is_delayed(sdk: Sdk, emulator: Running, name: str, when: str) -> None:
    emulator.control.add_faults({"action": "delay", "seconds": 0.3, "when": when})
    start = time.monotonic()
    sdk.workspace().models.get(name, "1")
    assert time.monotonic() - start >= 0.3


def test_a_fault_strikes_what_it_matches_and_counts(sdk: Sdk, emulator: Running, name: str) -> None:
    emulator.control.add_faults(
        {"action": "status", "code": 403, "times": -1, "match": {"registry": SHARED.name, "operation": "registry_read"}}
    )
    assert sdk.workspace().models.get(name, "1").version == "1"
    client = sdk.registry()
    for _ in range(2):
        with pytest.raises(HttpResponseError):
            client.models.get(name, "1")
    (rule,) = emulator.control.faults()
    assert (rule["struck"], rule["left"]) == (2, -1)


@pytest.fixture
def plain(emulator: Running) -> Iterator[httpx.Client]:
    import ssl

    context = ssl.create_default_context(cafile=str(emulator.ca_bundle))
    with httpx.Client(base_url=emulator.url, verify=context, headers={"Authorization": "Bearer x"}) as client:
        yield client


def test_chance_is_the_same_for_the_same_seed(emulator: Running, plain: httpx.Client) -> None:
    def draw() -> list[int]:
        emulator.control.clear_faults()
        emulator.control.add_faults(
            {"action": "status", "code": 503, "times": -1, "probability": 0.5, "seed": 7, "match": {"method": "GET"}}
        )
        return [plain.get(RISK.arm_id).status_code for _ in range(12)]

    first = draw()
    assert first == draw()
    assert set(first) == {200, 503}


def test_what_is_not_emulated_says_so(plain: httpx.Client) -> None:
    answer = plain.patch(RISK.arm_id)
    assert answer.status_code == 404
    assert "is not emulated" in answer.json()["error"]["message"]


def test_every_fault_of_a_rule_is_named(emulator: Running) -> None:
    with pytest.raises(ControlRefused) as caught:
        emulator.control.add_faults({"action": "explode", "probability": 2, "colour": "red"})
    for word in ("action", "probability", "colour"):
        assert word in str(caught.value)


def test_a_bad_pattern_is_refused(emulator: Running) -> None:
    with pytest.raises(ControlRefused, match="is no regular expression"):
        emulator.control.add_faults({"action": "status", "match": {"path_regex": "("}})


def test_a_change_of_models_names_one_place(emulator: Running) -> None:
    with pytest.raises(ControlRefused, match="exactly one of workspace and registry"):
        emulator.control.models("register", "x", "1")


def test_behaviour_is_checked(emulator: Running) -> None:
    with pytest.raises(ControlRefused, match="page_size"):
        emulator.control.set_behaviour(page_size=0)


def test_signatures_are_kept_out_of_the_log_of_calls(sdk: Sdk, emulator: Running, name: str) -> None:
    found = sdk.workspace().datastores.get("workspaceblobstore", include_secrets=True)
    from azure.storage.blob import ContainerClient

    url = f"https://{found.account_name}.blob.emulator.test"
    list(ContainerClient(url, found.container_name, credential=found.credentials.sas_token).list_blobs())
    assert "sig=" not in str(emulator.control.calls("blob"))
