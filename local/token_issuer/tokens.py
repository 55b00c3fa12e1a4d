"""What the tokens say: Entra's version 2.0 claims for people, and for the app's managed identity."""

import time
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import uuid4

import jwt
from pydantic import ConfigDict
from pydantic.dataclasses import dataclass as checked_dataclass

from local.token_issuer.people import People, Person
from local.token_issuer.signing import SigningKey, SigningKeys

DEFAULT_LIFETIME = 3600
_CLOCK_SKEW = 300  # Entra dates tokens five minutes back

SignWith = Literal["current", "unpublished", "none"]


@checked_dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class TokenRequest:
    """What to put into a person's token.

    Attributes:
        person: key in the people file.
        kind: "id" as a sign-in gives, or "access" with `azp` and `scp`.
        audience: None for the application's client id.
        lifetime: seconds from now; negative for a token that has expired.
        claims: replaced or added; a claim set to None is left out.
        sign_with: "unpublished" forges with a key of the same id that nobody published, "none" leaves it unsigned.
    """

    person: str
    kind: Literal["id", "access"] = "id"
    audience: str | None = None
    lifetime: int = DEFAULT_LIFETIME
    claims: dict[str, Any] = field(default_factory=dict)
    sign_with: SignWith = "current"


@dataclass(frozen=True, slots=True)
class Token:
    """A token and the claims in it."""

    text: str
    claims: dict[str, Any]


class TokenIssuer:
    """Issues tokens under one issuer URL.

    Args:
        people: whom it vouches for.
        keys: what it signs with.
        base_url: `https://127.0.0.1:port`, where the discovery document is served.
    """

    def __init__(self, people: People, keys: SigningKeys, base_url: str) -> None:
        self.people = people
        self.keys = keys
        self.base_url = base_url

    @property
    def issuer(self) -> str:
        """The `iss` of every token."""
        return f"{self.base_url}/{self.people.tenant_id}/v2.0"

    @property
    def jwks_uri(self) -> str:
        """Where the published keys are."""
        return f"{self.base_url}/{self.people.tenant_id}/discovery/v2.0/keys"

    def discovery(self) -> dict[str, Any]:
        """The OpenID Connect discovery document."""
        root = f"{self.base_url}/{self.people.tenant_id}"
        return {
            "issuer": self.issuer,
            "jwks_uri": self.jwks_uri,
            "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
            "token_endpoint": f"{root}/oauth2/v2.0/token",
            "response_types_supported": ["code", "id_token"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def for_person(self, request: TokenRequest) -> Token:
        """A token for one of the people.

        Raises:
            KeyError: nobody has that key; the argument is a sentence.
        """
        person = self.people.people.get(request.person)
        if person is None:
            raise KeyError(f"no person {request.person!r}; known are {', '.join(sorted(self.people.people))}")
        claims = self._dated(request.audience or self.people.client_id, request.lifetime)
        claims |= self._claims_of(person, request.kind) | request.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        return Token(self._sign(claims, request.sign_with), claims)

    def for_managed_identity(self, resource: str) -> Token:
        """An access token of the app's identity for `resource`."""
        identity = self.people.managed_identity
        claims = self._dated(resource, DEFAULT_LIFETIME * 24) | {
            "tid": self.people.tenant_id,
            "oid": identity.oid,
            "sub": identity.oid,
            "appid": identity.client_id,
            "azp": identity.client_id,
            "idtyp": "app",
            "ver": "2.0",
        }
        return Token(self.keys.current.sign(claims), claims)

    def _claims_of(self, person: Person, kind: str) -> dict[str, Any]:
        access = {"azp": self.people.client_id, "scp": "user_impersonation"} if kind == "access" else {}
        return access | {
            "tid": self.people.tenant_id,
            "oid": person.oid,
            "sub": person.oid,
            "name": person.name,
            "preferred_username": person.upn,
            "roles": list(person.roles),
            "ver": "2.0",
        }

    def _dated(self, audience: str, lifetime: int) -> dict[str, Any]:
        now = int(time.time())
        issued = min(now, now + lifetime) - _CLOCK_SKEW
        times = {"iat": issued, "nbf": issued, "exp": now + lifetime}
        return {"iss": self.issuer, "aud": audience, "uti": uuid4().hex, **times}

    def _sign(self, claims: dict[str, Any], sign_with: SignWith) -> str:
        if sign_with == "none":
            return jwt.encode(claims, "", algorithm="none")
        current = self.keys.current
        forged = sign_with == "unpublished"  # making a key takes a tenth of a second
        return (SigningKey(current.kid, SigningKey.make().private) if forged else current).sign(claims)
