"""What is issued is frozen, and the books agree with it to the cent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, select

from contracts import book_store
from contracts.store import accounts_of, load_catalog
from db.tables import outbox
from db.unit_of_work import reading, unit_of_work
from invoicing.archive import InvoiceFilter, invoice_by_number, invoices_page
from invoicing.render_pdf import render_pdf
from invoicing.tables import invoices
from kernel.errors import UnknownInvoice
from kernel.ids import account_id_of
from kernel.money import total_of
from receivables.journal import Ledger
from receivables.report import aging_report
from receivables.store import trial_balance
from tests.integration.invoicing_book import RECEIVED, Office, counted, talks

pytestmark = pytest.mark.integration

JAN, FEB, MAR = (date(2026, month, 1) for month in (1, 2, 3))


@pytest.fixture
def office(engine: Engine) -> Office:
    """The book in a fresh database, billed for January and its use."""
    office = Office.open(engine)
    office.bills(JAN)
    office.gets(
        [
            *talks("flores", 450, date(2026, 1, 20)),
            *talks("jacaranda", 251, date(2026, 1, 20), country="BR"),
            *counted("ipe", "docs_transactions", 1430, JAN),
            *counted("solis", "messages", 4001, JAN),
        ]
    )
    office.bills(FEB)
    return office


def change_everything(office: Office) -> None:
    """Let the customer move and change its name, and the issuer's tax rate and bank account change."""
    with unit_of_work(office.engine) as connection:
        account = accounts_of(connection, [account_id_of("flores")])[account_id_of("flores")]
        renamed = replace(account, name="Flores del Sur", address="Oaxaca", tax_id="", language="pt")
        book_store.save_accounts(connection, [renamed], RECEIVED.now())
        entity = load_catalog(connection).entities["zenvia-mx"]
        (rate,) = entity.taxes
        moved = replace(entity, bank_account="CLABE 2", taxes=(replace(rate, percent=Decimal(8)),))
        book_store.save_entities(connection, [moved])


def stored_digests(office: Office) -> dict[str, str]:
    """Return the digest that was stored with each invoice at issue."""
    with reading(office.engine) as connection:
        rows = connection.execute(select(invoices.c.number, invoices.c.digest))
        return {row.number: row.digest for row in rows}


def test_what_is_read_again_is_what_was_issued(office: Office) -> None:
    """The digest of each invoice as read is the one that was taken when it was issued."""
    assert 17 == len(office.invoices)
    assert stored_digests(office) == {each.number: each.digest for each in office.invoices}


def test_an_issued_invoice_does_not_follow_its_parties(office: Office) -> None:
    """Customer and issuer change: the invoice stays, its PDF byte for byte too, and the next one moves."""
    before = office.of("flores", FEB)
    drawn = render_pdf(before)
    change_everything(office)
    office.bills(MAR)
    again, following = office.of("flores", FEB), office.of("flores", MAR)

    assert before == again
    assert drawn == render_pdf(again)
    assert ("Flores del Norte, S.A. de C.V.", "Flores del Sur") == (
        again.customer.name,
        following.customer.name,
    )
    assert {Decimal(16)} == {part.percent for part in again.taxes}
    assert {Decimal(8)} == {part.percent for part in following.taxes}


def test_the_lines_add_up_to_the_totals(office: Office) -> None:
    """Net and tax of each line are its gross, and the sums of the lines are the totals."""
    for invoice in office.invoices:
        assert all(line.net + line.tax == line.gross for line in invoice.lines)
        assert all(sum(part.amount for part in line.taxes) == line.tax for line in invoice.lines)
        assert invoice.total == invoice.net + invoice.tax


def test_the_journal_holds_what_the_invoices_say(office: Office) -> None:
    """By currency: receivables are the totals, revenue the nets, taxes payable the taxes; all sum to zero."""
    with reading(office.engine) as connection:
        booked = {
            (each.ledger, each.balance.currency): each.balance
            for each in trial_balance(connection, as_of=FEB)
        }

    for currency in ("BRL", "MXN"):
        of_currency = [each for each in office.invoices if each.currency == currency]
        assert total_of((each.total for each in of_currency), currency) == booked[Ledger.RECEIVABLE, currency]
        assert total_of((each.net for each in of_currency), currency) == -booked[Ledger.REVENUE, currency]
        assert total_of((each.tax for each in of_currency), currency) == -booked[Ledger.TAX_PAYABLE, currency]


def test_the_aging_holds_what_the_invoices_say(office: Office) -> None:
    """Each invoice is an open item of its total with its due date, and the sums by currency agree."""
    with reading(office.engine) as connection:
        report = aging_report(connection, as_of=FEB)
    items = [each.balance for each in report.items]

    assert {each.number: (each.due_on, each.total) for each in office.invoices} == {
        each.item.number: (each.item.due_on, each.total) for each in items
    }
    for currency in ("BRL", "MXN"):
        of_currency = [each.total for each in office.invoices if each.currency == currency]
        assert total_of(of_currency, currency) == report.total_in(currency)


def test_each_invoice_is_mailed_once(office: Office) -> None:
    """The outbox holds a letter for each, to the address that the customer gave."""
    office.bills(FEB)
    with reading(office.engine) as connection:
        bodies = (
            connection.execute(select(outbox.c.body).where(outbox.c.kind == "mail.invoice")).scalars().all()
        )

    assert sorted((each.number, each.customer.email) for each in office.invoices) == sorted(
        (body["invoice"], body["recipient"]) for body in bodies
    )


def test_invoices_are_listed_page_by_page(office: Office) -> None:
    """Newest first, each once, whatever the size of a page."""
    found: list[str] = []
    with reading(office.engine) as connection:
        while page := invoices_page(connection, InvoiceFilter(limit=4, after=found[-1] if found else "")):
            found += [each.number for each in page]
        of_january = invoices_page(connection, InvoiceFilter(issued_until=FEB))
        of_flores = invoices_page(
            connection, InvoiceFilter(account_id=account_id_of("flores"), issued_from=FEB)
        )

    newest_first = sorted(office.invoices, key=lambda each: (each.issued_on, each.number), reverse=True)
    assert [each.number for each in newest_first] == found
    assert {JAN} == {each.issued_on for each in of_january}
    assert [office.of("flores", FEB)] == list(of_flores)


def test_an_unknown_number_is_refused(office: Office) -> None:
    """The error names the number."""
    with reading(office.engine) as connection, pytest.raises(UnknownInvoice) as refused:
        invoice_by_number(connection, "ZMX-999999")
    assert "ZMX-999999" == refused.value.value
