"""What an ending gives back of a fee that a coupon paid in part."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from contracts.reductions import AmountCoupon
from invoicing.refunds import as_paid, refund_due
from kernel.money import Money
from tests.unit.invoicing.agreements import PLATFORM, contract_of
from tests.unit.invoicing.promising import JAN, drafted, promising


def test_a_refund_gives_back_what_was_paid() -> None:
    """1,999.00 less a coupon of 1,379.00 are 620.00: 14 unused days of 31 give 280.00 and their tax back."""
    welcome = AmountCoupon(clause="T-1", name="Welcome", amount=Decimal(1379))
    contract = promising(contract_of(PLATFORM), reductions={"welcome": welcome})
    draft = drafted(contract, JAN)
    nothing = Money.zero("MXN")
    ends_on = date(2026, 1, 18)

    refund = refund_due(contract, as_paid(draft.marks, draft.drawdowns), ends_on=ends_on, unpaid=nothing)

    assert (Money.of(280, "MXN"), Money.of("324.80", "MXN")) == (refund.net, refund.gross)


def test_a_fee_that_a_coupon_paid_in_full_gives_nothing_back() -> None:
    """Nothing was paid, so that there is nothing to give back."""
    welcome = AmountCoupon(clause="T-1", name="Welcome", amount=Decimal(5000))
    contract = promising(contract_of(PLATFORM), reductions={"welcome": welcome})
    draft = drafted(contract, JAN)

    refund = refund_due(
        contract,
        as_paid(draft.marks, draft.drawdowns),
        ends_on=date(2026, 1, 18),
        unpaid=Money.zero("MXN"),
    )

    assert () == refund.lines
