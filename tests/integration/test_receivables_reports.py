"""Reports agree with the journal, or they are not given."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, text

from db.unit_of_work import reading, unit_of_work
from kernel.errors import OutOfBalance
from kernel.ids import AccountId, account_id_of
from kernel.money import Money
from receivables.aging import AgingBasis, Bucket
from receivables.export_xlsx import write_xlsx
from receivables.journal import (
    AllocationPart,
    Component,
    EntryKind,
    OpenItem,
    application_entry,
    invoice_entry,
    late_charge_entry,
    receipt_entry,
)
from receivables.report import aging_report, roll_forward
from receivables.store import add_items, post
from tests.unit.receivables.books import ACCOUNT, ACCOUNT_ID, item_of, mxn, noon, stamp_of

CASE = next(
    case
    for case in json.loads(
        (Path(__file__).parents[1] / "golden/cases/tiers-aging-fees-api.json").read_text(encoding="utf-8")
    )
    if case["id"] == "zuora-asof-2018-02-28"
)


def invoice(engine: Engine, item: OpenItem, amount: Money) -> None:
    """Issue an invoice without tax."""
    with unit_of_work(engine) as connection:
        add_items(connection, [item])
        entry = invoice_entry(item, stamp_of(item.issued_on), net=amount, tax=Money.zero(item.currency))
        post(connection, [entry])


def receipt(engine: Engine, item: OpenItem, amount: Money, *, on: date, applied: Money | None = None) -> None:
    """Book a receipt that settles principal with what is applied of it."""
    part = AllocationPart(item.item_id, Component.PRINCIPAL, applied or amount)
    with unit_of_work(engine) as connection:
        post(connection, [receipt_entry(item.account_id, stamp_of(on), amount=amount, parts=[part])])


def test_a_later_payment_does_not_alter_an_earlier_aging(engine: Engine) -> None:
    """Paid in March, the invoice of February is open in the aging of February, printed at any time."""
    given = CASE["input"]
    issued_on = date.fromisoformat(given["invoice"]["date"])
    item = item_of("Z-1", issued_on=issued_on, due_on=issued_on, currency=given["currency"])
    invoice(engine, item, Money.of(given["invoice"]["amount"], given["currency"]))
    (payment,) = given["payments"]
    receipt(
        engine,
        item,
        Money.of(payment["amount"], given["currency"]),
        on=date.fromisoformat(payment["date"]),
    )

    with reading(engine) as connection:
        report = aging_report(connection, as_of=date.fromisoformat(given["as_of"]))

    assert Decimal(CASE["expected"]["open_balance"]) == report.total_in(given["currency"]).amount


def test_the_aging_of_a_book(engine: Engine) -> None:
    """Two accounts and two currencies, each in its bucket, and money that waits beside."""
    other = account_id_of("beta")
    old, new = item_of("F-1"), item_of("F-2", issued_on=date(2026, 3, 1), due_on=date(2026, 3, 21))
    foreign = item_of("B-1", account_id=other, currency="BRL")
    for item, amount in ((old, mxn("1000")), (new, mxn("250")), (foreign, Money.of("70", "BRL"))):
        invoice(engine, item, amount)
    receipt(engine, old, mxn("500"), on=date(2026, 3, 2), applied=mxn("400"))

    with reading(engine) as connection:
        report = aging_report(connection, as_of=date(2026, 3, 5))

    rows = {
        (each.account_id, each.currency): (
            {bucket: amount for bucket, amount in each.sums.buckets.items() if amount},
            each.unapplied,
        )
        for each in report.accounts
    }
    expected: dict[tuple[AccountId, str], tuple[dict[Bucket, Money], Money]] = {
        (other, "BRL"): ({Bucket.DAYS_31_60: Money.of("70", "BRL")}, Money.zero("BRL")),
        (ACCOUNT_ID, "MXN"): ({Bucket.CURRENT: mxn("250"), Bucket.DAYS_31_60: mxn("600")}, mxn("100")),
    }
    assert expected == rows


def test_the_aging_of_one_account_and_by_invoice_date(engine: Engine) -> None:
    """A report over chosen accounts is checked against their part of the journal."""
    invoice(engine, item_of("F-1"), mxn("1000"))
    invoice(engine, item_of("B-1", account_id=account_id_of("beta")), mxn("70"))

    with reading(engine) as connection:
        report = aging_report(
            connection, as_of=date(2026, 1, 10), basis=AgingBasis.INVOICE_DATE, account_ids=[ACCOUNT_ID]
        )

    assert [("F-1", 9, Bucket.DAYS_1_30)] == [
        (each.balance.item.number, each.days, each.bucket) for each in report.items
    ]


def test_an_aging_can_be_printed_as_it_was_known(engine: Engine) -> None:
    """A receipt that was recorded in April is not in the aging of March as known in March."""
    item = item_of("F-1")
    invoice(engine, item, mxn("1000"))
    part = AllocationPart(item.item_id, Component.PRINCIPAL, mxn("1000"))
    late = stamp_of(date(2026, 3, 20), recorded_at=noon(date(2026, 4, 2)))
    with unit_of_work(engine) as connection:
        post(connection, [receipt_entry(ACCOUNT_ID, late, amount=mxn("1000"), parts=[part])])

    as_of = date(2026, 3, 31)
    with reading(engine) as connection:
        known = aging_report(connection, as_of=as_of, known_at=noon(date(2026, 4, 1))).total_in("MXN")
        now = aging_report(connection, as_of=as_of).total_in("MXN")
    assert (mxn("1000"), mxn("0")) == (known, now)


def test_an_aging_that_misses_a_posting_is_not_given(engine: Engine) -> None:
    """Were a debt to stand on no item, past all that the database refuses, the report would say so."""
    invoice(engine, item_of("F-1"), mxn("1000"))
    with unit_of_work(engine) as connection:
        connection.execute(
            text("ALTER TABLE journal_postings DROP CONSTRAINT fk_journal_postings_open_items")
        )
        orphan = item_of("F-2")
        post(connection, [invoice_entry(orphan, stamp_of(orphan.issued_on), net=mxn("7"), tax=mxn("0"))])

    with pytest.raises(OutOfBalance) as refused, reading(engine) as connection:
        aging_report(connection, as_of=date(2026, 3, 1))

    assert ("1,000.00 MXN", "1,007.00 MXN") == (refused.value.value, refused.value.expected)


def test_a_month_rolls_forward(engine: Engine) -> None:
    """Opening 1,000.00, invoiced 500.00, charged 5.00, received 300.00, applied 50.00: closing 1,155.00."""
    old = item_of("F-1")
    invoice(engine, old, mxn("1000"))
    invoice(engine, item_of("F-2", issued_on=date(2026, 2, 1), due_on=date(2026, 2, 21)), mxn("500"))
    receipt(engine, old, mxn("350"), on=date(2026, 2, 10), applied=mxn("300"))
    applied = AllocationPart(old.item_id, Component.PRINCIPAL, mxn("50"))
    with unit_of_work(engine) as connection:
        post(
            connection,
            [
                late_charge_entry(old, stamp_of(date(2026, 2, 10)), {Component.INTEREST: mxn("5")}),
                application_entry(ACCOUNT_ID, stamp_of(date(2026, 2, 28)), currency="MXN", parts=[applied]),
            ],
        )
    invoice(engine, item_of("F-3", issued_on=date(2026, 3, 1), due_on=date(2026, 3, 21)), mxn("9"))

    with reading(engine) as connection:
        (rolled,) = roll_forward(connection, month=date(2026, 2, 14))
        aged = aging_report(connection, as_of=date(2026, 2, 28)).total_in("MXN")

    assert mxn("1000") == rolled.opening
    assert {
        EntryKind.INVOICE: mxn("500"),
        EntryKind.LATE_CHARGE: mxn("5"),
        EntryKind.RECEIPT: mxn("-300"),
        EntryKind.APPLICATION: mxn("-50"),
    } == rolled.movements
    assert mxn("1155") == rolled.closing == aged


def test_an_empty_book_has_empty_reports(engine: Engine) -> None:
    """Before the first invoice there is nothing, and nothing is wrong."""
    with reading(engine) as connection:
        assert () == aging_report(connection, as_of=date(2026, 3, 1)).accounts
        assert () == roll_forward(connection, month=date(2026, 3, 1))


def test_the_workbook_ends_in_the_journals_balance(engine: Engine) -> None:
    """From postings to the file that a person opens, the total is one number."""
    invoice(engine, item_of("F-1"), mxn("1234.56"))
    stream = BytesIO()
    with reading(engine) as connection:
        write_xlsx(aging_report(connection, as_of=date(2026, 3, 1)), {ACCOUNT_ID: ACCOUNT}, stream)

    page = load_workbook(stream, data_only=True)["By account"]
    assert ("Total MXN", Decimal("1234.56")) == (page["A7"].value, Decimal(str(page["I7"].value)))
