"""Tokens of the sample people, from the platform's issuer."""

import ssl
import time
from typing import Any

import httpx
from azure.core.credentials import AccessToken

from local.platform.address import Address


class TokenRefused(Exception):
    """The issuer gave no token; the text is its explanation."""


class Tokens:
    """A client of the issuer."""

    def __init__(self, address: Address) -> None:
        self._url = address.tokens
        self._http = httpx.Client(verify=ssl.create_default_context(cafile=address.ca_bundle), trust_env=False)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def token(self, person: str, **wanted: Any) -> str:
        """A signed token for one of the people of `local/people.json`.

        Args:
            person: key, such as "rosa.risk".
            wanted: further fields of `local.token_issuer.TokenRequest`: kind, audience, lifetime, claims, sign_with.

        Raises:
            TokenRefused: nobody has that key, or a field is faulty.
        """
        answer = self._http.post(self._url, json={"person": person, **wanted})
        if answer.is_error:
            raise TokenRefused(answer.json().get("error_description", answer.text))
        return str(answer.json()["token"])


class PersonCredential:
    """Somebody's credential as the Azure SDK takes it: a token for each audience it asks for."""

    def __init__(self, tokens: Tokens, person: str) -> None:
        self._tokens = tokens
        self._person = person

    def get_token(self, *scopes: str, **_options: Any) -> AccessToken:
        """An access token for the one scope that clients ask for at a time."""
        audience = scopes[0].removesuffix("/.default")
        text = self._tokens.token(self._person, kind="access", audience=audience)
        return AccessToken(text, int(time.time()) + 3000)
