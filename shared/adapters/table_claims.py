"""Claims on `registry:name:version` in the table `history`: the insert has one winner (R7)."""

from collections.abc import Mapping
from typing import Any

from azure.core import MatchConditions
from azure.data.tables import UpdateMode

from shared.adapters.table_service import AnswerLost, RowChanged, RowExists, RowMissing, Tables
from shared.domain.errors import Unreadable
from shared.domain.ids import Incarnation, PromotionId, Target
from shared.domain.instants import instant_text, parse_instant
from shared.ports import Claim

_TRIES = 5


class TableClaims:
    """The port `Claims`: partition `claim:<registry>:<name>`, row key the version. `take` is one round trip if new."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.table("history")

    def take(self, target: Target, claim: Claim) -> Claim:
        """Insert, or replace our own of an earlier round or incarnation; returns the claim that holds now."""
        for _ in range(_TRIES):
            try:
                self._table.insert(claim_entity(target, claim))
            except (RowExists, AnswerLost):
                standing = self._table.get(*_keys(target))
                if standing is None:
                    continue
                if not supersedes(claim, holds := claim_of(standing)):
                    return holds
                if not self._replaced(standing, claim_entity(target, claim)):
                    continue
            return claim
        raise _busy(target)

    def release(self, target: Target, promotion: PromotionId, round: int) -> None:
        """Delete under ETag, only if the row names this promotion and round; otherwise nothing."""
        for _ in range(_TRIES):
            standing = self._table.get(*_keys(target))
            if standing is None or not _names(claim_of(standing), promotion, round):
                return
            if self._deleted(standing):
                return
        raise _busy(target)

    def read(self, target: Target) -> Claim | None:
        """The claim that holds, if any."""
        standing = self._table.get(*_keys(target))
        return claim_of(standing) if standing else None

    def _replaced(self, standing: Any, entity: dict[str, Any]) -> bool:
        condition: Any = {"etag": standing.metadata["etag"], "match_condition": MatchConditions.IfNotModified}
        try:
            self._table.write(lambda table: table.update_entity(entity, mode=UpdateMode.REPLACE, **condition))
        except (RowChanged, RowMissing, AnswerLost):
            return False
        return True

    def _deleted(self, standing: Any) -> bool:
        condition: Any = {"etag": standing.metadata["etag"], "match_condition": MatchConditions.IfNotModified}
        try:
            self._table.write(lambda table: table.delete_entity(standing, **condition))
        except (RowChanged, AnswerLost):
            return False
        return True


def supersedes(claim: Claim, holds: Claim) -> bool:
    """Whether a claim may replace the one that holds: ours, of an earlier incarnation or round."""
    if claim.promotion != holds.promotion:
        return False
    if claim.incarnation != holds.incarnation:
        return claim.incarnation.created_at >= holds.incarnation.created_at
    return claim.round > holds.round


def claim_entity(target: Target, claim: Claim) -> dict[str, Any]:
    """The row of a claim."""
    partition, row = _keys(target)
    return {
        "PartitionKey": partition,
        "RowKey": row,
        "promotion": str(claim.promotion),
        "asset_id": claim.incarnation.asset_id,
        "created_at": instant_text(claim.incarnation.created_at),
        "round": claim.round,
    }


def claim_of(entity: Mapping[str, Any]) -> Claim:
    """Read the row of a claim."""
    incarnation = Incarnation(str(entity["asset_id"]), parse_instant(str(entity["created_at"])))
    return Claim(PromotionId.parse(str(entity["promotion"])), incarnation, int(entity["round"]))


def _keys(target: Target) -> tuple[str, str]:
    return f"claim:{target.registry}:{target.name}", target.version


def _names(holds: Claim, promotion: PromotionId, number: int) -> bool:
    return (holds.promotion, holds.round) == (promotion, number)


def _busy(target: Target) -> Unreadable:
    return Unreadable("storage_busy", f"The claim on {target} changes all the time; it is tried again.", 1)
