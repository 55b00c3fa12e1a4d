"""The public keys of a token issuer: fetched over https, kept, and fetched again when a token names a new one."""

import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from shared.domain.errors import Unreadable

LARGEST_DOCUMENT = 256 * 1024
SHORTEST_KEY = 2048  # bits; NIST SP 800-131A
_TIMEOUT = 5.0


@dataclass(frozen=True, slots=True)
class KeyTimes:
    """When keys are fetched, in seconds.

    Attributes:
        fresh: kept keys are taken without asking again.
        stale: kept keys still serve while the issuer cannot be reached.
        between: at most one fetch in this time, so that tokens with made-up key ids do not become requests.
    """

    fresh: float = 3600.0
    stale: float = 24 * 3600.0
    between: float = 60.0


class SigningKeys:
    """RSA keys by key id, safe between threads.

    Args:
        issuer: as tokens spell it; its discovery document names the keys unless `jwks_uri` does.
        jwks_uri: https URL of the key set, or None.
        ca_bundle: PEM file of authorities to trust in place of the usual ones, or None.
        times: see `KeyTimes`.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        issuer: str,
        jwks_uri: str | None = None,
        ca_bundle: str | None = None,
        times: KeyTimes = KeyTimes(),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer = issuer
        self._jwks_uri = jwks_uri
        self._ca_bundle = ca_bundle
        self._times = times
        self._clock = clock
        self._lock = Lock()
        self._keys: Mapping[str, RSAPublicKey] = {}
        self._fetched = self._tried = float("-inf")
        self._trouble = ""

    def find(self, kid: str) -> RSAPublicKey | None:
        """The key with this id; None where the issuer publishes none.

        Raises:
            Unreadable: the issuer's keys cannot be had now, and none are kept that may still serve.
        """
        with self._lock:
            age = self._clock() - self._fetched
            if (kid not in self._keys or age > self._times.fresh) and self._may_fetch():
                self._fetch()
            if self._clock() - self._fetched > self._times.stale or (self._trouble and kid and kid not in self._keys):
                raise Unreadable("issuer_unreachable", f"The keys of {self._issuer} cannot be had: {self._trouble}.")
            return self._keys.get(kid)

    def ping(self) -> None:
        """Check that there are keys to verify with; see `find` for what is raised."""
        self.find("")

    def _may_fetch(self) -> bool:
        return self._clock() - self._tried >= (self._times.between if self._keys else min(5.0, self._times.between))

    def _fetch(self) -> None:
        self._tried = self._clock()
        try:
            self._keys = self._published()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError, OSError) as error:
            self._trouble = f"{type(error).__name__}: {error}"[:300]
            return
        self._fetched, self._trouble = self._clock(), ""

    def _published(self) -> dict[str, RSAPublicKey]:
        context = ssl.create_default_context(cafile=self._ca_bundle)
        with httpx.Client(verify=context, timeout=_TIMEOUT, follow_redirects=False) as client:
            uri = self._jwks_uri or self._discovered(client)
            listed = _document(client, uri)["keys"]
        keys = {str(jwk["kid"]): key for jwk in listed if (key := _rsa_key(jwk)) is not None}
        if not keys:
            raise ValueError(f"{uri} lists no RSA key of at least {SHORTEST_KEY} bits")
        return keys

    def _discovered(self, client: httpx.Client) -> str:
        found = _document(client, f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        uri = str(found["jwks_uri"])
        if found["issuer"] != self._issuer or urlsplit(uri).netloc != urlsplit(self._issuer).netloc:
            raise ValueError(f"its discovery document speaks for {found['issuer']} with keys at {uri}")
        return uri


def _document(client: httpx.Client, url: str) -> dict[str, Any]:
    if urlsplit(url).scheme != "https":
        raise ValueError(f"{url} is not https")
    with client.stream("GET", url) as response:
        if response.status_code != 200:
            raise ValueError(f"{url} answered {response.status_code}")
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > LARGEST_DOCUMENT:
                raise ValueError(f"{url} is larger than {LARGEST_DOCUMENT} bytes")
    return dict(httpx.Response(200, content=bytes(body)).json())


def _rsa_key(jwk: Any) -> RSAPublicKey | None:
    """The key, if it is an RSA key for signatures that is long enough; others in the set are not ours to judge."""
    if not isinstance(jwk, dict) or jwk.get("kty") != "RSA" or jwk.get("use", "sig") != "sig" or not jwk.get("kid"):
        return None
    key = jwt.PyJWK({**jwk, "alg": "RS256"}).key
    return key if isinstance(key, RSAPublicKey) and key.key_size >= SHORTEST_KEY else None
