"""The two writers of canonical JSON agree to the byte on all that both may be given."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from shared.domain.canonical import canonical, canonical_without_numbers
from shared.domain.errors import DocumentInvalid

# Quotation marks, controls, what lies at both ends of the surrogates, and what needs more than 16 bits.
EDGES = st.sampled_from('"\\/\b\t\n\x1f\x7f\u2028\ud7ff\ue000\uffff\U00010000\U0001f600')
TEXTS = st.text(st.one_of(EDGES, st.characters(exclude_categories=["Cs"])), max_size=8)
VALUES = st.recursive(
    st.none() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
@example({"\ue000": None, "\U0001f600": None})  # by UTF-16 unit the second comes first
@example({"\uffff": {"é": []}, "a": "\x00\x1f\x7f"})
def test_a_value_without_numbers_is_written_as_rfc8785_writes_it(value: Any) -> None:
    assert canonical_without_numbers(value) == rfc8785.dumps(value) == canonical(value)


@pytest.mark.parametrize("write", [canonical, canonical_without_numbers])
def test_half_of_a_surrogate_pair_has_no_canonical_form(write: Any) -> None:
    with pytest.raises(DocumentInvalid, match="cannot be written as canonical JSON"):
        write({"a": "\ud83d"})


CORPORA = Path(os.environ.get("CLEARANCE_CORPORA", "")) / "rfc8785-jcs" / "testdata"
VECTORS = sorted(path.name for path in CORPORA.glob("input/*.json")) or ["none"]


def numbers_as_text(value: Any) -> Any:
    """The same with each number, and true and false, as a text."""
    match value:
        case list():
            return [numbers_as_text(item) for item in value]
        case dict():
            return {name: numbers_as_text(item) for name, item in value.items()}
        case int() | float():
            return str(value)
    return value


@pytest.mark.skipif("CLEARANCE_CORPORA" not in os.environ, reason="CLEARANCE_CORPORA names no folder of vectors")
@pytest.mark.parametrize("name", VECTORS)
def test_both_write_the_vectors_of_rfc_8785(name: str) -> None:
    vector = json.loads((CORPORA / "input" / name).read_bytes())
    told = numbers_as_text(vector)
    assert canonical(vector) == (CORPORA / "output" / name).read_bytes()
    assert canonical_without_numbers(told) == rfc8785.dumps(told)
    if told == vector:
        assert canonical_without_numbers(vector) == (CORPORA / "output" / name).read_bytes()
