"""`clearance webhook send`: a decision, signed as Standard Webhooks asks, with the key from the environment alone."""

import json
import sys
from dataclasses import dataclass
from typing import Any

from shared import bootstrap
from shared.cli.client import Client
from shared.cli.exits import USAGE, NotPassed, in_our_form
from shared.cli.output import line
from shared.domain.ids import PromotionId
from shared.domain.visible import visible
from shared.settings import ClientSettings
from shared.web.signatures import sign


@dataclass(frozen=True, slots=True)
class Decision:
    """What is sent, besides the digest: `said` are the optional fields of the body."""

    promotion: PromotionId
    verdict: str
    approver: str
    said: dict[str, Any]


def send_decision(settings: ClientSettings, sender: str, decision: Decision, digest: str, id: str | None) -> Any:
    """Sign a decision and send it; returns the app's answer.

    Args:
        settings: where to, and the key.
        sender: the name that the app knows the key under.
        decision: what is answered.
        digest: of the evaluation that is answered.
        id: the webhook id; None for a new one. The same id with the same body counts once.

    Raises:
        NotPassed: no key, refused, or not reached.
    """
    if settings.webhook_key is None:
        raise NotPassed("Set CLEARANCE_WEBHOOK_KEY to the sender's key, whsec_...; it is no argument.", exit_code=USAGE)
    clock, new_id = bootstrap.clock_and_ids()
    body = _body(decision, digest)
    try:
        headers = sign(settings.webhook_key, id or new_id(), clock.now(), body)
    except ValueError as error:
        raise NotPassed(str(error), exit_code=USAGE) from error
    return Client(settings).post(f"/api/webhooks/decisions/{sender}", body, headers)


def current_digest(settings: ClientSettings, promotion: PromotionId) -> str:
    """The digest of the latest evaluation, asked with the caller's token, and said on standard error.

    Raises:
        NotPassed: nothing is evaluated, or it cannot be asked.
    """
    if settings.token is None:
        raise NotPassed(
            "Name the evaluation that you answer with --evaluation, or set CLEARANCE_TOKEN so that it can be asked for.",
            exit_code=USAGE,
        )
    path = f"/api/promotions/{promotion.workspace}/{promotion.name}/{promotion.version}"
    document = Client(settings).get(path)
    with in_our_form(settings.server):
        evaluation = document["evaluation"]
        digest = None if evaluation is None else str(evaluation["digest"])
    if digest is None:
        raise NotPassed(f"{promotion} has not been evaluated yet, so there is nothing to answer.")
    print(f"Answering the evaluation {visible(digest)}.", file=sys.stderr)
    return digest


def show_answer(answer: dict[str, Any]) -> None:
    """What came of it."""
    line(f"{answer['promotion']}  {answer['status']}  {answer['approvals']} of {answer['required']} approvals")
    if answer.get("promoted"):
        line(f"  these registries keep the version: {', '.join(answer['promoted'])}")


def _body(decision: Decision, digest: str) -> bytes:
    document = {
        "promotion": str(decision.promotion),
        "evaluation": digest,
        "verdict": decision.verdict,
        "approver": decision.approver,
        **decision.said,
    }
    return json.dumps({name: value for name, value in document.items() if value}, ensure_ascii=False).encode()
