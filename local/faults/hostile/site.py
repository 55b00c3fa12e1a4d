"""The real web app before ports in memory, called below any client, so that nothing puts a request into normal form."""

import asyncio
import base64
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from local.faults.hostile.secrets import WHSEC
from local.faults.memory_estate import WORKSPACE, MemoryEstate
from local.serving import serving, site_on
from local.tls import make_authority
from local.token_issuer.people import read_people
from local.token_issuer.sign_in import sign_in_app
from local.token_issuer.signing import SigningKeys as IssuerKeys
from local.token_issuer.tokens import TokenIssuer, TokenRequest
from shared.adapters import memory
from shared.adapters.entra_identity import EntraIdentity, Expected
from shared.adapters.signing_keys import SigningKeys
from shared.domain.ids import PromotionId
from shared.ports import Identity
from shared.web.app import Sender, WebSettings, create_app
from shared.web.signatures import decode_key, sign
from shared.workflow.receive_model_event import receive_model_event

BASE = "https://clearance.contoso.com"
SENDER = "chatops"
KEYS = (decode_key(WHSEC), b"the key that comes after the first one")
TOPIC = (
    "/subscriptions/00000000-0000-4000-8000-0000000000aa/resourcegroups/rg-risk"
    f"/providers/microsoft.machinelearningservices/workspaces/{WORKSPACE}"
)
PEOPLE = ("dana.submitter", "amir.approver", "rosa.risk", "olu.operator", "ana.auditor")
"""One of each role, and a second approver."""

Headers = Iterable[tuple[str | bytes, str | bytes]]


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer as it went over the wire."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def text(self) -> str:
        """The body, which must be UTF-8."""
        return self.body.decode()

    def header(self, name: str) -> str:
        """All values of a header, joined."""
        return ", ".join(value for key, value in self.headers if key == name)


class SignIn:
    """Who issues tokens, and the port that believes them. Tokens are kept: making one costs a signature.

    Keys are fetched as seldom as in Azure; `pass_minutes` lets the time go by after which they may be fetched again.
    """

    def __init__(self, issuer: TokenIssuer, identity: Identity, seconds: list[float]) -> None:
        self.issuer = issuer
        self.identity = identity
        self._seconds = seconds
        self._tokens: dict[str, str] = {}

    def pass_minutes(self, minutes: float) -> None:
        """Let time go by for whoever keeps keys."""
        self._seconds[0] += minutes * 60

    def forget_tokens(self) -> None:
        """Make tokens anew: the key that signed them is gone."""
        self._tokens.clear()

    @property
    def tokens(self) -> tuple[str, ...]:
        """Every token that was handed out."""
        return tuple(self._tokens.values())

    def token(self, person: str, **claims: Any) -> str:
        """A token of one of the people."""
        asked = json.dumps([person, claims])
        if asked not in self._tokens:
            self._tokens[asked] = self.issuer.for_person(TokenRequest(person, claims=claims)).text
        return self._tokens[asked]


@contextmanager
def signing_in() -> Iterator[SignIn]:
    """A real issuer with its key set over https, for the length of the block."""
    with tempfile.TemporaryDirectory() as folder:
        authority, people = make_authority(Path(folder) / "tls"), read_people()
        issuers: list[TokenIssuer] = []

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await sign_in_app(issuers[0])(scope, receive, send)

        site = site_on(app, certificate=authority.issue())
        issuers.append(TokenIssuer(people, IssuerKeys(), site.url))
        seconds = [0.0]
        keys = SigningKeys(issuers[0].issuer, ca_bundle=str(authority.ca_bundle), clock=lambda: seconds[0])
        expected = Expected(issuers[0].issuer, (people.client_id,), people.tenant_id)
        with serving(site):
            yield SignIn(issuers[0], EntraIdentity(expected, keys), seconds)


class Front:
    """The app, what stands behind it, and hands to call it."""

    def __init__(self, sign_in: SignIn, *, tolerance: timedelta = timedelta(seconds=300)) -> None:
        self.sign_in = sign_in
        self.estate = MemoryEstate(0)
        self.telemetry = memory.InMemoryTelemetry()
        self.signatures: set[str] = set()
        outside = replace(self.estate.outside, topics={TOPIC: WORKSPACE}, base_url=BASE)
        self.estate.outside = replace(outside, telemetry=self.telemetry)
        people = ("amir.approver", "rosa.risk", "dana.submitter")
        settings = WebSettings({SENDER: Sender(KEYS, people)}, tolerance=tolerance, sign_in_path="/.auth/login/aad")
        self.app: FastAPI = create_app(self.estate.outside, sign_in.identity, settings)

    def asked(self) -> PromotionId:
        """A version that people are asked about."""
        promotion = self.estate.register()
        self.estate.work()
        return promotion

    def set_aside(self, count: int) -> None:
        """Messages that nobody understands, in quarantine."""
        for number in range(count):
            receive_model_event(self.estate.outside, f'{{"number": {number}}}'.encode(), "model-events")

    def call(
        self, method: str, path: str | bytes, headers: Headers = (), body: bytes = b"", query: str = ""
    ) -> Answered:
        """Send one request, exactly as it is."""
        return asyncio.run(self._call(method, _bytes(path), tuple(headers), body, query))

    def as_person(self, person: str, method: str, path: str, body: Any = None, **more: Any) -> Answered:
        """Send one request with a person's token; a body other than bytes is sent as JSON."""
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        headers = [("authorization", f"Bearer {self.sign_in.token(person)}"), ("content-type", "application/json")]
        return self.call(method, path, [*headers, *more.pop("headers", ())], content, **more)

    def page(self, person: str, path: str, query: str = "") -> Answered:
        """As a browser asks, with the sign-in that App Service forwards."""
        headers = [("x-ms-token-aad-id-token", self.sign_in.token(person)), ("accept", "text/html,*/*;q=0.8")]
        return self.call("GET", path, headers, query=query)

    def webhook(self, body: Any, id: str, *, at: datetime | None = None, key: bytes = KEYS[0]) -> Answered:
        """Send a body with a real signature."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = [("content-type", "application/json"), *self.signed(content, id, at=at, key=key).items()]
        return self.call("POST", f"/api/webhooks/decisions/{SENDER}", headers, content)

    def signed(self, body: bytes, id: str, *, at: datetime | None = None, key: bytes = KEYS[0]) -> dict[str, str]:
        """The headers that sign a body; the signature is remembered, for it must be found nowhere."""
        made = sign(key, id, at or self.estate.clock.now(), body)
        self.signatures.add(made["webhook-signature"].removeprefix("v1,"))
        return made

    @property
    def proofs(self) -> list[str]:
        """What has proven who sends, as it was sent: signatures, and the last part of each token."""
        return [*self.signatures, *(token.rpartition(".")[2] for token in self.sign_in.tokens)]

    def decision(self, asked: PromotionId, /, **changes: Any) -> dict[str, Any]:
        """A decision that would be taken."""
        evaluation = self.estate.case(asked).evaluation
        digest = evaluation.digest if evaluation else "0" * 64
        return {
            "promotion": str(asked), "evaluation": digest, "verdict": "approve",
            "approver": "amir.approver@contoso.com", **changes,
        }  # fmt: skip

    async def _call(self, method: str, path: bytes, headers: Headers, body: bytes, query: str) -> Answered:
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
            "path": path.decode("utf-8", "replace"), "raw_path": path, "query_string": query.encode(), "root_path": "",
            "headers": [(_bytes(name).lower(), _bytes(value)) for name, value in (("host", "clearance.contoso.com"), *headers)],
            "scheme": "https", "server": ("127.0.0.1", 443), "client": ("127.0.0.1", 50_000),
        }  # fmt: skip
        pending = [{"type": "http.request", "body": body, "more_body": False}]
        sent: list[Mapping[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return pending.pop() if pending else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        told = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in sent[0]["headers"])
        return Answered(sent[0]["status"], told, b"".join(message.get("body", b"") for message in sent[1:]))


def path_of(promotion: PromotionId) -> str:
    """The path of a promotion below `/api/promotions` and `/promotions`."""
    return f"{promotion.workspace}/{promotion.name}/{promotion.version}"


def principal_header(**claims: Any) -> str:
    """An `X-MS-CLIENT-PRINCIPAL` as App Service would write it, made by anybody."""
    listed = [{"typ": name, "val": value} for name, value in claims.items()]
    return base64.b64encode(json.dumps({"auth_typ": "aad", "claims": listed, "role_typ": "roles"}).encode()).decode()


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
