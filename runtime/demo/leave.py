"""What a demo leaves behind: PDFs, the reasons of every line, the aging as XLSX and CSV, the account."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from sqlalchemy import Engine

from contracts.store import accounts_of
from db.unit_of_work import reading
from invoicing.archive import late_charges_of
from invoicing.documents import Invoice
from invoicing.explain import explain
from invoicing.render_pdf import render_pdf
from kernel.ids import ItemId
from receivables.export_csv import write_csv
from receivables.export_xlsx import write_xlsx
from receivables.report import aging_report
from receivables.sheets import sheet_by_item
from runtime.demo.messages import MessagesReport
from runtime.demo.places import Places, write_whole
from runtime.demo.story import Story
from runtime.demo.tell import all_invoices


def leave_year(engine: Engine, story: Story, places: Places, account: Sequence[str]) -> tuple[str, ...]:
    """Write all results of a replay and return where they lie."""
    with reading(engine) as connection:
        invoices = all_invoices(connection)
        for invoice in invoices:
            late = late_charges_of(connection, invoice.account_id, ItemId(invoice.invoice_id))
            _write_invoice(places, "invoices", invoice, explain(invoice, late))
        report = aging_report(connection, as_of=story.last_day)
        accounts = accounts_of(connection, [each.account_id for each in report.accounts])
    xlsx, csv = BytesIO(), BytesIO()
    write_xlsx(report, accounts, xlsx)
    write_csv(sheet_by_item(report, accounts), csv)
    write_whole(places.out / f"aging-{story.last_day}.xlsx", xlsx.getvalue())
    write_whole(places.out / f"aging-{story.last_day}.csv", csv.getvalue())
    write_whole(places.out / "account.txt", ("\n".join(account) + "\n").encode())
    return (
        f"{len(invoices)} invoices as PDF, and the reason of every line as text: {places.out / 'invoices'}",
        f"the aging as of {story.last_day}: {places.out / f'aging-{story.last_day}.xlsx'} and .csv",
        f"usage {places.out / 'usage'}, bank files {places.out / 'receipts'}, mails {places.out / 'outbox'}",
        f"this account: {places.out / 'account.txt'}",
    )


def leave_messages(report: MessagesReport, places: Places) -> tuple[str, ...]:
    """Write the invoices of a file of messages and return where they lie."""
    for invoice in report.invoices:
        _write_invoice(places, "messages/invoices", invoice, explain(invoice))
    return (f"{len(report.invoices)} invoices as PDF and text: {places.out / 'messages/invoices'}",)


def _write_invoice(places: Places, folder: str, invoice: Invoice, reasons: Sequence[str]) -> None:
    path = places.folder(folder) / invoice.number
    write_whole(path.with_suffix(".pdf"), render_pdf(invoice))
    write_whole(path.with_suffix(".txt"), ("\n".join(reasons) + "\n").encode())
