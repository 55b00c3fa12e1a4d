"""Who waits for which run: an index that may be written twice, and costs one point read to ask."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from local.azurite import RunningAzurite
from shared.adapters.round_trips import RoundTrips
from shared.domain.ids import PromotionId
from shared.ports import MOST_WAITING
from tests.contract.stores import CHURN, FRAUD, Stores, on_storage, unique_prefix


def test_who_waits_is_found_by_workspace_and_run(stores: Stores) -> None:
    runs = stores.awaited_runs
    assert runs.waiting("risk-dev", "r") == ()
    runs.add("risk-dev", "r", FRAUD)
    runs.add("risk-dev", "r", CHURN)
    runs.add("risk-dev", "r", FRAUD)
    assert set(runs.waiting("risk-dev", "r")) == {FRAUD, CHURN}
    assert runs.waiting("risk-lab", "r") == runs.waiting("risk-dev", "R") == ()


def test_who_waits_no_more_is_gone_and_the_others_stay(stores: Stores) -> None:
    runs = stores.awaited_runs
    runs.add("risk-dev", "r", FRAUD)
    runs.add("risk-dev", "r", CHURN)
    for _ in range(2):
        runs.remove("risk-dev", "r", FRAUD)
        assert runs.waiting("risk-dev", "r") == (CHURN,)
    runs.remove("risk-dev", "r", CHURN)
    runs.remove("risk-dev", "r", CHURN)
    assert runs.waiting("risk-dev", "r") == ()
    runs.add("risk-dev", "r", FRAUD)
    assert runs.waiting("risk-dev", "r") == (FRAUD,)


@pytest.mark.parametrize("run", ["a/b\\c#?%\x00\n", "\u202e" * 400, "x" * 5000, "\ud800", ""])
def test_a_runs_id_may_be_any_text(stores: Stores, run: str) -> None:
    stores.awaited_runs.add("risk-dev", run, FRAUD)
    assert stores.awaited_runs.waiting("risk-dev", run) == (FRAUD,)


def test_a_crowd_is_cut_and_never_refused(stores: Stores) -> None:
    crowd = [PromotionId("risk-dev", "m" * 255, f"{number:0128}") for number in range(MOST_WAITING + 2)]
    for each in crowd:
        stores.awaited_runs.add("risk-dev", "r", each)
    assert stores.awaited_runs.waiting("risk-dev", "r") == tuple(crowd[:MOST_WAITING])


def test_two_at_once_are_both_noted(stores: Stores) -> None:
    both, started = (FRAUD, CHURN), Barrier(2)

    def add(promotion: PromotionId) -> None:
        started.wait()
        stores.awaited_runs.add("risk-dev", "r", promotion)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(add, both))
    assert set(stores.awaited_runs.waiting("risk-dev", "r")) == set(both)


def test_asking_costs_one_read_and_noting_twice_none_more(azurite: RunningAzurite) -> None:
    trips = RoundTrips()
    stores = on_storage(azurite.connection_string, unique_prefix(), round_trips=trips)
    stores.awaited_runs.add("risk-dev", "r", FRAUD)
    trips.reset()
    stores.awaited_runs.waiting("risk-dev", "nobody")
    assert trips.by_service == {"tables": 1}
    stores.awaited_runs.add("risk-dev", "r", FRAUD)
    stores.awaited_runs.remove("risk-dev", "r", CHURN)
    assert trips.by_service == {"tables": 3}
