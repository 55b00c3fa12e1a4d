"""Pages of the read models: what may be asked, and what is answered."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from shared.domain.errors import DocumentInvalid, InvalidId
from shared.domain.events import Event
from shared.domain.ids import checked, pattern_of
from shared.domain.instants import instant_text
from shared.domain.states import STATUS
from shared.ports import Page, PromotionFilter, Summary, TimelineEntry, TimelineFilter
from shared.web.access import Visitor
from shared.web.problems import Refusal
from shared.web.schemas import PromotionPage, SummaryItem, TimelineItem, TimelinePage
from shared.web.site import Site

STATUSES: tuple[str, ...] = (*sorted(set(STATUS.values()) - {"unseen"}), "retired")
EVENT_TYPES: tuple[str, ...] = tuple(sorted(kind.__name__ for kind in Event.__args__))

_NO_CONTROLS = re.compile("^[^\\x00-\\x1f\\x7f-\\x9f]*$")

T = TypeVar("T")


def _named(part: str) -> Callable[[str], str]:
    def fits(text: str) -> str:
        try:
            return checked(part, text)
        except InvalidId as error:
            raise ValueError(str(error)) from error

    return fits


def _one_of(words: tuple[str, ...]) -> Callable[[str], str]:
    def is_one(text: str) -> str:
        if text not in words:
            raise ValueError(f"expected one of {', '.join(words)}")
        return text

    return is_one


def instant(text: str) -> datetime:
    """Read a day (its first instant, UTC) or an RFC 3339 instant with its zone.

    Raises:
        ValueError: with both forms.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is not None and len(text) == len("2026-11-23"):
        return found.replace(tzinfo=UTC)
    if found is None or found.tzinfo is None:
        raise ValueError("expected a day such as 2026-11-23, or an instant such as 2026-11-23T06:14:00Z")
    try:
        return found.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("expected an instant between the years 1 and 9999, in UTC too") from error


def _instant_or_fault(text: str) -> str:
    instant(text)
    return text


def _without_controls(text: str) -> str:
    if not _NO_CONTROLS.fullmatch(text):
        raise ValueError("expected text without control characters, on one line")
    return text


def _said(**schema: Any) -> WithJsonSchema:
    """What OpenAPI says of a text that is checked here."""
    return WithJsonSchema({"type": "string", **schema})


Model = Annotated[str, AfterValidator(_named("name")), _said(pattern=f"^{pattern_of('name')}$")]
Workspace = Annotated[str, AfterValidator(_named("workspace")), _said(pattern=f"^{pattern_of('workspace')}$")]
Cursor = Annotated[str, Field(max_length=4096)]
Instant = Annotated[
    str,
    Field(max_length=40),
    AfterValidator(_instant_or_fault),
    _said(oneOf=[{"format": "date"}, {"format": "date-time"}]),
]
Actor = Annotated[
    str,
    Field(max_length=256),
    AfterValidator(_without_controls),
    _said(maxLength=256, pattern=_NO_CONTROLS.pattern),
]
Status = Annotated[str, AfterValidator(_one_of(STATUSES)), _said(enum=STATUSES)]
EventType = Annotated[str, AfterValidator(_one_of(EVENT_TYPES)), _said(enum=EVENT_TYPES)]
Limit = Annotated[int, Field(ge=1, le=200)]


class PageQuery(BaseModel):
    """Which page."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: Limit = 50
    cursor: Cursor | None = None


class PromotionQuery(PageQuery):
    """Which promotions."""

    status: Status | None = None
    model: Model | None = None
    workspace: Workspace | None = None
    open: Literal["true", "false"] | None = None


class TimelineQuery(PageQuery):
    """Which events: `from` included, `to` not."""

    since: Annotated[Instant | None, Field(alias="from")] = None
    until: Annotated[Instant | None, Field(alias="to")] = None
    model: Model | None = None
    actor: Actor | None = None
    type: EventType | None = None


def list_promotions(site: Site, visitor: Visitor, query: PromotionQuery) -> PromotionPage:
    """One page of the promotions that the visitor may see, newest registration first."""
    seen = tuple(alias for alias in visitor.workspaces if query.workspace in (None, alias))
    is_open = None if query.open is None else query.open == "true"
    wanted = PromotionFilter(seen, query.status, query.model, query.workspace, is_open)
    models = site.outside.read_models
    page = _page(lambda: models.promotions(wanted, query.limit, query.cursor), seen)
    return PromotionPage(items=[_summary(s) for s in page.items], cursor=page.cursor, scanned_until=_until(page))


def list_timeline(site: Site, visitor: Visitor, query: TimelineQuery) -> TimelinePage:
    """One page of what happened in the workspaces that the visitor may see, newest first."""
    wanted = TimelineFilter(
        workspaces=visitor.workspaces,
        since=instant(query.since) if query.since else None,
        until=instant(query.until) if query.until else None,
        model=query.model,
        actor=query.actor,
        type=query.type,
    )
    models = site.outside.read_models
    page = _page(lambda: models.timeline(wanted, query.limit, query.cursor), visitor.workspaces)
    return TimelinePage(items=[_entry(e) for e in page.items], cursor=page.cursor, scanned_until=_until(page))


def refuse_bad_cursor(read: Callable[[], Page[T]]) -> Page[T]:
    """Read a page.

    Raises:
        Refusal: `invalid_cursor`.
    """
    try:
        return read()
    except DocumentInvalid as error:
        if error.what != "The cursor":
            raise
        raise Refusal("invalid_cursor", " ".join(error.faults)) from error


def _page(read: Callable[[], Page[T]], workspaces: tuple[str, ...]) -> Page[T]:
    return refuse_bad_cursor(read) if workspaces else Page(())


def _until(page: Page[T]) -> str | None:
    return instant_text(page.scanned_until) if page.scanned_until else None


def _summary(summary: Summary) -> SummaryItem:
    return SummaryItem(
        promotion=str(summary.promotion),
        workspace=summary.promotion.workspace,
        name=summary.promotion.name,
        version=summary.promotion.version,
        status=summary.status,
        open=summary.open,
        explanation=summary.explanation,
        policy=summary.policy,
        round=summary.round,
        evaluation=summary.digest,
        approvals=summary.approvals,
        required=summary.required,
        targets=dict(summary.targets),
        first_at=instant_text(summary.first_at),
        changed_at=instant_text(summary.changed_at),
        expires_at=instant_text(summary.expires_at) if summary.expires_at else None,
    )


def _entry(entry: TimelineEntry) -> TimelineItem:
    return TimelineItem(
        id=entry.id,
        history=entry.history,
        workspace=entry.workspace,
        name=entry.model,
        version=entry.version,
        sequence=entry.sequence,
        at=instant_text(entry.at),
        type=entry.type,
        actor=entry.actor,
        summary=entry.summary,
        hash=entry.hash,
    )
