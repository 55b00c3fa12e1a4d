"""Who waits for which run, in the table `worklist`: one row a run, so that a run nobody waits for costs one point read."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from azure.core import MatchConditions
from azure.data.tables import UpdateMode

from shared.adapters.table_service import AnswerLost, RowChanged, RowExists, RowMissing, Tables
from shared.domain.errors import Unreadable
from shared.domain.ids import PromotionId
from shared.ports import MOST_WAITING

_TRIES = 5
Waiting = tuple[str, ...]


class TableAwaitedRuns:
    """The port `AwaitedRuns`: partition `run:<workspace>`, row key the SHA-256 of the run's id, which is anybody's text."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.table("worklist")

    def waiting(self, workspace: str, run: str) -> tuple[PromotionId, ...]:
        """Who waits for a run."""
        entity = self._table.get(*_keys(workspace, run))
        return tuple(map(PromotionId.parse, _waiting(entity)))

    def add(self, workspace: str, run: str, promotion: PromotionId) -> None:
        """Have the end of a run wake a promotion."""
        self._change(workspace, run, lambda stands: (*stands, str(promotion))[:MOST_WAITING], str(promotion))

    def remove(self, workspace: str, run: str, promotion: PromotionId) -> None:
        """Have it wake that one no more."""
        self._change(workspace, run, lambda stands: tuple(each for each in stands if each != str(promotion)))

    def _change(
        self, workspace: str, run: str, change: Callable[[Waiting], Waiting], unless: str | None = None
    ) -> None:
        """Read, change, and write under ETag; nothing is written where nothing changes."""
        for _ in range(_TRIES):
            entity = self._table.get(*_keys(workspace, run))
            stands = _waiting(entity)
            wanted = stands if unless in stands else change(stands)
            if wanted == stands or self._written(entity, _entity(workspace, run, wanted), wanted):
                return
        raise Unreadable("storage_busy", f"Who waits for run {run!r} changes all the time; it is tried again.", 1)

    def _written(self, stood: Any, row: dict[str, Any], wanted: Waiting) -> bool:
        try:
            if stood is None:
                self._table.insert(row)
                return True
            condition: Any = {"etag": stood.metadata["etag"], "match_condition": MatchConditions.IfNotModified}
            if wanted:
                self._table.write(lambda table: table.update_entity(row, mode=UpdateMode.REPLACE, **condition))
            else:
                self._table.write(lambda table: table.delete_entity(stood, **condition))
        except (RowExists, RowChanged, RowMissing, AnswerLost):
            return False
        return True


def _keys(workspace: str, run: str) -> tuple[str, str]:
    return f"run:{workspace}", sha256(run.encode("utf-8", "surrogatepass")).hexdigest()


def _entity(workspace: str, run: str, waiting: Waiting) -> dict[str, Any]:
    partition, row = _keys(workspace, run)
    return {"PartitionKey": partition, "RowKey": row, "waiting": " ".join(waiting)}


def _waiting(entity: Any) -> Waiting:
    return tuple(str(entity["waiting"]).split()) if entity else ()
