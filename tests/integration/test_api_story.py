"""A month through the API: usage in, an invoice out, and the same numbers wherever it is read."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import Engine

from api.models import InvoiceBody, InvoiceList
from contracts.store import contracts_of, load_catalog
from db.unit_of_work import reading, unit_of_work
from invoicing.archive import invoice_by_number
from invoicing.assess import assess
from invoicing.explain import explain
from invoicing.render_pdf import render_pdf
from kernel.ids import ItemId
from receivables.store import item_by_number
from tests.integration.api_portal import BOOK, Portal, at, open_portal, sms

pytestmark = [pytest.mark.integration, pytest.mark.e2e]

FEBRUARY, MARCH, APRIL = date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)


@pytest.fixture(name="portal")
def _portal(engine: Engine) -> Iterator[Portal]:
    """A portal on 1 March 2026; what came before February is billed."""
    with open_portal(engine, today=MARCH) as portal:
        portal.bill(FEBRUARY)
        yield portal


def march_invoice(portal: Portal) -> InvoiceBody:
    """Report 37 texts of February, bill March and return the customer's invoice, as the model reads it."""
    reported = portal.report([sms(f"sms-{number}") for number in range(37)])
    assert {"accepted": 37, "known": 0, "problems": []} == reported.json()
    portal.bill(MARCH)
    answer = portal.get("/v1/invoices", account="flores-del-norte", issued_from=MARCH)
    (invoice,) = InvoiceList.model_validate_json(answer.content).data
    return invoice


def test_usage_comes_back_as_an_invoice(portal: Portal) -> None:
    """37 x 0.3333 = 12.3321 is 12.33; with a fee of 1,999.00 and 16 % of tax a line, 2,333.14 are due."""
    invoice = march_invoice(portal)

    assert (Decimal("2011.33"), Decimal("321.81"), Decimal("2333.14")) == (
        invoice.net,
        invoice.tax,
        invoice.total,
    )
    assert [("platform", "1999.00", "319.84"), ("sms", "12.33", "1.97")] == [
        (line.charge, str(line.net), str(line.tax)) for line in invoice.lines
    ]
    assert ["ZEN-IX-4.2-ii", "ZEN-I-A"] == [line.cites.clause for line in invoice.lines]
    assert ("12.3321", "12.33") == (invoice.lines[1].working[1].result, invoice.lines[1].working[2].result)


def test_amounts_are_strings(portal: Portal) -> None:
    """No reader can lose a cent to a binary number: amounts, percents and quantities are written as text."""
    shown = portal.read(f"/v1/invoices/{march_invoice(portal).number}")

    assert ("2011.33", "321.81", "2333.14") == (shown["net"], shown["tax"], shown["total"])
    assert {"code": "IVA", "percent": "16", "amount": "321.81"} == shown["taxes"][0]
    assert ("37", "14.30") == (shown["lines"][1]["quantity"], shown["lines"][1]["gross"])


def test_an_invoice_adds_up_wherever_it_is_read(portal: Portal) -> None:
    """List, document, explanation and PDF tell one total, and it is the sum of the lines."""
    number = march_invoice(portal).number
    alone = portal.read(f"/v1/invoices/{number}")
    (listed,) = [each for each in portal.read("/v1/invoices")["data"] if each["number"] == number]
    pdf = portal.get(f"/v1/invoices/{number}/pdf")
    pages = "".join(page.extract_text() for page in PdfReader(BytesIO(pdf.content)).pages)

    assert alone == listed
    assert "2333.14" == alone["total"] == str(sum(Decimal(line["gross"]) for line in alone["lines"]))
    assert "Total  2,333.14 MXN" in portal.read(f"/v1/invoices/{number}/explanation")["lines"]
    assert "2,333.14" in pages
    assert "application/pdf" == pdf.headers["Content-Type"]


def test_the_explanation_and_the_pdf_are_those_of_the_command_line(portal: Portal) -> None:
    """What the API tells is what ``clausula explain`` prints and ``clausula pdf`` draws, byte by byte."""
    number = march_invoice(portal).number
    with reading(portal.engine) as connection:
        invoice = invoice_by_number(connection, number)

    assert list(explain(invoice)) == portal.read(f"/v1/invoices/{number}/explanation")["lines"]
    assert render_pdf(invoice) == portal.get(f"/v1/invoices/{number}/pdf").content
    assert invoice.digest == portal.read(f"/v1/invoices/{number}")["digest"]


def test_the_explanation_speaks_three_languages_and_of_one_line(portal: Portal) -> None:
    """`language` chooses the words, `line` a line; the tree says the same as the text, with exact facts."""
    number = march_invoice(portal).number
    whole = portal.read(f"/v1/invoices/{number}/explanation", language="pt")
    alone = portal.read(f"/v1/invoices/{number}/explanation", language="es", line=1)

    assert ("pt", f"Fatura {number}") == (whole["language"], whole["lines"][0])
    (line,) = alone["reasons"]
    assert ("1", alone["lines"][0]) == (line["result"], line["text"])
    assert [each["text"] for each in line["because"]] == [each.strip() for each in alone["lines"][1:]]
    assert "not_found" == portal.get(f"/v1/invoices/{number}/explanation", line=99).json()["code"]


def test_the_explanation_tells_late_charges(portal: Portal) -> None:
    """What late payment has cost stands behind the sums, with its clause; the invoice itself stays frozen."""
    before = march_invoice(portal)
    cost = overdue_cost(portal, before.number, through=date(2026, 3, 31))

    lines = portal.read(f"/v1/invoices/{before.number}/explanation")["lines"]

    assert f"Late charges through 2026-03-31: {cost}" in lines
    assert before == InvoiceBody.model_validate_json(portal.get(f"/v1/invoices/{before.number}").content)


def overdue_cost(portal: Portal, number: str, *, through: date) -> str:
    """Assess an invoice's late charges, as a receipt of that day would."""
    with unit_of_work(portal.engine) as connection:
        invoice = invoice_by_number(connection, number)
        catalog = load_catalog(connection)
        (contract,) = contracts_of(connection, catalog, [invoice.account_id])
        item = item_by_number(connection, invoice.account_id, number)
        assert item is not None
        assert ItemId(invoice.invoice_id) == item.item_id
        return str(assess(connection, catalog, contract, item, through=through, clock=at(through), held=()))


def test_a_number_may_hold_a_slash(engine: Engine, tmp_path: Path) -> None:
    """A series is free text: its numbers are found, drawn and explained whatever stands in them."""
    book = tmp_path / "book"
    shutil.copytree(BOOK, book)
    vendors = book / "vendors.toml"
    vendors.write_text(vendors.read_text().replace('series = "ZMX"', 'series = "Año/MX"'))
    with open_portal(engine, today=FEBRUARY, book=book) as portal:
        portal.bill(FEBRUARY)
        path = "/v1/invoices/A%C3%B1o%2FMX-000001"

        assert "Año/MX-000001" == portal.read(path)["number"]
        assert "Invoice Año/MX-000001" == portal.read(f"{path}/explanation")["lines"][0]
        assert (
            "inline; filename*=UTF-8''A%C3%B1o%2FMX-000001.pdf"
            == portal.get(f"{path}/pdf").headers["Content-Disposition"]
        )
