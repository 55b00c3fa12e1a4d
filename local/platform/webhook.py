"""Decisions as an approver's tool sends them: JSON signed along Standard Webhooks."""

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx

from shared.web.signatures import sign


@dataclass(frozen=True, slots=True)
class SignedDecision:
    """One request, ready to be sent, as often as wanted.

    Attributes:
        path: below the app's URL.
        headers: the three of the signature, and the content type.
        body: the bytes that were signed.
    """

    path: str
    headers: Mapping[str, str]
    body: bytes

    def with_body(self, **changes: Any) -> "SignedDecision":
        """The same headers over another body: a forgery."""
        return replace(self, body=json.dumps({**json.loads(self.body), **changes}).encode())

    def send(self, client: httpx.Client) -> httpx.Response:
        """Send it."""
        return client.post(self.path, content=self.body, headers=dict(self.headers))


@dataclass(frozen=True, slots=True)
class DecisionSigner:
    """Signs as one sender. `secret` is `whsec_` and base64."""

    sender: str
    secret: str = field(repr=False)

    def sign(self, decision: Mapping[str, Any], *, id: str | None = None, at: datetime | None = None) -> SignedDecision:
        """Sign a decision.

        Args:
            decision: the body.
            id: of the webhook; a new one if None.
            at: instant of the signature; now if None.
        """
        body = json.dumps(dict(decision)).encode()
        key = b64decode(self.secret.removeprefix("whsec_"))
        headers = sign(key, id or f"msg_{uuid4().hex}", at or datetime.now(UTC), body)
        path = f"/api/webhooks/decisions/{self.sender}"
        return SignedDecision(path, {**headers, "content-type": "application/json"}, body)
