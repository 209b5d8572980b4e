"""A preview computes what a run would bill, and writes nothing."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine

from db.metadata import metadata
from invoicing import bill
from invoicing.documents import InvoiceLine
from invoicing.draft import Bill
from kernel.clock import FixedClock
from kernel.ids import AccountId
from tests.integration.invoicing_book import Office, counted, talks

pytestmark = pytest.mark.integration

JAN, FEB = date(2026, 1, 1), date(2026, 2, 1)
Lines = dict[tuple[AccountId, str], tuple[InvoiceLine, ...]]


def lines_of(bills: tuple[Bill, ...]) -> Lines:
    """Return the drafted lines of each subscription that has any."""
    return {
        (each.contract.account_id, each.contract.subscription.code): each.draft.lines
        for each in bills
        if each.draft.lines
    }


@pytest.fixture
def office(engine: Engine) -> Office:
    """The book in a fresh database, billed for January, of which some was used and came late."""
    office = Office.open(engine)
    office.signs("cafe", "konectus-team", "konectus-mx")  # whether its prices hold taxes, nobody said
    office.gets(talks("flores", 450, date(2026, 1, 20)))
    office.bills(date(2026, 1, 31))
    office.gets([*talks("flores", 7, date(2026, 1, 20)), *counted("ipe", "docs_transactions", 1430, JAN)])
    return office


def test_a_preview_writes_nothing(office: Office) -> None:
    """Every row of every table stays as it was."""
    before = [office.rows(table) for table in metadata.sorted_tables]
    bill.preview(office.engine, as_of=FEB, clock=FixedClock.on(FEB))

    assert before == [office.rows(table) for table in metadata.sorted_tables]


def test_a_run_bills_what_the_preview_said(office: Office) -> None:
    """The same lines to the cent, with the same working, and the same problems."""
    bills, problems = bill.preview(office.engine, as_of=FEB, clock=FixedClock.on(FEB), chunk_accounts=2)
    report = office.bills(FEB)
    issued: Lines = {
        (each.account_id, each.subscription): each.lines for each in office.invoices if each.issued_on == FEB
    }

    assert 9 == len(issued)
    assert issued == lines_of(bills)
    assert report.problems == problems
    assert ["rules.tax"] == [each.field for each in problems]


def test_a_preview_after_the_run_is_empty(office: Office) -> None:
    """What is billed is not due any more."""
    office.bills(FEB)
    bills, _ = bill.preview(office.engine, as_of=FEB, clock=FixedClock.on(FEB))

    assert {} == lines_of(bills)
