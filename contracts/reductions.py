"""What a paper takes off prices: discounts of single charges, and coupons over a whole invoice.

A discount belongs to a charge: it lowers what the charge owes, and minimums and commitments see the lower
amount.  A coupon belongs to the invoice: its value is spread over the lines before their taxes.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

import msgspec

from contracts.clauses import Rule
from kernel.money import Percent
from kernel.periods import Cycle

#: Cycles for which a reduction or a promise may hold: a hundred years of months.  More is a typing error.
Cycles = Annotated[int, msgspec.Meta(ge=0, le=1_200)]

ALL_PERCENT = 100


class ReductionTerms(Rule, frozen=True, kw_only=True, tag_field="kind"):
    """What all reductions have: a name for the invoice, what they lower, and for how long.

    ``charges`` and ``plans`` name codes; empty, all are meant.  A reduction holds from ``from_on`` (else the
    first day of the contract) for so many ``cycles``, the first of which holds that day, or ``until`` a day
    (exclusive), or for good.  Fees take the reduction of the day on which their period begins, use that of
    its own day.
    """

    name: str
    charges: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    from_on: date | None = None
    until: date | None = None
    cycles: Cycles = 0

    def __post_init__(self) -> None:
        """Refuse a reduction that ends twice, or before it begins."""
        if self.cycles and self.until is not None:
            message = "until: a reduction states either its cycles or the day on which it ends"
            raise ValueError(message)
        if self.from_on is not None and self.until is not None and self.until <= self.from_on:
            message = f"until: must lie after from_on {self.from_on}, is {self.until}"
            raise ValueError(message)

    def holds_for(self, plan: str) -> bool:
        """Tell whether the reduction is meant for a plan."""
        return not self.plans or plan in self.plans

    def concerns(self, charge: str) -> bool:
        """Tell whether the reduction lowers a charge."""
        return not self.charges or charge in self.charges

    def first_day(self, starts_on: date) -> date:
        """Return the day from which it holds for a contract that starts on a day."""
        return self.from_on or starts_on

    def end(self, starts_on: date, cycle: Cycle) -> date | None:
        """Return the first day on which it no longer holds, or None.

        Three cycles of calendar months from 15 January are the rest of January, February and March.
        """
        return self.until or last_border(cycle, self.first_day(starts_on), self.cycles)

    def holds_on(self, day: date, starts_on: date, cycle: Cycle) -> bool:
        """Tell whether it holds on a day."""
        end = self.end(starts_on, cycle)
        return self.first_day(starts_on) <= day and (end is None or day < end)


class PercentDiscount(ReductionTerms, frozen=True, kw_only=True, tag="percent_discount"):
    """So many percent off what each of its charges owes for a period."""

    percent: Decimal

    def __post_init__(self) -> None:
        """Refuse a discount of nothing, or of more than all."""
        ReductionTerms.__post_init__(self)
        check_percent(self.percent)

    @property
    def off(self) -> Percent:
        """The percent that is taken."""
        return Percent(self.percent)


class AmountDiscount(ReductionTerms, frozen=True, kw_only=True, tag="amount_discount"):
    """An amount off what each of its charges owes for a period, never more than that.

    A fee that owes a share of its period by days is given that share of it; use is given the whole.
    """

    amount: Decimal

    def __post_init__(self) -> None:
        """Refuse a discount of nothing."""
        ReductionTerms.__post_init__(self)
        check_amount(self.amount)


class PercentCoupon(ReductionTerms, frozen=True, kw_only=True, tag="percent_coupon"):
    """So many percent off each line of an invoice, before its taxes."""

    percent: Decimal

    def __post_init__(self) -> None:
        """Refuse a coupon of nothing, or of more than all."""
        ReductionTerms.__post_init__(self)
        check_percent(self.percent)

    @property
    def off(self) -> Percent:
        """The percent that is taken."""
        return Percent(self.percent)


class AmountCoupon(ReductionTerms, frozen=True, kw_only=True, tag="amount_coupon"):
    """An amount off an invoice before its taxes, spread over its lines; it takes no total below zero.

    It is given once, and what one invoice does not use up is left for the next.  With ``each_cycle`` it is
    given anew in each cycle, for the lines whose period begins in it, and what they leave is lost.
    """

    amount: Decimal
    each_cycle: bool = False

    def __post_init__(self) -> None:
        """Refuse a coupon of nothing."""
        ReductionTerms.__post_init__(self)
        check_amount(self.amount)


Discount = PercentDiscount | AmountDiscount
Coupon = PercentCoupon | AmountCoupon
Reduction = PercentDiscount | AmountDiscount | PercentCoupon | AmountCoupon


def last_border(cycle: Cycle, first_day: date, cycles: int) -> date | None:
    """Return where so many cycles end, of which the first holds a day; without a number there is no end."""
    return cycle.border(cycle.number_of(first_day) + cycles) if cycles else None


def check_percent(percent: Decimal) -> None:
    """Refuse a percent of nothing or of more than all."""
    if not (percent.is_finite() and 0 < percent <= ALL_PERCENT):
        message = f"percent: more than 0 and at most {ALL_PERCENT}, not {percent}"
        raise ValueError(message)


def check_amount(amount: Decimal) -> None:
    """Refuse an amount of nothing."""
    if not (amount.is_finite() and amount > 0):
        message = f"amount: more than nothing, not {amount}"
        raise ValueError(message)
