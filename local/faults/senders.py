"""People's answers as they are sent: by a tool, with its signature, or from a page, with the sign-in that goes along."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Literal

from local.faults.estate import PUBLIC_URL, SENDER, Estate
from local.token_issuer.tokens import TokenRequest
from shared.domain.ids import PromotionId
from shared.web.signatures import sign

Way = Literal["webhook", "page"]


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody answers. `attempt` tells the answers of one person apart."""

    promotion: PromotionId
    digest: str
    person: str
    verdict: str
    attempt: str

    @property
    def key(self) -> str:
        """The id under which it counts once."""
        return f"{self.person}-{self.verdict}-{self.attempt}".replace(".", "-")


@dataclass(frozen=True, slots=True)
class Sent:
    """A request with an answer. `operation` is what its row in the history is known by."""

    path: str
    headers: dict[str, str]
    body: str
    operation: str

    @property
    def arguments(self) -> dict[str, Any]:
        """As a worker takes it."""
        return {"path": self.path, "headers": {**self.headers, "content-type": "application/json"}, "body": self.body}


def sent(estate: Estate, given: Given, way: Way) -> Sent:
    """The request."""
    return _by_webhook(estate, given) if way == "webhook" else _by_page(estate, given)


def _by_webhook(estate: Estate, given: Given) -> Sent:
    """As a tool sends it that knows people by their e-mail."""
    stated = {"promotion": str(given.promotion), "evaluation": given.digest}
    approver = estate.issuer.people.people[given.person].upn
    body = json.dumps({**stated, "verdict": given.verdict, "approver": approver})
    headers = sign(estate.webhook_key, given.key, datetime.now(UTC), body.encode())
    return Sent(f"/api/webhooks/decisions/{SENDER}", headers, body, f"webhook:{SENDER}:{given.key}")


def _by_page(estate: Estate, given: Given) -> Sent:
    """As a browser sends it that has signed in: App Service adds the token, the browser says where it comes from."""
    asked = given.promotion
    path = f"/api/promotions/{asked.workspace}/{asked.name}/{asked.version}/decisions"
    body = json.dumps({"evaluation": given.digest, "verdict": given.verdict})
    headers = {
        "x-ms-token-aad-id-token": estate.issuer.for_person(TokenRequest(given.person)).text,
        "origin": PUBLIC_URL,
        "idempotency-key": given.key,
    }
    content = sha256(f"POST {path}\n{body}".encode()).hexdigest()[:16]
    return Sent(path, headers, body, f"page:{given.person}:{given.key}:{content}")
