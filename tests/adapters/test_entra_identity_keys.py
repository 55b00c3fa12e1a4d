"""Which keys tokens are verified with: from the issuer's own host alone, for signatures, long enough, and not too many."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from local.serving import serving, site_on
from local.tls import make_authority
from local.token_issuer.signing import SigningKey
from shared.adapters.signing_keys import LARGEST_DOCUMENT, SHORTEST_KEY, SigningKeys
from shared.domain.errors import Unreadable

DISCOVERY = "/t/v2.0/.well-known/openid-configuration"
KEYS = "/keys"
GOOD = SigningKey.make()


@dataclass
class Hosts:
    """The issuer's host and what it answers to each path; a thief's hosts, with and without TLS, that note who asks.

    Attributes:
        answers: by path; whoever asks a thief is given the same, so that nothing but a check keeps it from being taken.
    """

    ca_bundle: str
    issuing: str = ""
    thieves: dict[str, str] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    stolen: list[str] = field(default_factory=list)

    def keys(self, jwks_uri: str | None = None) -> SigningKeys:
        return SigningKeys(f"{self.issuing}/t/v2.0", jwks_uri, self.ca_bundle)


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[Hosts]:
    authority = make_authority(tmp_path / "tls")
    found = Hosts(str(authority.ca_bundle))

    def issue(request: Request) -> Response:
        path = request.url.path
        return RedirectResponse(found.moved[path], 302) if path in found.moved else JSONResponse(found.answers[path])

    def steal(request: Request) -> Response:
        found.stolen.append(str(request.url))
        return JSONResponse(found.answers[request.url.path])

    def app(answer: Any) -> ASGIApp:
        async def run(scope: Scope, receive: Receive, send: Send) -> None:
            await answer(Request(scope, receive))(scope, receive, send)

        return run

    issuing = site_on(app(issue), certificate=authority.issue())
    thieves = {"https": site_on(app(steal), certificate=authority.issue()), "http": site_on(app(steal))}
    found.issuing = issuing.url
    found.thieves = {scheme: site.url for scheme, site in thieves.items()}
    found.answers = {
        DISCOVERY: {"issuer": f"{issuing.url}/t/v2.0", "jwks_uri": f"{issuing.url}{KEYS}"},
        KEYS: {"keys": [GOOD.as_jwk()]},
    }
    with serving(issuing, *thieves.values()):
        yield found


@pytest.mark.parametrize("scheme", ["https", "http"])
@pytest.mark.parametrize("path", [DISCOVERY, KEYS])
def test_a_redirect_leads_to_no_keys(hosts: Hosts, path: str, scheme: str) -> None:
    assert hosts.keys().find(GOOD.kid), "without the redirect they are found"
    hosts.moved = {path: f"{hosts.thieves[scheme]}{path}"}
    with pytest.raises(Unreadable, match="answered 302"):
        hosts.keys().ping()
    assert hosts.stolen == []


def test_a_key_set_that_a_setting_names_is_not_followed_elsewhere_either(hosts: Hosts) -> None:
    hosts.moved = {KEYS: f"{hosts.thieves['https']}{KEYS}"}
    with pytest.raises(Unreadable, match="answered 302"):
        hosts.keys(f"{hosts.issuing}{KEYS}").ping()
    assert hosts.stolen == []


def short_key() -> SigningKey:
    return SigningKey("short", rsa.generate_private_key(public_exponent=65537, key_size=SHORTEST_KEY // 2))


@pytest.mark.parametrize(
    "jwk",
    [
        pytest.param(short_key().as_jwk(), id="short"),
        pytest.param({**SigningKey.make().as_jwk(), "use": "enc"}, id="use"),
        pytest.param({**SigningKey.make().as_jwk(), "kid": ""}, id="kid"),
        pytest.param({"kid": "shared", "kty": "oct", "use": "sig", "k": "c2VjcmV0"}, id="kty"),
    ],
)
def test_a_key_that_is_not_for_signatures_or_too_short_is_not_taken(hosts: Hosts, jwk: dict[str, Any]) -> None:
    hosts.answers[KEYS] = {"keys": [jwk, GOOD.as_jwk()]}
    keys = hosts.keys()
    assert keys.find(GOOD.kid)
    assert keys.find(jwk["kid"]) is None

    hosts.answers[KEYS] = {"keys": [jwk]}
    with pytest.raises(Unreadable, match=f"lists no RSA key of at least {SHORTEST_KEY} bits"):
        hosts.keys().ping()


@pytest.mark.parametrize("path", [DISCOVERY, KEYS])
def test_a_document_that_is_too_large_is_not_read(hosts: Hosts, path: str) -> None:
    hosts.answers[path]["padding"] = "a" * LARGEST_DOCUMENT
    with pytest.raises(Unreadable, match="is larger than"):
        hosts.keys().ping()
