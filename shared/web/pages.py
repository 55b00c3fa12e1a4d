"""The pages that people read: inbox, promotion, history, model. They change nothing."""

from pathlib import Path
from typing import Annotated, Literal, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ValidationError

from shared.domain.events import Recorded
from shared.domain.ids import PromotionId, checked
from shared.domain.instants import instant_text
from shared.domain.visible import quoted
from shared.web.access import SignedIn
from shared.web.bodies import faults_of
from shared.web.lists import (
    EVENT_TYPES,
    STATUSES,
    PromotionQuery,
    TimelineQuery,
    list_promotions,
    list_timeline,
)
from shared.web.problems import Refusal
from shared.web.promotion_document import promotion_document
from shared.web.rendering import page
from shared.web.site import AtSite
from shared.workflow.read_promotion import read_promotion
from shared.workflow.timeline import describe

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_STATIC = {"clearance.css": "text/css; charset=utf-8", "clearance.svg": "image/svg+xml"}

Q = TypeVar("Q", bound=BaseModel)


class InboxQuery(PromotionQuery):
    """What the inbox shows: what is open, unless a status or everything is asked for."""

    show: Literal["open", "all"] = "open"

    def narrowed(self) -> PromotionQuery:
        """The query for the read model."""
        asked = self.model_dump(exclude={"show"})
        only_open = self.show == "open" and self.status is None and self.open is None
        return PromotionQuery.model_validate({**asked, "open": "true"} if only_open else asked)


def _read(request: Request, query: type[Q]) -> Q:
    """A form sends its empty fields too: they ask for nothing."""
    try:
        return query.model_validate_strings({name: text for name, text in request.query_params.items() if text})
    except ValidationError as error:
        raise Refusal("invalid_query", " ".join(faults_of(error))) from error


def _inbox_query(request: Request) -> InboxQuery:
    return _read(request, InboxQuery)


def _timeline_query(request: Request) -> TimelineQuery:
    return _read(request, TimelineQuery)


def _model_query(request: Request) -> PromotionQuery:
    return _read(request, PromotionQuery)


@router.get("/")
def inbox(
    request: Request, query: Annotated[InboxQuery, Depends(_inbox_query)], visitor: SignedIn, site: AtSite
) -> HTMLResponse:
    """What somebody has to act on, newest registration first."""
    listed = list_promotions(site, visitor, query.narrowed())
    return page(
        "inbox.html",
        site,
        visitor.principal,
        listed=listed,
        query=query,
        statuses=STATUSES,
        workspaces=visitor.workspaces,
        links=_links(request, listed.cursor),
    )


@router.get("/promotions/{workspace}/{name}/{version}")
def promotion(workspace: str, name: str, version: str, visitor: SignedIn, site: AtSite) -> HTMLResponse:
    """One promotion, whole."""
    asked = PromotionId(workspace, name, version)
    visitor.refuse_unseen(asked)
    view = read_promotion(site.outside, asked)
    document = promotion_document(view, site.outside.base_url, site.outside.clock.now())
    rows = [_row(row) for row in reversed(view.rows)]
    return page("promotion.html", site, visitor.principal, it=document, rows=rows)


@router.get("/history")
def history(
    request: Request, query: Annotated[TimelineQuery, Depends(_timeline_query)], visitor: SignedIn, site: AtSite
) -> HTMLResponse:
    """What happened, newest first."""
    listed = list_timeline(site, visitor, query)
    links = _links(request, listed.cursor)
    return page("history.html", site, visitor.principal, listed=listed, query=query, types=EVENT_TYPES, links=links)


@router.get("/models/{name}")
def model(
    request: Request,
    name: str,
    query: Annotated[PromotionQuery, Depends(_model_query)],
    visitor: SignedIn,
    site: AtSite,
) -> HTMLResponse:
    """Every version of one model that was ever looked at."""
    asked = query.model_copy(update={"model": checked("name", name)})
    listed = list_promotions(site, visitor, asked)
    links = _links(request, listed.cursor)
    return page("model.html", site, visitor.principal, listed=listed, name=name, links=links)


@router.get("/static/{file}")
def static(file: str) -> Response:
    """The stylesheet and the icon."""
    if file not in _STATIC:
        raise Refusal("no_such_route", f"There is no static file {quoted(file)}.")
    content = (Path(__file__).parent / "static" / file).read_bytes()
    return Response(content, media_type=_STATIC[file], headers={"Cache-Control": "no-cache"})


def _links(request: Request, cursor: str | None) -> dict[str, str | None]:
    """To the first page, when this is another, and to the next one."""
    asked = {name: text for name, text in request.query_params.items() if text}
    first = {name: text for name, text in asked.items() if name != "cursor"}
    return {
        "first": f"?{urlencode(first)}" if "cursor" in asked else None,
        "next": f"?{urlencode({**first, 'cursor': cursor})}" if cursor else None,
    }


def _row(row: Recorded) -> dict[str, str]:
    return {
        "sequence": str(row.sequence),
        "at": instant_text(row.at),
        "type": type(row.event).__name__,
        "actor": row.actor,
        "said": describe(row.event),
        "hash": row.hash,
    }
