"""What signed-in people tell a promotion: routes record it and answer; the queue does the work (design §9.6)."""

import re
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from shared.domain.commands import GiveUpTarget, GiveUpWaiting, RequestReevaluation, RetryTarget, Withdraw
from shared.domain.ids import PromotionId, checked
from shared.web.access import SignedIn, Visitor, refuse_others_version
from shared.web.bodies import CommentBody, DecisionBody, ReasonBody, body_schema, json_body
from shared.web.decisions import DECISION_CODES, answer_of, decision_request, refuse_no_person
from shared.web.problems import Refusal, responses
from shared.web.schemas import Accepted, DecisionAnswer
from shared.web.site import AtSite, Site
from shared.workflow.instruct import Instruction, instruct
from shared.workflow.read_promotion import read_promotion
from shared.workflow.record_decision import record_decision

router = APIRouter(tags=["commands"])

_BASE = "/api/promotions/{workspace}/{name}/{version}"
_KEY = re.compile(r"[A-Za-z0-9_-]{1,128}")

_SENT = (
    "not_authenticated",
    "no_role",
    "cross_site",
    "unknown_person",
    "unsupported_media_type",
    "invalid_body",
    "malformed_request",
)
_WISH = (*_SENT, "invalid_id", "unknown_promotion", "unreadable", "history_clash")
REEVALUATE_CODES = (*_WISH, "not_own_version", "settled", "given_up")
WITHDRAW_CODES = (*_WISH, "not_own_version", "settled")
END_WAITING_CODES = (*_WISH, "not_own_version", "not_waiting")
RETRY_CODES = (*_WISH, "unknown_target", "target_promoted", "target_importing", "target_left_out")
GIVE_UP_CODES = (*_WISH, "unknown_target", "target_promoted", "target_given_up")


async def _operation(request: Request, site: AtSite) -> str:
    """The id under which this request counts once: the sender's Idempotency-Key with what was sent, or a new one."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return site.outside.new_id()
    if not _KEY.fullmatch(key):
        raise Refusal("malformed_request", "Idempotency-Key must be 1 to 128 letters, digits, `_` and `-`.")
    sent = f"{request.method} {request.url.path}\n".encode() + await request.body()
    return f"{key}:{sha256(sent).hexdigest()[:16]}"


def _asked(workspace: str, name: str, version: str) -> PromotionId:
    return PromotionId(workspace, name, version)


Operation = Annotated[str, Depends(_operation)]
Asked = Annotated[PromotionId, Depends(_asked)]
Comment = Annotated[CommentBody, Depends(json_body(CommentBody))]
_COMMENT = body_schema(CommentBody)


@router.post(
    f"{_BASE}/decisions",
    response_model_exclude_none=True,
    responses=responses((*_SENT, *DECISION_CODES)),
    openapi_extra=dict(body_schema(DecisionBody)),
    summary="Answer as the signed-in person",
)
def decide(
    asked: Asked,
    body: Annotated[DecisionBody, Depends(json_body(DecisionBody))],
    operation: Operation,
    visitor: SignedIn,
    site: AtSite,
) -> DecisionAnswer:
    """Approve or reject the evaluation that the body names by its digest."""
    person = visitor.known()
    refuse_no_person(person)
    answer = record_decision(
        site.outside,
        decision_request(site, str(asked), body, person.groups),
        person=person,
        spelling=f"{visitor.principal.tid}/{visitor.principal.oid}",
        channel="page",
        operation=f"page:{person.id}:{operation}",
    )
    return answer_of(answer)


@router.post(
    f"{_BASE}/reevaluate",
    status_code=202,
    responses=responses(REEVALUATE_CODES),
    openapi_extra=dict(_COMMENT),
    summary="Ask for a new look",
)
def reevaluate(asked: Asked, body: Comment, operation: Operation, visitor: SignedIn, site: AtSite) -> Accepted:
    """Have the version read and judged again; an operator may ask for one that is not known yet."""
    return _instruct(site, visitor, asked, operation, RequestReevaluation(visitor.known().id, body.comment))


@router.post(
    f"{_BASE}/withdraw",
    status_code=202,
    responses=responses(WITHDRAW_CODES),
    openapi_extra=dict(_COMMENT),
    summary="Take it back",
)
def withdraw(asked: Asked, body: Comment, operation: Operation, visitor: SignedIn, site: AtSite) -> Accepted:
    """Take the promotion back; targets that hold the version keep it."""
    return _instruct(site, visitor, asked, operation, Withdraw(visitor.known().id, body.comment))


@router.post(
    f"{_BASE}/give-up",
    status_code=202,
    responses=responses(END_WAITING_CODES),
    openapi_extra=dict(body_schema(ReasonBody)),
    summary="Give up waiting",
)
def give_up_waiting(
    asked: Asked,
    body: Annotated[ReasonBody, Depends(json_body(ReasonBody))],
    operation: Operation,
    visitor: SignedIn,
    site: AtSite,
) -> Accepted:
    """End the waiting of a version that is waiting or blocked, and say why; refused once it has moved on."""
    return _instruct(site, visitor, asked, operation, GiveUpWaiting(visitor.known().id, body.comment))


@router.post(
    f"{_BASE}/targets/{{registry}}/retry",
    status_code=202,
    responses=responses(RETRY_CODES),
    openapi_extra=dict(_COMMENT),
    summary="Try a target again",
)
def retry_target(
    asked: Asked, registry: str, body: Comment, operation: Operation, visitor: SignedIn, site: AtSite
) -> Accepted:
    """Try a target again that is errored, in conflict or given up."""
    command = RetryTarget(checked("registry", registry), visitor.known().id, body.comment)
    return _instruct(site, visitor, asked, operation, command)


@router.post(
    f"{_BASE}/targets/{{registry}}/give-up",
    status_code=202,
    responses=responses(GIVE_UP_CODES),
    openapi_extra=dict(_COMMENT),
    summary="Give a target up",
)
def give_up_target(
    asked: Asked, registry: str, body: Comment, operation: Operation, visitor: SignedIn, site: AtSite
) -> Accepted:
    """Leave a target out; the promotion goes on with those left."""
    command = GiveUpTarget(checked("registry", registry), visitor.known().id, body.comment)
    return _instruct(site, visitor, asked, operation, command)


def _instruct(site: Site, visitor: Visitor, asked: PromotionId, operation: str, command: Instruction) -> Accepted:
    visitor.refuse_unseen(asked)
    if visitor.only_own:
        case = read_promotion(site.outside, asked).case
        refuse_others_version(visitor, case, site.outside.directory.people())
    actor = visitor.known().id
    status = instruct(site.outside, asked, command, operation=f"page:{actor}:{operation}", actor=actor)
    return Accepted(promotion=str(asked), status=status)
