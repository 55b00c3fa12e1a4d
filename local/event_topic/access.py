"""Who may send: holders of the access key, and bearers of a token for the service, signed by the token issuer."""

import hmac
import logging
import ssl
from dataclasses import dataclass

import jwt
from jwt import PyJWKClient
from starlette.datastructures import Headers

EVENT_GRID = ("https://eventgrid.azure.net", "https://eventgrid.azure.net/")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Access:
    """A service's two ways in; a way that is None is closed.

    Attributes:
        key: the access key that `aeg-sas-key` must hold.
        signing_keys: where bearer tokens find their key.
        audiences: whom tokens must be for.
    """

    key: str | None = None
    signing_keys: PyJWKClient | None = None
    audiences: tuple[str, ...] = EVENT_GRID

    @classmethod
    def of(
        cls, key: str | None, jwks_uri: str | None, tls: ssl.SSLContext, audiences: tuple[str, ...] = EVENT_GRID
    ) -> "Access":
        """Access by `key`, and by tokens for `audiences` whose keys are published at `jwks_uri`."""
        return cls(key, PyJWKClient(jwks_uri, ssl_context=tls, timeout=5) if jwks_uri else None, audiences)

    def refusal(self, headers: Headers) -> str | None:
        """Why the bearer of these headers may not publish; None if it may. Blocks while it fetches a new signing key."""
        given = headers.get("aeg-sas-key")
        if given is not None:
            right = self.key is not None and hmac.compare_digest(given.encode(), self.key.encode())
            return None if right else "the aeg-sas-key is not the key of this topic"
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return "the request carries neither aeg-sas-key nor a bearer token"
        return self._token_refusal(token)

    def _token_refusal(self, token: str) -> str | None:
        if self.signing_keys is None:
            return "this topic was started without --jwks, so it cannot check bearer tokens"
        try:
            key = self.signing_keys.get_signing_key_from_jwt(token)
            jwt.decode(token, key, algorithms=["RS256"], audience=self.audiences, options={"require": ["exp", "aud"]})
        except jwt.PyJWTError as error:
            _log.info("token refused: %s", error)
            return f"the bearer token is not valid for {self.audiences[0]}: {error}"
        return None
