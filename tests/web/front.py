"""The web app before a world in memory, called with real tokens and real signatures."""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.testclient import TestClient

from local.token_issuer.tokens import TokenIssuer, TokenRequest
from shared.adapters.people_file import load_people
from shared.domain.people import Person
from shared.ports import Identity
from shared.web.app import Sender, WebSettings, create_app
from shared.web.signatures import sign
from tests.domain.evidence_makers import a_promotion
from tests.workflow.world import World

PEOPLE = Path(__file__).parents[2] / "policies" / "directory" / "people.yaml"
KEY = b"the first key of the pipeline 01"
NEXT_KEY = b"the second key of the pipeline 2"
ONE = "/api/promotions/risk-dev/fraud-detector/7"

SETTINGS = WebSettings(
    senders={
        "pipeline": Sender((KEY, NEXT_KEY), ("amir.approver", "rosa.risk", "dana.submitter", "ana.auditor")),
        "chat": Sender((b"the key of the chat tool, which ",), ("rosa.risk",)),
    },
    sign_in_path="/.auth/login/aad",
)


class SignIn:
    """Who vouches for people, and the port that believes it."""

    def __init__(self, issuer: TokenIssuer, identity: Identity) -> None:
        self.issuer = issuer
        self.identity = identity
        self._tokens: dict[str, str] = {}

    def token(self, person: str, roles: Iterable[str] | None = None, **claims: Any) -> str:
        if roles is not None:
            claims["roles"] = list(roles)
        asked = json.dumps([person, claims])
        if asked not in self._tokens:
            self._tokens[asked] = self.issuer.for_person(TokenRequest(person, claims=claims)).text
        return self._tokens[asked]


class Front:
    """`client` calls the app; `world` is what stands behind it."""

    def __init__(self, sign_in: SignIn, settings: WebSettings = SETTINGS, world: World | None = None) -> None:
        self.sign_in = sign_in
        self.world = world or World()
        self.world.directory.everyone = load_people(PEOPLE)
        self.app: FastAPI = create_app(self.world.outside, sign_in.identity, settings)
        self.client = TestClient(self.app, base_url=self.world.outside.base_url, raise_server_exceptions=False)

    def asked(self) -> "Front":
        """A version is registered and people are asked."""
        self.world.register()
        self.world.work()
        return self

    def add_person(self, *people: Person) -> None:
        known = self.world.directory.everyone
        self.world.directory.everyone = type(known)((*known.everyone, *people), known.digest)

    # ---------------------------------------------------------------- signed-in people

    def bearer(self, person: str, roles: Iterable[str] | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.sign_in.token(person, roles)}"}

    def call(self, method: str, path: str, **sent: Any) -> httpx.Response:
        """Send one request as it is."""
        answer: httpx.Response = self.client.request(method, path, **sent)
        return answer

    def get(self, path: str, person: str = "ana.auditor", **parameters: Any) -> httpx.Response:
        return self.call("GET", path, params=parameters or None, headers=self.bearer(person))

    def page(self, path: str, person: str = "ana.auditor", **parameters: Any) -> httpx.Response:
        """As a browser asks, with the sign-in that App Service forwards."""
        headers = {"X-MS-TOKEN-AAD-ID-TOKEN": self.sign_in.token(person), "Accept": "text/html,*/*;q=0.8"}
        return self.call("GET", path, params=parameters or None, headers=headers)

    def post(self, path: str, person: str, body: Any = None, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return self.call("POST", path, json=body, headers={**self.bearer(person), **named})

    def decision(self, **changes: Any) -> dict[str, Any]:
        return {"evaluation": self.world.digest(), "verdict": "approve", **changes}

    # ---------------------------------------------------------------- signed webhooks

    def webhook_body(self, approver: str = "amir.approver@contoso.com", **changes: Any) -> dict[str, Any]:
        return {**self.decision(), "promotion": str(a_promotion()), "approver": approver, **changes}

    def webhook(
        self,
        body: Any = None,
        *,
        id: str = "msg_1",
        sender: str = "pipeline",
        key: bytes = KEY,
        at: datetime | None = None,
        **headers: str,
    ) -> httpx.Response:
        """Sign a body (an object, or bytes as they are) and send it."""
        content = body if isinstance(body, bytes) else json.dumps(body or self.webhook_body()).encode()
        signed = sign(key, id, at or self.world.clock.now(), content)
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        path = f"/api/webhooks/decisions/{sender}"
        sent = {"Content-Type": "application/json", **signed, **named}
        return self.call("POST", path, content=content, headers=sent)


def code_of(response: httpx.Response) -> str:
    """The code of a problem, checked to be one: media type, members, status."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    problem = response.json()
    assert problem["status"] == response.status_code
    assert problem["type"] == f"urn:clearance:problem:{problem['code']}"
    assert problem["title"]
    assert problem["detail"].endswith((".", "…")), problem["detail"]
    return str(problem["code"])
