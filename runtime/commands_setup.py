"""``clausula init``, ``load`` and ``problems``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from contracts.load import load_book
from db.migrate import require_current, upgrade
from db.unit_of_work import reading
from invoicing.store import open_problems
from kernel.errors import SchemaOutOfDate
from runtime.options import BEGIN, EXIT_WITH_PROBLEMS, LOOK_AFTER, AsJson
from runtime.printing import out, print_json, print_lines, print_problems, print_report
from runtime.workplace import Workplace, workplace


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("init", rich_help_panel=BEGIN)(init)
    app.command("load", rich_help_panel=BEGIN)(load)
    app.command("problems", rich_help_panel=LOOK_AFTER)(problems)


def init(*, json: AsJson = False) -> None:
    """Make the database's schema, or bring it to this version.

    The database is the one that CLAUSULA_DATABASE_URL names; without it an
    embedded server keeps one under CLAUSULA_HOME, which is .clausula unless set.

    Example: [bold]clausula init[/]
    """
    with workplace(schema=False) as place:
        changed = not _is_current(place)
        revision = upgrade(place.engine)
        # Without the driver's name, so that psql takes it.
        where = place.engine.url.set(drivername="postgresql").render_as_string(hide_password=True)
    if json:
        print_json({"database": where, "revision": revision, "changed": changed})
    elif changed:
        print_lines([f"The database has the schema of this version now, revision {revision}.", f"  {where}"])
    else:
        print_lines([f"The database is at revision {revision} already; nothing changed.", f"  {where}"])


def load(
    book: Annotated[
        Path,
        typer.Argument(exists=True, file_okay=False, metavar="BOOK", help="A folder of TOML and CSV."),
    ],
    *,
    json: AsJson = False,
) -> None:
    """Load a book: vendors, plans, accounts, subscriptions.

    What is good is loaded; what is wrong is set aside, with its file and line.
    A second time changes nothing.

    Example: [bold]clausula load runtime/demo/book[/]
    """
    with workplace() as place:
        report = load_book(place.engine, book, clock=place.clock)
    known = (f"{counts.known:,} {kind}" for kind, counts in report.counts.items() if counts.known)
    remarks = [f"Known: {', '.join(known).replace('_', ' ')}."] if report.changed_nothing else []
    print_report(report, json=json, remarks=remarks)


def problems(*, json: AsJson = False) -> None:
    """List the contracts that invoice runs set aside.

    Each is told with what would mend it; the next run tries it again.
    The exit code is 1 while there are any.

    Example: [bold]clausula problems --json[/]
    """
    with workplace() as place, reading(place.engine) as connection:
        found = open_problems(connection)
    if json:
        print_json(found)
    elif found:
        print_problems(found, to=out, shown=len(found))
    else:
        print_lines(["Nothing is set aside."])
    if found:
        raise typer.Exit(EXIT_WITH_PROBLEMS)


def _is_current(place: Workplace) -> bool:
    try:
        require_current(place.engine)
    except SchemaOutOfDate:
        return False
    return True
