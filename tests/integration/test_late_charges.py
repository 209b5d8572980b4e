"""Late charges on the real journal: assessed once, piecewise or backdated, they come to what was owed."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine

from contracts.store import load_catalog
from db.unit_of_work import reading, unit_of_work
from invoicing.archive import late_charges_of
from invoicing.assess import assess
from kernel.clock import FixedClock
from kernel.ids import AccountId
from kernel.money import Money
from payments.receipts import Receipt
from receivables.journal import OpenItem
from receivables.store import balances
from tests.integration.payments_book import contract_of, open_book, owe, pay, sign

DUE = date(2026, 1, 21)


def mxn(amount: str) -> Money:
    """Pesos."""
    return Money.of(amount, "MXN")


def assess_on(engine: Engine, item: OpenItem, *days: date) -> Money:
    """Assess an item on some days; return what that posted."""
    posted = mxn("0")
    for day in days:
        with unit_of_work(engine) as connection:
            contract = contract_of(connection, item.account_id, "MX")
            posted += assess(
                connection,
                load_catalog(connection),
                contract,
                item,
                through=day,
                clock=FixedClock.on(day),
                held=(),
            )
    return posted


def owed_on(engine: Engine, account_id: AccountId, day: date) -> Money:
    """All that an account owes as of a day."""
    with reading(engine) as connection:
        found = balances(connection, as_of=day, account_ids=[account_id])
    return sum((each.total for each in found), mxn("0"))


@pytest.fixture
def item(engine: Engine) -> OpenItem:
    """1,000.00 MXN under Annex IX, due on 21 January."""
    open_book(engine)
    return owe(engine, sign(engine, "acme"), "MX-1")


@pytest.mark.clause("ZEN-IX-6.2")
def test_ten_days_late_cost_the_fine_and_ten_days_of_interest(engine: Engine, item: OpenItem) -> None:
    """On 31 January, 1,000.00 owe 100.00 and 10/30 of 10.00; the working cites the clause."""
    assess_on(engine, item, date(2026, 1, 31))

    assert mxn("1103.33") == owed_on(engine, item.account_id, date(2026, 1, 31))
    with reading(engine) as connection:
        (record,) = late_charges_of(connection, item.account_id, item.item_id)
    assert (mxn("100.00"), mxn("3.33"), mxn("0")) == (record.fine, record.interest, record.correction)
    assert "ZEN-IX-6.2" == record.cites.clause


def test_nothing_is_late_on_the_due_date(engine: Engine, item: OpenItem) -> None:
    """The due date is in time; the next day owes the fine and one day."""
    assert mxn("0") == assess_on(engine, item, DUE)
    assert mxn("100.33") == assess_on(engine, item, date(2026, 1, 22))


def test_every_night_comes_to_the_same_as_once(engine: Engine, item: OpenItem) -> None:
    """Assessed on each of ten days, the sum is that of the tenth day; a second time adds nothing."""
    nights = [date(2026, 1, day) for day in range(22, 32)]

    assert mxn("103.33") == assess_on(engine, item, *nights)
    assert mxn("0") == assess_on(engine, item, nights[-1])


def test_a_late_receipt_settles_interest_and_fine_first(engine: Engine, item: OpenItem) -> None:
    """1,000.00 ten days late leave 103.33 of principal open, which goes on owing interest.

    896.67 for 10 days and 103.33 for 20 are 3.68 of interest in all; 3.33 were assessed before.
    """
    pay(
        engine,
        Receipt(
            account_id=item.account_id,
            reference="R-1",
            received_on=date(2026, 1, 31),
            amount=mxn("1000.00"),
        ),
    )

    assert mxn("103.33") == owed_on(engine, item.account_id, date(2026, 1, 31))
    assert mxn("0.35") == assess_on(engine, item, date(2026, 2, 10))


def test_a_receipt_in_time_that_is_booked_late_takes_all_charges_back(engine: Engine, item: OpenItem) -> None:
    """Charged through 31 January; then the bank reports a receipt of the 20th: nothing is owed any more."""
    assess_on(engine, item, date(2026, 1, 25), date(2026, 1, 31))

    pay(
        engine,
        Receipt(
            account_id=item.account_id,
            reference="R-1",
            received_on=date(2026, 1, 20),
            amount=mxn("1000.00"),
        ),
        clock=FixedClock.on(date(2026, 2, 2)),
    )

    assert mxn("0") == owed_on(engine, item.account_id, date(2026, 2, 2))


def test_a_receipt_of_an_earlier_day_takes_back_what_came_after_it(engine: Engine, item: OpenItem) -> None:
    """Charged through the 31st; a receipt of the 25th over what was owed then closes the item."""
    assess_on(engine, item, date(2026, 1, 25), date(2026, 1, 31))

    pay(
        engine,
        Receipt(
            account_id=item.account_id,
            reference="R-1",
            received_on=date(2026, 1, 25),
            amount=mxn("1101.33"),
        ),
        clock=FixedClock.on(date(2026, 2, 2)),
    )

    assert mxn("0") == owed_on(engine, item.account_id, date(2026, 2, 2))
