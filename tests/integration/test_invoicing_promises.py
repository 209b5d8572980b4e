"""Commitments and estimates over several runs: each is billed once, late use is made good, an end settles."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine

from invoicing.documents import LineKind
from invoicing.tables import billing_marks
from tests.integration.invoicing_book import Office, texts

pytestmark = pytest.mark.integration

JAN, FEB, MAR, APR, MAY = (date(2026, month, 1) for month in (1, 2, 3, 4, 5))
PROMISES = {"minimum", "quarter", "ahead"}


@pytest.fixture
def office(engine: Engine) -> Office:
    """The book in a fresh database, and a contract with a minimum, a commitment and an estimate."""
    found = Office.open(engine)
    found.signs("solis", "conversion-mx", "zenvia-mx", order_form="conversion-committed")
    return found


def promised(office: Office, on: date) -> list[str]:
    """What an invoice bills of promises: code, first day and what it owes before taxes."""
    invoice = office.of("solis", on, subscription="conversion")
    return [
        f"{line.charge} {line.period_start:%d %b} {line.net}"
        for line in invoice.lines
        if line.charge in PROMISES
    ]


def test_a_quarter_of_a_minimum_a_commitment_and_estimates(office: Office) -> None:
    """Each month lacks to 2,200.00 what 1,999.00 and SMS leave; the quarter lacks to 7,000.00 in April."""
    office.bills(JAN)
    assert ["ahead 01 Jan 100.00"] == promised(office, JAN)

    office.gets(texts("solis", "hola", 300, date(2026, 1, 20)))
    office.bills(FEB)
    assert ["minimum 01 Jan 101.01", "ahead 01 Jan -100.00", "ahead 01 Feb 100.00"] == promised(office, FEB)

    office.bills(MAR)
    assert ["minimum 01 Feb 201.00", "ahead 01 Feb -100.00", "ahead 01 Mar 100.00"] == promised(office, MAR)

    office.bills(APR)
    assert [
        "minimum 01 Mar 201.00",
        "quarter 01 Jan 903.01",
        "ahead 01 Mar -100.00",
        "ahead 01 Apr 100.00",
    ] == promised(office, APR)


def test_a_second_run_bills_no_promise_again(office: Office) -> None:
    """Nothing changes: no invoice and no mark."""
    office.bills(JAN)
    office.bills(FEB)
    before = office.rows(billing_marks)

    assert 0 == office.bills(FEB).invoices
    assert before == office.rows(billing_marks)


def test_late_use_lowers_what_lacked(office: Office) -> None:
    """100 SMS of January come after its invoice: 33.33 of use, and as much less was lacking."""
    office.bills(JAN)
    office.bills(FEB)
    office.gets(texts("solis", "hola", 100, date(2026, 1, 20)))
    office.bills(MAR)
    invoice = office.of("solis", MAR, subscription="conversion")
    late = [(line.charge, str(line.net)) for line in invoice.lines if line.period_start == JAN]

    assert [("sms", "33.33"), ("minimum", "-33.33")] == late
    assert LineKind.TRUE_UP in {line.kind for line in invoice.lines}


def test_a_contract_that_ends_settles_its_estimate(office: Office) -> None:
    """Ended on 15 February: 400 SMS are 133.32, of which 100.00 were billed ahead; no minimum lacks."""
    office.bills(JAN)
    office.bills(FEB)
    office.gets(texts("solis", "hola", 400, date(2026, 2, 10)))
    office.ends("solis", "conversion-mx", date(2026, 2, 15))
    office.bills(MAR)
    invoice = office.of("solis", MAR, subscription="conversion")

    assert [("sms", "133.32"), ("ahead", "-100.00")] == [
        (each.charge, str(each.net)) for each in invoice.lines
    ]


def test_a_settlement_below_nothing_waits_for_a_person(office: Office) -> None:
    """Without use 100.00 are to be given back and there is no bill to lower: it is set aside and told."""
    office.bills(JAN)
    office.bills(FEB)
    office.ends("solis", "conversion-mx", date(2026, 2, 15))
    office.bills(MAR)

    assert ["solis/conversion-mx"] == [each.subject for each in office.problems if each.field == "total"]


def test_a_catch_up_of_months_bills_each_term_once(office: Office) -> None:
    """A first run in April bills three minimums and the quarter, and estimates April alone."""
    office.bills(APR)

    assert [
        "minimum 01 Jan 201.00",
        "minimum 01 Feb 201.00",
        "minimum 01 Mar 201.00",
        "quarter 01 Jan 1003.00",
        "ahead 01 Apr 100.00",
    ] == promised(office, APR)
