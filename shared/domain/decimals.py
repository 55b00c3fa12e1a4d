"""Numbers as decimal text: what a metric's text means, and one spelling for each number."""

import re
from collections.abc import Sequence
from decimal import Context, Decimal
from functools import reduce

LONGEST_NUMBER = 64
"""Characters of a number's text; longer ones prove nothing."""

# Possessive: no other way to read the same characters is ever tried.
_PLAIN = re.compile(r"[+-]?+(?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)(?:[eE][+-]?+[0-9]{1,3}+)?+")
_NOT_FINITE = frozenset({"nan", "inf", "infinity"})
# Enough digits for any sum of two numbers that _PLAIN takes: 64 digits each, exponents within 999.
_EXACT = Context(prec=2200)
# Between these orders of magnitude a number is written without exponent, as ECMAScript does (RFC 8785 section 3.2.2.3).
_PLAIN_ORDERS = range(-7, 21)


def number(text: str) -> Decimal | None:
    """Return the finite number that `text` spells, or None (see `number_fault` for the reason)."""
    return Decimal(text) if len(text) <= LONGEST_NUMBER and _PLAIN.fullmatch(text) else None


def number_fault(text: str) -> str:
    """Why `text` proves nothing: "not finite", "over-long" or "malformed"; empty when it is a finite number."""
    if number(text) is not None:
        return ""
    if text.strip().lstrip("+-").casefold() in _NOT_FINITE:
        return "not finite"
    return "over-long" if len(text) > LONGEST_NUMBER else "malformed"


def difference_of(minuend: Decimal, subtrahend: Decimal) -> Decimal:
    """Return `minuend - subtrahend` exactly, whatever the thread's decimal context."""
    return _EXACT.subtract(minuend, subtrahend)


def sum_of(left: Decimal, right: Decimal) -> Decimal:
    """Return `left + right` exactly, whatever the thread's decimal context."""
    return _EXACT.add(left, right)


def mean_of(values: Sequence[Decimal]) -> Decimal:
    """Return the mean, rounded half to even to 34 digits (IEEE 754 decimal128); `values` holds at least one."""
    exact = _EXACT
    total = reduce(exact.add, values)
    return Context(prec=34).divide(total, Decimal(len(values)))


def spelled(value: Decimal) -> str:
    """Return the one spelling of a finite number: 0.90, 0.9 and 9e-1 are all `0.9`."""
    if not value:
        return "0"
    text = str(value)
    if "E" not in text and value.adjusted() in _PLAIN_ORDERS:  # the same as below, at a tenth of its cost
        return text.rstrip("0").rstrip(".") if "." in text else text
    plain = value.normalize(_EXACT)
    return format(plain, "f") if plain.adjusted() in _PLAIN_ORDERS else str(plain)
