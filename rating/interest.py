"""Interest of a late debt: simple, or compounded by whole months.

The daily rate is never rounded: interest is base x rate x months late, and the months are an exact fraction.
"""

from __future__ import annotations

from fractions import Fraction
from typing import assert_never

from contracts.late_rules import Compounding


def growth(compounding: Compounding, rate_per_month: Fraction, months: Fraction) -> Fraction:
    """Return the interest of so many months as a share of its base.

    At 1 % a month, 2.5 months are 2.5 % simple.  Compounded they are 1.01 x 1.01 x 1.005 - 1 = 2.52005 %:
    whole months compound and the rest of a month is linear within it, for a root of 1.01 has no end.

    >>> growth(Compounding.MONTHLY, Fraction(1, 100), Fraction(5, 2))
    Fraction(50401, 2000000)
    """
    match compounding:
        case Compounding.SIMPLE:
            return rate_per_month * months
        case Compounding.MONTHLY:
            whole = months.numerator // months.denominator
            return (1 + rate_per_month) ** whole * (1 + rate_per_month * (months - whole)) - 1
        case _:
            assert_never(compounding)
