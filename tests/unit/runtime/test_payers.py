"""How the demo's customers pay: on their day, early or late, in one or two receipts."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from kernel.money import Percent
from runtime.demo.payers import WHOLE, Payer, Paying
from tests.unit.receivables.books import item_of

ITEM = item_of("F-1")
PAYER = Payer(account="acme", days_after_due=-3)


def receipts(payer: Payer) -> dict[int, Paying]:
    """Return what comes, by days after the due date."""
    days = range(-60, 61)
    found = {each: payer.paying(ITEM, ITEM.due_on + timedelta(days=each)) for each in days}
    return {day: paying for day, paying in found.items() if paying is not None}


@pytest.mark.parametrize("days", [-3, 0, 13])
def test_a_payer_pays_once_on_its_day(days: int) -> None:
    """Days count from the due date; all that is open is paid, under a reference of the invoice's number."""
    assert {days: Paying("F-1-1", WHOLE)} == receipts(replace(PAYER, days_after_due=days))


def test_a_month_may_be_paid_on_another_day() -> None:
    """The invoice of that month is paid 13 days late, those of other months as usual."""
    month = f"{ITEM.issued_on:%Y-%m}"

    assert [13] == list(receipts(replace(PAYER, months={month: 13})))
    assert [-3] == list(receipts(replace(PAYER, months={"1999-12": 13})))


def test_a_month_may_be_paid_in_parts() -> None:
    """60 % on the usual day, and all that is left nine days later, under a reference of its own."""
    payer = replace(PAYER, months_in_parts=(f"{ITEM.issued_on:%Y-%m}",), rest_after_days=9)

    assert {-3: Paying("F-1-1", Percent(Decimal(60))), 6: Paying("F-1-2", WHOLE)} == receipts(payer)


def test_an_invoice_of_another_month_is_paid_whole() -> None:
    """Parts belong to the months that are named."""
    assert {-3: Paying("F-1-1", WHOLE)} == receipts(replace(PAYER, months_in_parts=("1999-12",)))
    assert date(1999, 12, 1) != ITEM.issued_on
