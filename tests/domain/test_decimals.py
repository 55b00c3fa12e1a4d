import decimal
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.decimals import difference_of, mean_of, number, number_fault, spelled, sum_of


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("NaN", "not finite"),
        ("-nan", "not finite"),
        ("Infinity", "not finite"),
        ("-inf", "not finite"),
        ("1" * 65, "over-long"),
        ("1" * 64, ""),
        ("x" * 65, "over-long"),
        ("x" * 64, "malformed"),
        ("True", "malformed"),
        ("", "malformed"),
        ("0x10", "malformed"),
        ("1_000", "malformed"),
        ("٣", "malformed"),  # a digit, yet not one that everybody reads
        ("1e1000", "malformed"),
        (" 1", "malformed"),
        ("0.9", ""),
        ("-5e-324", ""),
        ("1.7976931348623157e+308", ""),
    ],
)
def test_only_plain_finite_numbers_of_sensible_length_are_numbers(text: str, fault: str) -> None:
    assert number_fault(text) == fault
    assert (number(text) is None) == bool(fault)


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("0.90", "0.9"),
        ("9e-1", "0.9"),
        ("+.9", "0.9"),
        ("-0.0", "0"),
        ("0e999", "0"),
        ("100", "100"),
        ("1E+21", "1E+21"),
        ("1e-9", "1E-9"),
        ("123456789012345678901", "123456789012345678901"),
        ("1234567890123456789012", "1234567890123456789012"),
        ("100000000000000000000000.0", "1E+23"),
        ("-0.0000001", "-0.0000001"),
        ("0.00000010", "0.0000001"),
        ("0.1234567890123456789012345678901234567890", "0.123456789012345678901234567890123456789"),
    ],
)
def test_a_number_has_one_spelling(text: str, spelling: str) -> None:
    assert spelled(Decimal(text)) == spelling


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_float_keeps_its_value(value: float) -> None:
    found = number(repr(value))
    assert found is not None
    assert float(spelled(found)) == value


def test_sums_are_exact_whatever_the_context_of_the_thread() -> None:
    with decimal.localcontext() as context:
        context.prec = 2
        assert difference_of(Decimal("0.945"), Decimal("0.01")) == Decimal("0.935")
        assert sum_of(Decimal("0.945"), Decimal("0.01")) == Decimal("0.955")
        assert spelled(Decimal("0.94567")) == "0.94567"


def test_a_mean_is_rounded_once_at_the_end_whatever_the_context_of_the_thread() -> None:
    assert mean_of([Decimal("0.1"), Decimal("0.2")]) == Decimal("0.15")
    assert mean_of([Decimal("1e30"), Decimal("1e-30"), Decimal("-1e30")]) == Decimal(
        "3.333333333333333333333333333333333E-31"
    )


@given(st.decimals(allow_nan=False, allow_infinity=False, places=None) | st.decimals(-1000, 1000, places=6))
def test_a_number_has_one_spelling_however_it_was_written(value: Decimal) -> None:
    shorter = value.normalize(decimal.Context(prec=2200))
    assert spelled(value) == spelled(shorter)
    assert Decimal(spelled(value)) == value
    plain = format(shorter, "f") if value and -7 <= shorter.adjusted() <= 20 else None
    assert plain in (None, spelled(value))
