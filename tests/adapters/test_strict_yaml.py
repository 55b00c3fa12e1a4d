import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.strict_yaml import YamlDocument, read_yaml

LARGEST = 100_000


def read(text: str) -> YamlDocument:
    return read_yaml(text.encode(), LARGEST)


def test_values_keep_their_positions() -> None:
    document = read("a: 1\nb:\n  - x\n  - {c: 0.90}\n")
    assert document.value == {"a": 1, "b": ["x", {"c": Decimal("0.90")}]}
    assert document.faults == ()
    assert document.position_of(("b", 1, "c")) == (4, 6)
    assert document.position_of(("b", 0, "no", "such")) == (3, 5)
    assert document.position_of(("nowhere",)) == (1, 1)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("False", False),
        ("no", "no"),
        ("on", "on"),
        ("null", None),
        ("", None),
        ("7d", "7d"),
        ("2026-01-01", "2026-01-01"),
        ("'1'", "1"),
        ("-12", -12),
        ("1.5", Decimal("1.5")),
        ("0.90", Decimal("0.90")),
    ],
)
def test_scalars_are_what_they_look_like(text: str, value: Any) -> None:
    document = read(f"key: {text}")
    assert document.value == {"key": value}
    assert document.faults == ()


@pytest.mark.parametrize("text", [".nan", ".inf", "-.INF"])
def test_numbers_that_are_not_finite_are_read_for_the_reader_to_refuse(text: str) -> None:
    assert not read(f"key: {text}").value["key"].is_finite()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: 1\nb: 2\na: 3", 'The key "a" stands on line 1 already'),
        ("a: &x 1\nb: 2", "The anchor &x is not read"),
        ("a: &x 1\nb: *x", "The alias *x is not read"),
        ("a: !!python/object/apply:os.system [x]", "is not read: remove it"),
        ("a: !!str 1", "The tag tag:yaml.org,2002:str is not read"),
        ("a: 010", '"010" is no plain decimal number'),
        ("a: 0x10", "no plain decimal number"),
        ("a: 12:30:45", "no plain decimal number"),
        ("a: 1_000", "no plain decimal number"),
        ("a: " + "9" * 40, "no plain decimal number"),
        ("a: 1.0e+9999", "no plain decimal number"),
        ("a: 1\n---\nb: 2", "more than one document"),
        ("[" * 17 + "]" * 17, "Nesting is deeper than 16"),
        ("[" * 50_000, "Nesting is deeper than 16"),
        ("? [a]\n: 1", "A key is no plain text"),
        ("a: [1", "This is not YAML"),
        ("a: \x07", 'The character "\\u{0007}" may not stand in YAML'),
        ("a: 'x", "This is not YAML"),
    ],
)
def test_what_surprises_or_explodes_is_refused(text: str, sentence: str) -> None:
    faults = read(text).faults
    assert any(sentence in fault.sentence for fault in faults), faults


@pytest.mark.parametrize(
    ("text", "positions"),
    [
        ("a: 1\nb: &x 2\nc: *x\n", ["2:4", "3:4"]),
        ("a: 1\nb: {c: 1, c: 2}", ["2:11"]),
        ("a: 1\nb: [1", ["2:6"]),
        ("a: 1\nb: \x07", ["2:4"]),
    ],
)
def test_a_fault_stands_at_its_line_and_column(text: str, positions: list[str]) -> None:
    assert [str(fault.at) for fault in read(text).faults] == positions


def test_a_file_that_is_too_large_or_no_text_is_refused() -> None:
    assert "more than 10 bytes: split it" in read_yaml(b"a" * 11, 10).faults[0].sentence
    fault = read_yaml(b"a: 1\nb: \xff\n", LARGEST).faults[0]
    assert (fault.at, "UTF-8" in fault.sentence) == ((2, 4), True)


def test_a_bomb_of_aliases_costs_nothing() -> None:
    layers = "".join(f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]\n" for i in range(1, 60))
    started = time.process_time()
    assert read("l0: &l0 [x]\n" + layers).faults
    assert time.process_time() - started < 1


@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    read_yaml(text.encode("utf-8", "surrogatepass"), LARGEST)


@given(st.binary(max_size=200))
def test_no_bytes_raise(content: bytes) -> None:
    read_yaml(content, LARGEST)
