"""Issued invoices and late charges, in by COPY and out as frozen snapshots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Row, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from db.copying import copy_rows
from invoicing.documents import Citation, Invoice, InvoiceLine, LateChargeRecord, LineKind, Party, TaxPart
from invoicing.tables import invoice_lines, invoices, late_charges
from kernel.errors import UnknownInvoice
from kernel.ids import AccountId, ItemId
from kernel.money import Money
from rating.working import Step

#: Invoices that one page of a list may hold.
PAGE_INVOICES = 100

_INVOICE_COLUMNS = tuple(column.name for column in invoices.columns)
_LINE_COLUMNS = tuple(column.name for column in invoice_lines.columns)


def save_invoices(connection: Connection, issued: Sequence[Invoice]) -> None:
    """Copy issued invoices and their lines."""
    copy_rows(connection, invoices, _INVOICE_COLUMNS, (_invoice_row(each) for each in issued))
    copy_rows(
        connection,
        invoice_lines,
        _LINE_COLUMNS,
        (_line_row(each, line) for each in issued for line in each.lines),
    )


def invoice_by_number(connection: Connection, number: str) -> Invoice:
    """Return the invoice that bears a number, or raise :class:`UnknownInvoice`."""
    return _whole(connection, [_row_of(connection, number)])[0]


def _row_of(connection: Connection, number: str) -> Row[Any]:
    row = connection.execute(select(invoices).where(invoices.c.number == number)).one_or_none()
    if row is None:
        raise UnknownInvoice("no invoice bears this number", field="number", value=number)
    return row


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFilter:
    """Which invoices a list shows, newest first; ``after`` is the number of the last one seen."""

    account_id: AccountId | None = None
    issued_from: date | None = None
    issued_until: date | None = None
    after: str = ""
    limit: int = PAGE_INVOICES


def invoices_page(connection: Connection, wanted: InvoiceFilter) -> tuple[Invoice, ...]:
    """Return one page of invoices, newest first; ask for one more than you show to know if more follow."""
    query = select(invoices).order_by(invoices.c.issued_on.desc(), invoices.c.number.desc())
    if wanted.account_id is not None:
        query = query.where(invoices.c.account_id == wanted.account_id)
    if wanted.issued_from is not None:
        query = query.where(invoices.c.issued_on >= wanted.issued_from)
    if wanted.issued_until is not None:
        query = query.where(invoices.c.issued_on < wanted.issued_until)
    if wanted.after:
        seen = _row_of(connection, wanted.after)
        query = query.where(
            tuple_(invoices.c.issued_on, invoices.c.number) < tuple_(seen.issued_on, seen.number)
        )
    return _whole(connection, connection.execute(query.limit(wanted.limit)).all())


def save_late_charge(connection: Connection, record: LateChargeRecord) -> None:
    """Keep an assessment; a second one of the same day (after a second receipt) adds to the first."""
    statement = insert(late_charges).values(
        account_id=record.account_id,
        item_id=record.item_id,
        through=record.through,
        entry_id=record.entry_id,
        currency=record.fine.currency,
        fine=record.fine.amount,
        interest=record.interest.amount,
        correction=record.correction.amount,
        cites=msgspec.to_builtins(record.cites),
        working=msgspec.to_builtins(record.working),
    )
    new = statement.excluded
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["account_id", "item_id", "through"],
            set_={
                "fine": late_charges.c.fine + new.fine,
                "interest": late_charges.c.interest + new.interest,
                "correction": late_charges.c.correction + new.correction,
                "working": new.working,
            },
        )
    )


def late_charges_of(
    connection: Connection, account_id: AccountId, item_id: ItemId
) -> tuple[LateChargeRecord, ...]:
    """Return the assessments on an item, oldest first."""
    rows = connection.execute(
        select(late_charges)
        .where(late_charges.c.account_id == account_id, late_charges.c.item_id == item_id)
        .order_by(late_charges.c.through)
    )
    return tuple(
        LateChargeRecord(
            account_id=account_id,
            item_id=item_id,
            through=row.through,
            entry_id=row.entry_id,
            fine=Money(row.fine, row.currency),
            interest=Money(row.interest, row.currency),
            correction=Money(row.correction, row.currency),
            cites=msgspec.convert(row.cites, Citation),
            working=msgspec.convert(row.working, tuple[Step, ...]),
        )
        for row in rows
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _invoice_row(invoice: Invoice) -> tuple[object, ...]:
    return (
        invoice.account_id,
        invoice.invoice_id,
        invoice.subscription_id,
        invoice.issuer.code,
        invoice.number,
        invoice.subscription,
        invoice.plan,
        invoice.currency,
        invoice.issued_on,
        invoice.due_on,
        invoice.net.amount,
        invoice.tax.amount,
        invoice.total.amount,
        _json(invoice.issuer),
        _json(invoice.customer),
        _json(invoice.documents),
        _json(invoice.payment_clause),
        invoice.digest,
        invoice.issued_at,
    )


def _line_row(invoice: Invoice, line: InvoiceLine) -> tuple[object, ...]:
    return (
        invoice.account_id,
        invoice.invoice_id,
        line.number,
        line.kind.value,
        line.charge,
        line.name,
        line.meter,
        line.unit,
        line.period_start,
        line.period_end,
        line.quantity,
        line.net,
        line.tax,
        line.gross,
        _json(line.taxes),
        line.cites.clause,
        _json(line.cites),
        _json(line.working),
        _json(line.withheld),
    )


def _whole(connection: Connection, rows: Sequence[Row[tuple[object, ...]]]) -> tuple[Invoice, ...]:
    if not rows:
        return ()
    lines: dict[UUID, list[InvoiceLine]] = {row.invoice_id: [] for row in rows}
    found = connection.execute(
        select(invoice_lines)
        .where(
            tuple_(invoice_lines.c.account_id, invoice_lines.c.invoice_id).in_(
                [(row.account_id, row.invoice_id) for row in rows]
            )
        )
        .order_by(invoice_lines.c.line_no)
    )
    for line in found:
        lines[line.invoice_id].append(_line_of(line))
    return tuple(_invoice_of(row, tuple(lines[row.invoice_id])) for row in rows)


def _invoice_of(row: Row[tuple[object, ...]], lines: tuple[InvoiceLine, ...]) -> Invoice:
    return Invoice(
        account_id=row.account_id,
        invoice_id=row.invoice_id,
        subscription_id=row.subscription_id,
        number=row.number,
        subscription=row.subscription,
        plan=row.plan,
        currency=row.currency,
        issued_on=row.issued_on,
        due_on=row.due_on,
        issuer=msgspec.convert(row.issuer, Party),
        customer=msgspec.convert(row.customer, Party),
        documents=tuple(row.documents),
        lines=lines,
        payment_clause=msgspec.convert(row.payment_clause, Citation),
        issued_at=row.issued_at,
    )


def _line_of(row: Row[tuple[object, ...]]) -> InvoiceLine:
    return InvoiceLine(
        number=row.line_no,
        kind=LineKind(row.kind),
        charge=row.charge,
        name=row.name,
        meter=row.meter,
        unit=row.unit,
        period_start=row.period_start,
        period_end=row.period_end,
        quantity=row.quantity,
        net=row.net,
        tax=row.tax,
        gross=row.gross,
        taxes=msgspec.convert(row.taxes, tuple[TaxPart, ...]),
        cites=msgspec.convert(row.cites, Citation),
        working=msgspec.convert(row.working, tuple[Step, ...]),
        withheld=msgspec.convert(row.withheld, tuple[TaxPart, ...]),
    )
