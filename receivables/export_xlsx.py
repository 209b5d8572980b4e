"""XLSX of the aging, as a finance person opens it: title, frozen headings, amounts in their currency, totals.

Totals are formulas and carry their computed value too, for readers that do not calculate.  Texts are written
as texts, so no name of a customer becomes a formula.  The same report gives the same bytes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, BinaryIO

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name

from contracts.parties import Account
from kernel.errors import InvalidRequest
from kernel.ids import AccountId
from kernel.money import Money, minor_unit_digits
from receivables.aging import AgingReport
from receivables.sheets import Cell, CellKind, Sheet, sheet_by_account, sheet_by_item, title_of

TITLE = "Receivables aging"

#: Rows that a sheet of this format can hold, less room for title, headings and totals.
MOST_ROWS = 1_048_576 - 64

TITLE_ROW, AS_OF_ROW, HEADING_ROW, FIRST_ROW = 0, 1, 3, 4

#: Columns that stay in sight when one scrolls to the right: the account and its name.
FROZEN_COLUMNS = 2


def write_xlsx(report: AgingReport, accounts: Mapping[AccountId, Account], stream: BinaryIO) -> None:
    """Write the aging to a binary stream: one sheet by account, one by item.

    Raises :class:`InvalidRequest` when a sheet cannot hold the rows; CSV has no such limit.
    """
    if len(report.items) > MOST_ROWS:
        raise InvalidRequest(
            "more items than a sheet holds",
            field="items",
            value=len(report.items),
            expected=f"at most {MOST_ROWS}; CSV takes any number",
        )
    with Workbook(stream, {"constant_memory": True}) as workbook:
        created = datetime.combine(report.as_of, time(), tzinfo=UTC)
        workbook.set_properties({"title": f"{TITLE}, {title_of(report)}", "created": created})
        formats = _Formats(workbook)
        for sheet in (sheet_by_account(report, accounts), sheet_by_item(report, accounts)):
            _Page(workbook.add_worksheet(sheet.name), sheet, formats).write(title_of(report))


@dataclass(slots=True)
class _Formats:
    """The formats of a workbook, each made once."""

    workbook: Any
    made: dict[tuple[str, bool], Any] = field(default_factory=dict)

    def of(self, number_format: str, *, bold: bool = False) -> Any:  # noqa: ANN401 xlsxwriter has no types
        key = (number_format, bold)
        if key not in self.made:
            self.made[key] = self.workbook.add_format(
                {"num_format": number_format, "bold": bold, "top": 1 if bold else 0}
            )
        return self.made[key]

    def amount(self, currency: str, *, bold: bool = False) -> Any:  # noqa: ANN401 as above
        digits = minor_unit_digits(currency)
        number = "#,##0" + ("." + "0" * digits if digits else "") + f' "{currency}"'
        return self.of(f"{number};[Red]-{number}", bold=bold)

    def heading(self, kind: CellKind) -> Any:  # noqa: ANN401 as above
        align = "left" if kind is CellKind.TEXT else "right"
        return self.workbook.add_format(
            {"bold": True, "bottom": 1, "bg_color": "#DDE3EA", "align": align, "text_wrap": True}
        )


@dataclass(slots=True)
class _Page:
    """One sheet being written, and the running total of each amount by currency and column."""

    worksheet: Any
    sheet: Sheet
    formats: _Formats
    totals: dict[str, dict[int, Decimal]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Decimal))
    )

    def write(self, title: str) -> None:
        """Write the title, the headings, the rows and, below them, a total for each currency."""
        page = self.worksheet
        page.write_string(
            TITLE_ROW, 0, TITLE, self.formats.workbook.add_format({"bold": True, "font_size": 14})
        )
        page.write_string(AS_OF_ROW, 0, title)
        for at, column in enumerate(self.sheet.columns):
            page.set_column(at, at, column.width)
            page.write_string(HEADING_ROW, at, column.heading, self.formats.heading(column.kind))
        row = FIRST_ROW
        for cells in self.sheet.rows:
            self._write_row(row, cells)
            row += 1
        page.freeze_panes(FIRST_ROW, FROZEN_COLUMNS)
        if row > FIRST_ROW:
            page.autofilter(HEADING_ROW, 0, row - 1, len(self.sheet.columns) - 1)
        self._write_totals(row)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.repeat_rows(HEADING_ROW)

    def _write_row(self, row: int, cells: tuple[Cell, ...]) -> None:
        page = self.worksheet
        for at, cell in enumerate(cells):
            match cell:
                case Money():
                    page.write_number(row, at, cell.amount, self.formats.amount(cell.currency))
                    self.totals[cell.currency][at] += cell.amount
                case date():
                    page.write_datetime(row, at, cell, self.formats.of("yyyy-mm-dd"))
                case int():
                    page.write_number(row, at, cell, self.formats.of("0"))
                case str():
                    page.write_string(row, at, cell)

    def _write_totals(self, after: int) -> None:
        """Sum the amounts of each currency by formulas; a blank row keeps the totals out of the filter."""
        code = xl_col_to_name(self.sheet.currency_at)
        for row, (currency, sums) in enumerate(sorted(self.totals.items()), start=after + 1):
            bold = self.formats.of("@", bold=True)
            self.worksheet.write_string(row, 0, f"Total {currency}", bold)
            for at in range(1, len(self.sheet.columns)):
                self.worksheet.write_blank(row, at, None, bold)
            self.worksheet.write_string(row, self.sheet.currency_at, currency, bold)
            for at, total in sums.items():
                own = xl_col_to_name(at)
                formula = (
                    f"=SUMIFS({own}${FIRST_ROW + 1}:{own}${after},"
                    f"${code}${FIRST_ROW + 1}:${code}${after},${code}{row + 1})"
                )
                money = self.formats.amount(currency, bold=True)
                self.worksheet.write_formula(row, at, formula, money, total)
