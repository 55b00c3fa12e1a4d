"""Every route with every kind of nonsense: paths, queries, headers, bodies; and no GET that changes anything."""

import json
from collections.abc import Iterator
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

from local.faults.hostile import payloads
from local.faults.hostile.answers import accepted, asked, called, looked_at
from local.faults.hostile.scores import Broken, Scores
from local.faults.hostile.secrets import BEARER, COOKIE, PRINCIPAL, SAS_URL
from local.faults.hostile.site import PEOPLE, Front, path_of
from shared.web.access import ACCESS

SURFACE = "api"
_KNOWN = ("limit", "cursor", "status", "model", "workspace", "open", "from", "to", "actor", "type", "show", "page", "")
_INSTANTS = (
    "0001-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-02-30", "2026-W01-1",
    "20261123T061400Z", "2026-11-23T06:14:60Z", "2026-11-23T24:00:00Z", "2026-11-23T06:14:00+25:00", "2026-11-23 ",
    "2026-11-23T06:14:00.1234567890123Z", "+2026-11-23", "2026-11-23T06:14:00+00:00:01", "1e9", "\u0662\u0660\u0662\u0666-\u0661\u0661-\u0662\u0663",
)  # fmt: skip
_CURSORS = (
    "e30", "W10", "bnVsbA", "MQ", "Ilx1ZDgwMCI", "W1siYWxsOjIwMjYxMSIsIiIsbnVsbF1d", "Ii4uLy4uIg", "W1tbW1tbW10", "====", "a",
    "eyJQYXJ0aXRpb25LZXkiOiJ4IiwiUm93S2V5IjoieSJ9", "TmFO", "W251bGxd", "ImFsbDoi" * 400, "W" * 4_096, "W" * 4_097,
)  # fmt: skip
_LIMITS = ("0", "-1", "201", "1e2", "1.0", " 5", "five", "9" * 400, "\u0665", "0x5", "1_0", "+5", "005")
_NOT_NORMAL = (
    b"", b"*", b"//", b"/../", b"/api/./health", b"/api/../api/health", b"/api/%68ealth", b"/api//health", b"/api/health/",
    b"/api\\health", b"/api/health%00", b"/api/health\x00", b"/api/health;a=b", b"/api/health#x", b"/%2e%2e/api/health",
    b"/api/promotions/risk-dev%2Ffraud/1/2", b"/api/promotions/risk-dev/fraud/%2e%2e", b"/static/../app.py",
    b"/static/..%2f..%2fapp.py", b"/static/%2e%2e/access.py", b"/API/health", b"http://evil.test/api/health", b"/\xff\xfe",
    "/api/\uff48ealth".encode(), b"/" + b"a" * 20_000, b"/" + b"a/" * 5_000,
)  # fmt: skip


def attack(scores: Scores, front: Front, rng: Random, size: int) -> None:
    """One kind after the other, as people of every role and as nobody."""
    promotion = front.asked()
    quiet(scores, front)
    for strange in _NOT_NORMAL:
        for headers in (
            [],
            [("accept", "text/html"), ("x-ms-token-aad-id-token", front.sign_in.token("olu.operator"))],
        ):
            scores.must(SURFACE, f"path {strange[:60]!r}", called, front, strange, headers, accepted=False)
    for method, path in _segments(rng, size):
        _each(scores, front, rng, method, path)
    for path, query in _queries(rng, size):
        _each(scores, front, rng, "GET", path, query=query)
    for path, headers in _headers(rng, size):
        scores.case(SURFACE, f"{path} {headers}"[:150], called, front, path, headers)
    _posts(scores, front, rng, size, path_of(promotion))
    _methods(scores, front)


def quiet(scores: Scores, front: Front) -> None:
    """GET, HEAD and OPTIONS on every route, as everybody: no port holds anything else afterwards."""
    for method, template in ACCESS:
        path = _filled(template, "risk-dev", "fraud-0-1", "1")
        for asking in ("GET", "HEAD", "OPTIONS"):
            scores.case(SURFACE, f"{asking} {path} changes nothing", _unchanged, front, asking, path)
        del method


def _unchanged(front: Front, method: str, path: str) -> bool:
    before = standing(front)
    answers = [front.as_person(person, method, path) for person in PEOPLE]
    answers += [front.page("ana.auditor", path), front.call(method, path)]
    if standing(front) != before:
        raise Broken(f"{method} {path} changed what a port holds")
    return max([accepted(answer) for answer in answers])


def standing(front: Front) -> str:
    """All that the ports hold, as text; clock, ids and locks apart."""
    outside = front.estate.outside
    kept = ("histories", "claims", "worklist", "bookmarks", "read_models", "quarantine", "replay_ids", "checkpoints", "catalog", "registry", "queue", "publisher")  # fmt: skip
    return "\n".join(_held(getattr(outside, name)) for name in kept)


def _held(port: object) -> str:
    return repr({name: value for name, value in sorted(vars(port).items()) if "lock" not in name})


def _each(scores: Scores, front: Front, rng: Random, method: str, path: str, query: str = "") -> None:
    person = rng.choice(PEOPLE)
    what = f"{method} {path[:80]}?{query[:80]} as {person}"
    if method == "GET" and not path.startswith("/api/"):
        scores.case(SURFACE, what, looked_at, front, path, query, person)
    else:
        body: dict[str, str] | None = {} if method == "POST" else None
        scores.case(SURFACE, what, _asked_for, front, person, method, path, body, query)


def _asked_for(front: Front, person: str, method: str, path: str, body: Any, query: str) -> bool:
    return asked(front, person, method, path, body, query=query)


def _posted(front: Front, person: str, path: str, body: bytes, headers: list[tuple[str, str]]) -> bool:
    return asked(front, person, "POST", path, body, headers=headers)


def _filled(template: str, *parts: str) -> str:
    workspace, name, version = parts
    filled = template.replace("{workspace}", workspace).replace("{name}", name).replace("{version}", version)
    return filled.replace("{registry}", "contoso-eu").replace("{id}", "0" * 64).replace("{file}", "clearance.css").replace("{sender}", "chatops")  # fmt: skip


def _segments(rng: Random, size: int) -> Iterator[tuple[str, str]]:
    """Every parameter of every path, as hostile text that passes for a path, and raw."""
    texts = [
        text.replace("/", "-")
        for text in (*payloads.TEXTS, "a..b", "risk-dev:x", "~", "-", "_", "@", "a" * 256, "a" * 129)
    ]
    for method, template in ACCESS:
        for parameter in [part for part in template.split("/") if part.startswith("{")]:
            for text in rng.sample(texts, min(size // 3 + 2, len(texts))):
                yield method, _filled(template.replace(parameter, text), "risk-dev", "fraud-0-1", "1")
                yield method, _filled(template.replace(parameter, quote(text[:2_000])), "risk-dev", "fraud-0-1", "1")


def _queries(rng: Random, size: int) -> Iterator[tuple[str, str]]:
    listing = ("/api/promotions", "/api/history", "/", "/history", "/models/fraud-0-1", "/api/quarantine")
    for path in listing:
        for name, values in {"cursor": _CURSORS, "limit": _LIMITS, "from": _INSTANTS, "to": _INSTANTS}.items():
            for value in payloads.sample(rng, values, size):
                yield path, urlencode({name: value})
        for text in payloads.sample(rng, payloads.TEXTS, size):
            yield path, urlencode({rng.choice(_KNOWN): text}, errors="surrogatepass")
            yield path, urlencode({text[:500]: text[:500]}, errors="surrogatepass")
        for raw in ("limit=1&limit=2", "limit", "=", "&&&", "%", "%zz=%ff", "limit[]=1", "a=1;limit=5", "?", "cursor=%00", "cursor=", "status=unseen", "type=Event"):  # fmt: skip
            yield path, raw


def _headers(rng: Random, size: int) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    names = ("accept", "accept-language", "host", "user-agent", "referer", "x-forwarded-for", "x-forwarded-host", "x-original-url", "x-http-method-override", "content-type", "content-length", "transfer-encoding", "expect", "range", "if-none-match", "cookie", "x-arr-ssl", "forwarded")  # fmt: skip
    for text in payloads.sample(rng, payloads.TEXTS, size):
        clean = text.replace("\r", " ").replace("\n", " ")[:8_000]
        for name in rng.sample(names, 3):
            yield rng.choice(("/", "/api/health", "/api/openapi.json", "/nowhere")), [(name, clean)]
    secret = [("authorization", f"Bearer {BEARER}"), ("cookie", COOKIE), ("referer", SAS_URL), ("x-ms-client-principal-name", PRINCIPAL)]  # fmt: skip
    for _, template in ACCESS:
        yield _filled(template, "risk-dev", "fraud-0-1", "1"), secret
        yield _filled(template, "risk-dev", "fraud-0-1", "1"), [*secret, ("accept", "text/html")]


def _posts(scores: Scores, front: Front, rng: Random, size: int, where: str) -> None:
    """Bodies of people with the right to send them."""
    good = front.decision(front.asked())
    decision = {key: good[key] for key in ("evaluation", "verdict")}
    for tail, person, valid in (
        ("decisions", "rosa.risk", {**decision, "comment": "x", "release_record": {"scope": "y"}}),
        ("reevaluate", "olu.operator", {"comment": "x"}),
        ("withdraw", "olu.operator", {"comment": "x"}),
        ("give-up", "olu.operator", {"comment": "x"}),
        ("targets/contoso-eu/retry", "olu.operator", {"comment": "x"}),
        ("targets/contoso-eu/give-up", "olu.operator", {"comment": "x"}),
    ):
        for body in _bodies(rng, valid, size):
            keyed = (
                [("idempotency-key", rng.choice(payloads.TEXTS).replace("\r", "").replace("\n", ""))]
                if rng.random() < 0.2
                else []
            )
            path = f"/api/promotions/{where}/{tail}"
            scores.case(SURFACE, f"POST {tail} {body[:100]!r}", _posted, front, person, path, body, keyed)
        front.estate.work()


def _bodies(rng: Random, valid: dict[str, Any], size: int) -> Iterator[bytes]:
    yield from payloads.sample(rng, payloads.NOT_JSON, size // 2)
    yield from payloads.mangled(rng, valid, size)
    for text in payloads.sample(rng, payloads.TEXTS, size // 2):
        yield json.dumps({**valid, rng.choice([*valid]): text}).encode("utf-8", "surrogatepass")
    for value in payloads.VALUES[: size * 2]:
        yield json.dumps({**valid, rng.choice([*valid]): value}).encode()


def _methods(scores: Scores, front: Front) -> None:
    for method in (
        "PUT",
        "DELETE",
        "PATCH",
        "TRACE",
        "CONNECT",
        "PROPFIND",
        "get",
        "G\u00cbT",
        "",
        "POST /x HTTP/1.1\r\n",
    ):
        for path in ("/", "/api/promotions", "/api/health", "/static/clearance.css", "/nowhere"):
            scores.must(SURFACE, f"{method!r} {path}", asked, front, "olu.operator", method, path, accepted=False)
