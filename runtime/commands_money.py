"""``clausula receipts import``, ``dunning-run`` and ``receivables aging``."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from typing import Annotated

import typer

from contracts.store import accounts_of
from db.unit_of_work import reading
from dunning.chase import chase
from payments.import_receipts import import_receipts
from receivables.aging import AgingReport
from receivables.converted import converted
from receivables.export_csv import write_csv
from receivables.export_xlsx import write_xlsx
from receivables.report import aging_report
from receivables.sheets import sheet_by_item
from runtime.aging_views import (
    Accounts,
    aging_document,
    converted_document,
    converted_lines,
    print_aging,
    rates_of,
)
from runtime.options import COLLECT, AsJson, AsOf, file_to_read
from runtime.printing import print_json, print_lines, print_report, progress
from runtime.workplace import workplace

receipts = typer.Typer(no_args_is_help=True)
receivables = typer.Typer(no_args_is_help=True)


class AgingFormat(StrEnum):
    """The forms in which the aging report comes."""

    TABLE = "table"
    CSV = "csv"
    XLSX = "xlsx"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(receipts, name="receipts", rich_help_panel=COLLECT)
    app.add_typer(receivables, name="receivables", rich_help_panel=COLLECT)
    app.command("dunning-run", rich_help_panel=COLLECT)(dunning_run)


@receipts.callback()
def paid() -> None:
    """Book what customers paid.

    Example: [bold]clausula receipts import bank-2026-01.csv[/]
    """


@receivables.callback()
def owed() -> None:
    """Report what customers owe, by age.

    Example: [bold]clausula receivables aging --as-of 2026-03-31[/]
    """


@receipts.command("import")
def import_file(
    file: Annotated[
        Path,
        file_to_read("CSV: reference, account, received_on, amount, currency, invoice (may be empty)."),
    ],
    *,
    json: AsJson = False,
) -> None:
    """Book bank transfers from a CSV file.

    Each is allocated to what the account owes: its invoice first, then the
    oldest; late charges before the principal.  A reference is booked once for
    ever; what is wrong is set aside.

    Example: [bold]clausula receipts import bank-2026-01.csv[/]
    """
    with workplace() as place:
        report = import_receipts(place.engine, file, clock=place.clock)
    remarks = [] if report.booked else ["Nothing changed."]
    print_report(report, json=json, remarks=remarks, shown=len(report.problems))


def dunning_run(*, as_of: AsOf = None, json: AsJson = False) -> None:
    """Do what the contracts allow about what is late.

    Remind, suspend and restore; propose to terminate.  Each step once, from the
    date that its clause gives.  A second run of the day changes nothing.

    Example: [bold]clausula dunning-run --as-of 2026-03-19[/]
    """
    with workplace() as place:
        day = as_of.date() if as_of else place.today
        with progress(f"dunning run as of {day}", "accounts") as bar:
            task = bar.add_task("run", total=None)
            report = chase(
                place.engine,
                as_of=day,
                clock=place.clock,
                on_progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
    print_report(report, json=json)


@receivables.command("aging")
def aging(
    *,
    as_of: AsOf = None,
    form: Annotated[
        AgingFormat, typer.Option("--format", help="A table on the screen, or a file.")
    ] = AgingFormat.TABLE,
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="The folder for a file.")] = Path(),
    currency: Annotated[
        str, typer.Option("--in", metavar="CURRENCY", help="Tell the sum of all in this currency too.")
    ] = "",
    rate: Annotated[
        list[str] | None,
        typer.Option("--rate", metavar="CUR=RATE", help="What a unit is worth in it: MXN=0.0587."),
    ] = None,
    rate_date: Annotated[
        datetime | None,
        typer.Option("--rate-date", metavar="DAY", formats=["%Y-%m-%d"], help="The day of the rates."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Report what is open as of a day, by account and age.

    The totals are checked against the journal.  The files hold every open item.
    The sum in one currency is for the report alone; nothing is posted by a rate.

    Example: [bold]clausula receivables aging --as-of 2026-03-31 --format xlsx --to out[/]
    """
    with workplace() as place, reading(place.engine) as connection:
        day = as_of.date() if as_of else place.today
        report = aging_report(connection, as_of=day)
        rates = rates_of(rate or (), currency, day if rate_date is None else rate_date.date())
        totals = (sums.total for sums in report.totals.values())
        sum_in_one = converted(totals, currency, rates) if currency else None
        accounts = accounts_of(connection, [each.account_id for each in report.accounts])
    path = None if form is AgingFormat.TABLE else _written(report, accounts, form, to)
    if json:
        told = {} if sum_in_one is None else {"in": converted_document(sum_in_one)}
        print_json({**aging_document(report, accounts), **told, "file": path})
    elif path is None:
        print_aging(report, accounts)
        print_lines(converted_lines(sum_in_one))
    else:
        print_lines([str(path)])


def _written(report: AgingReport, accounts: Accounts, form: AgingFormat, folder: Path) -> Path:
    content = BytesIO()
    if form is AgingFormat.CSV:
        write_csv(sheet_by_item(report, accounts), content)
    else:
        write_xlsx(report, accounts, content)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"aging-{report.as_of}.{form.value}"
    path.write_bytes(content.getvalue())
    return path
