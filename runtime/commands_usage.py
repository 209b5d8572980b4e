"""``clausula meter import``, ``clausula meter quarantine`` and ``clausula meter check``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from contracts.store import accounts_of, load_catalog
from db.unit_of_work import reading, unit_of_work
from kernel.errors import UnknownAccount
from kernel.ids import account_id_of
from metering.import_file import import_usage
from metering.rebuild import differences, rebuild
from metering.store import quarantined
from runtime.options import BILL, EXIT_WITH_PROBLEMS, AsJson
from runtime.printing import out, print_json, print_lines, print_problems, progress
from runtime.workplace import workplace

#: Rows of the quarantine that one listing shows.
QUARANTINE_ROWS = 100

meter = typer.Typer(no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(meter, name="meter", rich_help_panel=BILL)


@meter.callback()
def usage() -> None:
    """Import what was used; list what was refused; check it all.

    Example: [bold]clausula meter import usage.ndjson[/]
    """


@meter.command("import")
def import_events(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            readable=True,
            metavar="FILE",
            help="NDJSON (.ndjson, .jsonl) or CSV (.csv): id, account, meter, occurred_at, quantity ...",
        ),
    ],
    *,
    json: AsJson = False,
) -> None:
    """Import usage events, each once for ever.

    What is good is counted; what is wrong goes to quarantine, with its line and
    what would be right.  A second import changes nothing; of a mended file it
    counts what was mended.

    Example: [bold]clausula meter import usage/2026-01.ndjson[/]
    """
    with workplace() as place, progress(f"importing {file.name}", "bytes") as bar:
        task = bar.add_task("import", total=file.stat().st_size)
        report = import_usage(
            place.engine,
            file,
            clock=place.clock,
            on_progress=lambda done, total, _counts: bar.update(task, completed=done, total=total),
        )
    if json:
        print_json(report)
    else:
        print_lines(report.lines())
        if report.known and not report.accepted and not report.file_known:
            print_lines(["Nothing new was counted; nothing changed."])
        print_problems(report.problems, of=report.quarantined, more="clausula meter quarantine")
    if report.quarantined:
        raise typer.Exit(EXIT_WITH_PROBLEMS)


@meter.command("quarantine")
def quarantine(
    *,
    limit: Annotated[
        int, typer.Option(min=1, max=10_000, metavar="ROWS", help="The most events to show, newest first.")
    ] = QUARANTINE_ROWS,
    json: AsJson = False,
) -> None:
    """List the events that were refused.

    Each is told with its file and line, the reason, and what would be right;
    one that is mended and imported again leaves the quarantine.
    The exit code is 1 while it holds any.

    Example: [bold]clausula meter quarantine --limit 20[/]
    """
    with workplace() as place, reading(place.engine) as connection:
        rows = quarantined(connection, limit=limit)
    if json:
        print_json(rows)
    elif rows:
        print_problems([row.problem for row in rows], to=out, shown=len(rows))
    else:
        print_lines(["The quarantine is empty."])
    if rows:
        raise typer.Exit(EXIT_WITH_PROBLEMS)


@meter.command("check")
def check(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The code of an account.")],
    *,
    mend: Annotated[bool, typer.Option("--rebuild", help="Make anew what is not as it must be.")] = False,
    json: AsJson = False,
) -> None:
    """Count an account's stored events again, and compare.

    Every day, conversation and value that is not what its events come to is
    listed, as it is and as it must be. Nothing is changed unless [bold]--rebuild[/]
    is given. The exit code is 1 where something was found.

    Example: [bold]clausula meter check flores-del-norte[/]
    """
    account_id = account_id_of(account)
    with workplace() as place, unit_of_work(place.engine) as connection:
        if not accounts_of(connection, [account_id]):
            raise UnknownAccount("no account bears this code", field="account", value=account)
        catalog = load_catalog(connection)
        found = sorted(differences(connection, catalog, account_id), key=str)
        if found and mend:
            rebuild(connection, catalog, account_id)
    if json:
        print_json([{"table": row.table, **dict(row.values)} for row in found])
    else:
        told = "made anew" if mend else "not as they must be"
        rows = [
            f"{row.table}: " + ", ".join(f"{name} {value}" for name, value in row.values) for row in found
        ]
        print_lines([*rows, f"{len(found)} rows: {told}."] if found else ["All is as its events say."])
    if found:
        raise typer.Exit(EXIT_WITH_PROBLEMS)
