"""Sign-in in front of the app, as App Service does it in Azure: forwards the ID token of whoever is signed in.

Command: `python -m local.sign_in --port N --app URL --tokens URL --ca FILE`. Unlike App Service it asks no password: one
picks one of the sample people. What it adds is App Service's header `X-MS-TOKEN-AAD-ID-TOKEN`; what a caller sends under
such a name is dropped (learn.microsoft.com/azure/app-service/configure-authentication-user-identities).
"""

import argparse
import html
import ssl
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from local.serving import run_until_signal, site_on
from local.token_issuer import People, read_people

LOGIN = "/.auth/login/aad"
LOGOUT = "/.auth/logout"
_COOKIE = "clearance-person"
_FORWARDED = "x-ms-token-aad-id-token"
# Of one hop only (RFC 9110 section 7.6.1), or set anew by the client that forwards.
_NOT_PASSED_ON = {"connection", "keep-alive", "transfer-encoding", "upgrade", "content-length", "accept-encoding"}

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Sign in to Clearance</title>
<h1>Sign in to Clearance</h1><p>This is the laptop platform: choose who you are, no password is asked.</p>
<form method="post"><input type="hidden" name="next" value="{next}">{buttons}</form></html>"""
_BUTTON = '<p><button name="person" value="{key}">{name}</button> {about}</p>'


@dataclass(frozen=True, slots=True)
class SignIn:
    """The front of one app.

    Attributes:
        people: whom one may choose.
        app: client of the app, redirects not followed.
        issuer: client that trusts the token issuer.
        tokens: where that hands out tokens.
    """

    people: People
    app: httpx.AsyncClient
    issuer: httpx.AsyncClient
    tokens: str

    async def login(self, request: Request) -> Response:
        """The form, and what becomes of a choice."""
        if request.method == "GET":
            return HTMLResponse(self._form(request.query_params.get("post_login_redirect_uri", "/")))
        async with request.form() as form:
            person, after = str(form.get("person", "")), str(form.get("next", "/"))
        if person not in self.people.people:
            return HTMLResponse(self._form(after), 400)
        answer = RedirectResponse(_local(after), 303)
        answer.set_cookie(_COOKIE, person, httponly=True, samesite="lax")
        return answer

    async def logout(self, _request: Request) -> Response:
        """Forget who it was."""
        answer = RedirectResponse(LOGIN, 303)
        answer.delete_cookie(_COOKIE)
        return answer

    async def forward(self, request: Request) -> Response:
        """Anything else: the app's answer to the same request, signed in if somebody is."""
        headers = [(name, value) for name, value in request.headers.items() if _passed_on(name)]
        person = request.cookies.get(_COOKIE, "")
        if person in self.people.people:
            headers.append((_FORWARDED, await self._token(person)))
        url = httpx.URL(raw_path=_raw_target(request))
        body = await request.body()
        try:
            found = await self.app.request(request.method, url, headers=headers, content=body)
        except httpx.TransportError as error:
            return PlainTextResponse(f"The app does not answer ({type(error).__name__}); is it still running?", 502)
        answer = Response(found.content, found.status_code)
        for name, value in found.headers.multi_items():
            if name.lower() not in _NOT_PASSED_ON | {"content-encoding", "date", "server"}:
                answer.headers.append(name, value)
        return answer

    async def _token(self, person: str) -> str:
        answer = await self.issuer.post(self.tokens, json={"person": person})
        return str(answer.raise_for_status().json()["token"])

    def _form(self, after: str) -> str:
        buttons = (
            _BUTTON.format(key=html.escape(key), name=html.escape(each.name), about=html.escape(", ".join(each.roles)))
            for key, each in self.people.people.items()
        )
        return _PAGE.format(next=html.escape(_local(after), quote=True), buttons="".join(buttons))


def sign_in_app(front: SignIn) -> Starlette:
    """The ASGI app."""
    methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    return Starlette(
        routes=[
            Route(LOGIN, front.login, methods=["GET", "POST"]),
            Route(LOGOUT, front.logout),
            Route("/{rest:path}", front.forward, methods=methods),
        ]
    )


def _passed_on(name: str) -> bool:
    return name.lower() not in _NOT_PASSED_ON and not name.lower().startswith("x-ms-")


def _raw_target(request: Request) -> bytes:
    query = request.scope["query_string"]
    path = bytes(request.scope.get("raw_path") or quote(request.url.path).encode())
    return path + (b"?" + query if query else b"")


def _local(path: str) -> str:
    """A path on this very site: anything else would send people to wherever a link says."""
    plain = path.startswith("/") and not unquote(path).startswith(("//", "/\\"))
    return path if plain else "/"


def main() -> int:
    """Serve until a signal; 2 if the port is taken."""
    parser = argparse.ArgumentParser(prog="python -m local.sign_in", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--app", required=True, help="URL of the app")
    parser.add_argument("--tokens", required=True, help="where the issuer hands out tokens")
    parser.add_argument("--ca", type=Path, required=True, help="PEM file of the issuer's authority")
    options = parser.parse_args()
    tls = ssl.create_default_context(cafile=str(options.ca))
    front = SignIn(
        read_people(),
        httpx.AsyncClient(base_url=options.app, trust_env=False, timeout=60),
        httpx.AsyncClient(verify=tls, trust_env=False),
        options.tokens,
    )
    try:
        site = site_on(sign_in_app(front), options.port)
    except OSError as error:
        print(error, file=sys.stderr)
        return 2
    run_until_signal([site], {"url": site.url})
    return 0


if __name__ == "__main__":
    sys.exit(main())
