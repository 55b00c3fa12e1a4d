"""What the stores cost, in round trips: the time a person waits is made of them."""

import pytest

from local.azurite import RunningAzurite
from shared.adapters.round_trips import RoundTrips
from shared.domain.ids import Incarnation, Target
from shared.domain.looks import Looks
from shared.ports import Claim
from tests.contract.stores import AT, FRAUD, Stores, blocked, grown, on_storage, unique_prefix

TARGET = Target("contoso-shared", "fraud", "7")


@pytest.fixture
def trips() -> RoundTrips:
    return RoundTrips()


@pytest.fixture
def stores(azurite: RunningAzurite, trips: RoundTrips) -> Stores:
    """Warmed up: making a table costs once what it costs."""
    stores = on_storage(azurite.connection_string, unique_prefix(), round_trips=trips)
    grown(stores, FRAUD, 2)
    stores.worklist.touch(FRAUD, AT)
    stores.replay_ids.begin("warm", "up", "d" * 64, AT)
    trips.reset()
    return stores


def test_a_history_is_loaded_in_one(stores: Stores, trips: RoundTrips) -> None:
    stores.histories.save_relay(stores.histories.load(FRAUD), {"tables": 1})
    trips.reset()
    stores.histories.load(FRAUD)
    assert trips.by_service == {"tables": 1}


def test_any_number_of_events_is_appended_in_one(stores: Stores, trips: RoundTrips) -> None:
    loaded = stores.histories.load(FRAUD)
    trips.reset()
    stores.histories.append(loaded, [blocked(number) for number in range(20)], AT, {})
    assert trips.total == 1


def test_a_large_event_costs_one_more(stores: Stores, trips: RoundTrips) -> None:
    loaded = stores.histories.load(FRAUD)
    stores.evidence.put(b"warm")
    trips.reset()
    stores.histories.append(loaded, [blocked(3, "x" * 60_000)], AT, {})
    assert trips.by_service == {"blobs": 1, "tables": 1}
    trips.reset()
    stores.histories.load(FRAUD)
    assert trips.by_service == {"blobs": 1, "tables": 1}


def test_the_worklist_costs_one_each(stores: Stores, trips: RoundTrips) -> None:
    etag = stores.worklist.touch(FRAUD, AT)
    stores.worklist.save(FRAUD, Looks(), AT, etag)
    stores.worklist.due(AT, 10)
    assert trips.total == 3


def test_a_claim_costs_one_when_it_is_new(stores: Stores, trips: RoundTrips) -> None:
    stores.claims.take(TARGET, Claim(FRAUD, Incarnation("asset", AT), 1))
    assert trips.total == 1


def test_a_webhook_id_costs_one_when_it_is_new(stores: Stores, trips: RoundTrips) -> None:
    stores.replay_ids.begin("teams", "msg_1", "d" * 64, AT)
    assert trips.total == 1


def test_making_the_first_table_costs_two_more(azurite: RunningAzurite) -> None:
    trips = RoundTrips()
    on_storage(azurite.connection_string, unique_prefix(), round_trips=trips).worklist.touch(FRAUD, AT)
    assert trips.total == 3
