"""A write whose answer was lost may have happened: nobody is told otherwise, and nothing happens twice.

Tables alone: in memory no answer is lost by itself.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from local.azurite import RunningAzurite
from shared.domain.errors import HistoryClash, Unreadable
from shared.domain.ids import Incarnation, Target
from shared.domain.looks import Looks
from shared.ports import Claim, Replay
from tests.contract.faults import ForgetfulTransport
from tests.contract.stores import AT, FRAUD, Stores, blocked, grown, on_storage, unique_prefix

TARGET = Target("contoso-shared", "fraud", "7")
CLAIM = Claim(FRAUD, Incarnation("asset", AT), 2)


@pytest.fixture
def network() -> ForgetfulTransport:
    return ForgetfulTransport()


@pytest.fixture
def stores(azurite: RunningAzurite, network: ForgetfulTransport) -> Stores:
    """Warmed up, so that no table is made while an answer is to be lost."""
    stores = on_storage(azurite.connection_string, unique_prefix(), network)
    stores.worklist.touch(replace(FRAUD, version="0"), AT)
    stores.replay_ids.begin("warm", "up", "d" * 64, AT)
    grown(stores, replace(FRAUD, version="0"), 1)
    stores.quarantine.put("warm", "up", b"", AT)
    return stores


def test_a_lost_append_is_found_by_its_operation(stores: Stores, network: ForgetfulTransport) -> None:
    loaded = grown(stores, FRAUD, 1)
    network.lose("POST")
    with pytest.raises(HistoryClash, match="answer was lost"):
        stores.histories.append(loaded, [blocked(2)], AT, {})
    won = stores.histories.load(FRAUD).through("op-2")
    assert won is not None
    assert won[-1].sequence == 2


def test_an_append_is_sent_once(stores: Stores, network: ForgetfulTransport) -> None:
    """A repeat by the SDK would be told 409 or 412 and take its own row for somebody else's."""
    loaded = grown(stores, FRAUD, 1)
    network.lose("POST", times=1)
    with pytest.raises(HistoryClash):
        stores.histories.append(loaded, [blocked(2)], AT, {})
    assert stores.histories.load(FRAUD).sequence == 2


def test_a_lost_relay_is_read_again(stores: Stores, network: ForgetfulTransport) -> None:
    loaded = grown(stores, FRAUD, 1)
    network.lose("POST")
    with pytest.raises(HistoryClash):
        stores.histories.save_relay(loaded, {"tables": 1})
    assert stores.histories.load(FRAUD).relay == {"tables": 1}


def test_a_read_whose_answer_is_lost_is_repeated_once(stores: Stores, network: ForgetfulTransport) -> None:
    history = grown(stores, FRAUD, 1)
    network.lose("GET")
    assert stores.histories.load(FRAUD) == history
    network.lose("GET", times=2)
    with pytest.raises(Unreadable):
        stores.histories.load(FRAUD)


def test_a_lost_claim_is_held_all_the_same(stores: Stores, network: ForgetfulTransport) -> None:
    network.lose("POST")
    assert stores.claims.take(TARGET, CLAIM) == CLAIM
    network.lose("PUT")
    later = replace(CLAIM, round=3)
    assert stores.claims.take(TARGET, later) == later
    network.lose("DELETE")
    stores.claims.release(TARGET, FRAUD, 3)
    assert stores.claims.read(TARGET) is None


def test_a_lost_save_leaves_the_looks_and_a_due_time(stores: Stores, network: ForgetfulTransport) -> None:
    etag = stores.worklist.touch(FRAUD, AT)
    network.lose("PATCH")
    stores.worklist.save(FRAUD, Looks(looked=AT), AT + timedelta(hours=1), etag)
    work = stores.worklist.get(FRAUD)
    assert work is not None
    assert work.looks == Looks(looked=AT)
    assert work.due in {AT, AT + timedelta(hours=1)}


def test_a_lost_touch_is_repeated(stores: Stores, network: ForgetfulTransport) -> None:
    network.lose("PATCH")
    etag = stores.worklist.touch(FRAUD, AT)
    work = stores.worklist.get(FRAUD)
    assert work is not None
    assert work.etag == etag


def test_a_lost_removal_is_a_removal(stores: Stores, network: ForgetfulTransport) -> None:
    stores.worklist.touch(FRAUD, AT)
    work = stores.worklist.get(FRAUD)
    assert work is not None
    network.lose("DELETE")
    assert stores.worklist.remove(work)


def test_a_lost_webhook_id_is_run_again(stores: Stores, network: ForgetfulTransport) -> None:
    network.lose("POST")
    assert stores.replay_ids.begin("teams", "msg_1", "d" * 64, AT) == Replay("d" * 64, None)


def test_a_message_of_the_quarantine_is_kept_though_answers_are_lost(
    stores: Stores, network: ForgetfulTransport
) -> None:
    network.lose("POST", times=2)
    known = stores.quarantine.put("push", "why", b"x", AT)
    message = stores.quarantine.get(known)
    assert message is not None
    assert message.body == b"x"


def test_a_lost_bookmark_stands(stores: Stores, network: ForgetfulTransport) -> None:
    network.lose("POST")
    assert stores.bookmarks.put_first("governed_from", {"at": "1"}) == {"at": "1"}


def test_lost_evidence_is_kept(stores: Stores, network: ForgetfulTransport) -> None:
    stores.evidence.put(b"warm")
    network.lose("PUT")
    assert stores.evidence.get(stores.evidence.put(b"content")) == b"content"
