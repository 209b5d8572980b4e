"""``clausula invoice-run``, ``explain`` and ``pdf``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from db.unit_of_work import reading
from invoicing import bill
from invoicing.archive import InvoiceFilter, invoice_by_number, invoices_page, late_charges_of
from invoicing.documents import Invoice
from invoicing.draft import Bill
from invoicing.explain import explanation, explanation_of_line, text_of
from invoicing.explanation_labels import CATALOGS, Language
from invoicing.render_pdf import render_pdf
from kernel.ids import ItemId
from kernel.money import Money, plain, total_of
from kernel.problems import Problem
from rating.reasons import data_of
from runtime.options import BILL, EXIT_WITH_PROBLEMS, AsJson, AsOf
from runtime.printing import print_json, print_lines, print_problems, print_table, progress
from runtime.workplace import Workplace, workplace

#: Invoices that a run names one by one.
SHOWN_INVOICES = 20

Number = Annotated[
    str,
    typer.Argument(metavar="NUMBER", help="The number of an invoice, as a run tells it and its PDF shows."),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("invoice-run", rich_help_panel=BILL)(invoice_run)
    app.command("explain", rich_help_panel=BILL)(explain)
    app.command("pdf", rich_help_panel=BILL)(pdf)


def invoice_run(
    *,
    as_of: AsOf = None,
    preview: Annotated[
        bool, typer.Option("--preview", metavar="", help="Compute and print; write nothing.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Issue the invoices that are due as of a day.

    What cannot be billed is set aside and stops nothing: [bold]clausula problems[/].
    A second run of the day changes nothing.

    Example: [bold]clausula invoice-run --as-of 2026-11-01 --preview[/]
    """
    with workplace() as place:
        day = as_of.date() if as_of else place.today
        problems = _previewed(place, day, json=json) if preview else _run(place, day, json=json)
    if problems:
        raise typer.Exit(EXIT_WITH_PROBLEMS)


def _run(place: Workplace, day: date, *, json: bool) -> tuple[Problem, ...]:
    started = place.clock.now()
    with progress(f"invoice run as of {day}", "accounts") as bar:
        task = bar.add_task("run", total=None)
        report = bill.run(
            place.engine,
            as_of=day,
            clock=place.clock,
            on_progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    if json:
        print_json(report)
        return report.problems
    print_lines(report.lines())
    if report.invoices:
        _print_invoices(_issued(place, day, started), report.invoices)
    print_problems(report.problems, more="clausula problems")
    return report.problems


def _issued(place: Workplace, day: date, since: datetime) -> list[Invoice]:
    """Return the first of the invoices that a run has issued, by number."""
    with reading(place.engine) as connection:
        page = invoices_page(connection, InvoiceFilter(issued_from=day, issued_until=day + timedelta(days=1)))
    return sorted((each for each in page if each.issued_at >= since), key=lambda each: each.number)


def _print_invoices(issued: Sequence[Invoice], count: int) -> None:
    shown = issued[:SHOWN_INVOICES]
    rows = [(each.number, each.customer.code, each.subscription, each.due_on, each.total) for each in shown]
    print_lines([""])
    print_table("", ("number", "account", "subscription", "due", "total"), rows, numbers=1)
    if count > len(shown):
        print_lines([f"and {count - len(shown):,} more"])


def _previewed(place: Workplace, day: date, *, json: bool) -> tuple[Problem, ...]:
    bills, problems = bill.preview(place.engine, as_of=day, clock=place.clock)
    billed = [each for each in bills if each.draft.lines]
    if json:
        lines = [line for each in billed for line in _preview_lines(each)]
        print_json({"as_of": day, "lines": lines, "totals": _totals(billed), "problems": problems})
        return problems
    for each in billed:
        _print_preview(each)
    told = ", ".join(str(total) for total in _totals(billed).values()) or "nothing"
    print_lines([f"Preview as of {day}: {len(billed):,} invoices for {told}.  Nothing was written."])
    print_problems(problems)
    return problems


def _preview_lines(billed: Bill) -> Iterable[Mapping[str, object]]:
    contract = billed.contract
    for line in billed.draft.lines:
        yield {
            "account": contract.account.code,
            "subscription": contract.subscription.code,
            "charge": line.charge,
            "period": str(line.period),
            "quantity": line.quantity,
            "to_pay": Money(line.gross, contract.currency),
            "clause": line.cites.clause,
        }


def _print_preview(billed: Bill) -> None:
    contract, lines = billed.contract, billed.draft.lines
    print_table(
        f"{contract.account.code}, {contract.subscription.code}",
        ("charge", "period", "clause", "quantity", f"to pay, {contract.currency}"),
        [
            (line.charge, line.period, line.cites.clause, plain(line.quantity), f"{line.gross:,}")
            for line in lines
        ],
        numbers=2,
        foot=("total", "", "", "", f"{_total(billed).amount:,}"),
    )
    print_lines([""])


def _total(billed: Bill) -> Money:
    currency = billed.contract.currency
    return total_of((Money(line.gross, currency) for line in billed.draft.lines), currency)


def _totals(bills: Sequence[Bill]) -> Mapping[str, Money]:
    totals = [_total(each) for each in bills]
    return {
        currency: total_of((each for each in totals if each.currency == currency), currency)
        for currency in sorted({each.currency for each in totals})
    }


class ExplainFormat(StrEnum):
    """In which form an invoice is explained."""

    TEXT = "text"
    JSON = "json"


def explain(
    number: Number,
    *,
    line: Annotated[int | None, typer.Option("--line", metavar="N", help="Explain this line alone.")] = None,
    language: Annotated[
        Language,
        typer.Option("--language", help="The language of the steps; clauses stay as they were sent."),
    ] = Language.ENGLISH,
    form: Annotated[ExplainFormat, typer.Option("--format", help="Text, or JSON.")] = ExplainFormat.TEXT,
    json: AsJson = False,
) -> None:
    """Print the reason of every line of an invoice.

    Quantity, allowance, tiers, index, rounding and tax, step by step, and the
    clause that says so; then what its late payment has cost.

    Example: [bold]clausula explain ZMX-000001 --line 2 --language pt[/]
    """
    with workplace() as place, reading(place.engine) as connection:
        invoice = invoice_by_number(connection, number)
        late = late_charges_of(connection, invoice.account_id, ItemId(invoice.invoice_id))
    reasons = explanation(invoice, late) if line is None else explanation_of_line(invoice, line)
    if json or form is ExplainFormat.JSON:
        sums = {"total": invoice.total, "payable": invoice.payable}
        told = data_of(reasons, CATALOGS[language])
        print_json({"invoice": invoice, **sums, "late_charges": late, "reasons": told})
    else:
        print_lines(text_of(reasons, language))


def pdf(
    number: Number,
    *,
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="The folder to write into.")] = Path(),
    json: AsJson = False,
) -> None:
    """Draw an invoice as PDF.

    The same invoice gives the same bytes for ever.

    Example: [bold]clausula pdf ZMX-000001 --to out[/]
    """
    with workplace() as place, reading(place.engine) as connection:
        invoice = invoice_by_number(connection, number)
    to.mkdir(parents=True, exist_ok=True)
    path = to / f"{invoice.number}.pdf"
    path.write_bytes(render_pdf(invoice))
    if json:
        print_json({"invoice": invoice.number, "file": path})
    else:
        print_lines([str(path)])
