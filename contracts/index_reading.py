"""A published price index as CSV text becomes a series: each month once, none left out, all exact."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from contracts.csv_reading import Columns, CsvRow, parse_csv
from contracts.indices import IndexSeries
from kernel.errors import InvalidBook, InvalidInput
from kernel.money import decimal_of

#: No month's variation of a real index lies beyond: Brazil's worst was 84 %.  More is a slipped point.
LARGEST_VARIATION_PERCENT = 100

MONTH_COLUMN = "month"
_PERCENT = "_pct"
#: Some offices publish the index's level too; the first level has no variation.
_LEVEL = "_index"


def parse_index(text: str, name: str, code: str) -> IndexSeries:
    """Return the series that a file holds; its columns are ``month`` and ``<code>_pct`` in percent.

    Raises :class:`InvalidBook` with the file and the line for whatever is no month and no percent.
    """
    percent, level = code.lower() + _PERCENT, code.lower() + _LEVEL
    rows, problems = parse_csv(
        text, name, Columns(known=(MONTH_COLUMN, percent, level), required=(MONTH_COLUMN, percent))
    )
    for problem in problems:
        raise InvalidBook(
            problem.message, value=problem.value, expected=problem.expected, place=problem.place
        )
    found: dict[date, Decimal] = {}
    following: date | None = None
    for row in rows:
        month = _month(row)
        if following is not None and month != following:
            raise _refused(row, MONTH_COLUMN, f"{following:%Y-%m}, the month after the row above")
        following = month + relativedelta(months=1)
        if percent in row.cells:
            found[month] = _percent(row, percent)
        elif level not in row.cells or found:
            raise _refused(row, percent, "the month's variation in percent")
    return IndexSeries(code, found)


def _month(row: CsvRow) -> date:
    try:
        return date.fromisoformat(row.cells.get(MONTH_COLUMN, "") + "-01")
    except ValueError:
        raise _refused(row, MONTH_COLUMN, "a month such as 2026-04") from None


def _percent(row: CsvRow, column: str) -> Decimal:
    expected = f"a percentage such as -0.34, up to {LARGEST_VARIATION_PERCENT}"
    try:
        percent = decimal_of(row.cells[column], field=column)
    except InvalidInput:
        raise _refused(row, column, expected) from None
    if abs(percent) > LARGEST_VARIATION_PERCENT:
        raise _refused(row, column, expected)
    return percent


def _refused(row: CsvRow, column: str, expected: str) -> InvalidBook:
    return InvalidBook(
        "not a row of a price index",
        field=column,
        value=row.cells.get(column, ""),
        expected=expected,
        place=row.place(),
    )
