"""``clausula meter quarantine``: what could not be counted is listed, tried again, or discarded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer
from sqlalchemy import Connection

from contracts.store import accounts_of
from db.unit_of_work import reading
from kernel.ids import AccountId
from metering.quarantine import Quarantined, Wanted
from metering.retry import discard, retry
from metering.store_quarantine import quarantined
from runtime.options import EXIT_WITH_PROBLEMS, AsJson
from runtime.printing import out, print_json, print_lines, print_problems
from runtime.workplace import workplace

#: Rows of the quarantine that one listing shows.
QUARANTINE_ROWS = 100

group = typer.Typer(no_args_is_help=True)

Account = Annotated[str, typer.Option("--account", metavar="CODE", help="Only this account's.")]
Code = Annotated[str, typer.Option("--code", metavar="CODE", help="Only this reason, such as unknown_meter.")]


@group.callback()
def about() -> None:
    """List, try again or discard what could not be counted.

    Example: [bold]clausula meter quarantine list[/]
    """


@group.command("list")
def list_quarantine(
    *,
    account: Account = "",
    code: Code = "",
    discarded: Annotated[
        bool, typer.Option("--discarded", metavar="", help="Show what was discarded instead.")
    ] = False,
    limit: Annotated[
        int, typer.Option(min=1, max=10_000, metavar="ROWS", help="The most events to show, newest first.")
    ] = QUARANTINE_ROWS,
    json: AsJson = False,
) -> None:
    """List the events that were refused.

    Each is told with its file and line, the reason, and what would be right;
    one that is mended and imported again leaves the quarantine.
    The exit code is 1 while any wait that were asked for.

    Example: [bold]clausula meter quarantine list --code unknown_meter --limit 20[/]
    """
    wanted = Wanted(account=account, code=code)
    with workplace() as place, reading(place.engine) as connection:
        rows = quarantined(connection, wanted, limit=limit, discarded=discarded)
        codes = _codes(connection, rows)
    if json:
        print_json([_document(row, codes) for row in rows])
    elif not rows:
        print_lines(["Nothing was discarded." if discarded else "The quarantine is empty."])
    for row in () if json else rows:
        print_problems([row.problem], to=out)
        print_lines(_details(row, codes))
    if rows and not discarded:
        raise typer.Exit(EXIT_WITH_PROBLEMS)


@group.command("retry")
def retry_quarantine(
    *,
    account: Account = "",
    code: Code = "",
    backfill: Annotated[
        bool, typer.Option("--backfill", metavar="", help="Take events however old they are.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Try again what was refused, once its cause is mended.

    What counts now leaves the quarantine; the rest stays.
    The exit code is 1 where any stays.

    Example: [bold]clausula meter quarantine retry --account acme --code unknown_meter[/]
    """
    with workplace() as place:
        wanted = Wanted(account=account, code=code)
        report = retry(place.engine, wanted, clock=place.clock, backfill=backfill)
    if json:
        print_json(report)
    else:
        print_lines(report.lines())
    if report.waiting or report.lost:
        raise typer.Exit(EXIT_WITH_PROBLEMS)


@group.command("discard")
def discard_quarantine(
    entry_id: Annotated[str, typer.Argument(metavar="ID", help="The id, as the list shows it.")],
    *,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides.")],
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="Why it is never counted.")],
    json: AsJson = False,
) -> None:
    """Decide that an event is never counted, and keep by whom.

    Example: [bold]clausula meter quarantine discard 5f0c... --by ana --why "a test of theirs"[/]
    """
    with workplace() as place:
        done = discard(place.engine, entry_id, by=by, why=why, clock=place.clock)
        with reading(place.engine) as connection:
            codes = _codes(connection, done)
    if json:
        print_json([_document(row, codes) for row in done])
    else:
        print_lines([f"Discarded: {row.event_id or row.entry_id}." for row in done])


def _codes(connection: Connection, rows: tuple[Quarantined, ...]) -> dict[AccountId, str]:
    accounts = accounts_of(connection, sorted({each.account_id for each in rows}))
    return {account_id: account.code for account_id, account in accounts.items()}


def _details(row: Quarantined, codes: Mapping[AccountId, str]) -> list[str]:
    about = [f"id: {row.entry_id}"]
    if row.event_id:
        about.append(f"event: {row.event_id}")
    if row.account_id in codes:
        about.append(f"account: {codes[row.account_id]}")
    if not row.whole:
        about.append("not kept whole: to be sent again")
    if row.discarded is not None:
        about.append(f"discarded by {row.discarded.by} on {row.discarded.at.date()}: {row.discarded.why}")
    return ["    " + "; ".join(about)]


def _document(row: Quarantined, codes: Mapping[AccountId, str]) -> dict[str, object]:
    return {
        "id": row.entry_id,
        "account": codes.get(row.account_id, ""),
        "source": row.source,
        "event_id": row.event_id,
        "raw": row.raw,
        "problem": row.problem,
        "batch": row.batch,
        "received_at": row.received_at,
        "whole": row.whole,
        "discarded": row.discarded,
    }
