"""Messages on a real Azurite: plain ids that never expire, in a queue that makes itself."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from azure.storage.queue import QueueClient

from local.azurite import ACCOUNT, RunningAzurite
from local.ports import free_ports
from shared.adapters.round_trips import RoundTrips
from shared.adapters.storage_account import StorageAccount
from shared.adapters.storage_queue import LONGEST_DELAY, StorageQueue
from shared.domain.errors import Unreadable
from shared.domain.ids import PromotionId
from tests.emulated import Bearer

PROMOTION = PromotionId("risk-dev", "churn", "3")


@pytest.fixture(scope="module")
def azurite() -> Iterator[RunningAzurite]:
    with RunningAzurite() as running:
        yield running


@pytest.fixture
def name() -> str:
    return f"promotions-{uuid4().hex[:12]}"


@pytest.fixture
def reader(azurite: RunningAzurite, name: str) -> Iterator[QueueClient]:
    with QueueClient.from_connection_string(azurite.connection_string, name) as client:
        yield client


@pytest.fixture
def queue(azurite: RunningAzurite, name: str) -> StorageQueue:
    return StorageQueue(StorageAccount(azurite.connection_string), name)


def test_a_message_is_the_plain_id_and_never_expires(queue: StorageQueue, reader: QueueClient) -> None:
    queue.send(PROMOTION)
    (message,) = reader.receive_messages()
    assert message.content == "risk-dev:churn:3"
    assert PromotionId.parse(message.content) == PROMOTION
    assert message.expires_on is not None
    assert message.expires_on.year == 9999


def test_the_queue_is_made_on_first_use_and_only_then(azurite: RunningAzurite, name: str, reader: QueueClient) -> None:
    trips = RoundTrips()
    queue = StorageQueue(StorageAccount(azurite.connection_string, round_trips=trips), name)
    for _ in range(3):
        queue.send(PROMOTION)
    assert reader.get_queue_properties().approximate_message_count == 3
    assert trips.by_service == {"queues": 5}, "missed once, made once, sent three times"


def test_a_delayed_message_is_not_seen_before_its_time(queue: StorageQueue, reader: QueueClient) -> None:
    queue.send(PROMOTION, delay_seconds=3600)
    assert list(reader.receive_messages()) == []
    assert reader.get_queue_properties().approximate_message_count == 1


@pytest.mark.parametrize(("asked", "given"), [(-5, 0), (LONGEST_DELAY + 1, LONGEST_DELAY)])
def test_a_delay_is_kept_within_what_the_service_takes(
    queue: StorageQueue, reader: QueueClient, asked: int, given: int
) -> None:
    queue.send(PROMOTION, delay_seconds=asked)
    assert reader.get_queue_properties().approximate_message_count == 1
    assert len(list(reader.receive_messages())) == (given == 0)


def test_ping_makes_a_queue_that_is_missing(queue: StorageQueue, reader: QueueClient) -> None:
    queue.ping()
    queue.ping()
    assert reader.get_queue_properties().approximate_message_count == 0


def test_a_queue_out_of_reach_is_unreadable_and_no_key_is_shown(azurite: RunningAzurite, name: str) -> None:
    (closed,) = free_ports(1)
    nowhere = azurite.connection_string.replace(f":{azurite.ports.queue}/", f":{closed}/")
    began = datetime.now(UTC)
    with pytest.raises(Unreadable) as trouble:
        StorageQueue(StorageAccount(nowhere), name).send(PROMOTION)
    assert trouble.value.code == "queue_unreachable"
    assert "AccountKey" not in str(trouble.value)
    assert datetime.now(UTC) - began < timedelta(seconds=30)


def test_a_key_that_is_not_the_account_s_is_unreadable(azurite: RunningAzurite, name: str) -> None:
    head, _, tail = azurite.connection_string.partition("AccountKey=")
    wrong = f"{head}AccountKey=AAAA{tail[4:]}"
    with pytest.raises(Unreadable) as trouble:
        StorageQueue(StorageAccount(wrong), name).ping()
    assert trouble.value.code == "queue_forbidden"


def test_an_account_by_name_needs_an_identity() -> None:
    StorageQueue(StorageAccount(name=ACCOUNT, credential=Bearer()), "promotions")
    with pytest.raises(ValueError, match="connection string, or a name and a credential"):
        StorageQueue(StorageAccount(name=ACCOUNT), "promotions")
