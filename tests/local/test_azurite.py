"""Azurite starts and stops, again and again, and keeps on disk what it acknowledged."""

from pathlib import Path

import pytest
from azure.core.exceptions import ServiceRequestError
from azure.data.tables import TableServiceClient
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueServiceClient

from local.azurite import AzuritePorts, RunningAzurite


def test_all_three_services_answer_the_real_clients(azurite: RunningAzurite) -> None:
    with BlobServiceClient.from_connection_string(azurite.connection_string) as blobs:
        blobs.create_container("startup").close()
    with QueueServiceClient.from_connection_string(azurite.connection_string) as queues:
        queues.create_queue("startup").close()
    with TableServiceClient.from_connection_string(azurite.connection_string) as tables:
        assert tables.create_table("startup").table_name == "startup"


def test_a_graceful_stop_loses_nothing_and_the_same_ports_serve_again(tmp_path: Path) -> None:
    azurite = RunningAzurite(tmp_path / "storage", log_folder=tmp_path)
    with azurite, TableServiceClient.from_connection_string(azurite.connection_string) as tables:
        tables.create_table("kept").create_entity({"PartitionKey": "p", "RowKey": "r"})
    with azurite, TableServiceClient.from_connection_string(azurite.connection_string) as tables:
        assert tables.get_table_client("kept").get_entity("p", "r")["RowKey"] == "r"
    with (
        TableServiceClient.from_connection_string(azurite.connection_string, retry_total=0) as tables,
        pytest.raises(ServiceRequestError),
    ):
        next(iter(tables.list_tables()))


def test_two_copies_run_side_by_side(azurite: RunningAzurite) -> None:
    with RunningAzurite() as other:
        assert {other.ports.blob, other.ports.queue, other.ports.table}.isdisjoint(
            {azurite.ports.blob, azurite.ports.queue, azurite.ports.table}
        )


def test_the_connection_string_names_every_port() -> None:
    text = AzuritePorts(1, 2, 3).connection_string
    assert "BlobEndpoint=http://127.0.0.1:1/devstoreaccount1;" in text
    assert "QueueEndpoint=http://127.0.0.1:2/devstoreaccount1;" in text
    assert "TableEndpoint=http://127.0.0.1:3/devstoreaccount1;" in text
