"""HTTP requests and responses in the form that azure.functions' converters read and write."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from azure.functions.meta import Datum
from starlette.requests import Request
from starlette.responses import Response

_ESCAPED_SLASH = re.compile(r"(%2f)", re.IGNORECASE)
_ESCAPED = re.compile(r"(%[0-9a-fA-F]{2})")
_PATH_CHARACTERS = "/:@!$&'()*+,;=-._~"


def request_path(request: Request) -> str:
    """The path as the web server in front of the host decodes it: `%2F` stays, dot segments are taken out."""
    raw = bytes(request.scope.get("raw_path") or b"").decode("ascii", "replace") or "/"
    decoded = "".join(part if part.lower() == "%2f" else unquote(part) for part in _ESCAPED_SLASH.split(raw))
    return _without_dot_segments(decoded)


def request_url(request: Request, path: str) -> str:
    """The URL that a function sees (host: GrpcMessageConversionExtensions.cs, with PathString.ToUriComponent)."""
    escaped = "".join(
        part if _ESCAPED.fullmatch(part) else quote(part, safe=_PATH_CHARACTERS) for part in _ESCAPED.split(path)
    )
    query = request.scope["query_string"].decode("latin-1")
    host = request.headers.get("host", "")
    return f"{request.scope['scheme']}://{host}{escaped}" + (f"?{query}" if query else "")


def query_of(request: Request) -> dict[str, str]:
    """Query parameters: empty ones dropped, repeated ones joined by a comma."""
    joined: dict[str, str] = {}
    for name, value in parse_qsl(request.scope["query_string"].decode("latin-1")):
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


async def request_datum(request: Request, path: str, values: Mapping[str, str]) -> Datum:
    """A request as the host hands it over.

    A body without Content-Length, as chunked ones are, arrives empty: only `ContentLength > 0` is passed on.
    """
    body = await request.body()
    if not request.headers.get("content-length"):
        body = b""
    return Datum(
        {
            "method": _text(request.method),
            "url": _text(request_url(request, path)),
            "headers": _texts(_headers_of(request)),
            "query": _texts(query_of(request)),
            "params": _texts(values),
            "body": Datum(body, "bytes"),
        },
        "http",
    )


def http_response(datum: Datum) -> Response:
    """The response that an encoded return value stands for."""
    if datum.type == "string":
        return _response_of_text(str(datum.value))
    if datum.type == "bytes":
        return Response(bytes(datum.value))
    parts: dict[str, Any] = datum.value
    headers = {name: str(value.value) for name, value in parts["headers"].items() if name.lower() != "content-length"}
    response = Response(parts["body"].value, int(parts["status_code"].value), headers)
    for cookies in parts["cookies"] or []:
        for morsel in cookies.values():
            response.headers.append("set-cookie", morsel.OutputString())
    return response


def _response_of_text(text: str) -> Response:
    """A bare text; one that is a JSON object with a `body` is taken for a response object (host: HttpBinding.cs)."""
    try:
        parsed = json.loads(text)
    except ValueError:
        return Response(text, media_type="text/plain")
    fields = {key.lower(): value for key, value in parsed.items()} if isinstance(parsed, dict) else {}
    if "body" not in fields:
        return Response(text, media_type="application/json" if isinstance(parsed, dict | list) else "text/plain")
    body = fields["body"]
    status = str(fields.get("statuscode", fields.get("status", 200)))
    headers = fields.get("headers") if isinstance(fields.get("headers"), dict) else {}
    return Response(
        body if isinstance(body, str) else json.dumps(body),
        int(status) if status.isdigit() else 200,
        {name: str(value) for name, value in (headers or {}).items()},
    )


def _headers_of(request: Request) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in request.headers.items():
        if value:
            joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _text(value: str) -> Datum:
    return Datum(value, "string")


def _texts(values: Mapping[str, str]) -> dict[str, Datum]:
    return {name: _text(value) for name, value in values.items()}


def _without_dot_segments(path: str) -> str:
    """RFC 3986 section 5.2.4; double slashes stay."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for place, segment in enumerate(segments, 1):
        if segment == "..":
            kept = kept[:-1]
        elif segment != ".":
            kept.append(segment)
        if segment in (".", "..") and place == len(segments):
            kept.append("")
    return "/" + "/".join(kept)
