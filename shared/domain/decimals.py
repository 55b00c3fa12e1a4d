"""Numbers as decimal text: what a metric's text means, and one spelling for each number."""

import re
from collections.abc import Sequence
from decimal import Context, Decimal
from functools import reduce

LONGEST_NUMBER = 64
"""Characters of a number's text; longer ones prove nothing."""

_PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_NOT_FINITE = frozenset({"nan", "inf", "infinity"})
# Enough digits for any sum of two numbers that _PLAIN takes: 64 digits each, exponents within 999.
_DIGITS = 2200
# Between these orders of magnitude a number is written without exponent, as ECMAScript does (RFC 8785 section 3.2.2.3).
_PLAIN_ORDERS = range(-7, 21)


def number(text: str) -> Decimal | None:
    """Return the finite number that `text` spells, or None (see `number_fault` for the reason)."""
    return None if number_fault(text) else Decimal(text)


def number_fault(text: str) -> str:
    """Why `text` proves nothing: "not finite", "over-long" or "malformed"; empty when it is a finite number."""
    if text.strip().lstrip("+-").casefold() in _NOT_FINITE:
        return "not finite"
    if len(text) > LONGEST_NUMBER:
        return "over-long"
    return "" if _PLAIN.fullmatch(text) else "malformed"


def difference_of(minuend: Decimal, subtrahend: Decimal) -> Decimal:
    """Return `minuend - subtrahend` exactly, whatever the thread's decimal context."""
    return Context(prec=_DIGITS).subtract(minuend, subtrahend)


def sum_of(left: Decimal, right: Decimal) -> Decimal:
    """Return `left + right` exactly, whatever the thread's decimal context."""
    return Context(prec=_DIGITS).add(left, right)


def mean_of(values: Sequence[Decimal]) -> Decimal:
    """Return the mean, rounded half to even to 34 digits (IEEE 754 decimal128); `values` holds at least one."""
    exact = Context(prec=_DIGITS)
    total = reduce(exact.add, values)
    return Context(prec=34).divide(total, Decimal(len(values)))


def spelled(value: Decimal) -> str:
    """Return the one spelling of a finite number: 0.90, 0.9 and 9e-1 are all `0.9`."""
    if not value:
        return "0"
    plain = value.normalize(Context(prec=_DIGITS))
    return format(plain, "f") if plain.adjusted() in _PLAIN_ORDERS else str(plain)
