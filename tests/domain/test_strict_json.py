"""Hostile JSON is refused with a sentence, never with another exception, and legal JSON is read as it stands."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import DocumentInvalid
from shared.domain.strict_json import loads


def read(data: bytes) -> Any:
    return loads(data, max_bytes=1000, max_depth=8)


HOSTILE = {
    "empty": (b"", "not JSON"),
    "only space": (b"  ", "not JSON"),
    "trailing text": (b"{} {}", "Extra data"),
    "trailing comma": (b'{"a": 1,}', "not JSON"),
    "single quotes": (b"{'a': 1}", "not JSON"),
    "byte order mark": (b"\xef\xbb\xbf{}", "not JSON"),
    "not utf-8": (b'{"a": "\xff"}', "not UTF-8"),
    "utf-16": ('{"a": 1}'.encode("utf-16"), "not UTF-8"),
    "encoded surrogate": (b'"\xed\xa0\x80"', "not UTF-8"),
    "lone surrogate": (b'{"a": ["\\ud800"]}', "surrogate"),
    "lone surrogate as key": (b'{"\\udfff": 1}', "surrogate"),
    "NaN": (b'{"a": NaN}', "NaN"),
    "Infinity": (b"[Infinity]", "Infinity"),
    "minus Infinity": (b"[-Infinity]", "-Infinity"),
    "out of range": (b"[1e999]", "too large"),
    "minus out of range": (b"[-1e999]", "too large"),
    "over-long integer": (b"1" * 65, "65 characters"),
    "over-long fraction": (b"0." + b"1" * 63, "65 characters"),
    "key twice": (b'{"a": 1, "a": 2}', "twice"),
    "key twice inside": (b'[{"b": {"a": 1, "\\u0061": 2}}]', "twice"),
    "too deep": (b"[" * 9 + b"]" * 9, "8 levels"),
    "far too deep": (b"[" * 900, "8 levels"),
    "deep objects": (b'{"a":' * 9 + b"1" + b"}" * 9, "8 levels"),
    "control character": (b'"\x01"', "not JSON"),
    "unclosed text": (b'{"a": "', "not JSON"),
    "text that ends in a backslash": (b'"\\', "not JSON"),
    "too large": (b'"' + b"a" * 1000 + b'"', "at most 1000"),
}


@pytest.mark.parametrize(("data", "said"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_json_is_refused_with_a_sentence(data: bytes, said: str) -> None:
    with pytest.raises(DocumentInvalid, match=said) as refused:
        read(data)
    assert len(refused.value.faults) == 1
    assert refused.value.faults[0].isascii()


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'{"a": "[[[[[[[[[[[["}', {"a": "[[[[[[[[[[[["}),
        (b'["\\"[[[[[[[[[["]', ['"[[[[[[[[[[']),
        (b"[" * 8 + b"]" * 8, [[[[[[[[]]]]]]]]),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'[{"a": 1}, {"a": 1}]', [{"a": 1}, {"a": 1}]),
        (b" null ", None),
        (b"-0.5e-3", -0.0005),
    ],
)
def test_legal_json_is_read_as_it_stands(data: bytes, value: Any) -> None:
    assert read(data) == value


def test_a_fault_names_the_document() -> None:
    with pytest.raises(DocumentInvalid, match=r"The body is not valid: It is not JSON: .* at line 1, column 2"):
        loads(b"{", max_bytes=9, max_depth=9, what="The body")


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**60), 10**60) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@given(values)
def test_what_json_can_say_comes_back(value: Any) -> None:
    assert loads(json.dumps(value).encode(), max_bytes=10**6, max_depth=100) == value


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        read(data)
    except DocumentInvalid as refused:
        assert refused.faults  # noqa: PT017 - either outcome is right; what is ruled out is any other exception
