"""Who holds `registry:name:version`: the first, until it is given back by whoever holds it (R7)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from shared.domain.ids import Incarnation, PromotionId, Target
from shared.ports import Claim
from tests.contract.stores import AT, CHURN, FRAUD, Stores

TARGET = Target("contoso-shared", "fraud", "7")
OURS = Claim(FRAUD, Incarnation("asset", AT), 2)
THEIRS = Claim(CHURN, Incarnation("asset", AT), 1)


def test_the_first_holds_it(stores: Stores) -> None:
    assert stores.claims.read(TARGET) is None
    assert stores.claims.take(TARGET, OURS) == OURS
    assert stores.claims.take(TARGET, THEIRS) == OURS
    assert stores.claims.read(TARGET) == OURS


@pytest.mark.parametrize(
    "theirs",
    [replace(THEIRS, round=9), replace(THEIRS, incarnation=Incarnation("asset", AT + timedelta(days=1)))],
    ids=["higher round", "later incarnation"],
)
def test_another_promotion_replaces_nothing_whatever_its_round(stores: Stores, theirs: Claim) -> None:
    stores.claims.take(TARGET, OURS)
    assert stores.claims.take(TARGET, theirs) == OURS
    assert stores.claims.read(TARGET) == OURS


def test_taking_it_twice_is_taking_it_once(stores: Stores) -> None:
    stores.claims.take(TARGET, OURS)
    assert stores.claims.take(TARGET, OURS) == OURS


@pytest.mark.parametrize(
    "earlier",
    [replace(OURS, round=1), replace(OURS, incarnation=Incarnation("asset", AT - timedelta(days=1)), round=9)],
    ids=["earlier round", "earlier incarnation"],
)
def test_ours_of_earlier_is_replaced(stores: Stores, earlier: Claim) -> None:
    stores.claims.take(TARGET, earlier)
    assert stores.claims.take(TARGET, OURS) == OURS
    assert stores.claims.read(TARGET) == OURS


@pytest.mark.parametrize(
    "later",
    [replace(OURS, round=3), replace(OURS, incarnation=Incarnation("asset", AT + timedelta(days=1)), round=1)],
    ids=["later round", "later incarnation"],
)
def test_ours_of_later_stays(stores: Stores, later: Claim) -> None:
    stores.claims.take(TARGET, later)
    assert stores.claims.take(TARGET, OURS) == later


def test_targets_do_not_meet(stores: Stores) -> None:
    stores.claims.take(TARGET, OURS)
    other = Target("contoso-eu", "fraud", "7")
    assert stores.claims.take(other, THEIRS) == THEIRS


def test_only_the_round_that_holds_it_gives_it_back(stores: Stores) -> None:
    stores.claims.take(TARGET, OURS)
    stores.claims.release(TARGET, FRAUD, 1)
    stores.claims.release(TARGET, CHURN, 2)
    assert stores.claims.read(TARGET) == OURS
    stores.claims.release(TARGET, FRAUD, 2)
    assert stores.claims.read(TARGET) is None
    stores.claims.release(TARGET, FRAUD, 2)


def test_of_eight_at_once_one_holds_it_and_all_are_told_who(stores: Stores) -> None:
    barrier = Barrier(8)

    def take(number: int) -> Claim:
        barrier.wait()
        return stores.claims.take(TARGET, replace(OURS, promotion=PromotionId("risk-dev", "fraud", str(number))))

    with ThreadPoolExecutor(8) as pool:
        told = set(pool.map(take, range(8)))
    assert told == {stores.claims.read(TARGET)}
