"""Whom the app is when it speaks to Azure."""

from azure.core.credentials import TokenCredential


def credential(*, managed: bool, client_id: str | None = None) -> TokenCredential:
    """The credential for all clients; azure-identity is imported here, on first use, and caches its tokens.

    Args:
        managed: whether the platform offers a managed identity (App Service sets `IDENTITY_ENDPOINT`). It is then the
            only one tried, so that a broken one says so instead of falling through a chain of others.
        client_id: of the user-assigned identity; None for the system-assigned one.
    """
    if managed:
        from azure.identity import ManagedIdentityCredential

        return ManagedIdentityCredential(client_id=client_id)
    from azure.identity import DefaultAzureCredential

    return DefaultAzureCredential(managed_identity_client_id=client_id, exclude_interactive_browser_credential=True)
