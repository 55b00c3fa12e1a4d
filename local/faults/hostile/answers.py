"""Whether an answer keeps every promise that all answers make."""

import json
from typing import Any

from local.faults.hostile.pages import check_page
from local.faults.hostile.scores import Broken
from local.faults.hostile.secrets import refuse_leaks
from local.faults.hostile.site import Answered, Front, Headers
from shared.web.edge import SECURITY_HEADERS
from shared.web.problems import CODES, MEDIA_TYPE


def accepted(answer: Answered) -> bool:
    """Whether it is a success; raises `Broken` where any promise about answers is not kept."""
    _headers(answer)
    text = _text(answer)
    refuse_leaks("the answer", text, *(value for _, value in answer.headers))
    if "Traceback (most recent call last)" in text:
        raise Broken("the answer holds a traceback")
    kind = answer.header("content-type").partition(";")[0]
    if kind == "text/html":
        check_page(text)
    elif answer.status >= 400:
        _problem(answer, kind)
    elif kind == "application/json":
        _strict(text)
    if answer.status >= 500:
        raise Broken(f"it answered {answer.status}: {text[:300]}")
    return answer.status < 400


def called(front: Front, path: str | bytes, headers: Headers = (), method: str = "GET", body: bytes = b"") -> bool:
    """Whether a request as it is succeeds."""
    return accepted(front.call(method, path, headers, body))


def asked(front: Front, person: str, method: str, path: str, body: Any = None, **more: Any) -> bool:
    """Whether a request of one of the people succeeds."""
    return accepted(front.as_person(person, method, path, body, **more))


def looked_at(front: Front, path: str, query: str = "", person: str = "ana.auditor") -> bool:
    """Whether a page is shown."""
    return accepted(front.page(person, path, query))


def _headers(answer: Answered) -> None:
    names = [name for name, _ in answer.headers]
    if absent := [name for name in SECURITY_HEADERS if name.lower() not in names]:
        raise Broken(f"the answer lacks {', '.join(absent)}")
    if any(not value.isprintable() or not value.isascii() for pair in answer.headers for value in pair):
        raise Broken("a header holds what could end it")
    if {"set-cookie", "x-injected", "location", "access-control-allow-origin"} & set(names):
        raise Broken(f"there is a header that nothing of ours sends, among {names}")
    if len(names) != len(set(names)):
        raise Broken(f"a header came twice, among {names}")


def _text(answer: Answered) -> str:
    try:
        return answer.text
    except UnicodeDecodeError as error:
        raise Broken("the body is not UTF-8") from error


def _problem(answer: Answered, kind: str) -> None:
    found = _strict(answer.text)
    if kind != MEDIA_TYPE or not isinstance(found, dict):
        raise Broken(f"{answer.status} came as {kind}")
    code = str(found.get("code"))
    if CODES.get(code, (0,))[0] != answer.status or found.get("status") != answer.status:
        raise Broken(f"the code {code} came with {answer.status}")
    if not str(found.get("detail")) or len(str(found.get("detail"))) > 20_000:
        raise Broken(f"the detail of {code} is empty, or has {len(str(found.get('detail')))} characters")


def _strict(text: str) -> Any:
    def no_constant(name: str) -> Any:
        raise Broken(f"the JSON holds {name}")

    return json.loads(text, parse_constant=no_constant)
