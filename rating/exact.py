"""Exact arithmetic of decimals: products and sums that lose no digit, however many they have.

Python's own operators round to 28 digits in silence; these raise rather than round.
"""

from __future__ import annotations

from decimal import Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow
from typing import Final

#: A quantity, a price and a percent have at most 39 digits each where they are read.
_EXACT: Final = Context(prec=200, traps=[DivisionByZero, Inexact, InvalidOperation, Overflow])

_HUNDREDTH: Final = Decimal("0.01")

times = _EXACT.multiply
plus = _EXACT.add
minus = _EXACT.subtract
whole_and_rest = _EXACT.divmod


def percent_of(amount: Decimal, percent: Decimal) -> Decimal:
    """Return a percent of an amount, exactly: 2.9 % of 4 is 0.116."""
    return times(times(amount, percent), _HUNDREDTH)


def total(numbers: tuple[Decimal, ...]) -> Decimal:
    """Return a sum, exactly."""
    added = Decimal(0)
    for number in numbers:
        added = plus(added, number)
    return added
