"""A receipt says what it must, and a row of a file that does not is named with its place."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kernel.errors import Conflict, InvalidBook, InvalidReceipt
from kernel.ids import account_id_of
from kernel.money import Money
from payments.receipt_rows import PlacedReceipt, read_receipts
from payments.receipts import LONGEST_REFERENCE, Receipt
from tests.unit.receivables.books import ACCOUNT_ID, mxn

RECEIPT = Receipt(
    account_id=ACCOUNT_ID, reference="BANK-1", received_on=date(2026, 3, 10), amount=mxn("100"), invoice="F-1"
)
HEADER = "reference,account,received_on,amount,currency,invoice\n"


@pytest.mark.parametrize("amount", ["0", "-0.01"])
def test_a_receipt_brings_money(amount: str) -> None:
    """Nothing, and less than nothing, is no receipt."""
    with pytest.raises(InvalidReceipt) as refused:
        replace(RECEIPT, amount=mxn(amount))

    assert "amount" == refused.value.field


def test_one_cent_is_money() -> None:
    """The smallest receipt is a receipt."""
    assert mxn("0.01") == replace(RECEIPT, amount=mxn("0.01")).amount


@pytest.mark.parametrize("reference", ["", "x" * (LONGEST_REFERENCE + 1)])
def test_a_receipt_has_a_reference_of_some_length(reference: str) -> None:
    """Without one it could be booked twice; an endless one is a mistake."""
    with pytest.raises(InvalidReceipt) as refused:
        replace(RECEIPT, reference=reference)

    assert "reference" == refused.value.field


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("received_on", replace(RECEIPT, received_on=date(2026, 3, 11))),
        ("amount", replace(RECEIPT, amount=mxn("100.01"))),
        ("amount", replace(RECEIPT, amount=Money.of("100", "BRL"))),
        ("invoice", replace(RECEIPT, invoice="")),
    ],
)
def test_a_known_reference_with_other_content_is_a_conflict(field: str, other: Receipt) -> None:
    """The field that differs is named, with what is known."""
    with pytest.raises(Conflict) as refused:
        other.refuse_other(RECEIPT)

    assert field == refused.value.field


def test_money_of_today_is_taken_and_of_tomorrow_is_not() -> None:
    """A date far ahead would let late charges run to it."""
    RECEIPT.refuse_future(date(2026, 3, 10))
    with pytest.raises(InvalidReceipt) as refused:
        RECEIPT.refuse_future(date(2026, 3, 9))

    assert ("received_on", "2026-03-09 or earlier") == (refused.value.field, refused.value.expected)


def test_a_file_is_read_in_the_order_of_its_days() -> None:
    """The earliest receipt meets the debts first, wherever it stands; each keeps its line."""
    text = HEADER + "B-2,acme,2026-03-11,20.00,MXN,\nB-1,acme,2026-03-10,10.5,MXN,F-1\n"

    receipts, problems = read_receipts(text, "bank.csv")

    first = Receipt(
        account_id=account_id_of("acme"),
        reference="B-1",
        received_on=date(2026, 3, 10),
        amount=mxn("10.50"),
        invoice="F-1",
    )
    second = Receipt(
        account_id=account_id_of("acme"),
        reference="B-2",
        received_on=date(2026, 3, 11),
        amount=mxn("20"),
    )
    assert (
        PlacedReceipt(first, "acme", "bank.csv:3"),
        PlacedReceipt(second, "acme", "bank.csv:2"),
    ) == receipts
    assert () == problems


def test_the_invoice_column_may_be_left_out() -> None:
    """Many banks do not know what is paid."""
    text = "reference,account,received_on,amount,currency\nB-1,acme,2026-03-10,10,MXN\n"

    receipts, problems = read_receipts(text, "bank.csv")

    assert ([""], ()) == ([each.receipt.invoice for each in receipts], problems)


@pytest.mark.parametrize(
    ("row", "field", "value"),
    [
        (",acme,2026-03-10,10,MXN,", "reference", ""),
        ("B-1,,2026-03-10,10,MXN,", "account", ""),
        ("B-1,acme,10/03/2026,10,MXN,", "received_on", "10/03/2026"),
        ("B-1,acme,2026-02-30,10,MXN,", "received_on", "2026-02-30"),
        ("B-1,acme,20260310,10,MXN,", "received_on", "20260310"),
        ("B-1,acme,2026-03-10,ten,MXN,", "amount", "ten"),
        ("B-1,acme,2026-03-10,10.001,MXN,", "amount", "10.001"),
        ("B-1,acme,2026-03-10,-10,MXN,", "amount", "-10.00 MXN"),
        ("B-1,acme,2026-03-10,0,MXN,", "amount", "0.00 MXN"),
        ("B-1,acme,2026-03-10,10,XXX,", "currency", "XXX"),
    ],
)
def test_a_bad_row_is_a_problem_with_its_place(row: str, field: str, value: str) -> None:
    """File, line, column and value are named; the good row beside it is read."""
    receipts, problems = read_receipts(f"{HEADER}{row}\nB-9,acme,2026-03-10,1,MXN,\n", "bank.csv")

    assert ["B-9"] == [each.receipt.reference for each in receipts]
    assert [("bank.csv:2", field, value)] == [(each.place, each.field, each.value) for each in problems]


def test_a_file_without_its_columns_is_refused() -> None:
    """A wrong file is told apart from a file of wrong rows."""
    with pytest.raises(InvalidBook) as refused:
        read_receipts("date,amount\n2026-03-10,10\n", "bank.csv")

    assert "bank.csv:1" == refused.value.place
