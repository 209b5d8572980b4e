"""Discounts of a charge: what a paper takes off the amount that the charge owes for a period.

Percents come first, amounts after them, each on what those before it left.  What is owed after discounts is
what minimums and commitments count, and what late use is compared with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import assert_never

import msgspec

from contracts.reductions import AmountDiscount, Discount, PercentDiscount
from kernel.money import Money
from rating.charges import Rated
from rating.working import step


@dataclass(frozen=True, slots=True)
class Discountable:
    """What a charge owes for some days, the discounts that hold then by their codes, and the days' share.

    ``share`` is that of the period in which an amount is given; None for use, which has the whole of it.
    """

    rated: Rated
    discounts: Mapping[str, Discount]
    share: Fraction | None = None


def discounted(parts: Sequence[Discountable]) -> tuple[Rated, ...]:
    """Return what each part of one period owes after its discounts, with the working.

    10 % off 1,999.00 is 199.90; 50.00 off use of 30.00 and 40.00 leaves 0.00 and 20.00.
    """
    given: dict[str, Decimal] = {}
    return tuple(_lowered(part, given) for part in parts)


def percent_off(amount: Money, discount: PercentDiscount) -> Money:
    """Return what a percent takes off an amount, rounded half up: 12.5 % of 9.99 is 1.25."""
    return Money.rounded(amount.exact * discount.off.exact, amount.currency)


def _lowered(part: Discountable, given: dict[str, Decimal]) -> Rated:
    """Take the discounts of a part in turn; ``given`` holds what use was given of amounts before."""
    rated = part.rated
    for code, discount in sorted(part.discounts.items(), key=_rank):
        if not rated.amount:
            break
        match discount:
            case PercentDiscount():
                rated = _less_percent(rated, discount)
            case AmountDiscount():
                taken = _amount_off(rated.amount, discount, part.share, given.get(code, Decimal(0)))
                if part.share is None:
                    given[code] = given.get(code, Decimal(0)) + taken.amount
                rated = _less_amount(rated, discount, taken)
            case _:
                assert_never(discount)
    return rated


def _rank(coded: tuple[str, Discount]) -> tuple[bool, str]:
    code, discount = coded
    return isinstance(discount, AmountDiscount), code


def _amount_off(amount: Money, discount: AmountDiscount, share: Fraction | None, given: Decimal) -> Money:
    """Return what is taken, never more than is owed: the amount's share of days, or what use left of it."""
    exact = Fraction(discount.amount) * (1 if share is None else share) - Fraction(given)
    return min(amount, Money.rounded(exact, amount.currency), key=lambda each: each.amount)


def _less_percent(rated: Rated, discount: PercentDiscount) -> Rated:
    off = percent_off(rated.amount, discount)
    left = rated.amount - off
    shown = step(
        "percent_discount",
        left.amount,
        name=discount.name,
        percent=discount.percent,
        base=rated.amount.amount,
        off=off.amount,
        currency=left.currency,
        clause=discount.clause,
    )
    return msgspec.structs.replace(rated, amount=left, working=(*rated.working, shown))


def _less_amount(rated: Rated, discount: AmountDiscount, off: Money) -> Rated:
    if not off:
        return rated
    left = rated.amount - off
    shown = step(
        "amount_discount",
        left.amount,
        name=discount.name,
        off=off.amount,
        currency=left.currency,
        clause=discount.clause,
    )
    return msgspec.structs.replace(rated, amount=left, working=(*rated.working, shown))
