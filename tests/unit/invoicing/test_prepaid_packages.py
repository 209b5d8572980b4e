"""A package that is paid for at once and used over months; what goes beyond is billed the month after."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from contracts.charges import OneOff, PerUnit
from contracts.promises import Credits
from invoicing.drawdowns import Given
from invoicing.use_owed import UsageKey
from kernel.periods import Period
from tests.unit.invoicing.agreements import contract_of
from tests.unit.invoicing.promising import FEB, JAN, MAR, drafted, nets, promising

APR = date(2026, 4, 1)
PACKAGE = OneOff(code="package", name="Package of 1,000", clause="T-1", amount=Decimal(900))
OVERAGE = PerUnit(
    code="overage", name="Transactions", clause="T-1", meter="whatsapp", unit_price=Decimal("1.12")
)
#: 1,000 transactions at 1.12, for three months.
VOLUME = Credits(clause="T-1", name="Package of 1,000", amount=Decimal(1120), cycles=3, charges=("overage",))


def used(period: Period, count: int) -> dict[UsageKey, Decimal]:
    """So many transactions."""
    return {UsageKey("whatsapp", "", period): Decimal(count)}


@pytest.mark.clause("ZEN-X-6")
@pytest.mark.clause("ZEN-X-7")
def test_what_goes_beyond_a_package_is_billed_the_month_after() -> None:
    """The package is billed as made available; it holds 600 of January and 400 of February: 200 at 1.12."""
    contract = promising(contract_of(PACKAGE, OVERAGE), promises={"volume": VOLUME})
    first = drafted(contract, JAN)
    second = drafted(contract, FEB, used(Period(JAN, FEB), 600), since=JAN, billed=first.marks)
    third = drafted(
        contract,
        MAR,
        used(Period(FEB, MAR), 600),
        since=FEB,
        given=Given(drawn=(*first.drawdowns, *second.drawdowns)),
    )

    assert {"package": "900.00"} == nets(first)
    assert {"overage": "0.00"} == nets(second)
    assert {"overage": "224.00"} == nets(third)


@pytest.mark.clause("ZEN-X-6")
def test_what_a_package_leaves_is_lost_with_its_term() -> None:
    """After three months 1,000 new transactions are overage, though the package was never used."""
    contract = promising(contract_of(OVERAGE), promises={"volume": VOLUME})
    april = Period(APR, date(2026, 5, 1))

    assert {"overage": "1120.00"} == nets(drafted(contract, april.end, used(april, 1000), since=APR))
