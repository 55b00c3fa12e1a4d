"""An answer that has another form than it must have says nothing: it is told, bounded and tried again, and breaks nothing."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from local.faults.hostile.mangled import WireAnswer, as_json
from local.faults.hostile.wire import Wired, wired
from local.platform.estate import ALIAS, WORKSPACE
from shared.adapters.azure_errors import LONGEST_WAIT, seconds_to_wait
from shared.adapters.azure_ml_catalog import AzureMLCatalog
from shared.adapters.azure_ml_registry import AzureMLRegistry
from shared.domain.errors import Unreadable
from shared.domain.ids import PromotionId, Target
from tests.emulated import Bearer

HELD = Target("contoso-shared", "churn", "1")
RUNS: list[str] = []
DEEP = b'{"a":' * 100_000
Call = Callable[[AzureMLCatalog, AzureMLRegistry], Any]
Change = Callable[[dict[str, Any]], Any]


@pytest.fixture(scope="module")
def azure_ml() -> Iterator[Wired]:
    with wired() as running:
        running.register("churn", registry="contoso-shared")
        running.register("churn", workspace=WORKSPACE.name)
        RUNS.append(running.emulator.log_run({"auc": "0.94"}, {}))
        yield running


def asked(azure_ml: Wired, call: Call) -> Any:
    with (
        closing(AzureMLCatalog(azure_ml.settings, Bearer())) as catalog,
        closing(AzureMLRegistry(azure_ml.settings, Bearer())) as registry,
    ):
        return call(catalog, registry)


def answered_otherwise(
    azure_ml: Wired, call: Call, route: str, change: Callable[[WireAnswer], WireAnswer]
) -> Unreadable:
    """What a call raises where the answer of the first route that ends so is changed."""
    azure_ml.wire.forget()
    asked(azure_ml, call)
    known = next(each for each in azure_ml.wire.passed if each.route.endswith(route))
    azure_ml.wire.forget((known.route, change(known.answer)))
    with pytest.raises(Unreadable) as told:
        asked(azure_ml, call)
    assert azure_ml.wire.struck
    return told.value


def read(_: AzureMLCatalog, registry: AzureMLRegistry) -> Any:
    return registry.read(HELD)


def files(catalog: AzureMLCatalog, _: AzureMLRegistry) -> Any:
    return catalog.read_files(ALIAS, "run-1", ["results.json"])


def run(catalog: AzureMLCatalog, _: AzureMLRegistry) -> Any:
    return catalog.read_run(ALIAS, RUNS[0])


def version_of(catalog: AzureMLCatalog, _: AzureMLRegistry) -> Any:
    return catalog.read(PromotionId(ALIAS, "churn", "1"))


def properties(**changes: Any) -> Change:
    return lambda found: {**found, "properties": {**found["properties"], **changes}}


def submitted_by(whom: Any) -> Change:
    return lambda found: {"run": {**found["run"], "info": {**found["run"]["info"], "user_id": whom}}}


ODD: dict[str, tuple[Call, str, Change]] = {
    "a version without an id": (read, "/models/churn/versions/0", lambda found: {**found, "id": None}),
    "flavors of no form": (read, "/models/churn/versions/0", properties(flavors=[1, "a", None])),
    "tags of no form": (read, "/models/churn/versions/0", properties(tags=["a"])),
    "a reference of no form": (read, "/datarefs/churn/versions/0", lambda _: {"blobReferenceForConsumption": "x"}),
    "a credential of no form": (
        read,
        "/datarefs/churn/versions/0",
        lambda _: {"blobReferenceForConsumption": {"credential": ["x"]}},
    ),
    "a datastore without a container": (
        files,
        "/workspaceartifactstore",
        lambda found: {"properties": {**found["properties"], "containerName": None}},
    ),
    "a datastore of no form": (files, "/workspaceartifactstore", lambda _: {"properties": "x"}),
    "secrets without a SAS": (files, "/listSecrets", lambda _: {"secretsType": "Sas"}),
    "a run submitted by nobody": (run, "/runs/get", submitted_by({"": None})),
    "secrets of an endless type": (files, "/listSecrets", lambda _: {"secretsType": "x" * 9_000}),
}


@pytest.mark.parametrize(("call", "route", "change"), ODD.values(), ids=ODD)
def test_an_answer_of_another_form_is_not_understood(azure_ml: Wired, call: Call, route: str, change: Change) -> None:
    error = answered_otherwise(azure_ml, call, route, lambda answer: as_json(change(json.loads(answer.body))))

    assert error.code in {"azure_ml_not_understood", "artifact_host_not_configured"}
    assert len(str(error)) < 600


@pytest.mark.parametrize(
    ("call", "route"),
    [
        (read, "/discovery"),
        (read, "/models/churn/versions/0"),
        (read, "/datarefs/churn/versions/0"),
        (run, "/workspaces/mlw-risk-dev-weu"),
        (run, "/runs/get"),
    ],
    ids=["discovery", "version", "files", "workspace", "run"],
)
def test_an_answer_nested_without_end_is_not_understood(azure_ml: Wired, call: Call, route: str) -> None:
    error = answered_otherwise(azure_ml, call, route, lambda answer: WireAnswer(200, answer.headers, DEEP))

    assert error.code == "azure_ml_not_understood"


def test_a_refusal_nested_without_end_is_a_refusal(azure_ml: Wired) -> None:
    error = answered_otherwise(azure_ml, read, "/discovery", lambda answer: WireAnswer(403, answer.headers, DEEP))

    assert error.code == "azure_ml_forbidden"


@pytest.mark.parametrize("body", [b"\xff\xfe\xfa", b"{}", b"<a", b"<a/>" * 2, b"[[[["])
def test_a_listing_of_files_of_another_form_is_not_understood(azure_ml: Wired, body: bytes) -> None:
    error = answered_otherwise(azure_ml, read, _blobs(azure_ml), lambda answer: WireAnswer(200, answer.headers, body))

    assert error.code in {"azure_ml_not_understood", "azure_ml_files_unreachable"}


@pytest.mark.parametrize("status", [400, 412, 502])
def test_a_listing_of_files_that_is_refused_without_a_reason_is_refused(azure_ml: Wired, status: int) -> None:
    """azure-storage-blob takes the reason phrase for a text, and HTTP/2 and some servers send none."""
    error = answered_otherwise(azure_ml, read, _blobs(azure_ml), lambda answer: WireAnswer(status, (), b""))

    assert error.code.startswith(("azure_ml_files_", "azure_ml_not_understood"))


ODD_TEXT = "x\ud800y"
FORMED = "x\ufffdy"


def given_otherwise(azure_ml: Wired, call: Call, route: str, change: Change) -> Any:
    """What a call gives where the answer of the first route that ends so is changed."""
    azure_ml.wire.forget()
    asked(azure_ml, call)
    known = next(each for each in azure_ml.wire.passed if each.route.endswith(route))
    azure_ml.wire.forget((known.route, as_json(change(json.loads(known.answer.body)))))
    return asked(azure_ml, call)


def test_half_of_a_surrogate_pair_is_read_as_a_character_that_can_be_kept(azure_ml: Wired) -> None:
    tags = {"owner": ODD_TEXT, f"clearance_{ODD_TEXT}": ODD_TEXT}
    run_of = {
        "info": {"status": ODD_TEXT, "run_id": "r", "user_id": ODD_TEXT},
        "data": {"tags": [{"key": "a", "value": ODD_TEXT}]},
    }
    changed = properties(tags=tags, flavors={ODD_TEXT: {}}, modelType="custom_model")

    version = given_otherwise(azure_ml, version_of, "/models/churn/versions/0", changed)
    held = given_otherwise(azure_ml, read, "/models/churn/versions/0", changed)
    found = given_otherwise(azure_ml, run, "/runs/get", lambda _: {"run": run_of})

    assert (version.tags["owner"], version.flavors) == (FORMED, (FORMED,))
    assert (held.marker, held.flavors) == ({f"clearance_{FORMED}": FORMED}, (FORMED,))
    assert (found.status, found.submitter, found.tags) == (FORMED, FORMED, {"a": FORMED})


def _blobs(azure_ml: Wired) -> str:
    azure_ml.wire.forget()
    asked(azure_ml, read)
    return azure_ml.wire.passed[-1].route


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"x-ms-retry-after-ms": "1500"}, 1.5),
        ({"retry-after": "999999999"}, LONGEST_WAIT),
        ({"retry-after-ms": "999999999"}, LONGEST_WAIT),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}, LONGEST_WAIT),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0),
        ({"retry-after": "Thu, 01 Jan 99999999999999999999 00:00:00 GMT"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "9" * 40}, None),
        ({}, None),
    ],
)
def test_a_service_is_asked_again_within_a_day_whatever_it_asks_for(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert seconds_to_wait(headers) == seconds
