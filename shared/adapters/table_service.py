"""Tables: made when first missed, read again where a connection broke, written once, and their errors told apart."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from azure.core import MatchConditions
from azure.core.exceptions import (
    AzureError,
    HttpResponseError,
    ResourceExistsError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.data.tables import TableClient, TableServiceClient, UpdateMode

from shared.adapters.azure_errors import port_error
from shared.adapters.table_limits import batches, check_entity, check_transaction
from shared.domain.errors import Unreadable

T = TypeVar("T")
Entity = Mapping[str, Any]
Operation = tuple[str, Entity] | tuple[str, Entity, Mapping[str, Any]]

BY_PARTITION = "PartitionKey eq @pk"

# An answer that breaks off in the middle of a batch leaves azure-core as an error of its transport, an OSError.
_BROKEN = (ServiceRequestError, ServiceResponseError, OSError)


class Unsettled(Unreadable):
    """A write that did not simply go through."""


class RowExists(Unsettled):
    """409: somebody inserted the row first; or we did, and did not hear of it."""


class RowChanged(Unsettled):
    """412: the row is not as it was read; or our own write of it was not heard of."""


class RowMissing(Unsettled):
    """404: there is no row to change."""


class AnswerLost(Unsettled):
    """The write may have happened or not: read before deciding."""


class Tables:
    """The tables of one storage account, safe between threads.

    Args:
        service: its client; see `StorageAccount.tables`.
        prefix: begins every table's name, so that tests do not meet.
    """

    def __init__(self, service: TableServiceClient, prefix: str = "") -> None:
        self._service = service
        self._prefix = prefix

    def table(self, name: str) -> "Table":
        """One table by its name in the design."""
        return Table(self._service, self._prefix + name)


class Table:
    """One table. Every method raises `Unreadable` where the service cannot be asked now."""

    def __init__(self, service: TableServiceClient, name: str) -> None:
        self._service = service
        self._client: TableClient = service.get_table_client(name)
        self._name = name

    def get(self, partition: str, row: str) -> dict[str, Any] | None:
        """One row; None where there is none."""
        try:
            return self.repeatable(lambda client: client.get_entity(partition, row))
        except RowMissing:
            return None

    def query(
        self, query_filter: str, parameters: Mapping[str, Any], select: Sequence[str] | None = None
    ) -> Iterator[dict[str, Any]]:
        """All rows that fit, page by page. The filter is a constant with `@parameters`, never put together."""
        token: str | None = None
        while True:
            rows, token = self.page(query_filter, parameters, 1000, token, select)
            yield from rows
            if token is None:
                return

    def page(
        self,
        query_filter: str,
        parameters: Mapping[str, Any],
        size: int,
        token: Any = None,
        select: Sequence[str] | None = None,
    ) -> tuple[list[dict[str, Any]], Any]:
        """One page of the server's, and the token of the next one; a page may be short or empty and yet not the last."""

        def one(client: TableClient) -> tuple[list[dict[str, Any]], Any]:
            found = client.query_entities(
                query_filter,
                parameters=dict(parameters),
                results_per_page=size,
                select=list(select) if select else None,
            )
            pages = found.by_page(continuation_token=token)
            rows: list[dict[str, Any]] = list(next(pages, iter(())))
            return rows, getattr(pages, "continuation_token", None)

        return self.repeatable(one)

    def repeatable(self, call: Callable[[TableClient], T]) -> T:
        """Run a call that may run twice, a second time where the connection broke."""
        with _told_apart(self._name, writing=False):
            try:
                return self._made(call)
            except _BROKEN:
                return self._made(call)

    def write(self, call: Callable[[TableClient], T]) -> T:
        """Run one writing call once.

        Raises:
            RowExists, RowChanged, RowMissing, AnswerLost: see there.
        """
        with _told_apart(self._name, writing=True):
            return self._made(call)

    def insert(self, entity: Entity) -> str:
        """Insert one row; returns its ETag."""
        check_entity(entity)
        return str(self.write(lambda client: client.create_entity(dict(entity)))["etag"])

    def upsert(self, entity: Entity, mode: Any) -> str:
        """Insert or change one row, whatever stands there; returns its ETag. A repeat changes nothing, so it may be."""
        check_entity(entity)
        return str(self.repeatable(lambda client: client.upsert_entity(dict(entity), mode=mode))["etag"])

    def replace(self, entity: Entity, etag: str) -> str:
        """Replace one row that is still as it was read; returns its new ETag. Raises what `write` does."""
        check_entity(entity)
        condition: Any = {"etag": etag, "match_condition": MatchConditions.IfNotModified}
        changed = self.write(lambda client: client.update_entity(dict(entity), mode=UpdateMode.REPLACE, **condition))
        return str(changed["etag"])

    def transact(self, operations: Sequence[Operation]) -> list[str]:
        """Run operations on one partition once, all or none; returns the rows' ETags. Raises what `write` does."""
        check_transaction(operations)
        done = self.write(lambda client: client.submit_transaction(list(operations)))
        return [str(row.get("etag", "")) for row in done]

    def upsert_all(self, entities: Sequence[Entity]) -> None:
        """Insert or replace rows of one partition, in as few transactions as their number and size allow."""
        if len(entities) == 1:  # a transaction of one costs the client 2.5 times what the row alone does
            self.upsert(entities[0], UpdateMode.REPLACE)
            return
        for batch in batches([("upsert", entity, {"mode": UpdateMode.REPLACE}) for entity in entities]):
            self._submit(batch)

    def _submit(self, batch: list[Any]) -> None:
        self.repeatable(lambda client: client.submit_transaction(batch))

    def _made(self, call: Callable[[TableClient], T]) -> T:
        """Make the table where the service says that there is none."""
        try:
            return _called(call, self._client)
        except HttpResponseError as error:
            if not _table_is_missing(error):
                raise
        try:
            self._service.create_table(self._client.table_name)
        except ResourceExistsError as error:
            if "TableAlreadyExists" not in _error_code(error):
                raise
        return _called(call, self._client)


def _called(call: Callable[[TableClient], T], client: TableClient) -> T:
    """azure-data-tables looks for headers on an answer that broke off, and stumbles: raise what had happened before."""
    try:
        return call(client)
    except AttributeError as stumbled:
        if isinstance(stumbled.__context__, AzureError):
            raise stumbled.__context__ from None
        raise


@contextmanager
def _told_apart(table: str, *, writing: bool) -> Iterator[None]:
    try:
        yield
    except (AzureError, OSError) as error:
        raise _kind(error, writing=writing)(*_said(table, error, writing=writing)) from None


def _kind(error: Exception, *, writing: bool) -> type[Unreadable]:
    status = error.status_code if isinstance(error, HttpResponseError) else None
    by_status = {404: RowMissing, 409: RowExists, 412: RowChanged}
    if status in by_status:
        return by_status[status]
    lost = status in (408, None) or status >= 500 or status < 300  # a success that could not be read to its end
    return AnswerLost if writing and lost else Unreadable


def _said(table: str, error: Exception, *, writing: bool) -> tuple[str, str, float | None]:
    doing = f"Writing to the table {table}" if writing else f"Reading the table {table}"
    told = port_error("storage", doing, error)
    return told.code, str(told), told.retry_after


def _table_is_missing(error: HttpResponseError) -> bool:
    return error.status_code == 404 and "TableNotFound" in _error_code(error)


def _error_code(error: HttpResponseError) -> str:
    """`create_entity` leaves `error_code` unset on a duplicate, so the header counts too."""
    headers = getattr(error.response, "headers", None) or {}
    code = getattr(error, "error_code", "")
    return f"{getattr(code, 'value', code)} {headers.get('x-ms-error-code', '')}"
