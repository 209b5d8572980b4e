"""``clausula obligations``: the calendar of all that falls due."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from contracts.obligations import Obligation
from db.unit_of_work import reading
from runtime.calendar_file import calendar_of
from runtime.holders import known_account
from runtime.obligations_report import LARGEST_DAYS, ObligationsReport, obligations_report
from runtime.options import EXIT_WITH_PROBLEMS, LOOK_AFTER, AsJson, AsOf
from runtime.printing import print_json, print_lines, print_problems, print_table
from runtime.workplace import workplace

HEAD = ("day", "account", "contract", "what", "who", "clause", "says")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("obligations", rich_help_panel=LOOK_AFTER)(obligations)


def obligations(
    *,
    as_of: AsOf = None,
    days: Annotated[
        int, typer.Option(min=0, max=LARGEST_DAYS, metavar="N", help="How many days to look ahead.")
    ] = 90,
    account: Annotated[str, typer.Option("--account", metavar="CODE", help="Of one account only.")] = "",
    ics: Annotated[
        Path | None,
        typer.Option("--ics", metavar="FILE", dir_okay=False, help="Write a calendar file besides."),
    ] = None,
    json: AsJson = False,
) -> None:
    """List all that falls due, with its clause.

    Renewals and the days on which they may be refused, anniversaries of the
    price index, duties and notices, data to delete, numbers to take back.

    Example: [bold]clausula obligations --as-of 2026-03-01 --days 90 --ics due.ics[/]
    """
    with workplace() as place:
        day = as_of.date() if as_of else place.today
        account_id = None
        if account:
            with reading(place.engine) as connection:
                account_id = known_account(connection, account)
        report = obligations_report(place.engine, as_of=day, days=days, account_id=account_id)
        if ics is not None:
            ics.write_bytes(calendar_of(report.obligations, written_at=place.clock.now()))
    if json:
        print_json(report)
    else:
        _print(report)
        print_problems(report.problems)
    if report.problems:
        raise typer.Exit(EXIT_WITH_PROBLEMS)


def _print(report: ObligationsReport) -> None:
    if report.obligations:
        title = f"Due from {report.as_of} to {report.through}"
        print_table(title, HEAD, [_row(each) for each in report.obligations])
    else:
        print_lines([f"Nothing falls due from {report.as_of} to {report.through}."])


def _row(each: Obligation) -> tuple[object, ...]:
    kind = each.kind.replace("_", " ")
    return (each.on, each.account, each.subscription, kind, each.party.value, each.clause, each.says)
