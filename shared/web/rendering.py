"""Pages from templates: everything printed is escaped, and what cannot be seen is spelled out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shared.domain.visible import visible
from shared.ports import Principal
from shared.web.problems import Answer
from shared.web.site import Site

_LONGEST = 4096

# What a word of R13, an outcome or a verdict is shown as; the word itself always stands beside the colour.
_KINDS: Mapping[str, str] = {
    "awaiting_approval": "ask",
    "waiting": "ask",
    "missing": "ask",
    "unproven": "ask",
    "conflict": "bad",
    "contradictory": "bad",
    "blocked": "bad",
    "rejected": "bad",
    "reject": "bad",
    "failed": "bad",
    "errored": "bad",
    "promoting": "going",
    "importing": "going",
    "received": "going",
    "pending": "going",
    "promoted": "good",
    "stated": "good",
    "passed": "good",
    "approve": "good",
}


def _shown(value: Any) -> Any:
    """What a template prints: text made visible, nothing for nothing; markup of our own as it is."""
    if value is None:
        return ""
    return visible(value, _LONGEST) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _when(text: str | None) -> str:
    """`2026-03-01T12:00:00.000000Z` as `2026-03-01 12:00:00`."""
    return f"{text[:10]} {text[11:19]}" if text else ""


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["when"] = _when
    environment.filters["kind"] = lambda word: _KINDS.get(word, "quiet")
    environment.filters["words"] = lambda word: word.replace("_", " ")
    environment.filters["short"] = visible
    return environment


_PAGES = _environment()


def page(template: str, site: Site, principal: Principal | None, **values: Any) -> HTMLResponse:
    """Render a page. `principal` is who is signed in, None on a page that says that nobody is."""
    shared = {"principal": principal, "app_version": site.outside.version, "sign_in": site.settings.sign_in_path}
    return HTMLResponse(_PAGES.get_template(template).render(**shared, **values))


def error_page(answer: Answer, site: Site) -> HTMLResponse:
    """A problem as a page."""
    response = page("error.html", site, None, problem=answer.problem)
    response.status_code = answer.problem.status
    response.headers.update(dict(answer.headers))
    return response
