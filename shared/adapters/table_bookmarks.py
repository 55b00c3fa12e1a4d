"""Bookmarks in Table Storage: small named documents that runs of timers leave for the next run."""

from collections.abc import Mapping
from typing import Any

from azure.data.tables import UpdateMode

from shared.adapters.table_service import AnswerLost, RowExists, Tables
from shared.adapters.table_text import cut_json, joined_json
from shared.domain.errors import Unreadable
from shared.ports import JSON

_PARTITION = "bookmark"


class TableBookmarks:
    """The port `Bookmarks`: partition `bookmark` of the table `worklist`, row key the name.

    What was put first stays, so it is asked for once in the life of a process.
    """

    def __init__(self, tables: Tables) -> None:
        self._table = tables.table("worklist")
        self._first: dict[str, Mapping[str, JSON]] = {}

    def get(self, name: str) -> Mapping[str, JSON] | None:
        """Read one."""
        entity = self._table.get(_PARTITION, name)
        return _document(entity) if entity else None

    def put(self, name: str, document: Mapping[str, JSON]) -> None:
        """Write one; the last writer wins."""
        self._first.pop(name, None)
        self._table.upsert(_entity(name, document), UpdateMode.REPLACE)

    def put_first(self, name: str, document: Mapping[str, JSON]) -> Mapping[str, JSON]:
        """Insert one, or return the one that stands there already."""
        if name not in self._first:
            self._first[name] = self._inserted(name, document)
        return self._first[name]

    def remove(self, name: str) -> None:
        """Take one away; the client lets one that is gone already be."""
        self._first.pop(name, None)
        self._table.repeatable(lambda table: table.delete_entity(_PARTITION, name))

    def _inserted(self, name: str, document: Mapping[str, JSON]) -> Mapping[str, JSON]:
        try:
            self._table.insert(_entity(name, document))
        except (RowExists, AnswerLost) as lost:
            standing = self.get(name)
            if standing is None:
                raise Unreadable(lost.code, str(lost), lost.retry_after) from lost
            return standing
        return document


def _entity(name: str, document: Mapping[str, JSON]) -> dict[str, Any]:
    return {"PartitionKey": _PARTITION, "RowKey": name, **cut_json("document", dict(document))}


def _document(entity: Mapping[str, Any]) -> Mapping[str, JSON]:
    document: Mapping[str, JSON] = joined_json("document", entity, {})
    return document
