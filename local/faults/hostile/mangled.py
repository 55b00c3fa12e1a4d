"""An answer of Azure ML, and all the ways in which something broken or hostile could send it instead."""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from local.faults.hostile import payloads

Place = tuple[str | int, ...]
_JSON = ("content-type", "application/json; charset=utf-8")
_ODD_VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 2**63, 10**400, 1.5, 1e308, "", "7", "\ud800", "x\x00\u202e", "2026-13-45T99:99:99Z", "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00", [], [None], [[]], {}, {"": None}, {"a": {"b": 1}}, ["a", 1, None], [{"key": 1}], "9" * 5_000,
)  # fmt: skip
_ODD_BODIES: tuple[bytes, ...] = (
    *payloads.NOT_JSON, b'{"value": "\\ud800"}', b'<?xml version="1.0"?><EnumerationResults><Blobs><Blob/></Blobs></EnumerationResults>',
    b'<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;&a;">]><EnumerationResults>&b;</EnumerationResults>',
)  # fmt: skip
_ODD_HEADERS: tuple[tuple[str, str], ...] = (
    ("content-type", "application/json; charset=nonsense"), ("content-type", "application/json; charset=utf-16"),
    ("content-type", "application/json; charset=idna"), ("content-type", 'application/json; charset=""'),
    ("content-type", "text/html"), ("content-type", "application/xml"), ("content-type", ""), ("content-encoding", "gzip"),
    ("content-encoding", "br"), ("content-encoding", "deflate, gzip"), ("x-ms-error-code", "\xff\xfe"), ("x-ms-error-code", "A" * 9_000),
    ("content-range", "bytes 0-1/99999999999999999999"), ("content-range", "nonsense"), ("etag", ""), ("last-modified", "yesterday"),
)  # fmt: skip
_WAITS = (
    "-1", "0", "1.5", "1e9", "nan", "inf", "", "soon", "9" * 9, "9" * 40, "\u0661", "Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Feb 2026 25:61:61 GMT",
    "Mon, 01 Jan 0001 00:00:00 GMT", "Thu, 01 Jan 99999999999999999999 00:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 +9999",
)  # fmt: skip
_STATUSES = (
    201,
    202,
    204,
    206,
    301,
    304,
    400,
    401,
    403,
    404,
    405,
    408,
    409,
    410,
    412,
    418,
    429,
    451,
    500,
    502,
    503,
    504,
    599,
)


@dataclass(frozen=True, slots=True)
class WireAnswer:
    """An answer as it goes over the wire, without the headers that a server adds by itself."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def with_header(self, name: str, value: str) -> "WireAnswer":
        """The same with one header in place of any of its name."""
        others = tuple(pair for pair in self.headers if pair[0] != name)
        return replace(self, headers=(*others, (name, value)))

    def document(self) -> Any:
        """The body as JSON; None where it is something else."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def as_json(document: Any, status: int = 200) -> WireAnswer:
    """An answer in JSON, halves of surrogate pairs and all."""
    return WireAnswer(status, (_JSON,), json.dumps(document).encode("utf-8", "surrogatepass"))


def mangled_answers(answer: WireAnswer, rng: Random, size: int) -> Iterator[tuple[str, WireAnswer]]:
    """`size` of each kind of change, each by its name."""
    document = answer.document()
    if document is not None:
        places = list(_places(document))
        for place in payloads.sample(rng, tuple(places), size):
            yield f"without {place}", replace(answer, body=_json(_without(document, place)))
            for value in payloads.sample(rng, _ODD_VALUES, max(2, size // 10)):
                yield f"{place} is {value!r:.40}", replace(answer, body=_json(_with(document, place, value)))
            text = rng.choice(payloads.TEXTS)
            yield f"{place} is {text!r:.40}", replace(answer, body=_json(_with(document, place, text)))
    for body in payloads.sample(rng, _ODD_BODIES, size):
        yield f"it is {body[:40]!r}", replace(answer, body=body)
    for _ in range(size):
        end = rng.randrange(len(answer.body) + 1)
        yield f"it ends after {end} bytes", replace(answer, body=answer.body[:end])
        changed = bytes([rng.randrange(256)])
        yield f"byte {end} is {changed!r}", replace(answer, body=answer.body[:end] + changed + answer.body[end + 1 :])
    yield from _statuses_and_headers(answer, rng, size)


def _statuses_and_headers(answer: WireAnswer, rng: Random, size: int) -> Iterator[tuple[str, WireAnswer]]:
    for status in payloads.sample(rng, _STATUSES, size):
        yield f"status {status}", replace(answer, status=status)
        words = {"error": {"code": rng.choice(payloads.TEXTS), "message": rng.choice(payloads.TEXTS)}}
        yield f"status {status} with words", as_json(words, status)
        yield f"status {status} without form", as_json(rng.choice(_ODD_VALUES), status)
    for name, value in payloads.sample(rng, _ODD_HEADERS, size):
        yield f"{name}: {value[:40]!r}", answer.with_header(name, value)
    for value in payloads.sample(rng, _WAITS, size):
        for name in ("retry-after", "x-ms-retry-after-ms"):
            yield f"throttled, {name}: {value!r}", as_json({}, 429).with_header(name, value)


def _places(document: Any, at: Place = ()) -> Iterator[Place]:
    """Every place in a document, the whole of it first."""
    yield at
    inner = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in inner:
        yield from _places(value, (*at, key))


def _with(document: Any, place: Place, value: Any) -> Any:
    if not place:
        return value
    changed = copy.deepcopy(document)
    parent = changed
    for key in place[:-1]:
        parent = parent[key]
    parent[place[-1]] = value
    return changed


def _without(document: Any, place: Place) -> Any:
    if not place:
        return {}
    changed = copy.deepcopy(document)
    parent = changed
    for key in place[:-1]:
        parent = parent[key]
    del parent[place[-1]]
    return changed


def _json(document: Any) -> bytes:
    return json.dumps(document).encode("utf-8", "surrogatepass")
