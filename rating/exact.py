"""Exact arithmetic of decimals: products and sums that lose no digit, however many they have.

Python's own operators round to 28 digits in silence; these raise rather than round.  A quantity without end
(342/31 seats) is a fraction, and so is what is made of it.
"""

from __future__ import annotations

from decimal import Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow
from fractions import Fraction
from typing import Final, overload

from kernel.money import Exact

#: A quantity, a price and a percent have at most 39 digits each where they are read.
_EXACT: Final = Context(prec=200, traps=[DivisionByZero, Inexact, InvalidOperation, Overflow])

_HUNDREDTH: Final = Decimal("0.01")

_multiply, _add, _subtract, _divmod = _EXACT.multiply, _EXACT.add, _EXACT.subtract, _EXACT.divmod


@overload
def times(one: Decimal, other: Decimal) -> Decimal: ...
@overload
def times(one: Exact, other: Exact) -> Exact: ...
def times(one: Exact, other: Exact) -> Exact:
    """Return a product: 0.5 times 342/31 is 171/31."""
    try:
        return _multiply(one, other)  # type: ignore[arg-type]  # a fraction is refused, and taken below
    except TypeError:
        return Fraction(one) * Fraction(other)


@overload
def plus(one: Decimal, other: Decimal) -> Decimal: ...
@overload
def plus(one: Exact, other: Exact) -> Exact: ...
def plus(one: Exact, other: Exact) -> Exact:
    """Return a sum."""
    try:
        return _add(one, other)  # type: ignore[arg-type]  # as above
    except TypeError:
        return Fraction(one) + Fraction(other)


@overload
def minus(one: Decimal, other: Decimal) -> Decimal: ...
@overload
def minus(one: Exact, other: Exact) -> Exact: ...
def minus(one: Exact, other: Exact) -> Exact:
    """Return a difference."""
    try:
        return _subtract(one, other)  # type: ignore[arg-type]  # as above
    except TypeError:
        return Fraction(one) - Fraction(other)


def whole_and_rest(quantity: Exact, size: Decimal) -> tuple[Exact, Exact]:
    """Return how many whole sizes a quantity holds, and what is left of it."""
    if isinstance(quantity, Fraction):
        return divmod(quantity, Fraction(size))
    return _divmod(quantity, size)


@overload
def percent_of(amount: Decimal, percent: Decimal) -> Decimal: ...
@overload
def percent_of(amount: Exact, percent: Decimal) -> Exact: ...
def percent_of(amount: Exact, percent: Decimal) -> Exact:
    """Return a percent of an amount, exactly: 2.9 % of 4 is 0.116."""
    return times(times(amount, percent), _HUNDREDTH)


def total(numbers: tuple[Decimal, ...]) -> Decimal:
    """Return a sum, exactly."""
    added = Decimal(0)
    for number in numbers:
        added = plus(added, number)
    return added
