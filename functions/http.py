"""Everything over HTTP: one function that holds the web app, built on first use (ADR 0005)."""

import asyncio
from urllib.parse import urlsplit

import azure.functions as func

from functions.unconfigured import unconfigured
from shared import bootstrap
from shared.domain.errors import DocumentInvalid

triggers = func.Blueprint()

_web_app = bootstrap.Once(lambda: func.AsgiMiddleware(bootstrap.site()))


@triggers.function_name("http")
@triggers.route(route="{*route}", methods=list(func.HttpMethod), auth_level=func.AuthLevel.ANONYMOUS)
async def http(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    """Hand the request to the web app; the app itself verifies every token and signature."""
    try:
        web_app = await asyncio.to_thread(_web_app)  # building takes seconds, and the loop serves others
    except DocumentInvalid as fault:
        return unconfigured(urlsplit(req.url).path, fault)
    response: func.HttpResponse = await web_app.handle_async(req, context)
    return response
