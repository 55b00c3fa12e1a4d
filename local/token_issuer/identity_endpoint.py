"""App Service's managed identity endpoint, as azure-identity's ManagedIdentityCredential asks it.

Protocol: learn.microsoft.com/azure/app-service/overview-managed-identity, "REST endpoint reference", version 2019-08-01.
"""

import hmac

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from local.token_issuer.tokens import TokenIssuer

PATH = "/msi/token"
API_VERSION = "2019-08-01"


def identity_app(issuer: TokenIssuer, header_secret: str) -> Starlette:
    """The plain-http app that `IDENTITY_ENDPOINT` points at.

    Args:
        issuer: signs the tokens.
        header_secret: value of `IDENTITY_HEADER` that callers must repeat in `X-IDENTITY-HEADER`.
    """

    def token(request: Request) -> JSONResponse:
        given = request.headers.get("x-identity-header", "")
        if not hmac.compare_digest(given.encode(), header_secret.encode()):
            return _refusal(401, "the header X-IDENTITY-HEADER is missing or is not the value of IDENTITY_HEADER")
        return _answer(issuer, request)

    return Starlette(routes=[Route(PATH, token)])


def _answer(issuer: TokenIssuer, request: Request) -> JSONResponse:
    resource = request.query_params.get("resource", "")
    known = issuer.people.managed_identity
    asked = request.query_params.get("client_id", known.client_id)
    if request.query_params.get("api-version") != API_VERSION:
        return _refusal(400, f"api-version must be {API_VERSION}")
    if not resource:
        return _refusal(400, "the query parameter resource is missing")
    if asked.lower() != known.client_id:
        return _refusal(400, f"no managed identity has the client id {asked}; this app has {known.client_id}")
    token = issuer.for_managed_identity(resource)
    return JSONResponse(
        {
            "access_token": token.text,
            "client_id": known.client_id,
            "expires_on": str(token.claims["exp"]),
            "resource": resource,
            "token_type": "Bearer",
        }
    )


def _refusal(status: int, message: str) -> JSONResponse:
    return JSONResponse({"statusCode": status, "message": message}, status)
