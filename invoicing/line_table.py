"""The lines of a printed invoice: beneath each stand its working, on the left, and its clause, on the right.

Pure: lines in, blocks of rows out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from invoicing.documents import Citation, InvoiceLine
from invoicing.invoice_labels import Labels
from invoicing.invoice_styles import (
    CLAUSE,
    CLAUSE_X,
    FINE,
    GAP,
    LABEL,
    LEFT,
    NAME,
    NAME_X,
    NUMBER,
    RIGHT,
    SMALL,
    WHOLE,
)
from invoicing.page_rows import Block, Row, Rows, Style, beside
from invoicing.type_setting import Pen
from kernel.money import Money
from rating.working import lines_of

#: A unit's name is wrapped beyond this width.
LARGEST_UNIT_WIDTH = 64

#: The numbers of an invoice are set in the first of these sizes that leaves this width for the names.
NUMBER_SIZES = (9, 8, 7, 6)
LEAST_NAME_WIDTH = 140


class Columns(NamedTuple):
    """Where the columns lie: as wide as this invoice's numbers need, the name takes the rest."""

    style: Style
    name_width: int
    quantity_end: int
    unit_x: int
    unit_width: int
    net_end: int
    tax_end: int


class _Printed(NamedTuple):
    """The numbers of a line as text."""

    quantity: str
    unit: str
    net: str
    tax: str
    gross: str


def line_blocks(lines: Sequence[InvoiceLine], *, currency: str, labels: Labels, pen: Pen) -> Iterator[Block]:
    """Yield a block for each line, under the head of the table."""
    printed = [_printed(line, currency, labels) for line in lines]
    columns = _columns(printed, labels, pen)
    head = _head(columns, currency, labels, pen)
    for line, numbers in zip(lines, printed, strict=True):
        rows = (*_numbers(line, numbers, columns, pen), Row(2), *_reasons(line, labels, pen))
        yield Block((*rows, Row(6, rule=WHOLE), Row(5)), head)


def clause_rows(cites: Citation, pen: Pen, *, x: int, width: int) -> Rows:
    """Return a clause: its id and its place, and what it says."""
    place = f"{cites.clause} · {cites.place}" if cites.place else cites.clause
    return (*pen.rows(x, f"{place}:", CLAUSE, width=width), *pen.rows(x, cites.says, FINE, width=width))


def _printed(line: InvoiceLine, currency: str, labels: Labels) -> _Printed:
    return _Printed(
        quantity=labels.number(line.quantity),
        unit=labels.unit(line.unit, line.quantity),
        net=labels.amount(Money(line.net, currency)),
        tax=labels.amount(Money(line.tax, currency)),
        gross=labels.amount(Money(line.gross, currency)),
    )


def _columns(printed: Sequence[_Printed], labels: Labels, pen: Pen) -> Columns:
    for size in NUMBER_SIZES:
        columns = _columns_in(NUMBER._replace(size=size), printed, labels, pen)
        if columns.name_width >= LEAST_NAME_WIDTH:
            break
    return columns


def _columns_in(style: Style, printed: Sequence[_Printed], labels: Labels, pen: Pen) -> Columns:
    def widest(heading: str, texts: Iterable[str]) -> int:
        return max([pen.width(heading, LABEL), *(pen.width(text, style) for text in texts)])

    unit = min(LARGEST_UNIT_WIDTH, widest("", (each.unit for each in printed)))
    tax_end = RIGHT - widest(labels.total, (each.gross for each in printed)) - GAP
    net_end = tax_end - widest(labels.tax, (each.tax for each in printed)) - GAP
    unit_x = net_end - widest(labels.net, (each.net for each in printed)) - GAP - unit
    quantity_end = unit_x - 4 if unit else unit_x
    quantity = widest(labels.quantity, (each.quantity for each in printed))
    return Columns(
        style=style,
        name_width=quantity_end - quantity - GAP - NAME_X,
        quantity_end=quantity_end,
        unit_x=unit_x,
        unit_width=unit,
        net_end=net_end,
        tax_end=tax_end,
    )


def _head(columns: Columns, currency: str, labels: Labels, pen: Pen) -> Rows:
    texts = (
        pen.text(LEFT, "#", LABEL),
        pen.text(NAME_X, labels.line, LABEL),
        pen.text_to(columns.quantity_end, labels.quantity, LABEL),
        pen.text_to(columns.net_end, labels.net, LABEL),
        pen.text_to(columns.tax_end, labels.tax, LABEL),
        pen.text_to(RIGHT, f"{labels.total} {currency}", LABEL),
    )
    return (Row(12, texts), Row(2, rule=WHOLE), Row(5))


def _numbers(line: InvoiceLine, printed: _Printed, columns: Columns, pen: Pen) -> Rows:
    style = columns.style
    texts = (
        pen.text(LEFT, str(line.number), style),
        pen.text_to(columns.quantity_end, printed.quantity, style),
        pen.text_to(columns.net_end, printed.net, style),
        pen.text_to(columns.tax_end, printed.tax, style),
        pen.text_to(RIGHT, printed.gross, style),
    )
    name = pen.rows(NAME_X, line.name, NAME, width=columns.name_width)
    unit = pen.rows(columns.unit_x, printed.unit, style, width=columns.unit_width)
    return beside(beside(name, (Row(style.leading, texts),)), unit)


def _reasons(line: InvoiceLine, labels: Labels, pen: Pen) -> Rows:
    width = CLAUSE_X - GAP - NAME_X
    about = "  ·  ".join(filter(None, (labels.period(line.period), labels.about(line.kind))))
    steps = lines_of(line.working, labels.working)
    how = (
        *pen.rows(NAME_X, about, SMALL, width=width),
        Row(2),
        *(row for each in steps for row in pen.rows(NAME_X, each, FINE, width=width)),
    )
    why = (Row(2), *clause_rows(line.cites, pen, x=CLAUSE_X, width=RIGHT - CLAUSE_X))
    return beside(how, why)
