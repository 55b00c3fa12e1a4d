"""Reading promotions and what happened, for tools."""

from typing import Annotated

from fastapi import APIRouter, Query

from shared.domain.events import Recorded
from shared.domain.ids import PromotionId
from shared.domain.instants import instant_text
from shared.web.access import SignedIn
from shared.web.lists import PromotionQuery, TimelineQuery, list_promotions, list_timeline
from shared.web.plain import plain
from shared.web.problems import responses
from shared.web.promotion_document import explanation_document, promotion_document
from shared.web.promotion_schemas import ExplanationDocument, HistoryDocument, HistoryRow, PromotionDocument
from shared.web.schemas import PromotionPage, TimelinePage
from shared.web.site import AtSite
from shared.workflow.read_promotion import read_promotion

router = APIRouter(tags=["promotions"])

READ_CODES = ("not_authenticated", "no_role", "unreadable")
LIST_CODES = (*READ_CODES, "invalid_query", "invalid_cursor")
ONE_CODES = (*READ_CODES, "invalid_id", "unknown_promotion")


@router.get("/api/promotions", responses=responses(LIST_CODES), summary="List promotions, newest registration first")
def promotions(query: Annotated[PromotionQuery, Query()], visitor: SignedIn, site: AtSite) -> PromotionPage:
    """One page of the promotions in the workspaces that the caller may see."""
    return list_promotions(site, visitor, query)


@router.get("/api/promotions/{workspace}/{name}/{version}", responses=responses(ONE_CODES), summary="One promotion")
def promotion(workspace: str, name: str, version: str, visitor: SignedIn, site: AtSite) -> PromotionDocument:
    """The promotion whole: state, gates, champion, answers, targets, what changed."""
    asked = PromotionId(workspace, name, version)
    visitor.refuse_unseen(asked)
    return promotion_document(read_promotion(site.outside, asked), site.outside.base_url, site.outside.clock.now())


@router.get("/api/promotions/{workspace}/{name}/{version}/history", responses=responses(ONE_CODES), summary="Its rows")
def promotion_history(workspace: str, name: str, version: str, visitor: SignedIn, site: AtSite) -> HistoryDocument:
    """The rows of the promotion's history with the chain of hashes, from the first."""
    asked = PromotionId(workspace, name, version)
    visitor.refuse_unseen(asked)
    rows = read_promotion(site.outside, asked).rows
    return HistoryDocument(promotion=str(asked), items=[_row(row) for row in rows])


@router.get(
    "/api/promotions/{workspace}/{name}/{version}/explanation",
    responses=responses((*ONE_CODES, "invalid_query", "unknown_round")),
    summary="One evaluation in sentences",
)
def explanation(
    workspace: str,
    name: str,
    version: str,
    visitor: SignedIn,
    site: AtSite,
    round: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="The latest, unless said")] = None,
) -> ExplanationDocument:
    """The evaluation of a round: each rule, actual, expected, where the value came from, and what mends it."""
    asked = PromotionId(workspace, name, version)
    visitor.refuse_unseen(asked)
    return explanation_document(read_promotion(site.outside, asked).evaluation(round))


@router.get("/api/history", responses=responses(LIST_CODES), summary="What happened, newest first")
def timeline(query: Annotated[TimelineQuery, Query()], visitor: SignedIn, site: AtSite) -> TimelinePage:
    """One page of what happened in the workspaces that the caller may see."""
    return list_timeline(site, visitor, query)


def _row(row: Recorded) -> HistoryRow:
    return HistoryRow(
        sequence=row.sequence,
        at=instant_text(row.at),
        type=type(row.event).__name__,
        actor=row.actor,
        operation=row.operation,
        data=plain(row.event),
        previous=row.previous,
        hash=row.hash,
    )
