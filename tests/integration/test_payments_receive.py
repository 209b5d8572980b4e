"""A receipt is booked once, settles what is late with its charges, and the rest waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from threading import Thread

import pytest
from sqlalchemy import Engine, Table, func, select
from sqlalchemy.exc import DBAPIError

from contracts.store import load_catalog
from db.tables import outbox
from db.unit_of_work import reading, unit_of_work
from invoicing.assess import assess
from kernel.clock import FixedClock
from kernel.errors import Conflict, InvalidReceipt, PeriodClosed, UnknownAccount, UnknownInvoice
from kernel.ids import account_id_of
from kernel.money import Money
from payments.allocation import Allocated, AllocationPart
from payments.receipts import Receipt
from payments.receive import Received, apply_unapplied
from payments.store import receipts_of
from payments.tables import allocations, receipts
from receivables.journal import Component, Ledger, OpenItem
from receivables.report import aging_report
from receivables.store import close_month, trial_balance, unapplied_cash
from tests.integration.payments_book import (
    DUE,
    ISSUED,
    contract_of,
    open_book,
    open_on,
    owe,
    pay,
    receipt_of,
    sign,
)
from tests.unit.receivables.books import mxn, noon, owes

LATE = date(2026, 1, 31)  # ten days late


@pytest.fixture(autouse=True)
def _book(engine: Engine) -> None:
    open_book(engine)


def told(engine: Engine, kind: str) -> list[dict[str, object]]:
    """Return the bodies of the messages of a kind that wait in the outbox."""
    with reading(engine) as connection:
        found = select(outbox.c.body).where(outbox.c.kind == kind).order_by(outbox.c.message_id)
        return list(connection.execute(found).scalars())


def booked(engine: Engine) -> int:
    """Count receipts."""
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(receipts)).scalar_one()


def test_a_payment_in_time_closes_its_invoice(engine: Engine) -> None:
    """On the due date nothing is late: the invoice is closed by its own amount."""
    account_id = sign(engine, "acme")
    item = owe(engine, account_id, "F-1")

    received = pay(engine, receipt_of(account_id, "1000.00", DUE))

    part = AllocationPart(item.item_id, Component.PRINCIPAL, mxn("1000"))
    assert Allocated((part,), mxn("0")) == received.allocated
    assert () == open_on(engine, account_id, DUE)


@pytest.mark.clause("ZEN-IX-6.2")
def test_a_late_payment_settles_interest_and_fine_first(engine: Engine) -> None:
    """Ten days late: interest 3.33 and fine 100.00 come first, 1,000.00 leaves 103.33 of principal open."""
    account_id = sign(engine, "acme")
    item = owe(engine, account_id, "F-1")

    received = pay(engine, receipt_of(account_id, "1000.00", LATE))

    assert (
        AllocationPart(item.item_id, Component.INTEREST, mxn("3.33")),
        AllocationPart(item.item_id, Component.FINE, mxn("100.00")),
        AllocationPart(item.item_id, Component.PRINCIPAL, mxn("896.67")),
    ) == received.allocated.parts
    assert (owes(item, "103.33"),) == open_on(engine, account_id, LATE)


@pytest.mark.clause("ZEN-IX-6.2")
def test_the_exact_debt_of_a_late_day_closes_it(engine: Engine) -> None:
    """1,103.33 on the tenth late day leave nothing open and nothing over."""
    account_id = sign(engine, "acme")
    owe(engine, account_id, "F-1")

    received = pay(engine, receipt_of(account_id, "1103.33", LATE))

    assert mxn("0") == received.allocated.unapplied
    assert () == open_on(engine, account_id, LATE)


def test_the_oldest_invoice_is_paid_first_and_a_named_one_before_it(engine: Engine) -> None:
    """The ruling on partial receipts, and the payer's word above it."""
    account_id = sign(engine, "acme")
    old = owe(engine, account_id, "F-1")
    new = owe(engine, account_id, "F-2", due_on=date(2026, 2, 21))

    first = pay(engine, receipt_of(account_id, "100.00", DUE))
    second = pay(engine, receipt_of(account_id, "100.00", DUE, reference="BANK-2", invoice="F-2"))

    assert [old.item_id] == [part.item_id for part in first.allocated.parts]
    assert [new.item_id] == [part.item_id for part in second.allocated.parts]


def test_a_second_booking_changes_nothing(engine: Engine) -> None:
    """The same reference again is known: no receipt, no posting, no message."""
    account_id = sign(engine, "acme")
    item = owe(engine, account_id, "F-1")
    receipt = receipt_of(account_id, "400.00", DUE)

    first = pay(engine, receipt)
    again = pay(engine, receipt, clock=FixedClock.on(LATE))

    assert replace(first, known=True) == again
    assert (owes(item, "600.00"),) == open_on(engine, account_id, DUE)
    assert (1, 1) == (booked(engine), len(told(engine, "receipt.booked")))


def test_a_known_reference_with_another_amount_is_a_conflict(engine: Engine) -> None:
    """Two different receipts never share a reference within an account."""
    account_id = sign(engine, "acme")
    pay(engine, receipt_of(account_id, "400.00", DUE))

    with pytest.raises(Conflict) as refused:
        pay(engine, receipt_of(account_id, "400.01", DUE))

    assert ("amount", "400.01 MXN", "400.00 MXN") == (
        refused.value.field,
        refused.value.value,
        refused.value.expected,
    )


def test_two_accounts_may_use_one_reference(engine: Engine) -> None:
    """A reference names a receipt within its account."""
    for code in ("acme", "beta"):
        pay(engine, receipt_of(sign(engine, code), "10.00", DUE))

    assert 2 == booked(engine)


def test_two_who_book_one_receipt_at_once_book_it_once(engine: Engine) -> None:
    """One of them books, the other is told that it is known."""
    account_id = sign(engine, "acme")
    item = owe(engine, account_id, "F-1")
    answers: list[bool] = []

    def book() -> None:
        answers.append(pay(engine, receipt_of(account_id, "400.00", DUE)).known)

    run_together(book, book)

    assert [False, True] == sorted(answers)
    assert (owes(item, "600.00"),) == open_on(engine, account_id, DUE)


def test_two_receipts_at_once_never_settle_one_debt_twice(engine: Engine) -> None:
    """Of two payments of 1,000.00 for one invoice, one waits as unapplied cash."""
    account_id = sign(engine, "acme")
    owe(engine, account_id, "F-1")

    run_together(
        lambda: pay(engine, receipt_of(account_id, "1000.00", DUE, reference="BANK-1")),
        lambda: pay(engine, receipt_of(account_id, "1000.00", DUE, reference="BANK-2")),
    )

    assert () == open_on(engine, account_id, DUE)
    with reading(engine) as connection:
        assert {(account_id, "MXN"): mxn("1000")} == unapplied_cash(connection, as_of=DUE)


def run_together(*work: Callable[[], object]) -> None:
    """Run callables in threads of their own and wait for all."""
    threads = [Thread(target=each) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_the_world_is_told_once_in_the_same_transaction(engine: Engine) -> None:
    """The message says what came and what it settled."""
    account_id = sign(engine, "acme")
    item = owe(engine, account_id, "F-1")

    received = pay(engine, receipt_of(account_id, "1200.00", DUE))

    assert [
        {
            "receipt_id": str(received.receipt_id),
            "reference": "BANK-1",
            "received_on": "2026-01-21",
            "amount": "1200.00",
            "currency": "MXN",
            "unapplied": "200.00",
            "allocations": [
                {"item_id": str(item.item_id), "component": "principal", "amount": "1000.00"},
            ],
        }
    ] == told(engine, "receipt.booked")


def test_the_books_balance_after_a_receipt(engine: Engine) -> None:
    """Cash in, debt down, the rest unapplied; and the aging agrees with the journal."""
    account_id = sign(engine, "acme")
    owe(engine, account_id, "F-1")
    pay(engine, receipt_of(account_id, "1200.00", DUE))

    with reading(engine) as connection:
        ledgers = {each.ledger: each.balance for each in trial_balance(connection, as_of=DUE)}
        report = aging_report(connection, as_of=DUE)
    assert {
        Ledger.CASH: mxn("1200"),
        Ledger.RECEIVABLE: mxn("0"),
        Ledger.REVENUE: mxn("-1000"),
        Ledger.UNAPPLIED_CASH: mxn("-200"),
    } == ledgers
    assert [mxn("-200")] == [each.net for each in report.accounts]


def test_money_that_waits_settles_the_next_invoice(engine: Engine) -> None:
    """200.00 left over in January pay a part of February's invoice, from its day on."""
    account_id = sign(engine, "acme")
    owe(engine, account_id, "F-1")
    first = pay(engine, receipt_of(account_id, "1200.00", DUE))
    issued_on = date(2026, 2, 1)
    item = owe(engine, account_id, "F-2", issued_on=issued_on, due_on=date(2026, 2, 21))

    applied = apply(engine, receipt_of(account_id, "1", DUE), on=issued_on)

    part = AllocationPart(item.item_id, Component.PRINCIPAL, mxn("200"))
    assert (Received(first.receipt_id, Allocated((part,), mxn("0"))),) == applied
    assert (owes(item, "800.00"),) == open_on(engine, account_id, issued_on)
    assert ["0.00"] == [body["unapplied"] for body in told(engine, "receipt.applied")]
    assert () == apply(engine, receipt_of(account_id, "1", DUE), on=issued_on)
    with reading(engine) as connection:
        (known,) = receipts_of(connection, [account_id])
        assert mxn("0") == known.allocated.unapplied


def apply(engine: Engine, receipt: Receipt, *, on: date) -> tuple[Received, ...]:
    """Apply what an account has waiting."""
    with unit_of_work(engine) as connection:
        return apply_unapplied(
            connection, load_catalog(connection), receipt.account_id, on=on, clock=FixedClock.on(on)
        )


def test_a_prepayment_does_not_settle_an_invoice_before_its_issue(engine: Engine) -> None:
    """Money of December, booked in January: it waits, and no day shows a debt below zero."""
    account_id = sign(engine, "acme")
    item = owe(engine, account_id, "F-1")

    received = pay(engine, receipt_of(account_id, "1000.00", date(2025, 12, 20)), clock=FixedClock.on(DUE))

    assert Allocated((), mxn("1000")) == received.allocated
    assert (owes(item, "1000.00"),) == open_on(engine, account_id, ISSUED)


def test_a_receipt_that_comes_to_light_late_settles_nothing_twice(engine: Engine) -> None:
    """A receipt of the 10th, booked after one of the 15th that closed the invoice, waits."""
    account_id = sign(engine, "acme")
    owe(engine, account_id, "F-1")
    pay(engine, receipt_of(account_id, "1000.00", date(2026, 1, 15)))

    earlier = receipt_of(account_id, "1000.00", date(2026, 1, 10), reference="BANK-0")
    received = pay(engine, earlier, clock=FixedClock.on(DUE))

    assert Allocated((), mxn("1000")) == received.allocated


@pytest.mark.clause("ZEN-IX-6.2")
@pytest.mark.parametrize(
    "nights", [[31], [25, 28, 31], list(range(22, 32))], ids=["once", "thrice", "nightly"]
)
def test_a_late_receipt_that_is_booked_later_pays_the_charges_of_its_own_day(
    engine: Engine, nights: list[int]
) -> None:
    """Received on the 26th, booked on the 31st: 1.67 and 100.00, however often they were assessed."""
    account_id = sign(engine, "acme")
    item = owe(engine, account_id, "F-1")
    for night in nights:
        assessed(engine, item, date(2026, 1, night))

    received = pay(
        engine, receipt_of(account_id, "1101.67", date(2026, 1, 26)), clock=FixedClock.on(date(2026, 1, 31))
    )

    settled = {part.component: part.amount for part in received.allocated.parts}
    assert {
        Component.INTEREST: mxn("1.67"),
        Component.FINE: mxn("100"),
        Component.PRINCIPAL: mxn("1000"),
    } == settled
    assert () == open_on(engine, account_id, date(2026, 1, 31))


def assessed(engine: Engine, item: OpenItem, through: date) -> None:
    """Assess an item's late charges, as each night does."""
    with unit_of_work(engine) as connection:
        catalog = load_catalog(connection)
        contract = contract_of(connection, item.account_id, "MX")
        assess(connection, catalog, contract, item, through=through, clock=FixedClock.on(through), held=())


def test_currencies_are_settled_apart(engine: Engine) -> None:
    """A customer with contracts in pesos and reais: pesos pay the pesos only."""
    account_id = sign(engine, "acme", "MX", "BR")
    pesos = owe(engine, account_id, "F-1")
    reais = owe(engine, account_id, "B-1", country="BR")

    received = pay(engine, receipt_of(account_id, "1500.00", DUE))

    assert [pesos.item_id] == [part.item_id for part in received.allocated.parts]
    assert mxn("500") == received.allocated.unapplied
    assert [Money.of("1000", "BRL")] == [
        each.total for each in open_on(engine, account_id, DUE) if each.item == reais
    ]


def test_a_foreign_currency_is_refused(engine: Engine) -> None:
    """Reais of a customer that is billed in pesos only are not booked."""
    account_id = sign(engine, "acme")

    with pytest.raises(InvalidReceipt) as refused:
        pay(engine, receipt_of(account_id, "10.00", DUE, currency="BRL"))

    assert ("currency", "BRL", "MXN") == (refused.value.field, refused.value.value, refused.value.expected)
    assert 0 == booked(engine)


def test_an_unknown_invoice_is_refused(engine: Engine) -> None:
    """A number of another account is unknown too."""
    account_id, other = sign(engine, "acme"), sign(engine, "beta")
    owe(engine, other, "F-1")

    with pytest.raises(UnknownInvoice) as refused:
        pay(engine, receipt_of(account_id, "10.00", DUE, invoice="F-1"))

    assert "F-1" == refused.value.value


def test_an_unknown_account_is_refused(engine: Engine) -> None:
    """Money of nobody is not booked."""
    with pytest.raises(UnknownAccount):
        pay(engine, receipt_of(account_id_of("nobody"), "10.00", DUE))


def test_today_is_the_issuers_today(engine: Engine) -> None:
    """At 03:00 UTC of the 22nd it is still the 21st in Mexico City: money of the 22nd is of the future."""
    account_id = sign(engine, "acme")
    before_dawn = FixedClock(noon(date(2026, 1, 22)).replace(hour=3))

    with pytest.raises(InvalidReceipt) as refused:
        pay(engine, receipt_of(account_id, "10.00", date(2026, 1, 22)), clock=before_dawn)

    assert "2026-01-21 or earlier" == refused.value.expected


def test_money_of_a_closed_month_is_refused(engine: Engine) -> None:
    """A receipt dated into a closed month is not booked, and nothing of it remains."""
    account_id = sign(engine, "acme")
    with unit_of_work(engine) as connection:
        close_month(connection, DUE, closed_at=noon(date(2026, 2, 1)), closed_by="ana")

    with pytest.raises(PeriodClosed):
        pay(engine, receipt_of(account_id, "10.00", DUE), clock=FixedClock.on(date(2026, 2, 2)))

    assert 0 == booked(engine)


@pytest.mark.parametrize("table", [receipts, allocations], ids=["receipts", "allocations"])
def test_what_was_received_is_never_changed(engine: Engine, table: Table) -> None:
    """Receipts and their allocations are only added to."""
    with pytest.raises(DBAPIError), unit_of_work(engine) as connection:
        connection.execute(table.delete())
