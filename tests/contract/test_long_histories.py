"""A history longer than a page of the server's is one history all the same, even while it grows. Tables alone."""

import pytest

from local.azurite import RunningAzurite
from shared.adapters.round_trips import RoundTrips
from shared.ports import History
from tests.contract.faults import InterruptedTransport
from tests.contract.stores import AT, FRAUD, Stores, blocked, on_storage, unique_prefix

PAGE = 1000


def grown_to(stores: Stores, length: int) -> History:
    history = stores.histories.load(FRAUD)
    while history.sequence < length:
        following = range(history.sequence + 1, min(history.sequence + 99, length) + 1)
        history = stores.histories.append(history, [blocked(number) for number in following], AT, {})
    return history


@pytest.fixture(scope="module")
def prefix(azurite: RunningAzurite) -> str:
    """A history whose rows fill one page exactly, so that its head stands on the next."""
    prefix = unique_prefix()
    grown_to(on_storage(azurite.connection_string, prefix), PAGE)
    return prefix


def test_it_is_read_page_by_page(azurite: RunningAzurite, prefix: str) -> None:
    trips = RoundTrips()
    history = on_storage(azurite.connection_string, prefix, round_trips=trips).histories.load(FRAUD)
    assert history.sequence >= PAGE
    assert trips.total == 2


def test_one_that_grows_between_two_pages_is_read_again(azurite: RunningAzurite, prefix: str) -> None:
    network = InterruptedTransport()
    reader = on_storage(azurite.connection_string, prefix, network)
    writer = on_storage(azurite.connection_string, prefix)
    before = writer.histories.load(FRAUD)
    network.between("GET", lambda: writer.histories.append(before, [blocked(1)], AT, {}))
    assert reader.histories.load(FRAUD).sequence == before.sequence + 1
