"""An export shows what the report says, in CSV and XLSX alike, and executes nothing."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from contracts.parties import Account
from kernel.errors import UnknownAccount
from kernel.ids import account_id_of
from kernel.money import Money
from receivables.aging import AgingBasis, AgingReport, age
from receivables.export_csv import defused, write_csv
from receivables.export_xlsx import write_xlsx
from receivables.sheets import sheet_by_account, sheet_by_item
from tests.unit.receivables.books import ACCOUNT, ACCOUNT_ID, item_of, mxn, owes

BETA = Account(code="beta", name='=HYPERLINK("http://evil.example")', country="BR", email="ap@beta.example")
BETA_ID = account_id_of(BETA.code)
ACCOUNTS = {ACCOUNT_ID: ACCOUNT, BETA_ID: BETA}
AS_OF = date(2026, 3, 5)


def report_of(basis: AgingBasis = AgingBasis.DUE_DATE) -> AgingReport:
    """Return a report over two accounts, two currencies, a credit and money that waits."""
    return age(
        [
            owes(item_of("F-1"), "1000.00", interest="14.33", fine="100.00"),
            owes(item_of("F-2", due_on=AS_OF), "250.50"),
            owes(item_of("F-3"), "-12.50"),
            owes(item_of("B-1", account_id=BETA_ID, currency="CLP"), "70"),
        ],
        as_of=AS_OF,
        basis=basis,
        unapplied={(ACCOUNT_ID, "MXN"): mxn("40.00")},
    )


def csv_of(report: AgingReport) -> list[str]:
    """Return the lines of the CSV by item."""
    stream = BytesIO()
    write_csv(sheet_by_item(report, ACCOUNTS), stream)
    return stream.getvalue().decode().splitlines()


def xlsx_of(report: AgingReport) -> bytes:
    """Return the workbook."""
    stream = BytesIO()
    write_xlsx(report, ACCOUNTS, stream)
    return stream.getvalue()


def pages(content: bytes, *, computed: bool) -> list[Worksheet]:
    """Read a workbook back: its computed values, or its formulas."""
    book = load_workbook(BytesIO(content), data_only=computed)
    return list(book.worksheets)


def test_csv_by_item_says_what_is_open() -> None:
    """Dates are ISO, amounts are plain with the decimals of their currency, a credit stays a number."""
    assert [
        "Account,Name,Number,Issued,Due,Days late,Bucket,Currency,Principal,Late charges,Total",
        "acme,Acme,F-1,2026-01-01,2026-01-21,43,31-60,MXN,1000.00,114.33,1114.33",
        "acme,Acme,F-3,2026-01-01,2026-01-21,43,31-60,MXN,-12.50,0.00,-12.50",
        "acme,Acme,F-2,2026-01-01,2026-03-05,0,current,MXN,250.50,0.00,250.50",
        'beta,"\'=HYPERLINK(""http://evil.example"")",B-1,2026-01-01,2026-01-21,43,31-60,CLP,70,0,70',
    ] == csv_of(report_of())


def test_csv_by_account_says_who_owes() -> None:
    """A row for each account and currency, with its credit, its waiting money and its net."""
    stream = BytesIO()
    write_csv(sheet_by_account(report_of(), ACCOUNTS), stream)

    assert [
        "Account,Name,Currency,Current,1-30,31-60,61-90,Over 90,Total,Of which credits,Unapplied cash,Net",
        'beta,"\'=HYPERLINK(""http://evil.example"")",CLP,0,0,70,0,0,70,0,0,70',
        "acme,Acme,MXN,250.50,0.00,1101.83,0.00,0.00,1352.33,-12.50,40.00,1312.33",
    ] == stream.getvalue().decode().splitlines()


def test_the_age_is_named_for_its_basis() -> None:
    """By invoice date the days are not days late."""
    assert "Days since issue" == csv_of(report_of(AgingBasis.INVOICE_DATE))[0].split(",")[5]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_of_a_csv_is_a_formula(start: str) -> None:
    """A name that begins like a formula is told to be text."""
    assert f"'{start}1+1" == defused(f"{start}1+1")


@pytest.mark.parametrize("text", ["", "Acme", "1+1", "ção", "'=1"])
def test_harmless_text_of_a_csv_is_left_alone(text: str) -> None:
    """Only the first character decides."""
    assert text == defused(text)


def test_csv_leaves_the_stream_open() -> None:
    """The caller closes what the caller opened."""
    stream = BytesIO()
    write_csv(sheet_by_item(report_of(), ACCOUNTS), stream)

    assert not stream.closed


def test_an_account_without_a_name_is_refused() -> None:
    """An export never shows a row that nobody can place."""
    with pytest.raises(UnknownAccount) as refused:
        sheet_by_item(report_of(), {})

    assert "account_id" == refused.value.field


def test_xlsx_opens_with_title_day_and_headings() -> None:
    """Who opens it sees what it is, as of when, aged by what; the headings stay in sight."""
    by_account, by_item = pages(xlsx_of(report_of()), computed=True)

    assert ["By account", "By item"] == [by_account.title, by_item.title]
    for page in (by_account, by_item):
        assert ["Receivables aging", "As of 2026-03-05, aged by due date"] == [
            page["A1"].value,
            page["A2"].value,
        ]
        assert ("C5", "Account") == (page.freeze_panes, page["A4"].value)


def test_xlsx_rows_are_typed() -> None:
    """Dates are dates, days are numbers, amounts bear their currency and its decimals."""
    _, by_item = pages(xlsx_of(report_of()), computed=True)
    row = by_item[5]

    days = [cell.value.date() for cell in row[3:5] if isinstance(cell.value, datetime)]
    assert ["acme", "Acme", "F-1", 43] == [row[at].value for at in (0, 1, 2, 5)]
    assert [date(2026, 1, 1), date(2026, 1, 21)] == days
    assert '#,##0.00 "MXN";[Red]-#,##0.00 "MXN"' == row[8].number_format
    assert '#,##0 "CLP";[Red]-#,##0 "CLP"' == by_item[8][8].number_format


def test_xlsx_totals_are_formulas_with_their_value() -> None:
    """A reader that computes and one that does not see the same total, and it is the report's."""
    content = xlsx_of(report_of())
    values, formulas = pages(content, computed=True)[0], pages(content, computed=False)[0]

    assert ["Total CLP", "Total MXN"] == [values["A8"].value, values["A9"].value]
    assert "=SUMIFS(I$5:I$6,$C$5:$C$6,$C9)" == formulas["I9"].value
    assert Decimal("1352.33") == Decimal(str(values["I9"].value))
    assert "=SUMIFS(L$5:L$6,$C$5:$C$6,$C9)" == formulas["L9"].value
    assert Decimal("1312.33") == Decimal(str(values["L9"].value))


def test_xlsx_totals_by_item_and_by_account_agree() -> None:
    """Both sheets end in the same totals."""
    report = report_of()
    by_account, by_item = pages(xlsx_of(report), computed=True)

    totals = {
        page["A" + str(row)].value: Decimal(str(page.cell(row, column).value))
        for page, column in ((by_account, 9), (by_item, 11))
        for row in range(5, page.max_row + 1)
        if str(page["A" + str(row)].value).startswith("Total")
    }
    assert {f"Total {code}": sums.total.amount for code, sums in report.totals.items()} == totals


def test_no_text_of_an_xlsx_is_a_formula() -> None:
    """A customer's name that looks like one is stored as text."""
    cell = pages(xlsx_of(report_of()), computed=False)[1]["B8"]

    assert ("s", BETA.name) == (cell.data_type, cell.value)


def test_the_same_report_gives_the_same_bytes() -> None:
    """Who compares two exports finds no difference where there is none."""
    report = report_of()

    assert xlsx_of(report) == xlsx_of(report)


def test_an_empty_report_is_an_empty_workbook() -> None:
    """Nothing owed: title and headings, and no totals."""
    by_account, by_item = pages(xlsx_of(age([], as_of=AS_OF)), computed=True)

    assert [4, 4] == [by_account.max_row, by_item.max_row]


def test_large_amounts_keep_their_cents() -> None:
    """99,999,999,999.99 is read back to the cent."""
    amount = Money.of("99999999999.99", "MXN")
    report = age([owes(item_of("F-1"), str(amount.amount))], as_of=AS_OF)
    page = pages(xlsx_of(report), computed=True)[1]

    assert [amount.amount] * 2 == [Decimal(str(page["K5"].value)), Decimal(str(page["K7"].value))]
