"""Coupons: a value off an invoice before its taxes, spread over the lines that it is meant for.

No cent is lost in the spreading, no line and no sum falls below zero, and what comes back of a line later
brings its share of the coupon back with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from kernel.money import Money, Percent, total_of


def spread(value: Money, amounts: Sequence[Money], *, ceiling: Money) -> tuple[Money, ...]:
    """Spread a coupon over lines by what they owe; return what each is given, which adds up to what is used.

    Used is at most the ``ceiling`` (what the whole invoice still owes) and at most what the lines owe; the
    rest stays with the coupon.  Lines that give something back are given nothing.

    >>> [str(each) for each in spread(Money.of("0.12", "EUR"), [Money.of("0.04", "EUR"),
    ...                               Money.of("0.02", "EUR")], ceiling=Money.of("0.06", "EUR"))]
    ['0.04 EUR', '0.02 EUR']
    """
    nothing = Money.zero(value.currency)
    owed = [max(each, nothing, key=lambda money: money.amount) for each in amounts]
    used = min(value, ceiling, total_of(owed, value.currency), key=lambda money: money.amount)
    if used <= nothing:
        return (nothing,) * len(owed)
    return used.split([each.amount for each in owed])


def spread_percent(percent: Percent, amounts: Sequence[Money], *, ceiling: Money) -> tuple[Money, ...]:
    """Return what a percent takes off each line, rounded half up, and at most the ceiling off all of them.

    15 % of 9.99 and of 0.30 are 1.50 and 0.05; lines that give something back are given nothing.
    """
    nothing = Money.zero(ceiling.currency)
    owed = [max(each, nothing, key=lambda money: money.amount) for each in amounts]
    off = tuple(Money.rounded(each.exact * percent.exact, each.currency) for each in owed)
    total = total_of(off, ceiling.currency)
    return off if total <= ceiling else spread(total, off, ceiling=ceiling)


def share_back(given: Money, *, part: Money, whole: Money) -> Money:
    """Return the share of what a line was given that comes back with a part of the line's amount.

    399.00 were billed with 250.00 of a coupon; 262.60 of them come back with 164.54 of the coupon, so that
    98.06 are left to give back.  All of the line brings all of it.

    >>> str(share_back(Money.of("250.00", "EUR"), part=Money.of("262.60", "EUR"), whole=Money.of(399, "EUR")))
    '164.54 EUR'
    """
    if not whole:
        return Money.zero(given.currency)
    return Money.rounded(given.exact * min(Fraction(1), part.exact / whole.exact), given.currency)
