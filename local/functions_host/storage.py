"""Storage clients from the `connection` of a binding: a connection string, or a prefix for an identity.

Settings: learn.microsoft.com/azure/azure-functions/functions-reference, "Configure an identity-based connection".
"""

from collections.abc import Mapping
from typing import Any

from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueServiceClient

from local.functions_host.functions import AppRefused

DEFAULT_CONNECTION = "AzureWebJobsStorage"


def queue_service(connection: str, settings: Mapping[str, str]) -> QueueServiceClient:
    """The queue service that a binding's `connection` names.

    Raises:
        AppRefused: no setting says where it is.
    """
    text = connection_string(connection, settings)
    if text is not None:
        return QueueServiceClient.from_connection_string(text)
    return QueueServiceClient(_endpoint(connection, settings, "queue"), credential=_credential(connection, settings))


def blob_service(connection: str, settings: Mapping[str, str]) -> BlobServiceClient:
    """The blob service likewise.

    Raises:
        AppRefused: no setting says where it is.
    """
    text = connection_string(connection, settings)
    if text is not None:
        return BlobServiceClient.from_connection_string(text)
    return BlobServiceClient(_endpoint(connection, settings, "blob"), credential=_credential(connection, settings))


def connection_string(connection: str, settings: Mapping[str, str]) -> str | None:
    """The connection string, if the connection is one; `AzureWebJobs<name>` is looked up before `<name>`."""
    return settings.get(f"AzureWebJobs{connection}") or settings.get(connection or DEFAULT_CONNECTION) or None


def _endpoint(connection: str, settings: Mapping[str, str], service: str) -> str:
    prefix = connection or DEFAULT_CONNECTION
    account = settings.get(f"{prefix}__accountName")
    for name in (f"{prefix}__{service}ServiceUri", f"{prefix}__serviceUri"):
        if settings.get(name):
            return settings[name]
    if account:
        return f"https://{account}.{service}.core.windows.net"
    raise AppRefused(
        [
            f"the connection {prefix} is not set: set {prefix}, or {prefix}__accountName, or {prefix}__{service}ServiceUri"
        ]
    )


def _credential(connection: str, settings: Mapping[str, str]) -> Any:
    from azure.identity import DefaultAzureCredential, ManagedIdentityCredential

    prefix = connection or DEFAULT_CONNECTION
    client_id = settings.get(f"{prefix}__clientId")
    if settings.get(f"{prefix}__credential", "").lower() == "managedidentity":
        return ManagedIdentityCredential(client_id=client_id)
    return DefaultAzureCredential(managed_identity_client_id=client_id)
