"""What an end before its time, or a breach, costs: each rule from the values that it is counted on.

Every amount crosses to money once, half up, and its working ends with it.  A reading is the terms' affair:
which fees remain and which discount was given is asked here of nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kernel.errors import InvalidInput
from kernel.money import Money, Percent, total_of
from kernel.periods import Period
from rating.working import Step, Working, step


@dataclass(frozen=True, slots=True)
class SpanFee:
    """What one fee comes to over some days: nine months at 1,000.00 are 9,000.00."""

    charge: str
    days: Period
    amount: Money


@dataclass(frozen=True, slots=True)
class Discount:
    """What one fee comes to over some days at the list price, and at the price agreed."""

    charge: str
    days: Period
    listed: Money
    agreed: Money

    @property
    def given(self) -> Money:
        """The discount; a price above the list is none."""
        return max(self.listed - self.agreed, Money.zero(self.listed.currency))


@dataclass(frozen=True, slots=True)
class PenaltyDue:
    """What a penalty comes to, and the working that led to it."""

    amount: Money
    working: Working


def share_of_fees(percent: Percent, fees: Sequence[SpanFee], *, currency: str, clause: str) -> PenaltyDue:
    """Return a percentage of fees: of those that remain (ZEN-X-14), or of the contract's (ZEN-X-19).

    Nine months at 1,000.00 remain: half of 9,000.00 is 4,500.00.  Where nothing remains it is nothing.
    """
    base = total_of((each.amount for each in fees), currency)
    amount = Money.rounded(base.exact * percent.exact, currency)
    last = step(
        "penalty_share",
        amount.amount,
        percent=percent.exact * 100,
        base=base.amount,
        currency=currency,
        clause=clause,
    )
    return PenaltyDue(amount, (*_fee_steps(fees), last))


def clawback(discounts: Sequence[Discount], *, currency: str, clause: str) -> PenaltyDue:
    """Return the discount that was given, fee by fee, and never more than that (ZEN-IX-10.1).

    Three months of 1,999.00 at 1,500.00: 5,997.00 less 4,500.00 are 1,497.00.
    """
    amount = total_of((each.given for each in discounts), currency)
    steps = [
        step(
            "discount_given",
            each.given.amount,
            charge=each.charge,
            start=each.days.start.isoformat(),
            last_day=each.days.last_day.isoformat(),
            listed=each.listed.amount,
            agreed=each.agreed.amount,
            currency=currency,
        )
        for each in discounts
    ]
    return PenaltyDue(amount, (*steps, step("clawback", amount.amount, currency=currency, clause=clause)))


def times_the_average(times: int, used: Money, months: int, *, clause: str) -> PenaltyDue:
    """Return so many times the monthly average of what use cost over some months (ZEN-8.7).

    10,000.00 in seven months, twelve times: 10,000.00 / 7 x 12 = 17,142.86; the average is never rounded.
    """
    if months < 1:
        raise InvalidInput(
            "an average takes a month that is over", field="months", value=months, expected=">= 1"
        )
    average = used.exact / months
    amount = Money.rounded(average * times, used.currency)
    return PenaltyDue(
        amount,
        (
            step("average_use", average, used=used.amount, months=months, currency=used.currency),
            step(
                "penalty_times",
                amount.amount,
                times=times,
                average=average,
                currency=used.currency,
                clause=clause,
            ),
        ),
    )


def passed_through(cost: Money, *, clause: str) -> PenaltyDue:
    """Return what something cost, as stated: a sanction, an assessment, a backup (ZEN-15.7, SIN-3.3c)."""
    if cost <= Money.zero(cost.currency):
        raise InvalidInput("a cost that is passed on is more than zero", field="amount", value=cost)
    return PenaltyDue(cost, (step("cost_stated", cost.amount, currency=cost.currency, clause=clause),))


def _fee_steps(fees: Sequence[SpanFee]) -> Iterator[Step]:
    for each in fees:
        yield step(
            "span_fee",
            each.amount.amount,
            charge=each.charge,
            start=each.days.start.isoformat(),
            last_day=each.days.last_day.isoformat(),
            currency=each.amount.currency,
        )
