"""A claim that somebody changes between our read and our write is neither written over nor taken away (R7).

Tables alone: in memory nobody comes between.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from local.azurite import RunningAzurite
from shared.domain.ids import Incarnation, Target
from shared.ports import Claim
from tests.contract.faults import InterruptedTransport
from tests.contract.stores import AT, CHURN, FRAUD, Stores, on_storage, unique_prefix

TARGET = Target("contoso-shared", "fraud", "7")
OURS = Claim(FRAUD, Incarnation("asset", AT), 2)
NEWER = replace(OURS, round=3)
THEIRS = Claim(CHURN, Incarnation("asset", AT), 1)


@dataclass(frozen=True)
class Two:
    """Two workers at one table; somebody may come between the requests of the first."""

    network: InterruptedTransport
    slow: Stores
    quick: Stores


@pytest.fixture
def two(azurite: RunningAzurite) -> Two:
    network, prefix = InterruptedTransport(), unique_prefix()
    slow = on_storage(azurite.connection_string, prefix, network)
    return Two(network, slow, on_storage(azurite.connection_string, prefix))


def newer_round(stores: Stores) -> None:
    stores.claims.take(TARGET, NEWER)


def another_promotion(stores: Stores) -> None:
    stores.claims.release(TARGET, FRAUD, 1)
    stores.claims.release(TARGET, FRAUD, 2)
    stores.claims.take(TARGET, THEIRS)


MEANWHILE = pytest.mark.parametrize(("act", "holds"), [(newer_round, NEWER), (another_promotion, THEIRS)])


@MEANWHILE
def test_a_claim_that_changed_since_it_was_read_is_not_replaced(
    two: Two, act: Callable[[Stores], None], holds: Claim
) -> None:
    two.quick.claims.take(TARGET, replace(OURS, round=1))
    two.network.before("PUT", lambda: act(two.quick))

    assert two.slow.claims.take(TARGET, OURS) == holds
    assert two.quick.claims.read(TARGET) == holds


@MEANWHILE
def test_a_claim_that_changed_since_it_was_read_is_not_given_back(
    two: Two, act: Callable[[Stores], None], holds: Claim
) -> None:
    two.quick.claims.take(TARGET, OURS)
    two.network.before("DELETE", lambda: act(two.quick))

    two.slow.claims.release(TARGET, FRAUD, 2)

    assert two.quick.claims.read(TARGET) == holds


def test_a_claim_that_is_gone_since_it_was_read_is_taken_as_a_free_one(two: Two) -> None:
    two.quick.claims.take(TARGET, replace(OURS, round=1))
    two.network.before("PUT", lambda: two.quick.claims.release(TARGET, FRAUD, 1))

    assert two.slow.claims.take(TARGET, OURS) == OURS
    assert two.quick.claims.read(TARGET) == OURS


def test_a_claim_that_is_gone_since_it_was_read_is_given_back(two: Two) -> None:
    two.quick.claims.take(TARGET, OURS)
    two.network.before("DELETE", lambda: two.quick.claims.release(TARGET, FRAUD, 2))

    two.slow.claims.release(TARGET, FRAUD, 2)

    assert two.quick.claims.read(TARGET) is None
