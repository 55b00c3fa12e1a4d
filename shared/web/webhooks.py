"""Decisions by signed webhook: the route that a tool of the approvers calls (design §6, R4, R16)."""

from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from shared.domain.errors import ClearanceError
from shared.domain.people import Person
from shared.web.bodies import WebhookBody, body_schema, parse, require_json
from shared.web.decisions import DECISION_CODES, answer_of, decision_request, refuse_no_person
from shared.web.problems import MEDIA_TYPE, Refusal, problem_of, responses
from shared.web.schemas import DecisionAnswer
from shared.web.signatures import Received, verified_id
from shared.web.site import AtSite, Sender, Site
from shared.workflow.record_decision import record_decision

router = APIRouter(tags=["decisions"])

CODES = (
    "signature_not_accepted",
    "unsupported_media_type",
    "replay_mismatch",
    "sender_not_allowed",
    "invalid_body",
    *DECISION_CODES,
)


async def _received(request: Request) -> Received:
    """Headers and raw body; a header that came twice proves nothing, so it counts as malformed."""
    names = {name.lower() for name in request.headers.keys()}  # noqa: SIM118 - Headers yields its keys once each
    headers = {name: ",".join(request.headers.getlist(name)) for name in names}
    return Received(headers, await request.body())


@router.post(
    "/api/webhooks/decisions/{sender}",
    response_model=DecisionAnswer,
    response_model_exclude_none=True,
    responses=responses(CODES),
    openapi_extra=dict(body_schema(WebhookBody)),
    summary="Answer for a person, signed by a sender",
)
def decide_by_webhook(
    sender: str, request: Request, received: Annotated[Received, Depends(_received)], site: AtSite
) -> Response:
    """Verify the signature, count the webhook id once, and record the answer."""
    known = site.settings.senders.get(sender)
    keys = known.keys if known else ()
    webhook = verified_id(received, keys, site.outside.clock.now(), site.settings.tolerance)
    if known is None or webhook is None:
        raise Refusal("signature_not_accepted", "Sender, signature or time is not accepted; no more is said here.")
    require_json(request)
    digest = sha256(received.body).hexdigest()
    earlier = site.outside.replay_ids.begin(sender, webhook, digest, site.outside.clock.now())
    if earlier is not None and earlier.digest != digest:
        said = f"The webhook id {webhook} came before with another body; send a changed answer under a new id."
        raise Refusal("replay_mismatch", said)
    if earlier is not None and earlier.answer is not None:
        return _response(*earlier.answer)
    status, body = _decided(site, known, f"webhook:{sender}", webhook, received.body)
    site.outside.replay_ids.finish(sender, webhook, status, body)
    return _response(status, body)


def _decided(site: Site, sender: Sender, channel: str, webhook: str, content: bytes) -> tuple[int, str]:
    """The answer to keep. Trouble on our side is none, so it is raised, and the sender tries again."""
    try:
        body = parse(content, WebhookBody)
        person = _approver(site, sender, body.approver)
        request = decision_request(site, body.promotion, body, person.groups)
        answer = record_decision(
            site.outside,
            request,
            person=person,
            spelling=body.approver,
            channel=channel,
            operation=f"{channel}:{webhook}",
        )
    except (ClearanceError, Refusal) as error:
        refused = problem_of(error)
        if refused.problem.status >= 500:
            raise
        return refused.problem.status, refused.text
    return 200, answer_of(answer).model_dump_json(exclude_none=True)


def _approver(site: Site, sender: Sender, spelling: str) -> Person:
    """The one person of that spelling, for whom this sender may speak."""
    fitting = site.outside.directory.people().fitting(spelling)
    if len(fitting) != 1:
        raise Refusal("unknown_person", _nobody(spelling, len(fitting)))
    if fitting[0].id not in sender.people:
        raise Refusal("sender_not_allowed", f"This sender is not set up to speak for {fitting[0].id}.")
    refuse_no_person(fitting[0])
    return fitting[0]


def _nobody(spelling: str, fitting: int) -> str:
    shown = ascii(spelling)
    if fitting:
        return f"{shown} fits {fitting} people in policies/directory/people.yaml; it must be a spelling of one of them."
    return (
        f"{shown} is nobody in policies/directory/people.yaml. If it is one of the people there, add it to their "
        f"`spellings`; else add an entry with an id, a name and `spellings: [{shown}]`."
    )


def _response(status: int, body: str) -> Response:
    return Response(body, status, media_type="application/json" if status < 400 else MEDIA_TYPE)
