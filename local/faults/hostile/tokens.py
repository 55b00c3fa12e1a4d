"""Tokens and headers that claim to be somebody: only what the issuer signed, for us, now, is believed."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization

from local.faults.hostile import payloads
from local.faults.hostile.answers import accepted, called
from local.faults.hostile.scores import Broken, Scores
from local.faults.hostile.secrets import BEARER, COOKIE, PRINCIPAL, SAS_URL
from local.faults.hostile.site import BASE, Front, path_of, principal_header
from local.token_issuer.signing import SigningKey
from local.token_issuer.tokens import TokenRequest

SURFACE = "tokens"
OPERATOR = "olu.operator"
_CONFUSED: dict[str, tuple[Any, ...]] = {
    "exp": ("soon", None, [], {}, True, "", float("inf"), float("nan"), -1, "\ud800"),
    "nbf": ("never", [], {}, float("inf"), 10**20),
    "iat": ("never", [], float("inf"), 10**20),
    "aud": ("", [], {}, 7, ["nobody"], [7], "https://management.azure.com", "api://"),
    "iss": ("", [], {}, 7, "https://login.microsoftonline.com/common/v2.0", "https://evil.test"),
    "tid": ("", [], {}, 7, None, "00000000-0000-4000-8000-000000000000"),
    "oid": ("", " ", [], {}, 7, None),
}


def attack(scores: Scores, front: Front, size: int) -> None:
    """Every forged proof of identity on a route that people read, and the browser's ways to a route that writes."""
    scores.must(SURFACE, "a good token", _reads, front, front.sign_in.token(OPERATOR), accepted=True)
    for name, token in _forged(front):
        scores.must(SURFACE, name, _reads, front, token, accepted=False)
    for name, headers in _headers(front, size):
        scores.must(SURFACE, name, called, front, "/api/promotions", headers, accepted=False)
    _harmless_claims(scores, front)
    _rotation(scores, front)
    _cross_site(scores, front)


def _reads(front: Front, token: str | bytes) -> bool:
    value = b"Bearer " + (token if isinstance(token, bytes) else token.encode("utf-8", "surrogatepass"))
    answer = front.call("GET", "/api/promotions", [("authorization", value)])
    came_in = accepted(answer)
    if not came_in and answer.status not in {400, 401, 403}:
        raise Broken(f"it was refused with {answer.status}")
    return came_in


def _forged(front: Front) -> Iterator[tuple[str, str | bytes]]:
    issuer = front.sign_in.issuer
    claims = issuer.for_person(TokenRequest(OPERATOR)).claims
    current = issuer.keys.current
    public = current.private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)  # fmt: skip
    good = front.sign_in.token(OPERATOR)
    head, body, signature = good.split(".")
    yield "alg none", jwt.encode(claims, "", algorithm="none", headers={"kid": current.kid})
    for alg in (
        "none",
        "None",
        "NONE",
        "nOnE",
        "",
        "RS512",
        "PS256",
        "ES256",
        "HS256",
        None,
        7,
        ["RS256"],
        {"RS256": 1},
    ):
        yield f"alg {alg}", f"{_part({'alg': alg, 'typ': 'JWT', 'kid': current.kid})}.{body}.{signature}"
    for secret in (public, public.strip(), b"", current.kid.encode()):
        yield "HS256 with what is public", _hmac(claims, current.kid, secret)
    yield "a key of the same id", issuer.for_person(TokenRequest(OPERATOR, sign_with="unpublished")).text
    yield "a key nobody published", SigningKey.make().sign(claims)
    yield "its own key in the header", jwt.encode(claims, SigningKey.make().private, "RS256", headers={"kid": current.kid, "jwk": SigningKey.make().as_jwk()})  # fmt: skip
    yield "a key set elsewhere", jwt.encode(claims, SigningKey.make().private, "RS256", headers={"kid": current.kid, "jku": "https://evil.test/keys", "x5u": "https://evil.test"})  # fmt: skip
    yield "crit", jwt.encode(claims, current.private, "RS256", headers={"kid": current.kid, "crit": ["b64"], "b64": False})  # fmt: skip
    for kid in ("", "../../dev/null", "' or 1=1", "\x00", "k" * 4_000, None, 7, [current.kid]):
        yield f"kid {str(kid)[:20]}", f"{_part({'alg': 'RS256', 'kid': kid})}.{body}.{signature}"
    yield "expired", issuer.for_person(TokenRequest(OPERATOR, lifetime=-3_600)).text
    yield "not yet valid", current.sign({**claims, "nbf": int(time.time()) + 3_600})
    yield "for somebody else", issuer.for_managed_identity("https://management.azure.com").text
    for name, values in _CONFUSED.items():
        if name not in {"nbf", "iat"}:
            yield f"no {name}", current.sign({k: v for k, v in claims.items() if k != name})
        for value in values:
            yield f"{name} {str(value)[:20]}", _raw(current, {**claims, name: value})
    for place in (*range(0, len(good), 37), len(good) - 1):
        flipped = good[:place] + ("A" if good[place] != "A" else "Q") + good[place + 1 :]
        if place < len(good) - 1:
            yield f"character {place} changed", flipped
    for broken in (head, f"{head}.{body}", f"{head}.{body}.", f"..{signature}", f"{good}.{good}", good[:-10], "a.b.c", "....", "é.é.é", "=" * 40, "a" * 40_000, f"{_part('[' * 100_000)}.{body}.{signature}", BEARER):  # fmt: skip
        yield f"broken: {broken[:20]!r}", broken
    yield "bytes", b"\xff\xfe\x00\x80.\xff.\xff"


def _headers(front: Front, size: int) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Everything but a token that could be taken for a proof."""
    person = front.sign_in.issuer.people.people[OPERATOR]
    forged = principal_header(
        roles="Operator", oid=person.oid, tid=front.sign_in.issuer.people.tenant_id, name=PRINCIPAL
    )
    told = [
        ("x-ms-client-principal", forged),
        ("x-ms-client-principal-id", person.oid),
        ("x-ms-client-principal-name", person.upn),
        ("x-ms-client-principal-idp", "aad"),
    ]
    yield "X-MS-CLIENT-PRINCIPAL and its sisters", told
    yield (
        "an access token that App Service forwards",
        [*told, ("x-ms-token-aad-access-token", front.sign_in.token(OPERATOR))],
    )
    yield "a cookie", [("cookie", f"AppServiceAuthSession={COOKIE}"), ("referer", SAS_URL)]
    yield "basic", [("authorization", "Basic b2x1Om9sdQ==")]
    yield "two people", [("authorization", f"Bearer {front.sign_in.token(OPERATOR)}"), ("x-ms-token-aad-id-token", front.sign_in.token("ana.auditor"))]  # fmt: skip
    yield "a good one and a bad one", [("authorization", f"Bearer {front.sign_in.token(OPERATOR)}"), ("authorization", "Bearer x.y.z")]  # fmt: skip
    yield "no role", [("authorization", f"Bearer {front.sign_in.token(OPERATOR, roles=[])}")]
    for roles in ("Operator", {"Operator": 1}, ["operator"], ["Operator "], [["Operator"]], [None], 7, ["Admin"]):
        yield f"roles {roles}", [("authorization", f"Bearer {front.sign_in.token(OPERATOR, roles=roles)}")]
    for text in payloads.TEXTS[: size * 2]:
        clean = text.replace("\r", " ").replace("\n", " ")
        yield (
            f"authorization {clean[:20]!r}",
            [("authorization", clean or "Bearer"), ("x-ms-token-aad-id-token", clean)],
        )


def _harmless_claims(scores: Scores, front: Front) -> None:
    """Names come from the tenant, and a page shows them: nothing in them may run."""
    for text in (*payloads.XSS, *payloads.UNSEEN, *payloads.TEMPLATES):
        if "\ud800" not in text:
            token = front.sign_in.token(OPERATOR, name=text, preferred_username=text)
            headers = [("x-ms-token-aad-id-token", token), ("accept", "text/html")]
            scores.must(SURFACE, f"name {text[:20]!r}", called, front, "/", headers, accepted=True)


def _rotation(scores: Scores, front: Front) -> None:
    """Old and new key while both are published; the old one no more once it is taken away."""
    old = front.sign_in.issuer.for_person(TokenRequest(OPERATOR)).text
    front.sign_in.issuer.keys.rotate(retire=False)
    front.sign_in.pass_minutes(2)
    new = front.sign_in.issuer.for_person(TokenRequest(OPERATOR)).text
    for name, token in (("the new key", new), ("the old key beside it", old)):
        scores.must(SURFACE, name, _reads, front, token, accepted=True)
    front.sign_in.issuer.keys.rotate(retire=True)
    front.sign_in.pass_minutes(120)
    newest = front.sign_in.issuer.for_person(TokenRequest(OPERATOR)).text
    scores.must(SURFACE, "the newest key", _reads, front, newest, accepted=True)
    for name, token in (("a key taken away", old), ("another key taken away", new)):
        scores.must(SURFACE, name, _reads, front, token, accepted=False)
    front.sign_in.forget_tokens()


def _cross_site(scores: Scores, front: Front) -> None:
    """A sign-in that a browser adds by itself does not let another site write."""
    promotion = front.asked()
    path = f"/api/promotions/{path_of(promotion)}/reevaluate"
    mine = [("x-ms-token-aad-id-token", front.sign_in.token(OPERATOR)), ("content-type", "application/json")]
    for name, more in {
        "no origin": [],
        "another origin": [("origin", "https://evil.test")],
        "null origin": [("origin", "null")],
        "a longer origin": [("origin", f"{BASE}.evil.test")],
        "http for https": [("origin", BASE.replace("https", "http"))],
        "two origins": [("origin", BASE), ("origin", "https://evil.test")],
        "cross-site": [("origin", BASE), ("sec-fetch-site", "cross-site")],
        "same-site": [("origin", BASE), ("sec-fetch-site", "same-site")],
        "none": [("origin", BASE), ("sec-fetch-site", "none")],
        "fetched twice": [("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
        "a referer only": [("referer", f"{BASE}/")],
    }.items():
        sent = [*mine, *more]
        scores.must(SURFACE, f"a post with {name}", called, front, path, sent, "POST", b"{}", accepted=False)
    own = [*mine, ("origin", BASE), ("sec-fetch-site", "same-origin")]
    scores.must(SURFACE, "a post of our own page", called, front, path, own, "POST", b"{}", accepted=True)


def _part(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _hmac(claims: dict[str, Any], kid: str, secret: bytes) -> str:
    signed = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': kid})}.{_part(claims)}"
    digest = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def _raw(key: SigningKey, claims: dict[str, Any]) -> str:
    """A token that is truly signed, whatever its claims are: `jwt.encode` would refuse to write some of them."""
    payload = json.dumps(claims).encode("utf-8", "surrogatepass")
    return jwt.PyJWS().encode(payload, key.private, algorithm="RS256", headers={"kid": key.kid})
