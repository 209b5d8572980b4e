"""A currency has its decimals wherever its money is rounded, printed or exported: none, two or three."""

from __future__ import annotations

import csv
from datetime import date
from io import BytesIO
from pathlib import Path
from shutil import copytree

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import Engine

from contracts.store import accounts_of
from db.unit_of_work import reading
from invoicing.explain import explain
from invoicing.render_pdf import render_pdf
from invoicing.tables import invoices
from receivables.export_csv import write_csv
from receivables.export_xlsx import write_xlsx
from receivables.report import aging_report
from receivables.sheets import sheet_by_item
from tests.integration.invoicing_book import BOOK, Office

pytestmark = pytest.mark.integration

START = date(2026, 2, 12)

#: The currency, its zone, the month's fee, and net, tax of 19 % and total of 17 of 28 days of it.
CASES = [
    ("CLP", "America/Santiago", "19990", ("12,137", "2,306", "14,443")),
    ("JPY", "Asia/Tokyo", "3300", ("2,004", "381", "2,385")),
    ("BRL", "America/Sao_Paulo", "199.90", ("121.37", "23.06", "144.43")),
    ("MXN", "America/Mexico_City", "1999.00", ("1,213.68", "230.60", "1,444.28")),
    ("KWD", "Asia/Kuwait", "6.125", ("3.719", "0.707", "4.426")),
    ("TND", "Africa/Tunis", "62.500", ("37.946", "7.210", "45.156")),
]


def office_in(engine: Engine, book: Path, currency: str, zone: str, fee: str) -> Office:
    """Return a book whose issuer and plan are in a currency, billed for the rest of a month."""
    copytree(BOOK, book)
    entity = f"""
[[entity]]
code = "decimals"
vendor = "konectus"
name = "Decimals"
tax_id = ""
country = "US"
currency = "{currency}"
time_zone = "{zone}"
taxes = [{{ code = "T", percent = 19 }}]
series = "DEC"
"""
    plan = f"""
code = "decimals"
version = 1
product = "decimals"
vendor = "konectus"
name = "Decimals"
currency = "{currency}"
aligned = "calendar"
effective_from = 2023-11-16
documents = ["konectus-general"]

[[charge]]
kind = "flat"
code = "plan"
name = "Decimals"
clause = "KON-2a"
amount = {fee}
"""
    with (book / "vendors.toml").open("a", encoding="utf-8") as vendors:
        vendors.write(entity)
    (book / "plans" / "decimals.toml").write_text(plan, encoding="utf-8")
    office = Office.open(engine, book)
    office.signs(
        "harbor", "decimals", "decimals", order_form="konectus-10-days", signed_on=START, starts_on=START
    )
    return office


@pytest.mark.parametrize(("currency", "zone", "fee", "amounts"), CASES, ids=[each[0] for each in CASES])
def test_every_form_has_the_decimals_of_its_currency(  # noqa: PLR0917 one column each
    engine: Engine, tmp_path: Path, currency: str, zone: str, fee: str, amounts: tuple[str, str, str]
) -> None:
    """From the rounding of a stub and its tax to text, PDF, CSV and XLSX, and read back as it was issued."""
    office = office_in(engine, tmp_path / "book", currency, zone, fee)
    office.bills(START)
    invoice = office.of("harbor", START, subscription="decimals")
    net, tax, total = amounts
    with reading(office.engine) as connection:
        report = aging_report(connection, as_of=START, account_ids=[invoice.account_id])
        accounts = accounts_of(connection, [invoice.account_id])
    table, book = BytesIO(), BytesIO()
    write_csv(sheet_by_item(report, accounts), table)
    write_xlsx(report, accounts, book)
    rows = {row["Number"]: row for row in csv.DictReader(table.getvalue().decode().splitlines())}
    page = " ".join(PdfReader(BytesIO(render_pdf(invoice))).pages[0].extract_text().split())
    formats = {cell.number_format for row in load_workbook(book)["By item"].iter_rows() for cell in row}

    assert f"       net {net} {currency}, tax {tax} {currency}, to pay {total} {currency}" in explain(invoice)
    assert f"{net} {tax} {total}" in page
    assert total.replace(",", "") == rows[invoice.number]["Total"]
    digits = total.partition(".")[2]
    number = "#,##0" + ("." + "0" * len(digits) if digits else "")
    assert any(each.startswith(f'{number} "{currency}"') for each in formats)
    assert invoice.digest in {row[17] for row in office.rows(invoices)}
