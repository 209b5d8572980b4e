"""What a contract that ended gives back: of each fee paid in advance, the share of the days after its last.

KON-16b and Annex X 17: calendar days of the prepaid period, the day of termination is the last one
billed.  1,200.00 for January to December, ended on 30 June: 184 of 365 days, 604.93 back.  Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from contracts.charges import Flat, Timing
from contracts.subscriptions import Contract
from invoicing.compose import Mark, MarkKey
from invoicing.drawdowns import Drawdown
from invoicing.stopped import time_share
from invoicing.taxing import taxation_on
from kernel.money import Money, total_of
from kernel.periods import Period
from rating.taxes import taxed


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
    withheld: Money


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
    def payable(self) -> Money:
        """The sum without what the customer withheld of it: that it never paid, and gets from the state."""
        return self.gross - total_of((line.withheld for line in self.lines), self.currency)

    @property
    def paid_back(self) -> Money:
        """What goes back: never more than was paid, for the rest lowers what is still unpaid."""
        return max(self.payable - self.unpaid, Money.zero(self.currency), key=lambda each: each.amount)

    @property
    def credited(self) -> Money:
        """What lowers the debt for the fees given back."""
        return self.payable - self.paid_back


def refund_due(
    contract: Contract, billed: Mapping[MarkKey, Mark], *, ends_on: date, unpaid: Money
) -> RefundDue:
    """Return what is given back to a contract whose first day without service is ``ends_on``.

    Only fees billed in advance have days left; use and fees once are owed whole.  Days after an end that the
    contract had before were given back with that one.  ``unpaid`` is what is open of the documents that
    billed these fees.
    """
    in_advance = {
        charge.code: charge
        for charge in contract.charges
        if isinstance(charge, Flat) and charge.timing is Timing.IN_ADVANCE
    }
    before = contract.subscription.ends_on or date.max
    lines = [
        _line(contract, in_advance[key.charge], key.period, mark.amount, unused)
        for key, mark in sorted(billed.items(), key=lambda each: (each[0].period.start, each[0].charge))
        if key.charge in in_advance and mark.amount and (unused := _unused(key.period, ends_on, before))
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


def _unused(paid: Period, ends_on: date, before: date) -> Period | None:
    start, end = max(ends_on, paid.start), min(before, paid.end)
    return Period(start, end) if start < end else None


def _line(contract: Contract, charge: Flat, paid: Period, billed: Money, unused: Period) -> RefundLine:
    share = time_share(contract, charge, unused).exact / time_share(contract, charge, paid).exact
    amount = Money.rounded(billed.exact * share, contract.currency)
    parts = taxed(amount, taxation_on(contract, paid.start))
    return RefundLine(
        charge=charge.code,
        paid=paid,
        unused=unused,
        amount=amount,
        net=parts.net,
        tax=parts.tax,
        gross=parts.gross,
        withheld=parts.gross - parts.payable,
    )
