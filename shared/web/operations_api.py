"""For operators: what could not be understood, and whether everything answers."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from shared.domain.errors import ClearanceError
from shared.domain.instants import instant_text
from shared.ports import Quarantined
from shared.web.access import Role, SignedIn, identify
from shared.web.bodies import ReplayBody, body_schema, json_body
from shared.web.lists import PageQuery, refuse_bad_cursor
from shared.web.problems import responses
from shared.web.promotions_api import LIST_CODES
from shared.web.schemas import Health, PortItem, QuarantinedItem, QuarantinePage, ReplayAnswer, ReplayItem
from shared.web.site import AtSite, Site
from shared.workflow.check_health import PortHealth, check_health
from shared.workflow.replay_quarantined import replay_quarantined

router = APIRouter(tags=["operations"])

REPLAY_CODES = (
    "not_authenticated",
    "no_role",
    "cross_site",
    "unknown_person",
    "unsupported_media_type",
    "invalid_body",
    "unknown_quarantined",
    "still_invalid",
    "not_correctable",
    "unreadable",
)
_STRANGERS_HEALTH = timedelta(seconds=10)


@router.get("/api/quarantine", responses=responses(LIST_CODES), summary="Messages that could not be understood")
def quarantine(query: Annotated[PageQuery, Query()], site: AtSite) -> QuarantinePage:
    """One page, newest first, with reason and body."""
    page = refuse_bad_cursor(lambda: site.outside.quarantine.page(query.limit, query.cursor))
    return QuarantinePage(items=[_quarantined(message) for message in page.items], cursor=page.cursor)


@router.post(
    "/api/quarantine/{id}/replay",
    responses=responses(REPLAY_CODES),
    openapi_extra=dict(body_schema(ReplayBody)),
    summary="Take a message in again",
)
def replay(
    id: str, body: Annotated[ReplayBody, Depends(json_body(ReplayBody))], visitor: SignedIn, site: AtSite
) -> ReplayAnswer:
    """Replay a message as it came, or as the operator corrected it; the original stays."""
    corrected = None if body.body is None else body.body.encode()
    outcome = replay_quarantined(site.outside, id, by=visitor.known().id, body=corrected)
    return ReplayAnswer(id=outcome.id, digest=outcome.digest, promotions=list(outcome.promotions))


@router.get(
    "/api/health",
    responses={503: {"model": Health, "description": "Some port does not answer"}},
    summary="Whether every port answers",
)
def health(request: Request, response: Response, site: AtSite) -> Health:
    """Ping every port. Operators are told why one fails, and at once; others see an answer up to 10 s old."""
    operator = _is_operator(request, site)
    ports = _checked(site) if operator else _recent(request, site)
    ok = all(port.ok for port in ports)
    response.status_code = 200 if ok else 503
    items = [_port(port, explained=operator) for port in ports]
    return Health(status="ok" if ok else "faulty", version=site.outside.version, ports=items)


def _checked(site: Site) -> tuple[PortHealth, ...]:
    return check_health(site.outside, promotes=site.settings.promotes)


def _recent(request: Request, site: Site) -> tuple[PortHealth, ...]:
    """Strangers cannot make us ask Azure more often than this."""
    now = site.outside.clock.now()
    known: tuple[datetime, tuple[PortHealth, ...]] | None = getattr(request.app.state, "health", None)
    if known is None or not timedelta(0) <= now - known[0] < _STRANGERS_HEALTH:
        known = (now, _checked(site))
        request.app.state.health = known
    return known[1]


def _is_operator(request: Request, site: Site) -> bool:
    """Whether a token that holds says so; here a missing or bad one, or an issuer out of reach, is no fault."""
    try:
        return Role.OPERATOR in identify(request, site).roles
    except ClearanceError:
        return False


def _port(port: PortHealth, *, explained: bool) -> PortItem:
    shown = port.explanation if explained or port.ok else "does not answer; operators are told why"
    return PortItem(name=port.name, ok=port.ok, explanation=shown, milliseconds=port.milliseconds)


def _quarantined(message: Quarantined) -> QuarantinedItem:
    return QuarantinedItem(
        id=message.id,
        source=message.source,
        reason=message.reason,
        body=message.body.decode("utf-8", "backslashreplace"),
        count=message.count,
        first_at=instant_text(message.first_at),
        last_at=instant_text(message.last_at),
        replays=[ReplayItem(at=instant_text(at), by=by, digest=digest) for at, by, digest in message.replays],
    )
