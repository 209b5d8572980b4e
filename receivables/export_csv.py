"""CSV of the aging: UTF-8 without a mark, CRLF as RFC 4180 says, one sheet a file.

A spreadsheet executes a text that begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return, and
names of customers come from outside.  Such a text gets an apostrophe in front, which spreadsheets take as
"this is text".  Amounts, days and counts are never text here: ``-12.50`` stays a number.
"""

from __future__ import annotations

import csv
from datetime import date
from io import TextIOWrapper
from typing import BinaryIO

from kernel.money import Money
from receivables.sheets import Cell, Sheet

#: What makes a spreadsheet read a text as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_csv(sheet: Sheet, stream: BinaryIO) -> None:
    """Write a sheet to a binary stream, which stays open."""
    text = TextIOWrapper(stream, encoding="utf-8", newline="")
    try:
        writer = csv.writer(text)
        writer.writerow([defused(column.heading) for column in sheet.columns])
        writer.writerows([written(cell) for cell in row] for row in sheet.rows)
    finally:
        text.detach()


def written(cell: Cell) -> str:
    """Return how CSV writes a cell: 1999.00, 2026-03-31, 33, or a defused text."""
    match cell:
        case Money():
            return f"{cell.amount:f}"
        case date():
            return cell.isoformat()
        case int():
            return str(cell)
        case str():
            return defused(cell)


def defused(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: ``=1+1`` becomes ``'=1+1``."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
