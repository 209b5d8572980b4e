"""A bank's file: good rows are booked, bad ones named with their line, a second import changes nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from kernel.clock import FixedClock
from kernel.errors import InvalidBook, InvalidReceipt
from payments.import_receipts import ReceiptsReport, import_receipts
from tests.integration.payments_book import DUE, open_book, open_on, owe, sign
from tests.unit.receivables.books import owes

HEADER = "reference,account,received_on,amount,currency,invoice\n"
CLOCK = FixedClock.on(date(2026, 3, 1))


@pytest.fixture(autouse=True)
def _book(engine: Engine) -> None:
    open_book(engine)


def imported(engine: Engine, folder: Path, text: str) -> ReceiptsReport:
    """Import a file over these lines."""
    path = folder / "bank.csv"
    path.write_text(text, encoding="utf-8")
    return import_receipts(engine, path, clock=CLOCK)


def test_good_rows_are_booked_and_known_the_second_time(engine: Engine, tmp_path: Path) -> None:
    """Two receipts settle two invoices; the same file again settles nothing."""
    account_id = sign(engine, "acme")
    item = owe(engine, account_id, "F-1")
    owe(engine, account_id, "F-2", "50.00")
    text = f"{HEADER}B-1,acme,{DUE},400.00,MXN,F-1\nB-2,acme,{DUE},50,MXN,F-2\n"

    first = imported(engine, tmp_path, text)
    second = imported(engine, tmp_path, text)

    assert ReceiptsReport(read=2, booked=2, known=0, problems=()) == first
    assert ReceiptsReport(read=2, booked=0, known=2, problems=()) == second
    assert (owes(item, "600.00"),) == open_on(engine, account_id, DUE)
    assert ("2 receipts read: 2 booked, 0 known, 0 set aside.",) == first.lines()


def test_bad_rows_stop_nothing_and_say_what_is_wrong(engine: Engine, tmp_path: Path) -> None:
    """Each bad row is a problem with code, line, field, value and what would be right."""
    account_id = sign(engine, "acme")
    owe(engine, account_id, "F-1")
    rows = [
        f"B-1,nobody,{DUE},10,MXN,",
        f"B-2,acme,{DUE},10,BRL,",
        f"B-3,acme,{DUE},-10,MXN,",
        "B-4,acme,21.01.2026,10,MXN,",
        f"B-5,acme,{DUE},10,MXN,F-9",
        "B-6,acme,2026-03-02,10,MXN,",
        f"B-7,acme,{DUE},10,MXN,F-1",
    ]

    report = imported(engine, tmp_path, HEADER + "\n".join(rows) + "\n")

    assert (7, 1, 0) == (report.read, report.booked, report.known)
    assert [
        ("bank.csv:2", "B-1", "unknown_account", "account", "nobody", ""),
        ("bank.csv:3", "B-2", "invalid_receipt", "currency", "BRL", "MXN"),
        ("bank.csv:4", "B-3", "invalid_receipt", "amount", "-10.00 MXN", "more than 0"),
        ("bank.csv:5", "B-4", "invalid_receipt", "received_on", "21.01.2026", "such as 2026-03-31"),
        ("bank.csv:6", "B-5", "unknown_invoice", "invoice", "F-9", ""),
        ("bank.csv:7", "B-6", "invalid_receipt", "received_on", "2026-03-02", "2026-03-01 or earlier"),
    ] == sorted(
        (each.place, each.subject, each.code, each.field, each.value, each.expected)
        for each in report.problems
    )


def test_a_reference_that_comes_twice_with_other_content_is_a_problem(engine: Engine, tmp_path: Path) -> None:
    """The first is booked, the second contradicts it."""
    sign(engine, "acme")

    report = imported(engine, tmp_path, f"{HEADER}B-1,acme,{DUE},10,MXN,\nB-1,acme,{DUE},20,MXN,\n")

    assert (1, ["conflict"]) == (report.booked, [each.code for each in report.problems])


def test_receipts_are_booked_in_the_order_of_their_days(engine: Engine, tmp_path: Path) -> None:
    """The earlier receipt settles the debt although it stands below the later one."""
    account_id = sign(engine, "acme")
    owe(engine, account_id, "F-1")

    imported(engine, tmp_path, f"{HEADER}B-2,acme,2026-01-20,1000,MXN,\nB-1,acme,2026-01-10,1000,MXN,\n")

    assert () == open_on(engine, account_id, date(2026, 1, 10))


def test_a_spreadsheets_file_is_understood(engine: Engine, tmp_path: Path) -> None:
    """A mark before the first letter and semicolons are how spreadsheets of the trade save CSV."""
    sign(engine, "acme")
    text = f"\ufeffreference;account;received_on;amount;currency\nB-1;acme;{DUE};10.50;MXN\n"

    assert 1 == imported(engine, tmp_path, text).booked


def test_a_file_without_the_columns_is_refused(engine: Engine, tmp_path: Path) -> None:
    """A wrong file is told apart from wrong rows."""
    with pytest.raises(InvalidBook) as refused:
        imported(engine, tmp_path, "date,amount\n2026-01-21,10\n")

    assert "bank.csv:1" == refused.value.place


def test_a_file_that_is_not_there_is_refused(engine: Engine, tmp_path: Path) -> None:
    """The path is named."""
    with pytest.raises(InvalidReceipt) as refused:
        import_receipts(engine, tmp_path / "none.csv", clock=CLOCK)

    assert "path" == refused.value.field


def test_a_file_that_is_no_text_is_refused(engine: Engine, tmp_path: Path) -> None:
    """A spreadsheet instead of its CSV is told so."""
    path = tmp_path / "bank.csv"
    path.write_bytes(b"PK\x03\x04\xff\xfe")

    with pytest.raises(InvalidReceipt) as refused:
        import_receipts(engine, path, clock=CLOCK)

    assert "a file in UTF-8" == refused.value.expected
