"""The invoice run: what a month bills, that a second run bills nothing, and that numbers have no gap."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import pytest
from psycopg.errors import CheckViolation
from sqlalchemy import Engine, text

from db.metadata import metadata
from db.unit_of_work import unit_of_work
from invoicing.tables import billing_progress, invoice_runs, invoice_series, invoices
from kernel.errors import InvalidInput
from kernel.ids import account_id_of
from kernel.money import Money
from tests.integration.invoicing_book import Office, billed, counted, gapless, talks, texts

pytestmark = pytest.mark.integration

JAN, FEB, MAR, APR = (date(2026, month, 1) for month in (1, 2, 3, 4))


@pytest.fixture
def office(engine: Engine) -> Office:
    """The book in a fresh database."""
    return Office.open(engine)


def use_january(office: Office) -> None:
    """Let every kind of meter count something in January."""
    day = date(2026, 1, 20)
    office.gets(
        [
            *talks("flores", 450, day),
            *talks("flores", 40, day, country="US"),
            *counted("flores", "users", 5, day),
            *texts("flores", "x" * 161, 3, day),
            *talks("jacaranda", 251, day, country="BR"),
            *counted("ipe", "docs_transactions", 1430, day),
            *counted("ipe", "human_seats", 2, day),
            *counted("solis", "messages", 4001, day),
            *counted("solis", "seats", 7, day),
        ]
    )


def lines_of(office: Office, on: date) -> dict[str, list[tuple[str, int, str]]]:
    """Return charge, quantity and net of each line that an account got on a day."""
    found = defaultdict(list)
    for invoice in office.invoices:
        if invoice.issued_on == on:
            for line in invoice.lines:
                found[invoice.customer.code].append((line.charge, int(line.quantity), str(line.net)))
    return dict(found)


def test_a_month_of_every_plan(office: Office) -> None:
    """The use of January and the fees of February, each once, on the first of February."""
    office.bills(JAN)
    use_january(office)
    report = office.bills(FEB)

    platform, team = ("platform", 1, "1999.00"), ("plan", 1, "899.00")
    docs = [("subscription", 1, "1190.48"), ("package", 1, "847.62")]
    assert {
        "flores": [
            platform,
            ("users", 5, "298.00"),
            ("whatsapp_mx", 450, "458.53"),
            ("whatsapp_us", 40, "24.50"),
            ("sms", 6, "2.00"),
        ],
        "cafe": [("activation", 1, "1500.00"), ("platform", 1, "1096.23"), platform],
        "harbor": [platform],
        "meridiano": [team, platform],
        "jacaranda": [("platform", 1, "1528.56"), ("whatsapp", 251, "100.09")],
        "aroeira": docs,
        "ipe": [*docs, ("overage", 1430, "458.67"), ("attendants", 2, "150.48")],
        "solis": [team, ("seats", 7, "198.00"), ("messages", 4001, "360.00")],
    } == lines_of(office, FEB)
    assert (9, ()) == (report.invoices, report.problems)


def test_the_report_sums_by_currency(office: Office) -> None:
    """The report's totals are the sums of the invoices that it issued, in each currency."""
    report = office.bills(JAN)
    totals = {currency: Money.zero(currency) for currency in ("BRL", "MXN")}
    for invoice in office.invoices:
        totals[invoice.currency] += invoice.total

    assert totals == report.totals
    assert (
        f"Invoice run as of 2026-01-01: 8 invoices for {totals['BRL']}, {totals['MXN']}; 0 set aside.",
    ) == report.lines()


def test_a_second_run_changes_nothing_and_says_so(office: Office) -> None:
    """Every row of every table stays as it was, but for the list of runs."""
    office.bills(JAN)
    use_january(office)
    office.bills(FEB)
    tables = [table for table in metadata.sorted_tables if table is not invoice_runs]
    before = [office.rows(table) for table in tables]
    report = office.bills(FEB)

    assert (
        "Invoice run as of 2026-02-01: nothing is due that was not billed; nothing changed.",
    ) == report.lines()
    assert before == [office.rows(table) for table in tables]


def test_each_series_counts_without_a_gap(office: Office) -> None:
    """Over three runs and three legal entities, in chunks of any size, each number is taken once."""
    for on, chunk_accounts in ((JAN, 1), (FEB, 3), (MAR, 500)):
        office.bills(on, chunk_accounts=chunk_accounts)

    assert {"KON": 6, "ZBR": 9, "ZMX": 11} == {series: len(each) for series, each in office.numbers.items()}
    assert gapless(office)


def test_a_chunk_that_fails_leaves_no_gap(office: Office) -> None:
    """What fails for a reason of the database stops the run; what it had numbered is given back."""
    refused = account_id_of("solis")
    with unit_of_work(office.engine) as connection:
        connection.execute(
            text(f"ALTER TABLE open_items ADD CONSTRAINT no_solis CHECK (account_id <> '{refused}')")
        )
    with pytest.raises(CheckViolation):
        office.bills(FEB, chunk_accounts=2)
    committed = len(office.invoices)
    assert 4 == committed
    assert gapless(office)

    with unit_of_work(office.engine) as connection:
        connection.execute(text("ALTER TABLE open_items DROP CONSTRAINT no_solis"))
    report = office.bills(FEB, chunk_accounts=2)

    assert len(office.invoices) == committed + report.invoices
    assert gapless(office)
    assert {1} == set(billed(office).values())


def test_a_contract_that_ends_inside_a_month(office: Office) -> None:
    """It owes ten days of March's fee in advance, their use on the eleventh, and nothing after."""
    office.bills(FEB)
    office.gets(talks("harbor", 12, date(2026, 3, 10), country="US"))
    office.bills(MAR)
    before_the_end = office.bills(date(2026, 3, 10))
    office.bills(date(2026, 3, 11))
    office.bills(APR)
    fee, use = (office.of("harbor", on).lines for on in (MAR, date(2026, 3, 11)))

    assert [("platform", "2026-03-01 to 2026-03-10", "644.84")] == [
        (line.charge, str(line.period), str(line.net)) for line in fee
    ]
    assert 0 == before_the_end.invoices
    assert [("whatsapp_us", "2026-03-01 to 2026-03-10", "7.35")] == [
        (line.charge, str(line.period), str(line.net)) for line in use
    ]
    assert {JAN, FEB, MAR, date(2026, 3, 11)} >= {
        each.issued_on for each in office.invoices if each.customer.code == "harbor"
    }


def test_a_contract_that_goes_on_after_its_end_owes_the_rest(office: Office) -> None:
    """Its end is taken back after ten days of March were billed: the other 21 days of March are owed too."""
    office.bills(MAR)
    office.bills(date(2026, 3, 11))
    office.ends("harbor", "conversion", None)
    office.bills(APR)

    assert [
        ("2026-03-11 to 2026-03-31", "1354.16"),
        ("2026-04-01 to 2026-04-30", "1999.00"),
    ] == [(str(line.period), str(line.net)) for line in office.of("harbor", APR).lines]


def test_what_owes_nothing_gets_no_invoice_and_no_number(office: Office) -> None:
    """Ten days of March without use are marked as billed; no invoice is issued and no number is taken."""
    office.bills(MAR)
    series, issued = office.rows(invoice_series), office.count(invoices)
    report = office.bills(date(2026, 3, 11))

    assert (0, ()) == (report.invoices, report.problems)
    assert (series, issued) == (office.rows(invoice_series), office.count(invoices))
    assert {date(2026, 3, 11)} == {
        row[-1] for row in office.rows(billing_progress) if row[0] == account_id_of("harbor")
    }


def test_a_run_in_the_far_future_is_refused(office: Office) -> None:
    """36 months ahead is the horizon; a day further is refused before anything is written."""
    with pytest.raises(InvalidInput) as refused:
        office.bills(date(2029, 2, 1), today=JAN)

    assert "as_of" == refused.value.field
    assert 0 == office.count(invoice_runs)
