"""Bootstrap: real adapters by settings alone, built once, with everything that was told handed on."""

import json
import re
import threading
from datetime import UTC, datetime

import pytest

from shared import bootstrap
from shared.adapters.entra_identity import EntraIdentity
from shared.adapters.event_grid import EventGridTopic, UnpublishedEvents
from shared.adapters.round_trips import RoundTrips
from shared.domain.errors import NotAuthenticated
from shared.domain.mending import WorkspaceAddress
from shared.settings import Settings
from shared.settings.json_readers import CLOUD_KEYS
from tests.architecture.project import python_files
from tests.settings.makers import environment

MANAGED = {"IDENTITY_ENDPOINT": "http://127.0.0.1:9/msi/token", "IDENTITY_HEADER": "x"}


def told(**changes: str) -> Settings:
    return Settings.from_mapping(environment(**MANAGED, **changes))


@pytest.fixture(autouse=True)
def _managed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in MANAGED.items():
        monkeypatch.setenv(name, value)


def test_what_was_told_reaches_the_use_cases() -> None:
    outside = bootstrap.build(
        told(
            CLEARANCE_GOVERNED_FROM='{"risk-dev": "2026-11-23T00:00:00Z"}',
            POLICY_BUILD="7",
            CLEARANCE_RELOOK_SECONDS="9",
        )
    )

    address = WorkspaceAddress("11111111-1111-1111-1111-111111111111", "rg-risk", "risk-dev")
    assert outside.workspaces == {"risk-dev": address}
    assert list(outside.topics.values()) == ["risk-dev"]
    assert all(topic == topic.casefold() and topic.startswith("/subscriptions/") for topic in outside.topics)
    assert outside.governed_from == {"risk-dev": datetime(2026, 11, 23, tzinfo=UTC)}
    assert (outside.policy_build, outside.waits.relook.total_seconds()) == (7, 9)
    assert outside.directory.people().resolve("rosa.risk@contoso.com") is not None
    assert {policy.name for policy in outside.policy_source.policies()} == {
        "fraud",
        "plant-vision-north",
        "plant-vision-south",
        "public-documents",
    }


def test_two_processes_are_told_apart_in_intents() -> None:
    assert bootstrap.build(told()).worker != bootstrap.build(told()).worker


def test_a_topic_is_published_to_only_where_one_is_named() -> None:
    endpoint = "https://127.0.0.1:9/api/events"

    assert isinstance(bootstrap.build(told()).publisher, UnpublishedEvents)
    assert isinstance(bootstrap.build(told(CLEARANCE_TOPIC_ENDPOINT=endpoint)).publisher, EventGridTopic)


def test_storage_is_reached_by_name_with_the_apps_identity_where_there_is_no_connection_string() -> None:
    named = {"AzureWebJobsStorage": "", "AzureWebJobsStorage__accountName": "stclearance"}

    assert bootstrap.build(told(**named)).histories is not None


def test_storage_is_in_the_cloud_that_azure_ml_is_in() -> None:
    named = {"AzureWebJobsStorage": "", "AzureWebJobsStorage__accountName": "stclearance"}
    metadata = dict.fromkeys(CLOUD_KEYS, "https://cloud.example") | {"storage_endpoint": "core.usgovcloudapi.net"}
    cloud = json.dumps({"name": "AzureUSGovernment", "metadata": metadata})

    public, other = (
        bootstrap.storage_account(told(**named, **more), None) for more in ({}, {"CLEARANCE_CLOUD": cloud})
    )

    assert public.tables().url == "https://stclearance.table.core.windows.net"
    assert other.tables().url == "https://stclearance.table.core.usgovcloudapi.net"


def test_round_trips_are_counted_where_somebody_asks() -> None:
    counts = RoundTrips()
    closed = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=aGVsbG8=;" + ";".join(
        f"{service}Endpoint=http://127.0.0.1:9/a" for service in ("Blob", "Queue", "Table")
    )
    outside = bootstrap.build(told(AzureWebJobsStorage=closed), counts)

    with pytest.raises(Exception, match="table worklist"):
        outside.bookmarks.get("anything")

    assert counts.by_service["tables"] >= 1


def test_without_an_app_registration_nobody_signs_in_and_is_told_why() -> None:
    assert isinstance(bootstrap.identity(told()), EntraIdentity)

    with pytest.raises(NotAuthenticated, match="CLEARANCE_CLIENT_ID"):
        bootstrap.identity(told(CLEARANCE_CLIENT_ID="")).verify("Bearer x", None)


def test_what_is_made_once_is_made_by_one_of_many_threads() -> None:
    made: list[int] = []
    begin = threading.Barrier(8)

    def make() -> object:
        made.append(1)
        return object()

    once = bootstrap.Once(make)
    found: list[object] = []

    def ask() -> None:
        begin.wait()
        found.append(once())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 1
    assert len({id(value) for value in found}) == 1


def test_what_could_not_be_made_is_tried_again() -> None:
    outcomes = iter([ValueError("not yet"), None])

    def make() -> str:
        if (fault := next(outcomes)) is not None:
            raise fault
        return "made"

    once = bootstrap.Once(make)
    with pytest.raises(ValueError, match="not yet"):
        once()

    assert once() == "made"


def test_checks_look_for_the_tables_and_containers_that_adapters_use() -> None:
    files = [file.read_text() for file in python_files("shared/adapters") if "memory" not in file.parts]
    tables = {name for text in files for name in re.findall(r"tables\.table\(\"(\w+)\"\)", text)}
    containers = {name for text in files for name in re.findall(r"container: str = \"([\w-]+)\"", text)}

    assert set(bootstrap.TABLES) == tables
    assert set(bootstrap.CONTAINERS) == containers
