"""Writing a history back to real tables: byte for byte, after half of it was written, and with answers that are lost."""

from typing import Any

import pytest

from local.azurite import RunningAzurite
from shared.adapters.history_entities import event_entity
from shared.adapters.storage_account import StorageAccount
from shared.adapters.table_service import BY_PARTITION, AnswerLost, Table, Tables
from shared.domain.errors import HistoryClash
from shared.domain.ids import Incarnation, Target
from shared.ports import Claim, RawHistory
from tests.contract.faults import ForgetfulTransport
from tests.contract.stores import AT, CHURN, FRAUD, Stores, blocked, grown, on_storage, unique_prefix
from tests.contract.test_restore import POSITIONS, SNAPSHOT, exported

ODD = "'quoted' 100 % \"𝄞\" \\ \x00 \u202e "


@pytest.fixture
def network() -> ForgetfulTransport:
    return ForgetfulTransport()


@pytest.fixture
def prefix() -> str:
    return unique_prefix()


@pytest.fixture
def stores(azurite: RunningAzurite, prefix: str, network: ForgetfulTransport) -> Stores:
    """Warmed up, so that no table is made while an answer is to be lost."""
    stores = on_storage(azurite.connection_string, prefix, network)
    assert stores.histories.occupant() is None
    return stores


@pytest.fixture
def table(azurite: RunningAzurite, prefix: str) -> Table:
    """The table `history` itself, past the port."""
    return Tables(StorageAccount(azurite.connection_string).tables(), prefix).table("history")


def rows_of(table: Table) -> list[dict[str, Any]]:
    return [dict(entity) for entity in table.query(BY_PARTITION, {"pk": FRAUD.partition})]


@pytest.mark.parametrize("text", ["auc", ODD * 900, "x" * 60_000], ids=["small", "in pieces", "large"])
def test_every_row_is_the_one_that_the_app_had_written(
    azurite: RunningAzurite, stores: Stores, table: Table, text: str
) -> None:
    told = unique_prefix()
    before = on_storage(azurite.connection_string, told)
    loaded = before.histories.append(before.histories.load(FRAUD), [blocked(1, text), blocked(2)], AT, SNAPSHOT)
    before.histories.save_relay(loaded, POSITIONS)
    raw = before.raw(FRAUD)
    whole = tuple(before.histories.with_body(row) for row in raw.rows)  # type: ignore[union-attr] # tables have it
    stores.histories.restore(RawHistory(whole, raw.head), SNAPSHOT, POSITIONS)

    written = Tables(StorageAccount(azurite.connection_string).tables(), told).table("history")
    assert rows_of(table) == rows_of(written)
    assert len(rows_of(table)) == 4


def test_half_of_it_is_made_whole(stores: Stores, table: Table) -> None:
    raw = exported(count=5)
    for row in (raw.rows[0], raw.rows[3]):
        table.insert(event_entity(row))
    stores.histories.restore(raw, SNAPSHOT, POSITIONS)

    assert stores.raw(FRAUD) == raw
    assert stores.histories.load(FRAUD).relay == POSITIONS


def test_a_row_of_somebody_elses_in_the_middle_is_found_and_left(stores: Stores, table: Table) -> None:
    raw = exported(count=150)
    theirs = {**event_entity(raw.rows[120]), "actor": "somebody.else"}
    table.insert(theirs)
    with pytest.raises(HistoryClash, match="Row e0000000121 of promotion:risk-dev:fraud:7"):
        stores.histories.restore(raw, SNAPSHOT, POSITIONS)

    assert [row for row in rows_of(table) if row["RowKey"] == "e0000000121"] == [theirs]
    assert table.get(FRAUD.partition, "head") is None


def test_a_row_beyond_the_export_is_found(stores: Stores, table: Table) -> None:
    raw = exported(count=5)
    table.insert(event_entity(raw.rows[0]))
    table.insert(event_entity(raw.rows[4]))
    with pytest.raises(HistoryClash, match="Row e0000000005"):
        stores.histories.restore(exported(count=3), SNAPSHOT, POSITIONS)


def test_an_answer_that_was_lost_is_no_clash(stores: Stores, network: ForgetfulTransport) -> None:
    raw = exported(count=230)
    network.lose("POST", times=2)
    stores.histories.restore(raw, SNAPSHOT, POSITIONS)

    assert stores.raw(FRAUD) == raw


def test_answers_that_are_lost_again_and_again_are_trouble_and_the_next_time_goes_on(
    stores: Stores, network: ForgetfulTransport
) -> None:
    raw = exported(count=500)
    network.lose("POST", times=4)
    with pytest.raises(AnswerLost):
        stores.histories.restore(raw, SNAPSHOT, POSITIONS)
    stores.histories.restore(raw, SNAPSHOT, POSITIONS)

    assert stores.raw(FRAUD) == raw


def test_a_claim_alone_makes_a_store_that_is_not_empty(stores: Stores) -> None:
    stores.claims.take(Target("contoso-shared", "fraud", "7"), Claim(CHURN, Incarnation("a", AT), 1))

    assert stores.histories.occupant() == "claim:contoso-shared:fraud"


def test_histories_of_others_do_not_matter_to_one(stores: Stores) -> None:
    grown(stores, CHURN, 1)
    stores.histories.restore(exported(), SNAPSHOT, POSITIONS)

    assert stores.histories.load(CHURN).sequence == 1
