"""Texts, documents and bytes that somebody hostile, or something broken, could send."""

import json
from collections.abc import Iterator
from random import Random
from typing import Any

XSS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</title></textarea></style><script>alert(1)</script>",
    "javascript:alert(1)//",
    "data:text/html,<script>alert(1)</script>",
    '" onmouseover="alert(1)" x="',
    "<a href='javascript:alert(1)'>click</a>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "--><script>alert(1)</script><!--",
    "]]><script>alert(1)</script>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\\u003cscript\\u003e",
    "＜script＞alert(1)＜/script＞",  # noqa: RUF001 - full width is the point
)
TEMPLATES = (
    "{{7*7}}",
    "{% raw %}{{ config }}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "{0.__class__}",
    "%(x)s%n%s",
    "${jndi:ldap://x/y}",
)
UNSEEN = (
    "safe\u202etxt.exe",
    "\u2066hidden\u2069\u200b\u200d\ufeff",
    "bell\x07null\x00escape\x1b[31mred\x1b]0;title\x07",
    "\x9b31m\x85next\u2028line\u2029paragraph",
    "Z\u0353\u0347a\u0334l\u0321g\u0317o\u033a" * 8,
    "\u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd",
    "раураl",  # noqa: RUF001 - Cyrillic is the point
    "\U000e0041\U000e0042 tags \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\ufdfa\ufffe\uffff",
    "one\r\ntwo\rthree\nfour\x0bfive\x0csix",
    "Set-Cookie: a=b\r\nX-Injected: yes\r\n\r\n<html>",
    '{"event": "forged"}\n{"event": "forged"}',
)
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", '=HYPERLINK("http://x")', "=cmd|'/c calc'!A1")
PATHS = ("../../etc/passwd", "..\\..\\windows", "%2e%2e%2f", "%252e%252e", "..%c0%af", "/absolute", "file:///etc/passwd", "C:\\x", "a/../b", "./", "~root", "%00", "a%00b")  # fmt: skip
QUERIES = (
    "' or PartitionKey ne '",
    "' or 1 eq 1 or '",
    "x'; DROP TABLE history;--",
    "$filter=true",
    "*)(uid=*))",
    "\"\"''``",
)
WORDS = ("", " ", "null", "undefined", "NaN", "Infinity", "-0", "true", "1e309", "0x10", "١٢٣", "½", "🦀", "CON", "__proto__", "constructor")  # fmt: skip
LONG = ("A" * 300, "W" * 70_000, "é" * 5_000, "\U0001f600" * 3_000, "a." * 4_000, "\u0301" * 4_000)
TEXTS: tuple[str, ...] = (*XSS, *TEMPLATES, *UNSEEN, *FORMULAS, *PATHS, *QUERIES, *WORDS, *LONG)

VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, 2**200, -0.0, 1.5, 1e308, "", "7", [], {}, [[]], [None], {"": None},
    [{"a": [{}]}], "x" * 5_000, {"a": {"b": {"c": 1}}}, ["a", 1, None],
)  # fmt: skip

NOT_JSON: tuple[bytes, ...] = (
    b"", b" ", b"\x00", b"{", b"}", b"[", b"nul", b"'a'", b"{a:1}", b'{"a":1,}', b"[1,]", b'{"a":1}x', b"// c\n{}",
    b"\xef\xbb\xbf{}", b"\xff\xfe{\x00}\x00", b"\xc3\x28", b'"\xed\xa0\x80"', b'"\\ud800"', b'"\\udfff\\ud800"', b'{"\\ud800":1}',
    b"NaN", b"Infinity", b"-Infinity", b"[NaN]", b"1e999", b"-1e999", b"01", b"+1", b".5", b"1.", b"0x10", b"--1",
    b"9" * 70, b"1" * 5_000, b"1." + b"0" * 5_000, b'{"a":1,"a":2}', b'{"a":{"b":1,"b":1}}', b'"\n"', b'"\t"', b'"\x00"',
    b"[" * 100_000, b"[" * 40 + b"]" * 40, b'{"a":' * 50 + b"1" + b"}" * 50, b'{"a":' * 30_000, b'"' + b"\\" * 99_999,
    b"[" + b"1," * 100_000 + b"1]", b"[" + b"{}," * 100_000 + b"{}]", b'{"x":"' + b"y" * 600_000 + b'"}',
    b"a" * 2_000_000, b"e30=", b"W10=", b"====", b"e" * 1001, b"%7B%7D", b"<xml/>", b"a=b&c=d", b"\x1f\x8b\x08\x00",
)  # fmt: skip


def sample(rng: Random, everything: tuple[Any, ...], most: int) -> list[Any]:
    """`most` of them, in the order they stand; all of them where there are no more."""
    if len(everything) <= most:
        return list(everything)
    return [everything[place] for place in sorted(rng.sample(range(len(everything)), most))]


def mangled(rng: Random, document: dict[str, Any], count: int) -> Iterator[bytes]:
    """A valid document with one or two things wrong: a value, a key, a byte, its end."""
    for _ in range(count):
        changed = json.loads(json.dumps(document))
        for _ in range(rng.choice((1, 1, 2))):
            _mangle(rng, changed)
        body = json.dumps(changed, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")
        yield _cut(rng, body) if rng.random() < 0.3 else body


def _mangle(rng: Random, document: dict[str, Any]) -> None:
    place: Any = document
    while isinstance(place, dict) and place and rng.random() < 0.6:
        inner = [value for value in place.values() if isinstance(value, dict) and value]
        if not inner:
            break
        place = rng.choice(inner)
    key = rng.choice([*place, "new"]) if isinstance(place, dict) else ""
    match rng.randrange(4):
        case 0:
            place.pop(key, None)
        case 1:
            place[rng.choice(TEXTS)] = place.pop(key, None)
        case 2:
            place[key] = rng.choice(VALUES)
        case _:
            place[key] = rng.choice(TEXTS)


def _cut(rng: Random, body: bytes) -> bytes:
    where = rng.randrange(len(body) + 1)
    match rng.randrange(4):
        case 0:
            return body[:where]
        case 1:
            return body[:where] + bytes([rng.randrange(256)]) + body[where + 1 :]
        case 2:
            return body[:where] + body[max(0, where - 20) :]
        case _:
            return rng.randbytes(rng.randrange(200))
