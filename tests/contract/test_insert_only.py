"""What stands in the table is neither written over nor believed unread: each guard of an append by itself (R4).

Tables alone: a row that only somebody else could have left is put there by hand.
"""

import pytest

from local.azurite import RunningAzurite
from shared.adapters.history_entities import event_entity, event_key
from shared.adapters.history_rows import new_rows
from shared.adapters.storage_account import StorageAccount
from shared.adapters.table_service import Table, Tables
from shared.domain.errors import DocumentInvalid, HistoryClash
from tests.contract.stores import AT, FRAUD, Stores, blocked, grown, on_storage, unique_prefix


@pytest.fixture
def prefix() -> str:
    return unique_prefix()


@pytest.fixture
def stores(azurite: RunningAzurite, prefix: str) -> Stores:
    return on_storage(azurite.connection_string, prefix)


@pytest.fixture
def table(azurite: RunningAzurite, prefix: str) -> Table:
    """The table `history` itself, past the port."""
    return Tables(StorageAccount(azurite.connection_string).tables(), prefix).table("history")


def test_a_row_that_stands_is_never_written_over(stores: Stores, table: Table) -> None:
    """The head is as it was read, so If-Match lets the transaction through: the row alone stops it."""
    history = grown(stores, FRAUD, 1)
    (theirs,) = new_rows(history, [blocked(7, "theirs")], AT)
    table.insert(event_entity(theirs))

    with pytest.raises(HistoryClash):
        stores.histories.append(history, [blocked(2, "ours")], AT, {})

    row = table.get(FRAUD.partition, event_key(2))
    assert row is not None
    assert (row["operation"], row["hash"]) == ("op-7", theirs.hash)


def test_a_history_that_was_tampered_with_is_not_folded(stores: Stores, table: Table) -> None:
    grown(stores, FRAUD, 3)
    row = table.get(FRAUD.partition, event_key(2))
    assert row is not None
    table.write(lambda client: client.delete_entity(row))

    with pytest.raises(DocumentInvalid, match="Row 2 is not there"):
        stores.histories.load(FRAUD)
