"""Bearer tokens: who calls, and whether the token is good."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import jwt

from local.azure_ml.config import Behaviour, CreatedByKind
from local.azure_ml.errors import WireError, arm_error
from local.azure_ml.state import SystemData
from local.azure_ml.timestamps import wire_time

AZURE_AUDIENCES = (
    "https://management.azure.com",
    "https://management.core.windows.net",
    "https://ml.azure.com",
)


@dataclass(frozen=True, slots=True)
class Caller:
    """The identity behind a request, with every spelling Azure ML may use for it."""

    object_id: str = "00000000-0000-4000-8000-000000000001"
    display_name: str = "Emulator User"
    upn: str = "emulator.user@contoso.com"
    application_id: str = "00000000-0000-4000-8000-000000000002"
    is_application: bool = False

    def spelled(self, kind: CreatedByKind) -> str:
        """Return the caller as ``createdBy`` would spell it; applications have no UPN and no display name in a token."""
        names = {
            "display_name": self.display_name or self.application_id,
            "upn": self.upn or self.application_id,
            "object_id": self.object_id,
            "application_id": self.application_id,
        }
        return names[kind]


ANONYMOUS = Caller()


def caller_of(claims: Mapping[str, Any]) -> Caller:
    """Build a caller from the claims of an Entra access token (v1 and v2 claim names)."""
    application = str(claims.get("appid") or claims.get("azp") or "")
    upn = str(claims.get("upn") or claims.get("preferred_username") or "")
    is_application = claims.get("idtyp") == "app" or (not upn and not claims.get("name"))
    object_id = str(claims.get("oid") or claims.get("sub") or "")
    return Caller(object_id, str(claims.get("name") or ""), upn, application or object_id, is_application)


def stamp(caller: Caller, behaviour: Behaviour) -> SystemData:
    """Return fresh ``systemData`` for something the caller makes now."""
    kinds = behaviour.created_by_of
    kind = kinds.get(caller.object_id) or kinds.get(caller.application_id) or behaviour.created_by
    now, name = wire_time(), caller.spelled(kind)
    by = "Application" if caller.is_application or kind == "application_id" else "User"
    return SystemData(now, name, by, now, name, by)


def restamp(system: SystemData) -> SystemData:
    """Return ``systemData`` for something the same caller makes now."""
    now = wire_time()
    return replace(
        system,
        created_at=now,
        last_modified_at=now,
        last_modified_by=system.created_by,
        last_modified_by_type=system.created_by_type,
    )


@dataclass(slots=True)
class TokenCheck:
    """Checks bearer tokens. Without ``keys_path`` any non-empty bearer passes."""

    keys_path: Path | None
    audiences: tuple[str, ...]
    _keys: dict[str, jwt.PyJWK] = field(default_factory=dict)
    _loaded: float = -1.0

    def caller(self, authorization: str) -> Caller:
        """Return who calls.

        Args:
            authorization: the Authorization header.

        Raises:
            WireError: 401 in the shape of Azure Resource Manager.
        """
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise unauthorized("AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")
        if self.keys_path is None:
            return _unverified(token)
        return caller_of(self._verified(token.strip()))

    def _verified(self, token: str) -> dict[str, Any]:
        try:
            key = self._key(str(jwt.get_unverified_header(token).get("kid", "")))
            claims = jwt.decode(token, key, algorithms=[key.algorithm_name], options={"verify_aud": False})
        except jwt.ExpiredSignatureError as error:
            raise unauthorized("ExpiredAuthenticationToken", "The access token expired.") from error
        except jwt.PyJWTError as error:
            raise unauthorized("InvalidAuthenticationToken", f"The access token is invalid: {error}.") from error
        self._check(claims)
        return claims

    def _check(self, claims: Mapping[str, Any]) -> None:
        if "exp" not in claims or float(claims["exp"]) < time.time():
            raise unauthorized("ExpiredAuthenticationToken", "The access token has no expiry or has expired.")
        found = claims.get("aud")
        named = found if isinstance(found, list) else [found]
        if not {str(name).rstrip("/") for name in named} & {name.rstrip("/") for name in self.audiences}:
            message = f"The access token has been obtained for wrong audience or resource '{found}'."
            raise unauthorized("InvalidAuthenticationTokenAudience", message)

    def _key(self, kid: str) -> jwt.PyJWK:
        """Return the key of a token, reading the file again when it is newer than what is known."""
        assert self.keys_path is not None
        changed = self.keys_path.stat().st_mtime
        if changed != self._loaded:
            keys = jwt.PyJWKSet.from_dict(json.loads(self.keys_path.read_text())).keys
            self._keys, self._loaded = {str(key.key_id): key for key in keys}, changed
        if kid not in self._keys:
            raise jwt.InvalidKeyError(f"no key '{kid}' in the key set")
        return self._keys[kid]


def unauthorized(code: str, message: str) -> WireError:
    """Return a 401 as Azure Resource Manager answers it."""
    challenge = f'Bearer authorization_uri="https://login.microsoftonline.com", error="invalid_token", error_description="{code}"'
    return arm_error(401, code, message, {"WWW-Authenticate": challenge})


def _unverified(token: str) -> Caller:
    try:
        return caller_of(jwt.decode(token, options={"verify_signature": False}))
    except jwt.InvalidTokenError:  # an opaque token: somebody nameless is still somebody
        return ANONYMOUS
