"""The issuer's RSA keys: one signs, all published ones verify, as Entra rolls its keys over."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An RSA key pair under the id that token headers name."""

    kid: str
    private: rsa.RSAPrivateKey

    @classmethod
    def make(cls) -> "SigningKey":
        """A new 2048-bit pair."""
        return cls(uuid4().hex, rsa.generate_private_key(public_exponent=65537, key_size=2048))

    def sign(self, claims: dict[str, Any]) -> str:
        """An RS256 token."""
        return jwt.encode(claims, self.private, algorithm="RS256", headers={"kid": self.kid})

    def as_jwk(self) -> dict[str, Any]:
        """The public half, as the key set document lists it."""
        public = json.loads(RSAAlgorithm.to_jwk(self.private.public_key()))
        return {"kid": self.kid, "kty": "RSA", "use": "sig", "alg": "RS256", "n": public["n"], "e": public["e"]}


class SigningKeys:
    """The published keys, the last of which signs."""

    def __init__(self) -> None:
        self._published = [SigningKey.make()]

    @property
    def current(self) -> SigningKey:
        """The key that signs now."""
        return self._published[-1]

    def rotate(self, *, retire: bool) -> SigningKey:
        """Sign with a new key from now on; `retire` also takes the earlier ones out of the published set."""
        self._published = [*([] if retire else self._published), SigningKey.make()]
        return self.current

    def as_jwks(self) -> dict[str, Any]:
        """The key set document."""
        return {"keys": [key.as_jwk() for key in self._published]}
