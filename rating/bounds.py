"""The least and the most that a charge owes for a period, over all its lines of that period.

A part of a period owes its share of them: a minimum of 10.00 for 15 of 31 days is 4.84.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from contracts.charges import UsageCharge
from kernel.money import Money
from rating.charges import Rated
from rating.working import Working, step


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a period owes at least and at most, and how a part's share was taken."""

    minimum: Money | None = None
    maximum: Money | None = None
    working: Working = ()

    def hold(self, rated: Rated, *, spent: Money, is_last: bool) -> Rated:
        """Return a line within the bounds, after lines of the same period that came to ``spent``.

        The most binds each line, the least only the last one, which owes what is missing: with a minimum of
        1,000.00 and 100.00 on an earlier line it owes 900.00.
        """
        minimum, maximum = self.minimum, self.maximum
        if maximum is not None and rated.amount + spent > maximum:
            return self._owing(rated, "maximum", maximum, spent)
        if is_last and minimum is not None and rated.amount + spent < minimum:
            return self._owing(rated, "minimum", minimum, spent)
        return rated

    def _owing(self, rated: Rated, code: str, bound: Money, spent: Money) -> Rated:
        amount = bound - spent
        beside = {"spent": spent.amount} if spent else {}
        last = step(
            f"{code}_beside" if spent else code,
            amount.amount,
            bound=bound.amount,
            currency=bound.currency,
            **beside,
        )
        shares = tuple(each for each in self.working if each.code == f"{code}_share")
        return Rated(rated.quantity, amount, (*rated.working, *shares, last))


def bounds_of(parts: Iterable[tuple[UsageCharge, Fraction]], *, currency: str) -> Bounds:
    """Return the bounds of a period from a charge at the prices of each part of it, and the part's share.

    >>> from contracts.charges import PerUnit
    >>> sms = PerUnit(code="sms", name="", clause="", meter="sms", unit_price=Decimal(1),
    ...               minimum_amount=Decimal(10))
    >>> str(bounds_of([(sms, Fraction(15, 31))], currency="EUR").minimum)
    '4.84 EUR'
    """
    priced = tuple(parts)
    minimum, least = _summed("minimum", [(each.minimum_amount, share) for each, share in priced], currency)
    maximum, most = _summed("maximum", [(each.maximum_amount, share) for each, share in priced], currency)
    return Bounds(minimum, maximum, (*least, *most))


def _summed(
    code: str, parts: list[tuple[Decimal | None, Fraction]], currency: str
) -> tuple[Money | None, Working]:
    """Return a bound of all parts, and a step for each that does not state it whole.

    A part without a minimum owes none of it; a part without a maximum has none, and so has the period.
    """
    stated = [(amount, share) for amount, share in parts if amount is not None]
    if not stated or (code == "maximum" and len(stated) < len(parts)):
        return None, ()
    shares = [Fraction(amount) * share for amount, share in stated]
    working = tuple(
        step(f"{code}_share", owed, amount=amount, share=str(share), currency=currency)
        for (amount, share), owed in zip(stated, shares, strict=True)
        if share != 1
    )
    return Money.rounded(sum(shares, Fraction()), currency), working
