"""The aging on the command line: a table for each currency, and a document with codes and exact amounts."""

from __future__ import annotations

from datetime import date

import pytest

from contracts.parties import Account
from kernel.ids import account_id_of
from kernel.money import Money
from receivables.aging import AgingReport, age
from runtime.aging_views import aging_document, print_aging
from tests.unit.receivables.books import ACCOUNT, ACCOUNT_ID, item_of, owes

BETA = Account(code="beta", name="Beta", country="BR", email="ap@beta.example")
BETA_ID = account_id_of(BETA.code)
ACCOUNTS = {ACCOUNT_ID: ACCOUNT, BETA_ID: BETA}
AS_OF = date(2026, 3, 5)


def report_of(*, unapplied: str = "0.00") -> AgingReport:
    """Return a report over two accounts and two currencies."""
    return age(
        [
            owes(item_of("F-1"), "1000.00", interest="14.33", fine="100.00"),
            owes(item_of("F-2", due_on=AS_OF), "250.50"),
            owes(item_of("B-1", account_id=BETA_ID, currency="CLP"), "70"),
        ],
        as_of=AS_OF,
        unapplied={(ACCOUNT_ID, "MXN"): Money.of(unapplied, "MXN")},
    )


def printed(report: AgingReport, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the lines of the tables, without what fills them up."""
    print_aging(report, ACCOUNTS)
    lines = (" ".join(line.split()) for line in capsys.readouterr().out.splitlines())
    return [line for line in lines if line.strip("─ ")]


def test_a_table_for_each_currency(capsys: pytest.CaptureFixture[str]) -> None:
    """Amounts of two currencies never share a column, and zero is a dash."""
    assert [
        "Aging as of 2026-03-05, by due date, in CLP",
        "account current 1-30 31-60 61-90 over 90 total",
        "beta - - 70 - - 70",
        "total - - 70 - - 70",
        "Aging as of 2026-03-05, by due date, in MXN",
        "account current 1-30 31-60 61-90 over 90 total",
        f"{ACCOUNT.code} 250.50 - 1,114.33 - - 1,364.83",
        "total 250.50 - 1,114.33 - - 1,364.83",
    ] == printed(report_of(), capsys)


def test_money_that_no_invoice_has_taken_gets_a_column(capsys: pytest.CaptureFixture[str]) -> None:
    """It is shown where there is any, and never netted."""
    lines = printed(report_of(unapplied="40.00"), capsys)

    assert "account current 1-30 31-60 61-90 over 90 total unapplied" == lines[5]
    assert "total 250.50 - 1,114.33 - - 1,364.83 40.00" == lines[7]


def test_nothing_open_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """An empty report is no empty page."""
    assert ["Nothing is open as of 2026-03-05."] == printed(age([], as_of=AS_OF), capsys)


def test_the_document_has_codes_and_exact_amounts() -> None:
    """A script needs no ids of rows."""
    document = aging_document(report_of(unapplied="40.00"), ACCOUNTS)

    assert isinstance(document["accounts"], list)
    assert isinstance(document["items"], list)
    acme = next(each for each in document["accounts"] if each["account"] == ACCOUNT.code)
    assert ("1364.83", "40.00", "1324.83") == tuple(str(acme[key]) for key in ("total", "unapplied", "net"))
    assert [("B-1", "beta"), ("F-1", ACCOUNT.code), ("F-2", ACCOUNT.code)] == sorted(
        (each["number"], each["account"]) for each in document["items"]
    )
