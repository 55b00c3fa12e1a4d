"""How much lies in queues and among dead letters, on a real Azurite."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueServiceClient

from local.azurite import RunningAzurite
from shared.adapters.round_trips import RoundTrips
from shared.adapters.storage_account import StorageAccount
from shared.adapters.storage_backlog import StorageBacklog
from shared.domain.errors import Unreadable


@pytest.fixture(scope="module")
def azurite() -> Iterator[RunningAzurite]:
    with RunningAzurite() as running:
        yield running


@pytest.fixture
def name() -> str:
    return f"backlog-{uuid4().hex[:8]}"


def backlog(azurite: RunningAzurite, name: str, trips: RoundTrips | None = None) -> StorageBacklog:
    return StorageBacklog(StorageAccount(azurite.connection_string, round_trips=trips), (name,), name)


def test_what_does_not_exist_holds_nothing_and_is_not_made(azurite: RunningAzurite, name: str) -> None:
    found = backlog(azurite, name)

    assert (found.queue_depths(), found.dead_letters()) == ({name: 0}, 0)
    with QueueServiceClient.from_connection_string(azurite.connection_string) as queues:
        assert name not in [queue.name for queue in queues.list_queues()]


def test_messages_count_while_they_are_handled_too(azurite: RunningAzurite, name: str) -> None:
    with QueueServiceClient.from_connection_string(azurite.connection_string) as queues:
        queue = queues.create_queue(name)
        for number in range(3):
            queue.send_message(str(number))
        assert queue.receive_message(visibility_timeout=60) is not None

    assert backlog(azurite, name).queue_depths() == {name: 3}


def test_dead_letters_are_counted_by_one_round_trip(azurite: RunningAzurite, name: str) -> None:
    with BlobServiceClient.from_connection_string(azurite.connection_string) as blobs:
        container = blobs.create_container(name)
        for number in range(4):
            container.upload_blob(f"topic/2026/11/{number}.json", b"[]")
    trips = RoundTrips()

    assert backlog(azurite, name, trips).dead_letters() == 4
    assert trips.by_service == {"blobs": 1}


def test_storage_that_is_away_is_trouble_of_ours(name: str) -> None:
    away = (
        "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=bm9uZQ==;"
        "BlobEndpoint=http://127.0.0.1:9/devstoreaccount1;QueueEndpoint=http://127.0.0.1:9/devstoreaccount1;"
        "TableEndpoint=http://127.0.0.1:9/devstoreaccount1;"
    )
    found = StorageBacklog(StorageAccount(away), (name,), name)

    with pytest.raises(Unreadable):
        found.dead_letters()
    with pytest.raises(Unreadable):
        found.queue_depths()
