"""The fault proxy itself: what each fault does to a call, and what the app's own adapters make of it."""

import contextlib
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from local.azurite import ACCOUNT, RunningAzurite
from local.faults.calls import INSTEAD, Call, Counting, Fault
from local.faults.proxy import StorageProxy
from shared.domain.errors import HistoryClash, Unreadable
from shared.ports import History
from tests.contract.stores import AT, FRAUD, Stores, blocked, on_storage, unique_prefix


class Once(Counting):
    """Strikes the next call alone."""

    def __init__(self) -> None:
        super().__init__()
        self.next: Fault | None = None
        self.happened: list[Fault] = []
        self.carried_out = 0

    def arrived(self, call: Call) -> Fault | None:
        super().arrived(call)
        fault, self.next = self.next, None
        return fault

    def struck(self, call: Call, fault: Fault) -> None:
        self.happened.append(fault)

    def answered(self, call: Call) -> None:
        self.carried_out += 1


@pytest.fixture(scope="module")
def azurite() -> Iterator[RunningAzurite]:
    with RunningAzurite() as running:
        yield running


@pytest.fixture
def watch() -> Once:
    return Once()


@pytest.fixture
def behind(azurite: RunningAzurite, watch: Once) -> Iterator[Stores]:
    """Stores behind the proxy, their tables made."""
    with StorageProxy(azurite.ports) as proxy:
        stores = on_storage(proxy.ports.connection_string, unique_prefix())
        stores.histories.append(stores.histories.load(FRAUD), [blocked(1)], AT, {})
        stores.worklist.touch(FRAUD, AT)
        proxy.watches[ACCOUNT] = watch
        yield stores


@pytest.mark.parametrize("fault", sorted(INSTEAD, key=str))
def test_a_call_that_is_refused_or_dropped_is_not_carried_out(behind: Stores, watch: Once, fault: Fault) -> None:
    loaded = behind.histories.load(FRAUD)
    watch.next = fault

    with pytest.raises((HistoryClash, Unreadable)):
        behind.histories.append(loaded, [blocked(2)], AT, {})

    assert behind.histories.load(FRAUD).sequence == 1


@pytest.mark.parametrize("fault", [Fault.DROP_ANSWER, Fault.RESET_ANSWER, Fault.TRUNCATE, Fault.OWN_WRITE])
def test_an_append_whose_reply_is_lost_or_a_lie_was_carried_out(behind: Stores, watch: Once, fault: Fault) -> None:
    loaded = behind.histories.load(FRAUD)
    watch.next = fault

    with pytest.raises(HistoryClash):
        behind.histories.append(loaded, [blocked(2)], AT, {})

    assert behind.histories.load(FRAUD).through("op-2") is not None


def test_an_append_that_comes_late_is_no_longer_believed_once_another_stands(behind: Stores, watch: Once) -> None:
    loaded = behind.histories.load(FRAUD)
    watch.next = Fault.LATE

    with pytest.raises((HistoryClash, Unreadable)):
        behind.histories.append(loaded, [blocked(2)], AT, {})
    assert behind.histories.load(FRAUD).sequence == 1
    behind.histories.append(behind.histories.load(FRAUD), [blocked(3)], AT, {})
    while watch.carried_out < len(watch.calls):
        time.sleep(0.05)

    assert [row.operation for row in behind.histories.load(FRAUD).rows] == ["op-1", "op-3"]


def test_a_first_append_that_is_told_it_was_second_is_found_by_its_operation(behind: Stores, watch: Once) -> None:
    other = type(FRAUD)("risk-dev", "fraud", "8")
    watch.next = Fault.OWN_WRITE

    with pytest.raises(HistoryClash):
        behind.histories.append(History(other), [blocked(1)], AT, {})

    assert behind.histories.load(other).through("op-1") is not None


def test_a_due_time_that_is_told_it_came_too_late_stands_all_the_same(behind: Stores, watch: Once) -> None:
    work = behind.worklist.get(FRAUD)
    assert work is not None
    watch.next = Fault.OWN_WRITE

    behind.worklist.save(FRAUD, work.looks, AT + timedelta(hours=1), work.etag)

    changed = behind.worklist.get(FRAUD)
    assert changed is not None
    assert changed.due == AT + timedelta(hours=1)


@pytest.mark.parametrize("fault", sorted(Fault, key=str))
def test_what_has_happened_to_a_call_is_told(behind: Stores, watch: Once, fault: Fault) -> None:
    watch.next = fault
    with contextlib.suppress(Unreadable):
        behind.histories.load(FRAUD)
    assert watch.happened == ([] if fault is Fault.OWN_WRITE else [fault])  # nobody is told so of a read


def test_a_write_that_was_refused_to_its_own_writer_is_told(behind: Stores, watch: Once) -> None:
    loaded = behind.histories.load(FRAUD)
    watch.next = Fault.OWN_WRITE
    with pytest.raises(HistoryClash):
        behind.histories.append(loaded, [blocked(2)], AT, {})
    assert watch.happened == [Fault.OWN_WRITE]


def test_a_delayed_call_is_carried_out(behind: Stores, watch: Once) -> None:
    watch.next = Fault.DELAY
    assert behind.histories.load(FRAUD).sequence == 1


@pytest.mark.parametrize("fault", [Fault.DROP, Fault.RESET, Fault.DROP_ANSWER, Fault.RESET_ANSWER])
def test_a_read_whose_connection_broke_is_made_once_more(behind: Stores, watch: Once, fault: Fault) -> None:
    watch.next = fault
    assert behind.histories.load(FRAUD).sequence == 1
    assert [call.method for call in watch.calls] == ["GET", "GET"]


def test_a_service_that_asks_for_patience_says_how_long(behind: Stores, watch: Once) -> None:
    watch.next = Fault.THROTTLED_UNTIL
    with pytest.raises(Unreadable) as told:
        behind.histories.load(FRAUD)
    assert told.value.retry_after == 1
