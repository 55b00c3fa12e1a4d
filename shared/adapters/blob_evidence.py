"""Large evidence and checkpoints in Blob Storage: named by content, or written once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from azure.core.exceptions import (
    AzureError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.storage.blob import BlobServiceClient, ContainerClient

from shared.adapters.azure_errors import port_error
from shared.adapters.evidence_names import bad_content, checked_digest, checked_name, gone, written_already
from shared.domain.canonical import sha256_hex

T = TypeVar("T")


class _Container:
    """A container that is made when first missed."""

    def __init__(self, service: BlobServiceClient, name: str) -> None:
        self._name = name
        self._client = service.get_container_client(name)

    def ask(self, call: Callable[[ContainerClient], T]) -> T:
        """Run a call, once more where the connection broke: what we write is written once under its own name.

        Raises:
            Unreadable: the service cannot be asked now.
            ResourceExistsError, ResourceNotFoundError: for its caller to understand.
        """
        with self._translated():
            try:
                return self._made(call)
            except (ServiceRequestError, ServiceResponseError, OSError):
                return self._made(call)

    def _made(self, call: Callable[[ContainerClient], T]) -> T:
        try:
            return call(self._client)
        except ResourceNotFoundError as error:
            if _code(error) != "ContainerNotFound":
                raise
        with suppress(ResourceExistsError):
            self._client.create_container()
        return call(self._client)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (ResourceExistsError, ResourceNotFoundError):
            raise
        except (AzureError, OSError) as error:  # azure-core leaves some broken connections as they are
            raise port_error("storage", f"Using the container {self._name}", error) from None


class BlobEvidence:
    """The port `EvidenceStore`: container `evidence`, each blob under the SHA-256 of its content."""

    def __init__(self, service: BlobServiceClient, container: str = "evidence") -> None:
        self._container = _Container(service, container)

    def put(self, content: bytes) -> str:
        """Keep content; returns its digest. One round trip."""
        digest = sha256_hex(content)
        try:
            self._container.ask(lambda client: client.upload_blob(digest, content, overwrite=False))
        except ResourceExistsError:
            return digest
        return digest

    def get(self, digest: str) -> bytes:
        """Read content and check it against its digest. One round trip up to 32 MiB."""
        content = _read(self._container, checked_digest(digest))
        if content is None:
            raise gone(digest)
        if sha256_hex(content) != digest:
            raise bad_content(digest)
        return content


class BlobCheckpoints:
    """The port `Checkpoints`: container `checkpoints`, which a time-based retention policy may guard."""

    def __init__(self, service: BlobServiceClient, container: str = "checkpoints") -> None:
        self._container = _Container(service, container)

    def write(self, name: str, document: bytes) -> None:
        """Keep one; a name is written once, the same document under it again changes nothing."""
        checked_name(name)
        try:
            self._container.ask(lambda client: client.upload_blob(name, document, overwrite=False))
        except ResourceExistsError:
            if _read(self._container, name) != document:
                raise written_already(name) from None

    def newest(self) -> str | None:
        """The name of the newest; one round trip for each 5,000 of them."""
        return max(self._container.ask(lambda client: list(client.list_blob_names())), default=None)

    def latest(self) -> bytes | None:
        """The newest itself."""
        name = self.newest()
        return _read(self._container, name) if name else None

    def ping(self) -> None:
        """Ask whether the container answers; one round trip."""
        self._container.ask(lambda client: client.get_container_properties())


def _read(container: _Container, name: str) -> bytes | None:
    def download(client: ContainerClient) -> Any:
        return client.download_blob(name).readall()

    try:
        content: bytes = container.ask(download)
    except ResourceNotFoundError:
        return None
    return content


def _code(error: HttpResponseError) -> str:
    code = getattr(error, "error_code", "")
    return str(getattr(code, "value", code))
