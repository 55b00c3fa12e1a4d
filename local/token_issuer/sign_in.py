"""The https side of the issuer: discovery, published keys, tokens for the sample people, key rotation on request."""

from json import JSONDecodeError
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from local.token_issuer.tokens import TokenIssuer, TokenRequest


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class Rotation:
    """What `POST /_issuer/keys/rotate` takes."""

    retire_old: bool = False


_TOKEN_REQUEST = TypeAdapter(TokenRequest)
_ROTATION = TypeAdapter(Rotation)


def sign_in_app(issuer: TokenIssuer) -> Starlette:
    """The app: `/{tid}/v2.0/.well-known/openid-configuration`, `/{tid}/discovery/v2.0/keys`, and the `/_issuer` requests."""

    def discovery(_request: Request) -> JSONResponse:
        return JSONResponse(issuer.discovery())

    def keys(_request: Request) -> JSONResponse:
        return JSONResponse(issuer.keys.as_jwks())

    async def tokens(request: Request) -> JSONResponse:
        try:
            token = issuer.for_person(_TOKEN_REQUEST.validate_python(await _json(request)))
        except (ValidationError, KeyError, JSONDecodeError) as error:
            return JSONResponse({"error": "invalid_request", "error_description": _sentence(error)}, 400)
        return JSONResponse({"token": token.text, "claims": token.claims, "expires_on": token.claims.get("exp")})

    async def rotate(request: Request) -> JSONResponse:
        try:
            asked = _ROTATION.validate_python(await _json(request))
        except (ValidationError, JSONDecodeError) as error:
            return JSONResponse({"error": "invalid_request", "error_description": _sentence(error)}, 400)
        return JSONResponse({"kid": issuer.keys.rotate(retire=asked.retire_old).kid})

    tenant = f"/{issuer.people.tenant_id}"
    return Starlette(
        routes=[
            Route(f"{tenant}/v2.0/.well-known/openid-configuration", discovery),
            Route(f"{tenant}/discovery/v2.0/keys", keys),
            Route("/_issuer/tokens", tokens, methods=["POST"]),
            Route("/_issuer/keys/rotate", rotate, methods=["POST"]),
        ]
    )


async def _json(request: Request) -> Any:
    return await request.json() if await request.body() else {}


def _sentence(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
    return str(error.args[0])
