"""Who bears which tax, what is withheld, and that all books agree about what is payable."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from shutil import copytree

import pytest
from sqlalchemy import Engine

from db.unit_of_work import reading
from invoicing.documents import TaxPart
from invoicing.explain import explain
from invoicing.tables import invoices
from kernel.money import Money, total_of
from receivables.journal import Ledger
from receivables.report import aging_report
from receivables.store import trial_balance
from tests.integration.invoicing_book import BOOK, Office, counted

pytestmark = pytest.mark.integration

JAN, FEB, MAR = (date(2026, month, 1) for month in (1, 2, 3))

#: IVA and IVA at the border; what some customers withhold; an ISS inside the price that rises in March.
MEXICO = """taxes = [
    { code = "IVA", percent = 16 },
    { code = "IVA", percent = 8, region = "border" },
    { code = "IVA-RET", percent = 10.6667, withheld = true },
    { code = "ISR-RET", percent = 1.25, withheld = true },
]"""
BRAZIL = """taxes = [
    { code = "ISS", percent = 2, base = "gross" },
    { code = "ISS", percent = 5, base = "gross", effective_from = 2026-03-01 },
]"""

#: flores is taxed at the border, cafe withholds, harbor is exempt, meridiano is like any other.
TAXED = {"flores": "border,,", "cafe": ",,IVA-RET ISR-RET", "harbor": ',"Export of services, article 29",'}


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """The book of these customers in a fresh database, billed for January."""
    book = tmp_path / "book"
    copytree(BOOK, book)
    vendors = (book / "vendors.toml").read_text(encoding="utf-8")
    vendors = vendors.replace('taxes = [{ code = "IVA", percent = 16 }]', MEXICO, 1)
    vendors = vendors.replace('taxes = [{ code = "ISS", percent = 5 }]', BRAZIL)
    (book / "vendors.toml").write_text(vendors, encoding="utf-8")
    head, *rows = (book / "accounts.csv").read_text(encoding="utf-8").splitlines()
    taxed = [f"{row},{TAXED.get(row.split(',')[0], ',,')}" for row in rows if not row.startswith("#")]
    head = f"{head},tax_region,tax_exempt,withholds"
    (book / "accounts.csv").write_text("\n".join([head, *taxed, ""]), encoding="utf-8")
    office = Office.open(engine, book)
    office.bills(JAN)
    office.bills(date(2026, 1, 15))
    return office


def mxn(amount: str) -> Money:
    """Return pesos."""
    return Money.of(amount, "MXN")


def test_the_border_bears_eight_percent(office: Office) -> None:
    """1,999.00 and 1,500.00 at 8 % are 279.92; the customer next door bears 16 %."""
    border, other = office.of("flores", JAN), office.of("meridiano", JAN, subscription="conversion")

    assert (TaxPart(code="IVA", percent=Decimal(8), amount=Decimal("279.92")),) == border.taxes
    assert (TaxPart(code="IVA", percent=Decimal(16), amount=Decimal("559.84")),) == other.taxes


def test_who_is_exempt_reads_why(office: Office) -> None:
    """No tax is owed, and each line says by which reason and clause."""
    told = "\n".join(explain(office.of("harbor", JAN)))

    assert mxn("0") == office.of("harbor", JAN).tax
    assert "IVA: exempt, Export of services, article 29 (ZEN-IX-3.1)" in told


def test_what_is_withheld_is_not_payable(office: Office) -> None:
    """The total holds the tax; what the customer keeps back stands beneath it, and the rest is to be paid."""
    invoice = office.of("cafe", date(2026, 1, 15))
    told = explain(invoice)

    assert {"IVA-RET", "ISR-RET"} == {part.code for part in invoice.withheld}
    assert invoice.total - invoice.payable == total_of(
        (Money(part.amount, "MXN") for part in invoice.withheld), "MXN"
    )
    assert invoice.total == invoice.net + invoice.tax
    assert f"Total  {invoice.total}" in told
    assert f"To pay {invoice.payable}" in told


def test_the_aging_holds_what_is_payable(office: Office) -> None:
    """Each invoice is an open item of what the customer is to pay, not of what it withholds."""
    with reading(office.engine) as connection:
        report = aging_report(connection, as_of=FEB)

    assert {each.number: each.payable for each in office.invoices} == {
        each.balance.item.number: each.balance.total for each in report.items
    }


def test_the_journal_keeps_what_is_withheld_apart(office: Office) -> None:
    """Receivable and withheld together are revenue and tax: the vendor sets the latter off with the state."""
    with reading(office.engine) as connection:
        booked = {
            each.ledger: each.balance
            for each in trial_balance(connection, as_of=FEB)
            if each.balance.currency == "MXN"
        }
    issued = [each for each in office.invoices if each.currency == "MXN"]

    assert total_of((each.payable for each in issued), "MXN") == booked[Ledger.RECEIVABLE]
    assert (
        total_of((each.total for each in issued), "MXN")
        == booked[Ledger.RECEIVABLE] + booked[Ledger.TAX_WITHHELD]
    )


@pytest.mark.clause("ZEN-X-9")
def test_a_proven_rise_of_a_tax_raises_the_price_that_holds_it(office: Office) -> None:
    """ISS from 2 % to 5 % of the gross: the net of the fee stays, its price is 0.98 / 0.95 of what it was."""
    office.bills(FEB)
    office.bills(MAR)
    (before,) = [line for line in office.of("ipe", FEB).lines if line.charge == "subscription"]
    (after,) = [line for line in office.of("ipe", MAR).lines if line.charge == "subscription"]

    assert before.net == after.net
    assert Money.rounded(Money(before.gross, "BRL").exact * 98 / 95, "BRL").amount == after.gross
    assert "taxes inside the price changed by 2026-03-01: +3.157894... % (ZEN-X-9)" in "\n".join(
        explain(office.of("ipe", MAR))
    )


def test_use_before_the_change_bears_the_rate_of_its_days(office: Office) -> None:
    """February's use, billed in March, has the rate of February; nothing is cut where no rate changed."""
    office.gets(counted("ipe", "docs_transactions", 2_000, date(2026, 2, 10)))
    office.bills(FEB)
    office.bills(MAR)
    (overage,) = [line for line in office.of("ipe", MAR).lines if line.kind == "usage"]

    assert [Decimal(2)] == [part.percent for part in overage.taxes]


def test_what_was_issued_reads_back_as_it_was(office: Office) -> None:
    """The digest holds what is withheld too."""
    stored = {row[4]: row[17] for row in office.rows(invoices)}

    assert stored == {each.number: each.digest for each in office.invoices}
