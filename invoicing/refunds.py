"""What a contract that ended gives back: of each fee paid in advance, the share of the days after its last.

KON-16b and Annex X 17: calendar days of the prepaid period, the day of termination is the last one
billed.  1,200.00 for January to December, ended on 30 June: 184 of 365 days, 604.93 back.  Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from contracts.charges import Flat, Timing
from contracts.subscriptions import Contract
from invoicing.compose import Mark, MarkKey
from invoicing.drawdowns import Drawdown
from invoicing.taxing import tax_rule
from kernel.money import Money, total_of
from kernel.periods import Period
from rating.taxes import tax


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundLine:
    """What one prepaid fee gives back for the days that are left of those paid."""

    charge: str
    paid: Period
    unused: Period
    amount: Money
    net: Money
    tax: Money
    gross: Money


@dataclass(frozen=True, slots=True)
class RefundDue:
    """All that an ending gives back."""

    lines: tuple[RefundLine, ...]
    currency: str
    unpaid: Money

    @property
    def net(self) -> Money:
        """The sum before tax."""
        return total_of((line.net for line in self.lines), self.currency)

    @property
    def tax(self) -> Money:
        """The sum of the taxes."""
        return total_of((line.tax for line in self.lines), self.currency)

    @property
    def gross(self) -> Money:
        """The sum with tax."""
        return total_of((line.gross for line in self.lines), self.currency)

    @property
    def paid_back(self) -> Money:
        """What goes back: never more than was paid, for the rest lowers what is still unpaid."""
        return max(self.gross - self.unpaid, Money.zero(self.currency), key=lambda each: each.amount)

    @property
    def credited(self) -> Money:
        """What lowers the debt for the fees given back."""
        return self.gross - self.paid_back


def refund_due(
    contract: Contract, billed: Mapping[MarkKey, Mark], *, ends_on: date, unpaid: Money
) -> RefundDue:
    """Return what is given back to a contract whose first day without service is ``ends_on``.

    Only fees billed in advance have days left; use and fees once are owed whole.  Days after an end that the
    contract had before were given back with that one.  ``unpaid`` is what is open of the documents that
    billed these fees.
    """
    in_advance = {
        charge.code
        for charge in contract.charges
        if isinstance(charge, Flat) and charge.timing is Timing.IN_ADVANCE
    }
    before = contract.subscription.ends_on or date.max
    lines = [
        _line(contract, key, mark, Period(max(ends_on, key.period.start), min(before, key.period.end)))
        for key, mark in sorted(billed.items(), key=lambda each: (each[0].period.start, each[0].charge))
        if key.charge in in_advance
        and mark.amount
        and max(ends_on, key.period.start) < min(before, key.period.end)
    ]
    return RefundDue(tuple(lines), contract.currency, unpaid)


def as_paid(billed: Mapping[MarkKey, Mark], drawn: Iterable[Drawdown]) -> dict[MarkKey, Mark]:
    """Return what was billed as it was paid for: without what coupons and credits gave.

    A fee of 1,999.00 of which a coupon gave 1,000.00 gives back shares of 999.00.
    """
    paid = dict(billed)
    for each in drawn:
        key = MarkKey(each.charge, each.period)
        if key in paid:
            paid[key] = Mark(paid[key].quantity, paid[key].amount - each.amount)
    return paid


def _line(contract: Contract, key: MarkKey, mark: Mark, unused: Period) -> RefundLine:
    amount = Money.rounded(Fraction(mark.amount.amount) * unused.share_of(key.period), contract.currency)
    taxed = tax(amount, mode=tax_rule(contract).rule.mode, rates=contract.entity.taxes)
    return RefundLine(
        charge=key.charge,
        paid=key.period,
        unused=unused,
        amount=amount,
        net=taxed.net,
        tax=taxed.tax,
        gross=taxed.gross,
    )
