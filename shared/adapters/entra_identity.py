"""The port Identity on tokens of Microsoft Entra: signature, issuer, audience, tenant, time.

Claims: learn.microsoft.com/entra/identity-platform/id-token-claims-reference and access-token-claims-reference. App
Service forwards the ID token of its sign-in; its X-MS-CLIENT-PRINCIPAL header proves nothing and is not read.
"""

from dataclasses import dataclass
from typing import Any

import jwt

from shared.adapters.signing_keys import SigningKeys
from shared.domain.errors import NotAuthenticated
from shared.ports import Principal

ALGORITHM = "RS256"
LEEWAY = 60
"""Seconds by which our clock and the issuer's may differ."""

LONGEST_TOKEN = 32 * 1024


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say.

    Attributes:
        issuer: `iss`, for Entra `https://login.microsoftonline.com/<tenant>/v2.0`.
        audiences: any of these in `aud`: the app's client id, and its application id URI for access tokens.
        tenant: `tid`.
    """

    issuer: str
    audiences: tuple[str, ...]
    tenant: str


class EntraIdentity:
    """Identity, safe between threads."""

    def __init__(self, expected: Expected, keys: SigningKeys) -> None:
        self._expected = expected
        self._keys = keys

    def verify(self, authorization: str | None, forwarded: str | None) -> Principal:
        """Verify every token that a request carries; they must all speak of the same person with the same roles.

        Raises:
            NotAuthenticated: no token, one that does not hold, or two that disagree.
            Unreadable: the issuer's keys cannot be had now.
        """
        tokens = dict.fromkeys((*_bearers(authorization), *_listed(forwarded)))
        if not tokens:
            raise NotAuthenticated("no_token", "The request carries no token: sign in, or send Authorization: Bearer.")
        found = [self._principal(token) for token in tokens]
        if any((each.tid, each.oid, each.roles) != (found[0].tid, found[0].oid, found[0].roles) for each in found):
            raise NotAuthenticated("tokens_disagree", "The request carries tokens of different people or roles.")
        return found[0]

    def ping(self) -> None:
        """Check that the issuer's keys can be had; raises `Unreadable` where they cannot."""
        self._keys.ping()

    def _principal(self, token: str) -> Principal:
        claims = self._claims(token)
        tid, oid = _guid(claims, "tid"), _guid(claims, "oid")
        if tid != self._expected.tenant.casefold():
            raise NotAuthenticated("wrong_tenant", "The token is of another tenant.")
        username = _text(claims, "preferred_username") or _text(claims, "upn")
        name = _text(claims, "name") or username or oid
        return Principal(tid, oid, name, _roles(claims), username, _is_application(claims))

    def _claims(self, token: str) -> dict[str, Any]:
        key = self._keys.find(_key_id(token))
        if key is None:
            raise NotAuthenticated("unknown_key", "The token is signed with a key that its issuer does not publish.")
        try:
            return jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=self._expected.audiences,
                issuer=self._expected.issuer,
                leeway=LEEWAY,
                options={"require": ["exp", "iss", "aud", "tid", "oid"]},
            )
        except jwt.InvalidTokenError as error:
            raise _refusal(error) from error


_REFUSALS: tuple[tuple[type[Exception], str, str], ...] = (
    (jwt.ExpiredSignatureError, "expired", "The token has expired: sign in again."),
    (jwt.ImmatureSignatureError, "not_yet_valid", "The token is not valid yet: compare the clocks."),
    (jwt.InvalidAudienceError, "wrong_audience", "The token is meant for another application."),
    (jwt.InvalidIssuerError, "wrong_issuer", "The token comes from another issuer."),
    (
        jwt.MissingRequiredClaimError,
        "missing_claim",
        "The token lacks a claim that is needed: exp, iss, aud, tid, oid.",
    ),
    (jwt.InvalidSignatureError, "bad_signature", "The token's signature does not hold."),
)


def _refusal(error: Exception) -> NotAuthenticated:
    for kind, code, sentence in _REFUSALS:
        if isinstance(error, kind):
            return NotAuthenticated(code, sentence)
    return _malformed()


def _malformed() -> NotAuthenticated:
    return NotAuthenticated("malformed_token", "The token is no complete JSON Web Token.")


def _key_id(token: str) -> str:
    if len(token) > LONGEST_TOKEN:
        raise _malformed()
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.InvalidTokenError, RecursionError) as error:  # nobody has signed this yet: it may be anything
        raise _malformed() from error
    if header.get("alg") != ALGORITHM:
        raise NotAuthenticated("wrong_algorithm", f"The token must be signed with {ALGORITHM}.")
    kid = header.get("kid")
    if "crit" in header or not isinstance(kid, str) or not kid:
        raise _malformed()
    return kid


def _bearers(authorization: str | None) -> list[str]:
    """The tokens of an Authorization header, also one that came more than once (values joined by commas)."""
    found = []
    for value in _listed(authorization):
        scheme, _, token = value.partition(" ")
        if scheme.casefold() != "bearer" or not token.strip():
            raise NotAuthenticated(
                "unsupported_scheme", "The Authorization header must be: Bearer, a space, the token."
            )
        found.append(token.strip())
    return found


def _listed(header: str | None) -> list[str]:
    return [value for part in (header or "").split(",") if (value := part.strip())]


def _guid(claims: dict[str, Any], name: str) -> str:
    if not (value := _text(claims, name)):
        raise NotAuthenticated("missing_claim", f"The token's claim {name} is empty or no text.")
    return value.casefold()


def _text(claims: dict[str, Any], name: str) -> str | None:
    value = claims.get(name)
    return value if isinstance(value, str) and value.strip() else None


def _roles(claims: dict[str, Any]) -> tuple[str, ...]:
    roles = claims.get("roles")
    return tuple(sorted({role for role in roles if isinstance(role, str)})) if isinstance(roles, list) else ()


def _is_application(claims: dict[str, Any]) -> bool:
    """By `idtyp`, or where the tenant does not emit it: an access token (`azp`) that no user delegated (`scp`)."""
    delegated = "scp" in claims or "preferred_username" in claims or "upn" in claims
    return claims.get("idtyp") == "app" or (("azp" in claims or "appid" in claims) and not delegated)
