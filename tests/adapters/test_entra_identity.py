"""Only a token that holds in every respect says who somebody is; real keys, and a real key set over https."""

import base64
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from local.serving import serving, site_on
from local.tls import make_authority
from local.token_issuer.people import read_people
from local.token_issuer.sign_in import sign_in_app
from local.token_issuer.signing import SigningKey
from local.token_issuer.signing import SigningKeys as IssuerKeys
from local.token_issuer.tokens import TokenIssuer, TokenRequest
from shared.adapters.entra_identity import LONGEST_TOKEN, EntraIdentity, Expected
from shared.adapters.signing_keys import KeyTimes, SigningKeys
from shared.domain.errors import NotAuthenticated, Unreadable

PEOPLE = read_people()
SOMEBODY, SOMEBODY_ELSE = sorted(PEOPLE.people)[:2]
EAGER = KeyTimes(fresh=3600, stale=24 * 3600, between=0)


@dataclass
class SignIn:
    """The issuer, whether it answers, how often its keys were asked for, and where its authority is."""

    issuer: TokenIssuer
    ca_bundle: str
    is_down: bool = False
    requests: int = 0

    def token(self, person: str = SOMEBODY, **fields: Any) -> str:
        return self.issuer.for_person(TokenRequest(person, **fields)).text

    def keys(self, times: KeyTimes = EAGER, **fields: Any) -> SigningKeys:
        return SigningKeys(self.issuer.issuer, ca_bundle=self.ca_bundle, times=times, **fields)

    def identity(self, keys: SigningKeys | None = None) -> EntraIdentity:
        expected = Expected(self.issuer.issuer, (PEOPLE.client_id,), PEOPLE.tenant_id)
        return EntraIdentity(expected, keys or self.keys())


@pytest.fixture
def sign_in(tmp_path: Path) -> Iterator[SignIn]:
    authority = make_authority(tmp_path / "tls")
    found: list[SignIn] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        found[0].requests += 1
        if found[0].is_down:
            await JSONResponse({}, 503)(scope, receive, send)
        else:
            await sign_in_app(found[0].issuer)(scope, receive, send)

    site = site_on(app, certificate=authority.issue())
    found.append(SignIn(TokenIssuer(PEOPLE, IssuerKeys(), site.url), str(authority.ca_bundle)))
    with serving(site):
        yield found[0]


def refusal_of(identity: EntraIdentity, authorization: str | None, forwarded: str | None = None) -> str:
    with pytest.raises(NotAuthenticated) as refused:
        identity.verify(authorization, forwarded)
    for token in (part.rpartition(" ")[2] for part in (authorization or "", forwarded or "")):
        assert len(token) < 20 or token not in str(refused.value), "the sentence quotes a token"
    return str(refused.value.code)


def test_a_bearer_token_says_who_and_in_which_roles(sign_in: SignIn) -> None:
    found = sign_in.identity().verify(f"Bearer {sign_in.token(kind='access')}", None)
    person = PEOPLE.people[SOMEBODY]
    assert (found.tid, found.oid) == (PEOPLE.tenant_id, person.oid)
    assert (found.name, found.username, found.roles) == (person.name, person.upn, tuple(sorted(person.roles)))
    assert not found.application


def test_the_id_token_that_app_service_forwards_does_as_well(sign_in: SignIn) -> None:
    assert sign_in.identity().verify(None, sign_in.token()).oid == PEOPLE.people[SOMEBODY].oid


def test_a_workload_is_told_from_a_person(sign_in: SignIn) -> None:
    token = sign_in.issuer.for_managed_identity(PEOPLE.client_id).text
    assert sign_in.identity().verify(f"Bearer {token}", None).application


@pytest.mark.parametrize("nothing", [None, "", " ", ","])
def test_without_a_token_nobody_is_there(sign_in: SignIn, nothing: str | None) -> None:
    assert refusal_of(sign_in.identity(), nothing, nothing) == "no_token"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"lifetime": -61}, "expired"),
        ({"claims": {"nbf": int(time.time()) + 600}}, "not_yet_valid"),
        ({"audience": "another-app"}, "wrong_audience"),
        ({"claims": {"iss": "https://login.microsoftonline.com/other/v2.0"}}, "wrong_issuer"),
        ({"claims": {"tid": "99999999-0000-4000-8000-000000000000"}}, "wrong_tenant"),
        ({"claims": {"oid": None}}, "missing_claim"),
        ({"claims": {"oid": ""}}, "missing_claim"),
        ({"claims": {"tid": None}}, "missing_claim"),
        ({"claims": {"exp": None}}, "missing_claim"),
        ({"claims": {"aud": None}}, "missing_claim"),
        ({"sign_with": "none"}, "wrong_algorithm"),
        ({"sign_with": "unpublished"}, "bad_signature"),
    ],
)
def test_a_token_that_does_not_hold_is_refused(sign_in: SignIn, fields: dict[str, Any], code: str) -> None:
    assert refusal_of(sign_in.identity(), f"Bearer {sign_in.token(**fields)}") == code


def test_clocks_may_differ_by_less_than_a_minute(sign_in: SignIn) -> None:
    assert sign_in.identity().verify(f"Bearer {sign_in.token(lifetime=-45)}", None).oid


def test_the_public_key_is_no_shared_secret(sign_in: SignIn) -> None:
    """HS256 signed with the published RSA key, the classic confusion of algorithms."""
    current = sign_in.issuer.keys.current
    public = current.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    payload = sign_in.token().split(".")[1]
    head = _segment({"alg": "HS256", "typ": "JWT", "kid": current.kid})
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
        f"{head}.{payload}".encode(), public
    )
    forged = f"{head}.{payload}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
    assert refusal_of(sign_in.identity(), f"Bearer {forged}") == "wrong_algorithm"


def test_a_changed_claim_breaks_the_signature(sign_in: SignIn) -> None:
    head, payload, signature = sign_in.token().split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    forged = f"{head}.{_segment({**claims, 'roles': ['Operator']})}.{signature}"
    assert refusal_of(sign_in.identity(), f"Bearer {forged}") == "bad_signature"


def test_a_token_cut_short_is_refused_wherever_it_is_cut(sign_in: SignIn) -> None:
    token, identity = sign_in.token(), sign_in.identity()
    for length in (1, 10, token.index(".") + 1, token.index(".") + 9, token.rindex("."), len(token) - 3):
        assert refusal_of(identity, f"Bearer {token[:length]}") in {"malformed_token", "bad_signature"}


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "RS256"},
        {"alg": "RS256", "kid": 7},
        {"alg": "RS256", "kid": "KID", "crit": ["exp"]},
    ],
)
def test_a_header_that_names_no_key_or_demands_more_is_refused(sign_in: SignIn, header: dict[str, Any]) -> None:
    kid = sign_in.issuer.keys.current.kid
    head = _segment({**header, "kid": kid} if header.get("kid") == "KID" else header)
    assert refusal_of(sign_in.identity(), f"Bearer {head}.e30.c2ln") == "malformed_token"


def test_a_token_that_demands_what_only_our_library_knows_is_refused(sign_in: SignIn) -> None:
    """PyJWT knows `b64` (RFC 7797) and takes it; we know no extension. It is signed here, for PyJWT writes no such header."""
    current = sign_in.issuer.keys.current
    header = {"alg": "RS256", "typ": "JWT", "kid": current.kid}

    def signed(header: dict[str, Any]) -> str:
        told = f"{_segment(header)}.{sign_in.token().split('.')[1]}"
        signature = current.private.sign(told.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"Bearer {told}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"

    assert sign_in.identity().verify(signed(header), None).oid
    assert refusal_of(sign_in.identity(), signed({**header, "b64": True, "crit": ["b64"]})) == "malformed_token"


def test_a_token_that_is_too_long_is_refused_though_it_holds(sign_in: SignIn) -> None:
    token = sign_in.token(claims={"padding": "a" * LONGEST_TOKEN})
    assert refusal_of(sign_in.identity(), f"Bearer {token}") == "malformed_token"


def test_a_nest_of_brackets_is_refused_not_followed(sign_in: SignIn) -> None:
    nest = base64.urlsafe_b64encode(b"[" * 20_000).decode().rstrip("=")
    assert refusal_of(sign_in.identity(), f"Bearer {nest}.e30.c2ln") == "malformed_token"


@pytest.mark.parametrize("authorization", ["Basic dTpw", "Bearer", "Bearer ", "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"])
def test_other_schemes_are_refused_even_beside_a_good_token(sign_in: SignIn, authorization: str) -> None:
    assert refusal_of(sign_in.identity(), authorization, sign_in.token()) == "unsupported_scheme"


def test_tokens_that_agree_are_one_person(sign_in: SignIn) -> None:
    access, forwarded = sign_in.token(kind="access"), sign_in.token()
    assert sign_in.identity().verify(f"Bearer {access}, Bearer {access}", forwarded).oid == PEOPLE.people[SOMEBODY].oid


@pytest.mark.parametrize("twice", [True, False])
def test_tokens_of_two_people_are_nobody(sign_in: SignIn, twice: bool) -> None:
    one, other = sign_in.token(SOMEBODY), sign_in.token(SOMEBODY_ELSE)
    headers = (f"Bearer {one},Bearer {other}", None) if twice else (f"Bearer {one}", other)
    assert refusal_of(sign_in.identity(), *headers) == "tokens_disagree"


def test_one_bad_token_beside_a_good_one_is_refused(sign_in: SignIn) -> None:
    assert refusal_of(sign_in.identity(), f"Bearer {sign_in.token()}", sign_in.token(lifetime=-3600)) == "expired"


def test_a_new_key_is_fetched_when_a_token_names_it(sign_in: SignIn) -> None:
    identity, before = sign_in.identity(), sign_in.token()
    assert identity.verify(f"Bearer {before}", None).oid
    sign_in.issuer.keys.rotate(retire=False)
    assert identity.verify(f"Bearer {sign_in.token()}", None).oid
    assert identity.verify(f"Bearer {before}", None).oid, "the earlier key is still published"


def test_a_retired_key_is_forgotten_once_keys_are_fetched_again(sign_in: SignIn) -> None:
    identity, before = sign_in.identity(), sign_in.token()
    assert identity.verify(f"Bearer {before}", None).oid
    sign_in.issuer.keys.rotate(retire=True)
    assert identity.verify(f"Bearer {sign_in.token()}", None).oid
    assert refusal_of(identity, f"Bearer {before}") == "unknown_key"


def test_made_up_key_ids_do_not_become_requests(sign_in: SignIn) -> None:
    identity = sign_in.identity(sign_in.keys(KeyTimes(between=60)))
    assert identity.verify(f"Bearer {sign_in.token()}", None).oid
    asked = sign_in.requests
    for _ in range(5):
        forged = SigningKey.make().sign({"iss": sign_in.issuer.issuer})
        assert refusal_of(identity, f"Bearer {forged}") == "unknown_key"
    assert sign_in.requests == asked


def test_keys_are_kept_between_requests(sign_in: SignIn) -> None:
    identity = sign_in.identity()
    for _ in range(3):
        identity.verify(f"Bearer {sign_in.token()}", None)
    assert sign_in.requests == 2, "one discovery document, one key set"


def test_an_issuer_that_cannot_be_reached_is_no_verdict_on_the_token(sign_in: SignIn) -> None:
    sign_in.is_down = True
    with pytest.raises(Unreadable, match="answered 503") as trouble:
        sign_in.identity().verify(f"Bearer {sign_in.token()}", None)
    assert trouble.value.code == "issuer_unreachable"
    with pytest.raises(Unreadable):
        sign_in.identity().ping()


def test_kept_keys_serve_while_the_issuer_is_away_but_not_for_ever(sign_in: SignIn) -> None:
    now = [0.0]
    identity = sign_in.identity(sign_in.keys(clock=lambda: now[0]))
    token = f"Bearer {sign_in.token()}"
    identity.verify(token, None)
    sign_in.is_down = True
    now[0] = 2 * 3600
    assert identity.verify(token, None).oid
    now[0] = 25 * 3600
    with pytest.raises(Unreadable):
        identity.verify(token, None)


def test_an_authority_that_is_not_trusted_is_an_issuer_out_of_reach(sign_in: SignIn, tmp_path: Path) -> None:
    stranger = str(make_authority(tmp_path / "other").ca_bundle)
    keys = SigningKeys(sign_in.issuer.issuer, ca_bundle=stranger)
    with pytest.raises(Unreadable, match="CERTIFICATE_VERIFY_FAILED"):
        sign_in.identity(keys).verify(f"Bearer {sign_in.token()}", None)


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "ISSUER", "jwks_uri": "https://169.254.169.254/keys"},
        {"issuer": "ISSUER", "jwks_uri": "OTHER/keys"},
        {"issuer": "https://elsewhere/v2.0", "jwks_uri": "SAME/keys"},
        {"issuer": "ISSUER"},
        ["no object"],
    ],
)
def test_a_discovery_document_that_points_elsewhere_is_not_followed(tmp_path: Path, document: Any) -> None:
    """Real keys are served at both places, so that nothing but the check keeps them from being taken."""
    authority = make_authority(tmp_path / "tls")
    keys = Route("/keys", lambda _: JSONResponse(IssuerKeys().as_jwks()))
    answer: list[Any] = []
    discovery = Route("/t/v2.0/.well-known/openid-configuration", lambda _: JSONResponse(answer[0]))
    site, other = (
        site_on(Starlette(routes=routes), certificate=authority.issue()) for routes in ([discovery, keys], [keys])
    )
    issuer = f"{site.url}/t/v2.0"
    told = json.dumps(document).replace("ISSUER", issuer).replace("SAME", site.url).replace("OTHER", other.url)
    answer.append(json.loads(told))
    with serving(site, other), pytest.raises(Unreadable):
        SigningKeys(issuer, ca_bundle=str(authority.ca_bundle)).ping()


def test_keys_are_fetched_over_https_alone() -> None:
    with pytest.raises(Unreadable, match="is not https"):
        SigningKeys("https://127.0.0.1:9/v2.0", jwks_uri="http://127.0.0.1:9/keys").ping()


def _segment(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()
