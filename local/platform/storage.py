"""Tables, queues and containers, made at the start as infra/ makes them: the app would make most of them when it needs them."""

from shared.bootstrap import CONTAINERS, QUEUES, TABLES


def make_storage(connection_string: str) -> None:
    """Make what is not there yet."""
    from azure.data.tables import TableServiceClient
    from azure.storage.blob import BlobServiceClient
    from azure.storage.queue import QueueServiceClient

    with TableServiceClient.from_connection_string(connection_string) as tables:
        for name in TABLES:
            tables.create_table_if_not_exists(name)
    with QueueServiceClient.from_connection_string(connection_string) as queues:
        there = {each.name for each in queues.list_queues()}
        for name in [each for each in QUEUES if each not in there]:
            queues.create_queue(name)
    with BlobServiceClient.from_connection_string(connection_string) as blobs:
        there = {each.name for each in blobs.list_containers()}
        for name in [each for each in CONTAINERS if each not in there]:
            blobs.create_container(name)
