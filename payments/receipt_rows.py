"""Rows of a file of receipts: what a bank's export must say, and what is wrong with a row that does not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from contracts.csv_reading import Columns, CsvRow, parse_csv
from kernel.errors import ClausulaError, InvalidReceipt
from kernel.ids import account_id_of
from kernel.money import Money
from kernel.problems import Problem
from payments.receipts import Receipt

_REQUIRED = ("reference", "account", "received_on", "amount", "currency")

#: The columns of the file, in any order; only the invoice's number may be left out.
COLUMNS = Columns(known=(*_REQUIRED, "invoice"), required=_REQUIRED)

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class PlacedReceipt:
    """A receipt, the code of its account, and the line that it stands on."""

    receipt: Receipt
    account: str
    place: str


def read_receipts(text: str, name: str) -> tuple[tuple[PlacedReceipt, ...], tuple[Problem, ...]]:
    """Return the receipts of a file, the earliest first, and the problems of the rows that are none.

    In the order of their days each receipt meets what was open on its day.  Raises
    :class:`kernel.errors.InvalidBook` when the first line does not name the columns.
    """
    rows, problems = parse_csv(text, name, COLUMNS)
    read: list[PlacedReceipt] = []
    wrong = list(problems)
    for row in rows:
        try:
            read.append(PlacedReceipt(_receipt(row), _cell(row, "account"), row.place()))
        except ClausulaError as error:
            wrong.append(Problem.of(error, subject=row.cells.get("reference", ""), place=row.place()))
    return tuple(sorted(read, key=lambda each: each.receipt.received_on)), tuple(wrong)


def _receipt(row: CsvRow) -> Receipt:
    return Receipt(
        account_id=account_id_of(_cell(row, "account")),
        reference=_cell(row, "reference"),
        received_on=_day(_cell(row, "received_on")),
        amount=Money.of(_cell(row, "amount"), _cell(row, "currency")),
        invoice=row.cells.get("invoice", ""),
    )


def _cell(row: CsvRow, column: str) -> str:
    if column not in row.cells:
        raise InvalidReceipt("the cell is empty", field=column, expected="a value in each row")
    return row.cells[column]


def _day(text: str) -> date:
    try:
        if _ISO_DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass  # 2026-02-30 looks like a day and is none; the sentence is the same
    raise InvalidReceipt("not a day", field="received_on", value=text, expected="such as 2026-03-31")
